-- What the database knew at a moment, for those who test on the past what they would have done then. The state of now is
-- taken, and the changes after the moment are undone. So it needs the changes since that moment and none before it, and
-- an article that has not changed since costs nothing. The moments are those at which changes were recorded, and not
-- those of visits: a page that was stored late was not known before.

CREATE FUNCTION depeche.version_is_not_kept() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of that moment is not kept any more'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Ask for a later moment.';
END $$;

-- It runs with the rights of its owner: a reader does not see changes that the feed holds back, but what they changed.
CREATE FUNCTION news.versions_as_of(moment timestamptz)
RETURNS TABLE (article_id bigint, version integer, withdrawn boolean) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp ROWS 100000 AS $$
#variable_conflict use_column
BEGIN
    IF moment IS NULL THEN
        RAISE EXCEPTION 'as of which moment?' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF moment < (SELECT min(p.from_at) FROM depeche.partitions p WHERE p.of_table = 'changes' AND NOT p.is_net
                 HAVING bool_and(p.from_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'changes since % are not kept any more', moment
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Ask for a later moment.';
    END IF;
    RETURN QUERY
    WITH later AS (
        SELECT c.article_id, bool_or(c.kind = 'new') AS is_new, min(c.version) FILTER (WHERE c.kind = 'edited') - 1 AS version,
               (array_agg(c.kind = 'restored' ORDER BY c.recorded_at, c.change_id)
                    FILTER (WHERE c.kind IN ('withdrawn', 'restored')))[1] AS withdrawn
        FROM depeche.changes c
        WHERE c.recorded_at > moment AND c.kind <> 'regrouped'
        GROUP BY c.article_id
    )
    SELECT a.article_id,
           CASE WHEN l.version IS NULL THEN a.version
                WHEN v.version IS NULL THEN depeche.version_is_not_kept()
                ELSE v.version END,
           coalesce(l.withdrawn, a.withdrawn_at IS NOT NULL)
    FROM depeche.articles a
    LEFT JOIN later l ON l.article_id = a.article_id
    LEFT JOIN depeche.article_versions v ON v.article_id = l.article_id AND v.version = l.version
    WHERE l.is_new IS NOT TRUE;
    -- As in news.changes_since: the snapshot may be older than a drop that took changes away.
    IF EXISTS (SELECT FROM pg_inherits
               WHERE inhparent = 'depeche.changes'::regclass AND pg_table_is_visible(inhrelid) IS NULL) THEN
        RAISE EXCEPTION 'changes have been dropped since this transaction began'
            USING ERRCODE = 'serialization_failure', HINT = 'Begin another transaction.';
    END IF;
END $$;
COMMENT ON FUNCTION news.versions_as_of(timestamptz) IS
    'Which version of which article the database had at a moment, and whether the article was withdrawn then: the same as '
    'news.articles_as_of without the texts.';

-- It becomes a part of the query that calls it, so that a WHERE on an article reads that article alone.
CREATE FUNCTION news.articles_as_of(moment timestamptz)
RETURNS TABLE (article_id bigint, version integer, withdrawn boolean, title text, lead text, kicker text, authors text[],
               published_at timestamptz, published_precision text, modified_at timestamptz, modified_precision text,
               body text, blocks jsonb, images jsonb) LANGUAGE sql STABLE AS $$
    SELECT t.article_id, t.version, t.withdrawn, v.title, v.lead, v.kicker, v.authors, v.published_at,
           v.published_precision, v.modified_at, v.modified_precision, v.body, v.blocks, v.images
    FROM news.versions_as_of(moment) AS t
    JOIN news.article_versions AS v ON v.article_id = t.article_id AND v.version = t.version
$$;
COMMENT ON FUNCTION news.articles_as_of(timestamptz) IS
    'Each article that the database had at a moment, one row an article, as it read then and with whether it was withdrawn '
    'then. The columns are those of news.article_versions that change with a version alone. A moment since which not all '
    'changes are kept, or of which a version is not kept, is an error (55000, object_not_in_prerequisite_state).';
