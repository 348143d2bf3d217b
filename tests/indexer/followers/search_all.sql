-- What a search finds that reads all articles with the words and ranks them together, for tests to compare with.
CREATE FUNCTION news.search_all(
    query text, in_language text DEFAULT NULL, from_source text DEFAULT NULL, since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL, max_rows integer DEFAULT 10, after_cursor text DEFAULT NULL)
RETURNS TABLE (cursor text, article_id bigint, rank real, title text, excerpt text, url text, language text,
               source text, published_at timestamptz, first_seen_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    after_rank real := split_part(after_cursor, '_', 1)::real;
    after_id   bigint := split_part(after_cursor, '_', 2)::bigint;
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT * FROM unnest(depeche.search_questions(query, in_language))
    ), found AS (
        SELECT d.article_id, ts_rank(d.document, asked.q, 1) AS rank, d.config, asked.q
        FROM asked
        JOIN depeche.search_documents d ON d.document @@ asked.q AND d.config = ANY (asked.configs)
        JOIN depeche.articles a ON a.article_id = d.article_id
        WHERE (in_language IS NULL OR a.language = in_language)
            AND (from_source IS NULL OR a.source = from_source)
            AND (since IS NULL OR coalesce(a.published_at, a.first_seen_at) >= since)
            AND (until IS NULL OR coalesce(a.published_at, a.first_seen_at) < until)
    ), shown AS (
        SELECT f.* FROM found f
        WHERE after_cursor IS NULL OR (f.rank, f.article_id) < (after_rank, after_id)
        ORDER BY f.rank DESC, f.article_id DESC
        LIMIT max_rows
    )
    SELECT s.rank || '_' || s.article_id, s.article_id, s.rank, a.title,
           NULL, a.url, a.language, a.source, a.published_at, a.first_seen_at
    FROM shown s
    JOIN depeche.articles a ON a.article_id = s.article_id
    ORDER BY s.rank DESC, s.article_id DESC;
END $$;
