-- Which reader gave each field of an article; what the database knew at a moment; and rows that logical replication can
-- name in every table. The new column is NULL in all rows that are there already, so that adding it rewrites nothing. Each
-- table is locked in a step of its own.
ALTER TABLE depeche.articles ADD COLUMN IF NOT EXISTS provenance jsonb;
--- next step
-- Names the rows of a table for logical replication, so that their updates and deletions can be published: by the primary
-- key, else by a unique index over every row, else by the whole row. LIKE does not copy it, so each partition needs it.
CREATE OR REPLACE FUNCTION depeche.identify_rows(given regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    by_index name;
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = given AND relreplident <> 'd')
        OR EXISTS (SELECT FROM pg_index WHERE indrelid = given AND indisprimary) THEN
        RETURN;
    END IF;
    SELECT c.relname INTO by_index
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = given AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
        AND NOT EXISTS (
            SELECT FROM generate_series(0, i.indnkeyatts - 1) AS place
            LEFT JOIN pg_attribute a ON a.attrelid = given AND a.attnum = i.indkey[place] AND a.attnotnull
            WHERE a.attnum IS NULL)
    ORDER BY c.relname
    LIMIT 1;
    IF by_index IS NULL THEN
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', given);
    ELSE
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', given, by_index);
    END IF;
END $$;
--- next step
SELECT depeche.identify_rows(part_id::regclass) FROM depeche.partitions WHERE of_table = 'visits';
--- next step
CREATE OR REPLACE VIEW news.articles AS
SELECT a.article_id, a.page_id, a.url, a.canonical_url, a.source, a.title, a.lead, a.kicker, a.authors, a.publisher,
       a.section, a.tags, a.language, a.published_at, a.published_precision, a.modified_at, a.modified_precision,
       a.source_url, a.truncated, a.paywalled, a.consent_wall, a.live_blog, a.body, a.blocks, a.images, a.parser_version,
       a.first_seen_at, a.fetched_at, a.version, a.withdrawn_at,
       greatest(a.fetched_at, coalesce(p.seen_at, p.fetched_at)) AS last_seen_at, a.cuts,
       coalesce(a.story_id, a.article_id) AS story_id, a.article_key AS url_key, a.next_page_url, p.rights,
       s.tags AS source_tags, a.provenance
FROM depeche.articles a
LEFT JOIN depeche.pages p ON p.page_id = a.page_id  -- LEFT: left out of a query that does not ask for its column
LEFT JOIN depeche.sources s ON s.name = a.source;
COMMENT ON COLUMN news.articles.provenance IS
    'Where each column comes from that has a value: an object of column and reader, such as `json-ld`, `opengraph`, `byline` '
    'or `url`. NULL for a version that was read before this column was there.';

CREATE OR REPLACE FUNCTION depeche.make_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '300ms' AS $$
DECLARE
    history record;
    month   timestamptz;
    part    text;
    made    integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7305801224) THEN
        RETURN 0;
    END IF;
    FOR history IN
        SELECT of_table, key, part_id::regclass AS net FROM depeche.partitions WHERE is_net ORDER BY of_table
    LOOP
        FOR month IN
            SELECT due FROM generate_series(date_trunc('month', now()), date_trunc('month', now()) + interval '3 months',
                                            interval '1 month') AS due
            WHERE NOT EXISTS (
                SELECT FROM depeche.partitions made
                WHERE made.of_table = history.of_table AND due >= coalesce(made.from_at, '-infinity') AND due < made.to_at)
        LOOP
            part := format('depeche_history.%I', history.of_table || to_char(month, '_YYYY_MM'));
            EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES '
                           'INCLUDING STORAGE INCLUDING COMPRESSION)', part, history.net);
            PERFORM depeche.identify_rows(part::regclass);
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', history.net);
            EXECUTE format('WITH moved AS (DELETE FROM %s WHERE %I >= %L AND %I < %L RETURNING *) '
                           'INSERT INTO %s SELECT * FROM moved',
                           history.net, history.key, month, history.key, month + interval '1 month', part);
            EXECUTE format('ALTER TABLE depeche.%I ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                           history.of_table, part, month, month + interval '1 month');
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

\ir ../as_of.sql
