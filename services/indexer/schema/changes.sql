-- The change feed: every change of an article, in an order in which a reader misses no change and gets none twice.
--
-- A number from a sequence cannot be a reader's cursor: a transaction may draw number 5 and commit after number 6 has
-- been read. So changes are ordered by the transaction that made them, and a change is given out only when every
-- transaction up to its own has ended: below pg_snapshot_xmin(pg_current_snapshot()) nothing can appear any more.
--
-- A transaction may have begun before another, and yet change an article after it. `articles.changed_in` keeps the
-- order of each article's changes: a change takes the number of its own transaction, or that of the article's last
-- change if that is higher. A change so has a number that is not lower than that of the transaction that wrote it, and
-- the rule above still holds.
--
-- Triggers write the feed, so that no writer can forget it: not an older indexer beside a newer one, nor a correction
-- by hand.

CREATE TABLE depeche.feed (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    txid_offset    bigint  NOT NULL DEFAULT 0,
    dropped_txid   bigint  NOT NULL DEFAULT 0,
    dropped_change bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN depeche.feed.txid_offset IS
    'Added to transaction ids. A dump that is restored into another cluster meets a lower counter of transactions; '
    '`depeche migrate` then raises this, so that new changes come after the old ones and cursors stay good.';
COMMENT ON COLUMN depeche.feed.dropped_txid IS
    'With dropped_change the last change, in the order of the feed, that has been dropped: no cursor before it is good.';
INSERT INTO depeche.feed DEFAULT VALUES;

CREATE FUNCTION depeche.feed_txid() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (SELECT pg_current_xact_id()::text::bigint + txid_offset FROM depeche.feed);
COMMENT ON FUNCTION depeche.feed_txid() IS 'The number of this transaction in the order of changes.';

ALTER TABLE depeche.articles ALTER COLUMN changed_in SET DEFAULT depeche.feed_txid();

-- One row per change. The key (txid, change_id) is defined on each partition: history.sql.
CREATE TABLE depeche.changes (
    txid        bigint      NOT NULL,
    change_id   bigint      GENERATED ALWAYS AS IDENTITY,
    article_id  bigint      NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('new', 'edited', 'withdrawn', 'restored', 'regrouped')),
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
) PARTITION BY RANGE (recorded_at);

-- How a version differs from the one before is measured once, when it is stored, by the functions of versions.sql.
CREATE FUNCTION depeche.number_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_title record;
    in_body record;
BEGIN
    NEW.changed_in := greatest(OLD.changed_in, depeche.feed_txid());
    IF NEW.content_hash = OLD.content_hash THEN
        RETURN NEW;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.title_changed := NEW.title IS DISTINCT FROM OLD.title;
    NEW.lead_changed := NEW.lead IS DISTINCT FROM OLD.lead;
    NEW.body_changed := NEW.body <> OLD.body;
    NEW.reparsed := NEW.parser_version <> OLD.parser_version;
    NEW.words_changed := 0;
    NEW.similarity := 1;
    NEW.substantive := false;
    IF NEW.title_changed THEN
        in_title := depeche.word_changes(coalesce(OLD.title, ''), coalesce(NEW.title, ''));
        NEW.substantive := in_title.changed > 0;
    END IF;
    IF NEW.body_changed THEN
        in_body := depeche.word_changes(OLD.body, NEW.body);
        NEW.words_changed := in_body.changed;
        NEW.similarity := 1 - in_body.changed::real / greatest(in_body.total, 1);
        NEW.substantive := NEW.substantive OR in_body.changed >= depeche.substantive_words();
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION depeche.record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kinds text[] := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        kinds := '{new}';
    ELSE
        IF OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL THEN
            kinds := kinds || 'restored'::text;
        END IF;
        IF NEW.version > OLD.version THEN
            kinds := kinds || 'edited'::text;
        END IF;
        IF OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL THEN
            kinds := kinds || 'withdrawn'::text;
        END IF;
        IF OLD.story_id IS DISTINCT FROM NEW.story_id THEN
            kinds := kinds || 'regrouped'::text;
        END IF;
    END IF;
    INSERT INTO depeche.changes (txid, article_id, kind, version)
    SELECT NEW.changed_in, NEW.article_id, kind, NEW.version FROM unnest(kinds) AS kind;
    RETURN NULL;
END $$;

CREATE FUNCTION depeche.wake_readers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY news_changes;
    RETURN NULL;
END $$;

CREATE TRIGGER number_change BEFORE UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.content_hash <> NEW.content_hash OR (OLD.withdrawn_at IS NULL) <> (NEW.withdrawn_at IS NULL))
EXECUTE FUNCTION depeche.number_change();

CREATE TRIGGER record_new AFTER INSERT ON depeche.articles FOR EACH ROW
EXECUTE FUNCTION depeche.record_change();

CREATE TRIGGER record_change AFTER UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.content_hash <> NEW.content_hash OR (OLD.withdrawn_at IS NULL) <> (NEW.withdrawn_at IS NULL))
EXECUTE FUNCTION depeche.record_change();

-- For an article that goes over to another story, and is otherwise unchanged.
CREATE TRIGGER number_regrouped BEFORE UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.story_id IS DISTINCT FROM NEW.story_id AND OLD.content_hash = NEW.content_hash
      AND (OLD.withdrawn_at IS NULL) = (NEW.withdrawn_at IS NULL))
EXECUTE FUNCTION depeche.number_change();

CREATE TRIGGER record_regrouped AFTER UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.story_id IS DISTINCT FROM NEW.story_id AND OLD.content_hash = NEW.content_hash
      AND (OLD.withdrawn_at IS NULL) = (NEW.withdrawn_at IS NULL))
EXECUTE FUNCTION depeche.record_change();

CREATE TRIGGER wake_readers AFTER INSERT ON depeche.changes FOR EACH STATEMENT
EXECUTE FUNCTION depeche.wake_readers();

CREATE VIEW news.changes AS
SELECT c.txid || '.' || c.change_id AS cursor, c.change_id, c.kind, c.article_id, c.version, c.recorded_at
FROM depeche.changes c
WHERE c.txid < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset FROM depeche.feed);
COMMENT ON VIEW news.changes IS
    'What has changed about articles, as far as nothing can come before it any more. Read it with news.changes_since.';
COMMENT ON COLUMN news.changes.cursor IS 'Give it to news.changes_since to go on after this change; opaque.';
COMMENT ON COLUMN news.changes.change_id IS 'A number of this change alone; rising for each article, not over all.';
COMMENT ON COLUMN news.changes.kind IS
    '`new`, `edited` (another version), `withdrawn` (gone from its site), `restored` (there again) or `regrouped`.';
COMMENT ON COLUMN news.changes.article_id IS 'The article, in news.articles.';
COMMENT ON COLUMN news.changes.version IS 'The article''s version after the change; 1 is the first.';
COMMENT ON COLUMN news.changes.recorded_at IS 'When the database took note of it.';

-- It runs with the rights of its owner, since it reads the table itself: by its key, from the cursor on. All cursors
-- share one plan, made once per session: to plan for two years of partitions takes five times as long as to read.
CREATE FUNCTION news.changes_since(after_cursor text DEFAULT NULL, max_rows integer DEFAULT 1000)
RETURNS SETOF news.changes LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    ended        bigint := (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset FROM depeche.feed);
    after_txid   bigint;
    after_change bigint;
BEGIN
    IF after_cursor !~ '^\d{1,18}\.\d{1,18}$' THEN
        RAISE EXCEPTION '"%" is no cursor of news.changes', after_cursor USING ERRCODE = 'invalid_parameter_value';
    END IF;
    after_txid := split_part(after_cursor, '.', 1)::bigint;
    after_change := split_part(after_cursor, '.', 2)::bigint;
    IF (after_txid, after_change) < (SELECT dropped_txid, dropped_change FROM depeche.feed) THEN
        RAISE EXCEPTION 'changes after the cursor "%" are not kept any more', after_cursor
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Take news.cursor_now(), then read news.articles anew, then follow from that cursor on.';
    END IF;
    RETURN QUERY
    SELECT c.txid || '.' || c.change_id, c.change_id, c.kind, c.article_id, c.version, c.recorded_at
    FROM depeche.changes c
    WHERE c.txid < ended AND (c.txid, c.change_id) > (coalesce(after_txid, 0), coalesce(after_change, 0))
    ORDER BY c.txid, c.change_id
    LIMIT max_rows;
    -- From here on no partition can be dropped until this transaction ends. But the transaction's snapshot may be older
    -- than a drop, and show neither the drop nor the row that it wrote to depeche.feed. Then the snapshot shows a
    -- partition whose table does not exist any more.
    IF EXISTS (SELECT FROM pg_inherits
               WHERE inhparent = 'depeche.changes'::regclass AND pg_table_is_visible(inhrelid) IS NULL) THEN
        RAISE EXCEPTION 'changes have been dropped since this transaction began'
            USING ERRCODE = 'serialization_failure', HINT = 'Begin another transaction.';
    END IF;
END $$;
COMMENT ON FUNCTION news.changes_since(text, integer) IS
    'The changes after a cursor, oldest first, `max_rows` at the most; without a cursor from the first one on that is kept. '
    'No change is left out and none is given twice, however many write at the same time. A cursor after which changes have '
    'been dropped is an error (55000, object_not_in_prerequisite_state).';

CREATE FUNCTION news.cursor_now() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
RETURN (SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset) || '.0' FROM depeche.feed);
COMMENT ON FUNCTION news.cursor_now() IS 'A cursor for readers who want no more than what changes from now on.';

-- The followers of the change feed inside the indexer, and how far each has come.
CREATE TABLE depeche.followers (
    name   text PRIMARY KEY,
    cursor text
);
