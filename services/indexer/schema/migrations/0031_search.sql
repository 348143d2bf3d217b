-- Full-text search in each article's own language. A follower of the change feed fills the table, off the path on which
-- articles are stored: services/indexer/followers/search.py. What is there already is filled in the same way.

INSERT INTO depeche.followers (name) VALUES ('search');

-- Names and not regconfig, whose columns pg_upgrade refuses. A server that has more dictionaries later keeps `simple`.
CREATE TABLE depeche.search_languages (
    language text PRIMARY KEY,
    config   text NOT NULL
);
INSERT INTO depeche.search_languages (language, config)
SELECT known.language, 'pg_catalog.' || c.cfgname
FROM (VALUES
    ('ar', 'arabic'), ('ca', 'catalan'), ('da', 'danish'), ('de', 'german'), ('el', 'greek'), ('en', 'english'),
    ('es', 'spanish'), ('et', 'estonian'), ('eu', 'basque'), ('fi', 'finnish'), ('fr', 'french'), ('ga', 'irish'),
    ('hi', 'hindi'), ('hu', 'hungarian'), ('hy', 'armenian'), ('id', 'indonesian'), ('it', 'italian'),
    ('lt', 'lithuanian'), ('nb', 'norwegian'), ('ne', 'nepali'), ('nl', 'dutch'), ('nn', 'norwegian'),
    ('no', 'norwegian'), ('pt', 'portuguese'), ('ro', 'romanian'), ('ru', 'russian'), ('sr', 'serbian'),
    ('sv', 'swedish'), ('ta', 'tamil'), ('tr', 'turkish'), ('yi', 'yiddish')) AS known (language, config)
JOIN pg_ts_config c ON c.cfgname = known.config AND c.cfgnamespace = 'pg_catalog'::regnamespace;

CREATE TABLE depeche.search_documents (
    article_id bigint   PRIMARY KEY,
    config     text     NOT NULL,
    document   tsvector NOT NULL
);
CREATE INDEX search_by_document ON depeche.search_documents USING gin (document);

-- Latin letters without their accents, one for one, so that a place in the result is the same place in the text. Other
-- scripts keep theirs: Russian endings are told by them. The extension unaccent does more, and is not on every server.
CREATE FUNCTION depeche.unaccented(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := regexp_replace(normalize(given, NFD), '([A-Za-z])[\u0300-\u036f]+', '\1', 'g');
BEGIN
    -- To look costs a tenth of doing it.
    RETURN translate(CASE WHEN plain IS NFC NORMALIZED THEN plain ELSE normalize(plain, NFC) END,
                     'øØłŁđĐıħĦ', 'oOlLdDihH');
END $$;

-- An excerpt of a text around the words that were looked for, marked, with the accents that the text has. Of the first
-- 5,000 characters, which is most texts: a row takes 2 ms, nearly all of a search, and the more the longer it is.
CREATE FUNCTION depeche.excerpt(given text, config regconfig, query tsquery) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    full_text text := normalize(translate(left(given, 5000), E'\x01\x02', '  '), NFC);
    plain     text := depeche.unaccented(full_text);
    marked    text := ts_headline(config, plain, query, E'StartSel=\x01, StopSel=\x02, MaxWords=35, MinWords=20');
    at        integer := strpos(plain, translate(marked, E'\x01\x02', ''));
    piece     text;
    result    text := '';
BEGIN
    IF at = 0 OR length(plain) <> length(full_text) THEN
        RETURN translate(marked, E'\x01\x02', '«»');
    END IF;
    FOREACH piece IN ARRAY regexp_split_to_array(marked, '(?=[\x01\x02])') LOOP
        IF left(piece, 1) IN (E'\x01', E'\x02') THEN
            result := result || CASE left(piece, 1) WHEN E'\x01' THEN '«' ELSE '»' END;
            piece := substr(piece, 2);
        END IF;
        result := result || substr(full_text, at, length(piece));
        at := at + length(piece);
    END LOOP;
    RETURN result;
END $$;

-- With the rights of its owner, since it reads the tables themselves.
CREATE FUNCTION news.search(
    query text, in_language text DEFAULT NULL, from_source text DEFAULT NULL, since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL, max_rows integer DEFAULT 10, after_cursor text DEFAULT NULL)
RETURNS TABLE (cursor text, article_id bigint, rank real, title text, excerpt text, url text, language text,
               source text, published_at timestamptz, first_seen_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    plain      text := depeche.unaccented(replace(query, E'\x01', ' '));
    after_rank real := split_part(after_cursor, '_', 1)::real;
    after_id   bigint := split_part(after_cursor, '_', 2)::bigint;
BEGIN
    RETURN QUERY
    WITH asked AS (  -- dictionaries that make the same of it share one look into the index
        SELECT array_agg(c.config) AS configs, websearch_to_tsquery(c.config::regconfig, plain) AS q
        FROM (SELECT l.config FROM depeche.search_languages l UNION SELECT 'pg_catalog.simple') AS c
        WHERE in_language IS NULL OR c.config = coalesce(
            (SELECT l.config FROM depeche.search_languages l WHERE l.language = in_language), 'pg_catalog.simple')
        GROUP BY 2
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
           depeche.excerpt(a.body, s.config::regconfig, s.q), a.url, a.language, a.source, a.published_at, a.first_seen_at
    FROM shown s
    JOIN depeche.articles a ON a.article_id = s.article_id
    ORDER BY s.rank DESC, s.article_id DESC;
END $$;
COMMENT ON FUNCTION news.search(text, text, text, timestamptz, timestamptz, integer, text) IS
    'Articles with these words in any form that their own language gives them, best first, `max_rows` at a time: give the '
    'last row''s cursor for the next ones. The query is what a person types, with "phrases", `or` and `-without`; no text '
    'is an error. Accents of Latin letters make no difference. Words of the title count most, then those of the lead. '
    '`since` and `until` (not included) go by when it was published, else first seen. In the excerpt, taken '
    'from the first 5,000 characters, « and » stand around what was found.';

-- What followers need beyond what the indexer does; `depeche migrate` calls it after depeche.grant_roles().
CREATE FUNCTION depeche.grant_followers() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA news TO depeche_writer;
        GRANT DELETE ON depeche.story_sketches, depeche.story_keys TO depeche_writer;
        REVOKE INSERT, UPDATE ON depeche.search_languages FROM depeche_writer;
        REVOKE INSERT ON depeche.followers FROM depeche_writer;
    END IF;
END $$;
