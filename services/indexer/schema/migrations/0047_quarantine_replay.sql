-- What a case of the quarantine needs to be replayed once, whatever ends in the middle, and to be found by its source.
-- Workers of the version before leave all three NULL.

ALTER TABLE depeche.quarantine
    ADD COLUMN IF NOT EXISTS source           text,
    ADD COLUMN IF NOT EXISTS replay_flight_id uuid,
    ADD COLUMN IF NOT EXISTS replayed_at      timestamptz;

--- next step
UPDATE depeche.quarantine q SET source = v.source
FROM depeche.visits v
WHERE v.flight_id = q.flight_id AND q.source IS NULL AND v.source IS NOT NULL;

--- next step
CREATE OR REPLACE VIEW news.quarantine AS
SELECT quarantine_id, flight_id, url, stage, reason, detail, traceback, message, quarantined_at, source,
       octet_length(page) AS page_bytes, replayed_at, replay_flight_id
FROM depeche.quarantine;
COMMENT ON COLUMN news.quarantine.source IS 'The source that led to the page, by its name in sources.toml.';
COMMENT ON COLUMN news.quarantine.page_bytes IS
    'Size of the page as it is kept here; NULL where it failed before it was fetched, or the message names none.';
COMMENT ON COLUMN news.quarantine.replayed_at IS
    'When `depeche quarantine replay` sent the page on its way again; NULL for a case that waits for that.';
COMMENT ON COLUMN news.quarantine.replay_flight_id IS
    'The number of that visit: how it ended is in news.visits, and a page that failed again is a case of its own here.';

-- Of a case, what became of it may be written, and nothing else; `depeche migrate` calls it after depeche.grant_roles().
CREATE FUNCTION depeche.grant_quarantine() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        GRANT UPDATE (replay_flight_id, replayed_at) ON depeche.quarantine TO depeche_writer;
    END IF;
END $$;
