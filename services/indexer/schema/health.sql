-- Source health: what each source's pages gave, day by day, and which fields have fallen below the source's own past.
--
-- The indexer adds visits up every few minutes, off the path on which pages are stored:
-- services/indexer/followers/source_health.py. Days outlive the visits that they were added up from.

CREATE TABLE depeche.source_days (
    source            text             NOT NULL,
    day               date             NOT NULL,
    -- Visits of the page that the source names: all, those that it answered, those that were read; and what was read.
    visits            integer          NOT NULL,
    reached           integer          NOT NULL,
    lists             integer          NOT NULL,
    with_ticker       integer          NOT NULL,
    headlines_total   double precision NOT NULL,
    headlines_squares double precision NOT NULL,
    -- Pages that it led to, each once: all, those fetched, those read, those read as articles; and what these had.
    asked             integer          NOT NULL,
    fetched           integer          NOT NULL,
    followed          integer          NOT NULL,
    articles          integer          NOT NULL,
    with_title        integer          NOT NULL,
    with_author       integer          NOT NULL,
    with_date         integer          NOT NULL,
    body_total        double precision NOT NULL,
    body_squares      double precision NOT NULL,
    parser_version    text,
    PRIMARY KEY (source, day)
);
COMMENT ON COLUMN depeche.source_days.headlines_total IS
    'Sum of ln(1 + headlines) over what was read; headlines_squares, body_total and body_squares are like it.';

CREATE TABLE depeche.source_falls (
    source         text             NOT NULL,
    field          text             NOT NULL,
    fell_at        timestamptz      NOT NULL DEFAULT clock_timestamp(),
    mean_past      double precision NOT NULL,
    pages_past     integer          NOT NULL,
    parser_changed boolean          NOT NULL,
    ended_at       timestamptz,
    PRIMARY KEY (source, field, fell_at)
);
CREATE UNIQUE INDEX source_falls_open ON depeche.source_falls (source, field) WHERE ended_at IS NULL;

-- For each source and field, the sums of now and of the past. Now is today and yesterday, and as many days more as it
-- takes to have eight pages, a week at the most; the past is the rest of 30 days. For the page that the source names,
-- which is visited all day, now is always two days. Days are in UTC, and `stories` has one value per finished day.
CREATE VIEW depeche.source_fields AS
WITH recent AS (
    SELECT d.*, c.today,
           coalesce(sum(d.followed) OVER (
               PARTITION BY d.source ORDER BY d.day DESC
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS newer
    FROM depeche.source_days d
    CROSS JOIN (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS c
    WHERE d.day > c.today - 30
), placed AS (
    SELECT *, day >= today - 1 AS is_fresh, day >= today - 1 OR (newer < 8 AND day > today - 7) AS is_now
    FROM recent
)
SELECT p.source, f.field, f.measure,
       coalesce(sum(f.pages) FILTER (WHERE f.is_now), 0)::integer AS pages_now,
       (count(*) FILTER (WHERE f.is_now))::integer AS days_now,
       sum(f.total) FILTER (WHERE f.is_now) AS total_now,
       coalesce(sum(f.pages) FILTER (WHERE NOT f.is_now), 0)::integer AS pages_past,
       (count(*) FILTER (WHERE NOT f.is_now))::integer AS days_past,
       sum(f.total) FILTER (WHERE NOT f.is_now) AS total_past,
       sum(f.squares) FILTER (WHERE NOT f.is_now) AS squares_past,
       sum(f.total * f.total / f.pages) FILTER (WHERE NOT f.is_now) AS by_day_past,
       sum(f.pages::double precision * f.pages) FILTER (WHERE NOT f.is_now) AS pages_squared_past,
       coalesce(min(p.parser_version) <> max(p.parser_version), false) AS parser_changed
FROM placed p
CROSS JOIN LATERAL (VALUES
    ('visits', 'share', p.visits, p.reached::double precision, p.reached::double precision, p.is_fresh),
    ('headlines', 'typical', p.lists, p.headlines_total, p.headlines_squares, p.is_fresh),
    ('ticker', 'share', p.lists, p.with_ticker, p.with_ticker, p.is_fresh),
    ('stories', 'daily', (p.day < p.today)::integer, ln(1 + p.followed), ln(1 + p.followed) ^ 2, p.day = p.today - 1),
    ('pages', 'share', p.asked, p.fetched, p.fetched, p.is_now),
    ('article', 'share', p.followed, p.articles, p.articles, p.is_now),
    ('title', 'share', p.articles, p.with_title, p.with_title, p.is_now),
    ('author', 'share', p.articles, p.with_author, p.with_author, p.is_now),
    ('date', 'share', p.articles, p.with_date, p.with_date, p.is_now),
    ('body', 'typical', p.articles, p.body_total, p.body_squares, p.is_now)
) AS f (field, measure, pages, total, squares, is_now)
WHERE f.pages > 0
GROUP BY p.source, f.field, f.measure;

CREATE FUNCTION depeche.as_shown(measure text, mean double precision) RETURNS double precision LANGUAGE sql IMMUTABLE
RETURN CASE measure WHEN 'share' THEN mean ELSE exp(mean) - 1 END;

CREATE VIEW news.source_falls AS
SELECT source, field, fell_at, ended_at, parser_changed FROM depeche.source_falls;
COMMENT ON VIEW news.source_falls IS
    'One row each time that a field of a source has fallen below the source''s own past, those that are over included.';
COMMENT ON COLUMN news.source_falls.source IS 'The source, by its name in sources.toml.';
COMMENT ON COLUMN news.source_falls.field IS 'The field, as in news.source_health.';
COMMENT ON COLUMN news.source_falls.fell_at IS 'When that was found.';
COMMENT ON COLUMN news.source_falls.ended_at IS
    'When it was found to have recovered, or was forgotten: after 30 days, or when the source had not been visited for a '
    'week. NULL while it lasts.';
COMMENT ON COLUMN news.source_falls.parser_changed IS 'As in news.source_health.';

CREATE VIEW news.source_health AS
SELECT s.source, s.field, CASE s.measure WHEN 'share' THEN 'share' ELSE 'typical' END AS measure,
       depeche.as_shown(s.measure, s.total_now / nullif(s.pages_now, 0)) AS value_now,
       depeche.as_shown(s.measure, coalesce(f.mean_past, s.total_past / nullif(s.pages_past, 0))) AS value_past,
       s.pages_now, coalesce(f.pages_past, s.pages_past) AS pages_past,
       f.fell_at IS NOT NULL AS fell, f.fell_at, coalesce(f.parser_changed, s.parser_changed) AS parser_changed,
       (SELECT max(c.source_stories)::double precision / nullif(max(c.site_stories), 0)
        FROM news.source_coverage c WHERE c.source = s.source) AS coverage
FROM depeche.source_fields s
LEFT JOIN depeche.source_falls f ON f.source = s.source AND f.field = s.field AND f.ended_at IS NULL;
COMMENT ON VIEW news.source_health IS
    'One row a source and field: how its pages are read now, beside its own past of about four weeks, and whether that has '
    'fallen. Now is today and yesterday (UTC), and up to a week where that is fewer than eight pages.';
COMMENT ON COLUMN news.source_health.source IS 'The source, by its name in sources.toml.';
COMMENT ON COLUMN news.source_health.field IS
    'Of the page that the source names: `visits` that it answered, `headlines` on it, `ticker` on it. Of the pages that it '
    'led to, each once a day: `stories` (how many were read yesterday), `pages` that could be read, those read as `article`. '
    'Of these: `title`, `author`, `date`, and `body`, the length of the text.';
COMMENT ON COLUMN news.source_health.measure IS
    '`share` of pages on which the field is there, or `typical` number (geometric mean of characters, headlines, stories).';
COMMENT ON COLUMN news.source_health.value_now IS 'The share, from 0 to 1, or the number now; NULL without pages.';
COMMENT ON COLUMN news.source_health.value_past IS
    'The same of the past; of a field that fell, as it was before. NULL for a source that is new.';
COMMENT ON COLUMN news.source_health.pages_now IS 'Pages, visits or days that `value_now` is about.';
COMMENT ON COLUMN news.source_health.pages_past IS 'Pages, visits or days that `value_past` is about.';
COMMENT ON COLUMN news.source_health.fell IS
    'Whether it has fallen so far that neither chance nor a bad day explains it, and has not recovered. Looked at every five '
    'minutes; see news.source_falls.';
COMMENT ON COLUMN news.source_health.fell_at IS 'When that was found; NULL otherwise.';
COMMENT ON COLUMN news.source_health.parser_changed IS
    'Whether more than one version of the parser has read the pages of now and of the past, so that a fall may be the '
    'parser''s doing and not the site''s.';
COMMENT ON COLUMN news.source_health.coverage IS
    'The share of its site''s new stories of the last seven days that the source brought, the same for all its fields: '
    'news.source_coverage has more. NULL where nothing was counted.';
