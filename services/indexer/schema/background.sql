-- What the indexers do beside storing pages, and how far it is: followers work through the change feed, and chores are
-- done from time to time (services/indexer/followers/).

-- When each chore was last done, and when it is due again.
CREATE TABLE depeche.chores (
    name    text        PRIMARY KEY,
    done_at timestamptz NOT NULL,
    due_at  timestamptz NOT NULL
);

-- Changes are counted as far as services/indexer/metrics.py counts them, too.
CREATE VIEW news.background_work AS
SELECT f.name AS work, c.changes, c.behind_since, NULL::timestamptz AS done_at
FROM depeche.followers f
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS changes, min(recorded_at) AS behind_since
    FROM news.changes_since(f.cursor, 10000)) AS c
UNION ALL
SELECT name, NULL, CASE WHEN due_at < clock_timestamp() THEN due_at END, done_at FROM depeche.chores;
COMMENT ON VIEW news.background_work IS
    'What the indexers do beside storing pages, and how far behind it is: `stories` and `search` follow the changes of '
    'articles; `source_health`, `source_coverage` and `partitions` are done from time to time.';
COMMENT ON COLUMN news.background_work.work IS 'What is done.';
COMMENT ON COLUMN news.background_work.changes IS
    'Changes that it has not worked on yet; 10000 stands for that many or more. NULL for what is done from time to time.';
COMMENT ON COLUMN news.background_work.behind_since IS
    'When the oldest of these changes was recorded, or when it was due and has not been done; NULL if it is not behind.';
COMMENT ON COLUMN news.background_work.done_at IS
    'When it was last done to its end; NULL for what follows the changes.';
