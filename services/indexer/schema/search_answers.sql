-- What a search answers: the query in the form of every language, the articles that have it, and an excerpt of each.

-- The part of a text that an excerpt is taken from: 600 characters from the first line on that has all of the words, or
-- else most of them. A word is looked for by how its stem begins; to work exactly on all of a text takes 2 ms.
CREATE FUNCTION depeche.excerpt_window(given text, query tsquery, spellings text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    stems    text[] := ARRAY(
        SELECT DISTINCT left(lexeme, greatest(3, length(lexeme) - 1)) FROM unnest(depeche.asked_lexemes(query)) AS lexeme);
    line     text;
    plain    text;
    line_at  integer := 1;
    seen     integer;
    first    integer;
    most     integer := 0;
    begin_at integer := 1;
BEGIN
    FOREACH line IN ARRAY string_to_array(given, E'\n') LOOP
        plain := depeche.spelled(lower(depeche.search_folded(line)), spellings);
        SELECT count(*), min(strpos(plain, stem)) INTO seen, first FROM unnest(stems) AS stem WHERE strpos(plain, stem) > 0;
        IF seen > most THEN
            most := seen;
            -- In a long line, begin at a space a little before the first word.
            begin_at := line_at + CASE WHEN first > 150 THEN first - 100 + strpos(substr(line, first - 100, 90), ' ') - 1 ELSE 0 END;
            EXIT WHEN seen = cardinality(stems);
        END IF;
        line_at := line_at + length(line) + 1;
    END LOOP;
    RETURN substr(given, begin_at, 600);
END $$;

-- A run of characters without spaces, with those that were asked for between \x01 and \x02.
CREATE FUNCTION depeche.marked_run(run text, folded text, asked text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    one text;
    at  integer;
BEGIN
    FOREACH one IN ARRAY asked LOOP
        at := strpos(folded, one);
        IF at > 0 AND length(run) = length(folded) THEN
            RETURN depeche.marked_run(left(run, at - 1), left(folded, at - 1), asked) || E'\x01'
                || substr(run, at, length(one)) || E'\x02'
                || depeche.marked_run(substr(run, at + length(one)), substr(folded, at + length(one)), asked);
        END IF;
    END LOOP;
    RETURN run;
END $$;

-- The text with the words that were asked for between \x01 and \x02. All its words are folded at once, with \x03 between
-- them. A word that has none of the stems within it is not looked at any closer.
CREATE FUNCTION depeche.marked(given text, stemmer depeche.search_stemmers, query tsquery, runs text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    unspaced text := depeche.unspaced();
    marks    text := '\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff\u200c\u200d';
    parts    text[] := ARRAY(
        SELECT part[1]
        FROM regexp_matches(given, format('([%1$s]+|(?:[[:alnum:]%2$s]|(?<=[\u0400-\u05ff])[''’ʼ"״׳](?=[\u0400-\u05ff]))+|[^[:alnum:]%1$s%2$s]+|.)', unspaced, marks), 'g') AS part);
    folded   text[] := string_to_array(depeche.spelled(lower(depeche.search_folded(array_to_string(parts, E'\x03'))), stemmer.spellings), E'\x03');
    lexemes  text[] := depeche.asked_lexemes(query);
    alike    text[] := ARRAY(
        SELECT '%' || regexp_replace(left(lexeme, greatest(2, length(lexeme) - 2)), '([\\%_])', '\\\1', 'g') || '%'
        FROM unnest(lexemes) AS lexeme);
BEGIN
    RETURN (
        SELECT string_agg(CASE
            WHEN cardinality(runs) > 0 AND plain ~ ('^[' || unspaced || ']') THEN depeche.marked_run(part, plain, runs)
            WHEN plain LIKE ANY (alike) AND tsvector_to_array(depeche.search_vector(stemmer, plain)) && lexemes
                THEN E'\x01' || part || E'\x02'
            ELSE part END, '')
        FROM unnest(parts, folded) AS word (part, plain));
END $$;

-- Some 35 words of a marked text, from a little before the first mark on.
CREATE FUNCTION depeche.around_marks(marked text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    first  integer := greatest(1, strpos(marked, E'\x01') - 60);
    result text;
BEGIN
    IF first > 1 THEN
        first := first + coalesce(nullif(strpos(substr(marked, first, 50), ' '), 0), 50 - 25);
        first := least(first, strpos(marked, E'\x01'));
    END IF;
    result := substr(marked, first, 240);
    IF first + 240 <= length(marked) THEN
        result := regexp_replace(result, ' [^ ]{0,30}$', '');
    END IF;
    IF length(replace(result, E'\x01', '')) < length(replace(result, E'\x02', '')) THEN
        result := result || E'\x02';
    END IF;
    RETURN result;
END $$;

-- An excerpt of a text around the words that were looked for, which are marked, with the accents of the text. It is
-- taken from the first 5,000 characters, which is all of most texts. Postgres makes it where its own dictionary formed
-- the words, and a place in the folded text is the same place in the text.
CREATE FUNCTION depeche.excerpt(given text, stemmer depeche.search_stemmers, query tsquery, runs text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    full_text text := normalize(translate(depeche.excerpt_window(left(given, 5000), query, stemmer.spellings), E'\x01\x02\x03', '   '), NFC);
    plain     text := depeche.spelled(depeche.search_folded(full_text), stemmer.spellings);
    marked    text;
    at        integer;
    piece     text;
    result    text := '';
BEGIN
    IF stemmer.by_postgres AND length(plain) = length(full_text) AND cardinality(runs) = 0 THEN
        marked := ts_headline(stemmer.words::regconfig, plain, query, E'StartSel=\x01, StopSel=\x02, MaxWords=35, MinWords=20');
        at := strpos(plain, translate(marked, E'\x01\x02', ''));
    END IF;
    IF at IS NULL OR at = 0 THEN
        RETURN translate(depeche.around_marks(depeche.marked(left(full_text, 400), stemmer, query, runs)), E'\x01\x02', '«»');
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

CREATE FUNCTION depeche.search_questions(query text, in_language text) RETURNS depeche.search_question[]
LANGUAGE sql STABLE AS $$
    -- Ways of forming words that give the query the same form share one look into the index. Rows that an earlier version
    -- formed have the language's dictionary in Postgres, or none.
    SELECT array_agg((q, configs, CASE WHEN cardinality(configs) < 10 THEN ARRAY(SELECT 'c' || unnest(configs)) END)
                     ::depeche.search_question)
    FROM (SELECT stemmed.q, array_agg(config) AS configs
          FROM (SELECT CASE WHEN stemmer IS NULL AND NOT unspaced THEN plain.q
                           ELSE depeche.search_query(plain.q, s, plain.typed) END AS q, plain.configs
                FROM (SELECT websearch_to_tsquery(s.words::regconfig, depeche.spelled(given.asked, s.spellings)) AS q,
                             given.unspaced, given.typed,
                             CASE WHEN given.asked ~ s.letters THEN s.config END AS stemmer, array_agg(s.config) AS configs
                      FROM (SELECT asked, asked ~ ('[' || depeche.unspaced() || ']') AS unspaced,
                                   tsvector_to_array(to_tsvector('pg_catalog.simple', asked)) AS typed
                            FROM (SELECT depeche.asked_text(replace(query, E'\x01', ' ')) AS asked OFFSET 0) AS typed
                            OFFSET 0) AS given
                      CROSS JOIN depeche.search_stemmers s
                      WHERE CASE WHEN in_language IS NULL THEN s.config IN (SELECT p.config FROM depeche.search_present p)
                          ELSE s.config = depeche.search_config(in_language) OR s.config = coalesce(
                              (SELECT l.config FROM depeche.search_languages l WHERE l.language = in_language),
                              'pg_catalog.simple') END
                      GROUP BY 1, 2, 3, 4) AS plain
                LEFT JOIN depeche.search_stemmers s ON s.config = plain.stemmer
                OFFSET 0) AS stemmed
          CROSS JOIN unnest(stemmed.configs) AS config
          GROUP BY 1) AS formed
    WHERE numnode(q) > 0
$$;

-- It runs with the rights of its owner, since it reads the tables themselves. All its plans use the index of words: the
-- planner would take longer to find out whether it can do better without that index than the search takes.
--
-- A cursor has the last row's rank and article, and the two articles between which it was ranked. So the next portion
-- ranks the same articles, whatever has been published meanwhile; a cursor without these bounds ranks all articles.
CREATE OR REPLACE FUNCTION news.search(
    query text, in_language text DEFAULT NULL, from_source text DEFAULT NULL, since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL, max_rows integer DEFAULT 10, after_cursor text DEFAULT NULL)
RETURNS TABLE (cursor text, article_id bigint, rank real, title text, excerpt text, url text, language text,
               source text, published_at timestamptz, first_seen_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    parts  text[] := string_to_array(after_cursor, '_');
    place  depeche.search_place := (
        depeche.search_questions(query, in_language),
        CASE WHEN from_source IS NOT NULL THEN ARRAY['s' || from_source] END,
        CASE WHEN in_language IS NOT NULL THEN ARRAY['l' || in_language] END,
        coalesce(since, '-infinity'), 0, coalesce(until, 'infinity'), 0);
    part   depeche.search_place := place;
    finds  depeche.search_find[];
    runs   text[] := depeche.asked_runs(query);
    wanted integer;
    bounds text;
    given  integer;
BEGIN
    IF after_cursor !~ '^[-+.e0-9]+_\d{1,18}(_[-T:.Z0-9]*_\d{1,18}){0,2}$' THEN
        RAISE EXCEPTION '"%" is no cursor of news.search', after_cursor USING ERRCODE = 'invalid_parameter_value';
    END IF;
    part.from_at := coalesce(nullif(parts[3], '')::timestamptz, part.from_at);
    part.from_id := coalesce(parts[4]::bigint, part.from_id);
    part.to_at := coalesce(nullif(parts[5], '')::timestamptz, part.to_at);
    part.to_id := coalesce(parts[6]::bigint, part.to_id);
    LOOP
        EXIT WHEN place.asked IS NULL OR max_rows = 0;
        IF parts IS NULL THEN
            wanted := greatest(max_rows, depeche.ranked_together());
            finds := depeche.search_newest(part, wanted);
            IF cardinality(finds) = wanted THEN
                part.from_at := (finds[wanted]).at;
                part.from_id := (finds[wanted]).article_id;
            END IF;
        ELSE
            finds := ARRAY(
                SELECT (m.at, m.article_id, m.config, m.q)::depeche.search_find
                FROM depeche.search_matches(part, depeche.search_through(
                    depeche.search_hour(part.from_at), depeche.search_hour(part.to_at))) AS m);
        END IF;
        bounds := depeche.search_bound(part.from_at, part.from_id) || '_' || depeche.search_bound(part.to_at, part.to_id);
        RETURN QUERY
        WITH shown AS (
            SELECT r.* FROM (
                SELECT d.article_id, ts_rank(d.document, f.q, 1) AS rank, f.config, f.q
                FROM unnest(finds) AS f
                JOIN depeche.search_documents d ON d.article_id = f.article_id) AS r
            WHERE parts IS NULL OR (r.rank, r.article_id) < (parts[1]::real, parts[2]::bigint)
            ORDER BY r.rank DESC, r.article_id DESC
            LIMIT max_rows
        )
        SELECT concat_ws('_', s.rank, s.article_id, bounds), s.article_id, s.rank, a.title,
               depeche.excerpt(a.body, t, s.q, runs), a.url, a.language, a.source, a.published_at,
               a.first_seen_at
        FROM shown s
        JOIN depeche.articles a ON a.article_id = s.article_id
        JOIN depeche.search_stemmers t ON t.config = s.config
        ORDER BY s.rank DESC, s.article_id DESC;
        GET DIAGNOSTICS given = ROW_COUNT;
        max_rows := max_rows - given;
        EXIT WHEN max_rows IS NULL OR (part.from_at, part.from_id) = (place.from_at, place.from_id);
        part.to_at := part.from_at;
        part.to_id := part.from_id;
        part.from_at := place.from_at;
        part.from_id := place.from_id;
        parts := NULL;
    END LOOP;
END $$;
COMMENT ON FUNCTION news.search(text, text, text, timestamptz, timestamptz, integer, text) IS
    'Articles with these words in any form that their own language gives them, best first, `max_rows` at a time: give the '
    'last row''s cursor for the next ones. Of words that more than 500 articles have, the newest 500 come first, best '
    'first, then the 500 before these, and so on; with a larger `max_rows` that many. The query is what a person types, '
    'with "phrases", `or` and `-without`; no text is an error. Accents of Latin letters make no difference. Words of the '
    'title count most, then those of the lead. `since` and `until` (not included) go by when it was published, else first '
    'seen. In the excerpt, taken from the first 5,000 characters, « and » stand around what was found.';
