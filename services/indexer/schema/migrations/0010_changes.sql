-- The change feed: every change of an article, in an order in which a reader misses none and sees none twice.
--
-- A number from a sequence cannot be a reader's cursor: a transaction may draw number 5 and commit after number 6 has
-- been read. So changes are ordered by the transaction that made them, and a change is given out only when every
-- transaction up to its own has ended: below pg_snapshot_xmin(pg_current_snapshot()) nothing can appear any more.
--
-- A transaction may have begun before another, and yet change an article after it. `articles.changed_in` keeps the
-- order of each article: a change takes the number of its own transaction, or that of the article's last change if that
-- is higher. Whoever wrote under a number has a lower one or that very one, so the rule above still holds.
--
-- Triggers write it, so that no writer can forget to: older indexers beside a newer one, or a correction by hand.

CREATE TABLE depeche.feed (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    txid_offset bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN depeche.feed.txid_offset IS
    'Added to transaction ids. A dump that is restored into another cluster meets a lower counter of transactions; '
    '`depeche migrate` then raises this, so that new changes come after the old ones and cursors stay good.';
INSERT INTO depeche.feed DEFAULT VALUES;

CREATE FUNCTION depeche.feed_txid() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (SELECT pg_current_xact_id()::text::bigint + txid_offset FROM depeche.feed);
COMMENT ON FUNCTION depeche.feed_txid() IS 'The number of this transaction in the order of changes.';

CREATE TABLE depeche.changes (
    txid        bigint      NOT NULL,
    change_id   bigint      GENERATED ALWAYS AS IDENTITY,
    article_id  bigint      NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('new', 'edited', 'withdrawn', 'restored', 'regrouped')),
    version     integer     NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (txid, change_id)
);

ALTER TABLE depeche.articles
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN withdrawn_at timestamptz;
-- A constant, so that no row is rewritten: what is there counts as changed by this migration. A transaction that began
-- before it and goes on after it then comes later, too.
DO $$ BEGIN
    EXECUTE format('ALTER TABLE depeche.articles ADD COLUMN changed_in bigint NOT NULL DEFAULT %s', depeche.feed_txid());
END $$;
ALTER TABLE depeche.articles ALTER COLUMN changed_in SET DEFAULT depeche.feed_txid();

INSERT INTO depeche.changes (txid, article_id, kind, version)
SELECT changed_in, article_id, 'new', 1 FROM depeche.articles ORDER BY article_id;

CREATE FUNCTION depeche.number_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := greatest(OLD.changed_in, depeche.feed_txid());
    NEW.version := OLD.version + (NEW.content_hash <> OLD.content_hash)::int;
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

-- With the rights of its owner, since it reads the table itself: by its key, from the cursor on.
CREATE FUNCTION news.changes_since(after_cursor text DEFAULT NULL, max_rows integer DEFAULT 1000)
RETURNS SETOF news.changes LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended bigint := (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset FROM depeche.feed);
BEGIN
    IF after_cursor !~ '^\d{1,18}\.\d{1,18}$' THEN
        RAISE EXCEPTION '"%" is no cursor of news.changes', after_cursor USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    SELECT c.txid || '.' || c.change_id, c.change_id, c.kind, c.article_id, c.version, c.recorded_at
    FROM depeche.changes c
    WHERE c.txid < ended
        AND (c.txid, c.change_id) > (
            coalesce(split_part(after_cursor, '.', 1)::bigint, 0), coalesce(split_part(after_cursor, '.', 2)::bigint, 0))
    ORDER BY c.txid, c.change_id
    LIMIT max_rows;
END $$;
COMMENT ON FUNCTION news.changes_since(text, integer) IS
    'The changes after a cursor, oldest first, `max_rows` at the most; all from the first on without a cursor. No change '
    'is left out and none is given twice, however many write at the same time.';

CREATE FUNCTION news.cursor_now() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
RETURN (SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset) || '.0' FROM depeche.feed);
COMMENT ON FUNCTION news.cursor_now() IS 'A cursor for readers who want no more than what changes from now on.';

CREATE OR REPLACE VIEW news.articles AS
SELECT article_id, page_id, url, canonical_url, source, title, lead, kicker, authors, publisher, section, tags, language,
       published_at, published_precision, modified_at, modified_precision, source_url, truncated, paywalled,
       consent_wall, live_blog, body, blocks, images, parser_version, first_seen_at, fetched_at, version, withdrawn_at
FROM depeche.articles;

-- docs/reading.md has these sentences; `python -m tests.support.reading_reference` takes them from here.
COMMENT ON VIEW news.articles IS 'One row an article, as it reads now. One that has gone from its site keeps its row.';
COMMENT ON COLUMN news.articles.article_id IS 'The article, for good.';
COMMENT ON COLUMN news.articles.page_id IS 'The page that it was read from last, in news.pages.';
COMMENT ON COLUMN news.articles.url IS 'The address that answered, after redirects.';
COMMENT ON COLUMN news.articles.canonical_url IS 'What the page calls its own address.';
COMMENT ON COLUMN news.articles.source IS 'The source that led here, by its name in sources.toml.';
COMMENT ON COLUMN news.articles.title IS 'The headline over the article.';
COMMENT ON COLUMN news.articles.lead IS 'The paragraph that opens it, set apart; `body` begins with it.';
COMMENT ON COLUMN news.articles.kicker IS 'The line above the title.';
COMMENT ON COLUMN news.articles.authors IS 'Names from the byline, in its order.';
COMMENT ON COLUMN news.articles.publisher IS 'The publisher''s name, as the page gives it.';
COMMENT ON COLUMN news.articles.section IS 'The section of the site.';
COMMENT ON COLUMN news.articles.tags IS 'Keywords that the page gives itself.';
COMMENT ON COLUMN news.articles.language IS 'Two letters (ISO 639-1).';
COMMENT ON COLUMN news.articles.published_at IS 'When it was published; how exact that is, `published_precision` says.';
COMMENT ON COLUMN news.articles.published_precision IS
    '`instant`; `local` for a time without an offset, taken for UTC; `day` for a date, taken for its midnight.';
COMMENT ON COLUMN news.articles.modified_at IS 'When its publisher says that it was changed last.';
COMMENT ON COLUMN news.articles.modified_precision IS 'As `published_precision`.';
COMMENT ON COLUMN news.articles.source_url IS 'Where the page says that the article comes from.';
COMMENT ON COLUMN news.articles.truncated IS 'Whether the page shows only the beginning.';
COMMENT ON COLUMN news.articles.paywalled IS 'Whether the rest is for subscribers.';
COMMENT ON COLUMN news.articles.consent_wall IS 'Whether a wall that asks for consent stood in the way.';
COMMENT ON COLUMN news.articles.live_blog IS 'Whether it is a live blog, with entries that have times of their own.';
COMMENT ON COLUMN news.articles.body IS 'The text: lead and blocks, one a line, in reading order, without the title.';
COMMENT ON COLUMN news.articles.blocks IS
    'The text with its structure: paragraphs, headings, quotes, lists, tables, images, embeds; see docs/messages.md.';
COMMENT ON COLUMN news.articles.images IS 'Pictures, with URL, caption, credit and alternative text.';
COMMENT ON COLUMN news.articles.parser_version IS 'The parser that read this version.';
COMMENT ON COLUMN news.articles.first_seen_at IS 'The visit that found it first.';
COMMENT ON COLUMN news.articles.fetched_at IS 'The visit that found this version first.';
COMMENT ON COLUMN news.articles.version IS 'How often it has read differently, from 1 on.';
COMMENT ON COLUMN news.articles.withdrawn_at IS
    'The visit that found it gone from its site (404, 410); NULL while it is there, and again once it is back.';

COMMENT ON COLUMN news.pages.page_id IS 'The page, for good.';
COMMENT ON COLUMN news.pages.url_key IS 'A key of the URL, the same for all addresses of one page.';
COMMENT ON COLUMN news.pages.url IS 'The address that was asked for first.';
COMMENT ON COLUMN news.pages.final_url IS 'The address that answered, after redirects.';
COMMENT ON COLUMN news.pages.canonical_url IS 'What the page calls its own address.';
COMMENT ON COLUMN news.pages.source IS 'The source that led here, by its name in sources.toml.';
COMMENT ON COLUMN news.pages.batch IS 'The batch that asked for it last.';
COMMENT ON COLUMN news.pages.found_on IS 'The page whose headline led here first.';
COMMENT ON COLUMN news.pages.page_type IS '`article`, `listing`, `feed`, `sitemap` or `other`.';
COMMENT ON COLUMN news.pages.language IS 'Two letters (ISO 639-1).';
COMMENT ON COLUMN news.pages.fate IS
    'What became of the latest visit: `stored` (something new), `unchanged`, `refused`, `gone`, `failed`, `quarantined`.';
COMMENT ON COLUMN news.pages.reason IS 'Why, for machines; NULL for a page that was stored or is unchanged.';
COMMENT ON COLUMN news.pages.detail IS 'Why, for people.';
COMMENT ON COLUMN news.pages.http_status IS 'The status that the site answered with.';
COMMENT ON COLUMN news.pages.content_type IS 'The type that the site gave.';
COMMENT ON COLUMN news.pages.body_bytes IS 'Size of the page.';
COMMENT ON COLUMN news.pages.attempts IS 'Attempts that the latest visit took.';
COMMENT ON COLUMN news.pages.parser_version IS 'The parser that read it last.';
COMMENT ON COLUMN news.pages.flight_id IS 'The latest visit''s number, as logs and messages have it.';
COMMENT ON COLUMN news.pages.first_seen_at IS 'The first visit.';
COMMENT ON COLUMN news.pages.fetched_at IS 'The latest visit that got an answer about the page''s content.';
COMMENT ON COLUMN news.pages.landed_at IS 'When the latest visit''s end was stored.';
COMMENT ON COLUMN news.pages.archive IS
    'Where the body that it was last read from is kept: WARC file and offset of its record, `file.warc.gz:1234`.';

COMMENT ON COLUMN news.headlines.headline_id IS 'The headline of this page, for good.';
COMMENT ON COLUMN news.headlines.page_id IS 'The page that it stands on, in news.pages.';
COMMENT ON COLUMN news.headlines.page_url IS 'That page''s address.';
COMMENT ON COLUMN news.headlines.source IS 'That page''s source.';
COMMENT ON COLUMN news.headlines.kind IS
    'The list: `ticker`, `latest`, `trending`, `most_read`, `related`, `front` or `feed`.';
COMMENT ON COLUMN news.headlines.label IS 'What the page writes over the list.';
COMMENT ON COLUMN news.headlines.position IS 'Its place in the list, from 1 on; where it stood last, if it is gone.';
COMMENT ON COLUMN news.headlines.text IS 'Its wording.';
COMMENT ON COLUMN news.headlines.url IS 'Where it leads.';
COMMENT ON COLUMN news.headlines.language IS 'Two letters (ISO 639-1).';
COMMENT ON COLUMN news.headlines.published_at IS 'The time that the list gives it.';
COMMENT ON COLUMN news.headlines.published_precision IS 'As in news.articles.';
COMMENT ON COLUMN news.headlines.is_self IS 'Whether it leads to the very page that it stands on.';
COMMENT ON COLUMN news.headlines.first_seen_at IS 'The visit that found it first.';
COMMENT ON COLUMN news.headlines.gone_at IS 'The first visit that did not find it any more; NULL while it stands.';
COMMENT ON COLUMN news.headlines.article_id IS 'The article that it leads to, once that has been stored.';

COMMENT ON COLUMN news.quarantine.quarantine_id IS 'The case.';
COMMENT ON COLUMN news.quarantine.flight_id IS 'The visit''s number, as logs and messages have it.';
COMMENT ON COLUMN news.quarantine.url IS 'The page; empty for a message that names none.';
COMMENT ON COLUMN news.quarantine.stage IS 'Where it failed: `fetch`, `parse` or `index`.';
COMMENT ON COLUMN news.quarantine.reason IS 'Why, for machines.';
COMMENT ON COLUMN news.quarantine.detail IS 'Why, for people.';
COMMENT ON COLUMN news.quarantine.traceback IS 'Where in the code.';
COMMENT ON COLUMN news.quarantine.message IS 'What the stage was working on.';
COMMENT ON COLUMN news.quarantine.quarantined_at IS 'When it was stored.';
