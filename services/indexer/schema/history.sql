-- Tables that grow without end are cut into months, so that old months can be dropped without touching current rows:
-- docs/decisions/0009-retention.md. They are depeche.visits, changes, article_versions, headline_positions and
-- headline_wordings.

CREATE SCHEMA IF NOT EXISTS depeche_history;
COMMENT ON SCHEMA depeche_history IS 'The partitions of tables in schema depeche. Nobody but their owner may reach past those.';

-- The first partition of each table takes this month and all before it; the net takes the rows that no other partition
-- takes. The partition of a month is made like the net, with the same keys. The partitioned table has no keys, since
-- they would have to include the moment there.
--
-- The end of the first partition is at least two days ahead, so that no worker's clock is beyond it. Rows from clocks
-- that are wrong by more go to the net; otherwise one of them would keep whole years in the first partition.
CREATE FUNCTION pg_temp.first_end() RETURNS timestamptz LANGUAGE sql
RETURN (date_trunc('month', (now() + interval '2 days') AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';

CREATE TABLE depeche_history.visits_first PARTITION OF depeche.visits FOR VALUES FROM (MINVALUE) TO (pg_temp.first_end());
CREATE TABLE depeche_history.visits_net PARTITION OF depeche.visits DEFAULT;

CREATE TABLE depeche_history.changes_first PARTITION OF depeche.changes (PRIMARY KEY (txid, change_id))
    FOR VALUES FROM (MINVALUE) TO (pg_temp.first_end());
CREATE TABLE depeche_history.changes_net PARTITION OF depeche.changes (PRIMARY KEY (txid, change_id)) DEFAULT;

CREATE TABLE depeche_history.article_versions_first
    PARTITION OF depeche.article_versions (PRIMARY KEY (article_id, version))
    FOR VALUES FROM (MINVALUE) TO (pg_temp.first_end());
CREATE TABLE depeche_history.article_versions_net
    PARTITION OF depeche.article_versions (PRIMARY KEY (article_id, version)) DEFAULT;

CREATE TABLE depeche_history.headline_positions_first
    PARTITION OF depeche.headline_positions (PRIMARY KEY (headline_id, from_at))
    FOR VALUES FROM (MINVALUE) TO (pg_temp.first_end());
CREATE TABLE depeche_history.headline_positions_net
    PARTITION OF depeche.headline_positions (PRIMARY KEY (headline_id, from_at)) DEFAULT;

CREATE TABLE depeche_history.headline_wordings_first
    PARTITION OF depeche.headline_wordings (PRIMARY KEY (headline_id, from_at))
    FOR VALUES FROM (MINVALUE) TO (pg_temp.first_end());
CREATE TABLE depeche_history.headline_wordings_net
    PARTITION OF depeche.headline_wordings (PRIMARY KEY (headline_id, from_at)) DEFAULT;

DROP FUNCTION pg_temp.first_end();

CREATE VIEW depeche.partitions AS
SELECT parent.relname::text AS of_table, key.attname::text AS key, part.oid AS part_id,
       part.oid = scheme.partdefid AS is_net,
       (regexp_match(bound.text, 'FROM \(''([^'']+)''\)'))[1]::timestamptz AS from_at,
       (regexp_match(bound.text, 'TO \(''([^'']+)''\)'))[1]::timestamptz AS to_at
FROM pg_partitioned_table scheme
JOIN pg_class parent ON parent.oid = scheme.partrelid AND parent.relnamespace = 'depeche'::regnamespace
JOIN pg_attribute key ON key.attrelid = parent.oid AND key.attnum = scheme.partattrs[0]
JOIN pg_inherits ON inhparent = parent.oid
JOIN pg_class part ON part.oid = inhrelid
CROSS JOIN LATERAL (SELECT pg_get_expr(part.relpartbound, part.oid) AS text) AS bound;
COMMENT ON VIEW depeche.partitions IS
    'Partitions by time, of each table one net for rows that no other takes. The first one has no from_at.';

-- Names the rows of a table for logical replication, so that their updates and deletions can be published: by the primary
-- key, else by a unique index over every row, else by the whole row. LIKE does not copy it, so each partition needs it.
CREATE FUNCTION depeche.identify_rows(given regclass) RETURNS void LANGUAGE plpgsql
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
SELECT depeche.identify_rows('depeche_history.visits_first');
SELECT depeche.identify_rows('depeche_history.visits_net');

-- Makes the missing partitions for this month and the next three, and moves rows from the net into them; returns how
-- many were made. It runs with the rights of the owner, so that an indexer can call it, and one run at a time.
CREATE FUNCTION depeche.make_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
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
