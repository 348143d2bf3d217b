-- What grows for ever is cut into months, so that old months can be dropped without touching what is current:
-- docs/decisions/0009-retention.md. A table becomes the first partition of one that takes its name. It happens in steps
-- that are committed one by one, so that no lock is held while a table is read: see services/indexer/schema/migrate.py.

CREATE SCHEMA IF NOT EXISTS depeche_history;
COMMENT ON SCHEMA depeche_history IS 'The partitions of tables in schema depeche. Nobody but their owner may reach past those.';

CREATE OR REPLACE VIEW depeche.partitions AS
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

-- Partitions for this month and the next three, where they are missing. Rows that have fallen into the net meanwhile go
-- where they belong. With the rights of the owner, so that an indexer can see to it; one at a time is enough.
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

-- Makes a table the first partition of its like. A repeated call goes on where one before was ended.
CREATE OR REPLACE PROCEDURE depeche.cut_by_month(name text, key text) LANGUAGE plpgsql AS $$
DECLARE
    whole        regclass := 'depeche.' || quote_ident(name);
    other        record;
    bound        timestamptz;
    definition   text;
    definitions  text[];
    next_numbers text[];
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = whole) = 'p' THEN
        RETURN;
    END IF;
    -- The first lock waits, and ends an autovacuum that is in its way; later ones hardly do, so that nobody waits for
    -- this in a circle. Whatever fails is tried again.
    FOR other IN SELECT conname, confrelid::regclass AS of_table FROM pg_constraint
                 WHERE conrelid = whole AND contype = 'f' LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', other.of_table);
        PERFORM set_config('lock_timeout', '300ms', true);
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', whole, other.conname);
        COMMIT;
    END LOOP;
    -- Two days, so that no clock of a worker is ahead of the bound. Rows beyond it are those of clocks that were wrong:
    -- they go to the net, else one of them would keep whole years in the first partition.
    bound := (date_trunc('month', (now() + interval '2 days') AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    EXECUTE format('CREATE TABLE IF NOT EXISTS depeche_history.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
                   'INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION)', name || '_net', whole);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS before_bound, '
                   'ADD CONSTRAINT before_bound CHECK (%I < %L) NOT VALID', whole, key, bound);
    COMMIT;
    EXECUTE format('WITH wrong AS (DELETE FROM %s WHERE %I >= %L RETURNING *) '
                   'INSERT INTO depeche_history.%I SELECT * FROM wrong', whole, key, bound, name || '_net');
    COMMIT;
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT before_bound', whole);
    COMMIT;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', whole);
    PERFORM set_config('lock_timeout', '300ms', true);
    definitions := ARRAY(
        SELECT pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = whole AND (NOT indisunique OR (SELECT attnum FROM pg_attribute
                                                        WHERE attrelid = whole AND attname = key) = ANY (indkey))
        UNION ALL
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = whole AND NOT tgisinternal
        UNION ALL
        SELECT format('CREATE OR REPLACE VIEW %s AS %s', view, pg_get_viewdef(view))
        FROM (SELECT DISTINCT ev_class::regclass AS view FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
              WHERE classid = 'pg_rewrite'::regclass AND refobjid = whole AND ev_class <> whole) AS reading
        UNION ALL
        SELECT format('GRANT %s ON %s TO %s', privilege_type, whole, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE
                                                                     quote_ident(pg_get_userbyid(grantee)) END)
        FROM pg_class CROSS JOIN LATERAL aclexplode(relacl) WHERE pg_class.oid = whole AND grantee <> relowner);
    FOR other IN SELECT attname, pg_get_serial_sequence(whole::text, attname) AS numbers FROM pg_attribute
                 WHERE attrelid = whole AND attidentity = 'a' LOOP
        EXECUTE format('SELECT format(''ALTER TABLE %s ALTER %I ADD GENERATED ALWAYS AS IDENTITY (START WITH %%s)'', '
                       'last_value + is_called::int) FROM %s', whole, other.attname, other.numbers) INTO definition;
        next_numbers := next_numbers || definition;
        EXECUTE format('ALTER TABLE %s ALTER %I DROP IDENTITY', whole, other.attname);
    END LOOP;
    FOR other IN SELECT tgname FROM pg_trigger WHERE tgrelid = whole AND NOT tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', other.tgname, whole);
    END LOOP;
    EXECUTE format('ALTER TABLE %s SET SCHEMA depeche_history', whole);
    EXECUTE format('ALTER TABLE %s RENAME TO %I', whole, name || '_first');
    EXECUTE format('CREATE TABLE depeche.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE '
                   'INCLUDING COMPRESSION INCLUDING COMMENTS) PARTITION BY RANGE (%I)', name, whole, key);
    EXECUTE format('ALTER TABLE depeche.%I DROP CONSTRAINT before_bound', name);
    FOREACH definition IN ARRAY next_numbers || definitions LOOP
        EXECUTE definition;
    END LOOP;
    EXECUTE format('ALTER TABLE depeche.%I ATTACH PARTITION %s FOR VALUES FROM (MINVALUE) TO (%L)', name, whole, bound);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT before_bound', whole);
    EXECUTE format('ALTER TABLE depeche.%I ATTACH PARTITION depeche_history.%I DEFAULT', name, name || '_net');
    COMMIT;
END $$;

ALTER TABLE depeche.feed
    ADD COLUMN IF NOT EXISTS dropped_txid   bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS dropped_change bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN depeche.feed.dropped_txid IS
    'With dropped_change the last change, in the order of the feed, that has been dropped: no cursor before it is good.';

--- next step
CALL depeche.cut_by_month('visits', 'at');
--- next step
CALL depeche.cut_by_month('changes', 'recorded_at');
--- next step
CALL depeche.cut_by_month('article_versions', 'replaced_at');
--- next step
CALL depeche.cut_by_month('headline_positions', 'to_at');
--- next step
CALL depeche.cut_by_month('headline_wordings', 'to_at');
--- next step
DROP PROCEDURE depeche.cut_by_month(text, text);

-- One plan for all cursors, made once a session: to plan for two years of partitions takes five times what reading does.
CREATE OR REPLACE FUNCTION news.changes_since(after_cursor text DEFAULT NULL, max_rows integer DEFAULT 1000)
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
    -- From here on nothing can be dropped until this transaction ends. But its snapshot may be older than a drop, and
    -- know neither of that nor of what it put into depeche.feed: then a partition that it sees is no table any more.
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
