-- Pages and messages that failed in a way nobody foresaw, kept with what they failed on.

CREATE TABLE depeche.quarantine (
    quarantine_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flight_id        uuid        NOT NULL UNIQUE,
    url              text        NOT NULL,
    stage            text        NOT NULL,
    reason           text        NOT NULL,
    detail           text        NOT NULL,
    traceback        text,
    message          text,
    page             bytea,
    quarantined_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    source           text,
    -- By these a case is replayed only once, whichever process ends in the middle:
    -- services/indexer/upkeep/quarantine.py.
    replay_flight_id uuid,
    replayed_at      timestamptz
);

CREATE VIEW news.quarantine AS
SELECT quarantine_id, flight_id, url, stage, reason, detail, traceback, message, quarantined_at, source,
       octet_length(page) AS page_bytes, replayed_at, replay_flight_id
FROM depeche.quarantine;
COMMENT ON VIEW news.quarantine IS 'Pages and messages that failed in a way nobody foresaw, kept to be looked into.';
COMMENT ON COLUMN news.quarantine.quarantine_id IS 'The case.';
COMMENT ON COLUMN news.quarantine.flight_id IS 'The visit''s number, as logs and messages have it.';
COMMENT ON COLUMN news.quarantine.url IS 'The page; empty for a message that names none.';
COMMENT ON COLUMN news.quarantine.stage IS 'Where it failed: `fetch`, `parse` or `index`.';
COMMENT ON COLUMN news.quarantine.reason IS 'Why, for machines.';
COMMENT ON COLUMN news.quarantine.detail IS 'Why, for people.';
COMMENT ON COLUMN news.quarantine.traceback IS 'Where in the code.';
COMMENT ON COLUMN news.quarantine.message IS 'What the stage was working on.';
COMMENT ON COLUMN news.quarantine.quarantined_at IS 'When it was stored.';
COMMENT ON COLUMN news.quarantine.source IS 'The source that led to the page, by its name in sources.toml.';
COMMENT ON COLUMN news.quarantine.page_bytes IS
    'Size of the page as it is kept here; NULL where it failed before it was fetched, or the message names none.';
COMMENT ON COLUMN news.quarantine.replayed_at IS
    'When `depeche quarantine replay` sent the page on its way again; NULL for a case that waits for that.';
COMMENT ON COLUMN news.quarantine.replay_flight_id IS
    'The number of that visit: how it ended is in news.visits, and a page that failed again is a case of its own here.';
