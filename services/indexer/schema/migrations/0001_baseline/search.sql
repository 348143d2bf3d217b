-- Full-text search in each article's own language. A follower of the change feed fills the table, off the path on which
-- articles are stored: services/indexer/followers/search.py.
--
-- A search looks at the newest articles first, and back in time only as far as it needs:
-- docs/decisions/0010-search-at-scale.md. For that, the index of words also holds when an article was published, as
-- slices of time of seven lengths, and its source and language. So a search with these filters reads no other articles.

INSERT INTO depeche.followers (name) VALUES ('search');

-- The configurations are text, since pg_upgrade refuses columns of type regconfig. If a server gets more dictionaries
-- later, their languages keep `simple`.
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

-- Dates before 1800 and after 2200 are mistakes, and count as the nearer of these two years.
CREATE FUNCTION depeche.search_time(published_at timestamptz, first_seen_at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(greatest(coalesce(published_at, first_seen_at), timestamptz '1800-01-01 00:00+00'),
             timestamptz '2200-01-01 00:00+00');

-- Hours since 1800. From 2200 on it is the last hour of the longest slice, so that few slices make up all time from now
-- on.
CREATE FUNCTION depeche.search_hour(at timestamptz) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN at >= timestamptz '2200-01-01 00:00+00' THEN (14 << 18) - 1
    ELSE floor(extract(epoch FROM depeche.search_time(at, NULL) - timestamptz '1800-01-01 00:00+00') / 3600)::integer END;

CREATE FUNCTION depeche.search_hour_end(hour integer) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN hour = (14 << 18) - 1 THEN timestamptz 'infinity'
    ELSE timestamptz '1800-01-01 00:00+00' + (hour + 1) * interval '1 hour' END;

-- The keys by which a search filters articles: its dictionary, source, language and slices of time. Slice `n` of a
-- level has the 8 ^ level hours from hour n * 8 ^ level on.
CREATE FUNCTION depeche.search_keys(config text, source text, language text, at timestamptz) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN array_remove(ARRAY['c' || config, 's' || source, 'l' || language], NULL) || ARRAY(
    SELECT level || ':' || (depeche.search_hour(at) >> 3 * level) FROM generate_series(0, 6) AS level);

-- The fewest slices that make up these hours, the last one included.
CREATE FUNCTION depeche.search_slices(first_hour integer, last_hour integer) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    hour   integer := first_hour;
    level  integer;
    slices text[] := '{}';
BEGIN
    WHILE hour <= last_hour LOOP
        level := 6;
        WHILE hour & ((1 << 3 * level) - 1) <> 0 OR hour + (1 << 3 * level) - 1 > last_hour LOOP
            level := level - 1;
        END LOOP;
        slices := slices || (level || ':' || (hour >> 3 * level));
        hour := hour + (1 << 3 * level);
    END LOOP;
    RETURN slices;
END $$;

CREATE TABLE depeche.search_documents (
    article_id bigint      PRIMARY KEY,
    at         timestamptz NOT NULL,
    config     text        NOT NULL,
    keys       text[]      NOT NULL,
    document   tsvector    NOT NULL
);
CREATE INDEX search_by_time ON depeche.search_documents (at);
-- Each look into the index also reads the list of entries that wait to be put into it. So the follower puts them in
-- after each of its transactions' work; a writer that does not do so leaves 1 MB at the most.
CREATE INDEX search_by_words ON depeche.search_documents USING gin (document, keys)
    WITH (gin_pending_list_limit = 1024);

-- A writer gives the words of a document and their dictionary; this trigger fills in the other columns.
CREATE FUNCTION depeche.complete_search_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT t.at, depeche.search_keys(NEW.config, a.source, a.language, t.at) INTO NEW.at, NEW.keys
    FROM depeche.articles a
    CROSS JOIN LATERAL (SELECT depeche.search_time(a.published_at, a.first_seen_at) AS at) AS t
    WHERE a.article_id = NEW.article_id;
    RETURN NEW;
END $$;
CREATE TRIGGER complete_search_document BEFORE INSERT OR UPDATE ON depeche.search_documents FOR EACH ROW
EXECUTE FUNCTION depeche.complete_search_document();

-- It runs with the rights of the index's owner, which the indexer lacks.
CREATE FUNCTION depeche.put_words_into_index() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM gin_clean_pending_list('depeche.search_by_words'::regclass);
END $$;

-- The text with Latin letters without their accents, one for one, so that a place in the result is the same place in
-- the text. Other scripts keep their accents, by which Russian endings differ. The extension unaccent does more, but is
-- not on every server.
CREATE FUNCTION depeche.unaccented(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := regexp_replace(normalize(given, NFD), '([A-Za-z])[\u0300-\u036f]+', '\1', 'g');
BEGIN
    -- To test whether the text is normalised takes a tenth of the time of normalising it.
    RETURN translate(CASE WHEN plain IS NFC NORMALIZED THEN plain ELSE normalize(plain, NFC) END,
                     'øØłŁđĐıħĦ', 'oOlLdDihH');
END $$;

-- A query in one form that dictionaries give it, and these dictionaries. If they are few, `keys` has their keys: the
-- form that they give a word may be a common word of another language.
CREATE TYPE depeche.search_question AS (q tsquery, configs text[], keys text[]);

-- The range that a search looks at: between two articles in the order of their times, the later one not included.
CREATE TYPE depeche.search_place AS (
    asked depeche.search_question[], sources text[], languages text[],
    from_at timestamptz, from_id bigint, to_at timestamptz, to_id bigint);

-- In place of a filter that is not asked for stands another one a second time, which the index looks up once. Two
-- fences guide the planner, which can estimate neither words nor slices: OFFSET 0, so that it looks up all filters at
-- once, and IS TRUE, so that it does not read the whole index of times.
CREATE FUNCTION depeche.search_matches(place depeche.search_place, slices text[])
RETURNS TABLE (article_id bigint, at timestamptz, config text, q tsquery, document tsvector)
LANGUAGE sql STABLE AS $$
    SELECT found.article_id, found.at, found.config, asked.q, found.document
    FROM unnest((place).asked) AS asked
    CROSS JOIN LATERAL (SELECT coalesce(slices, asked.keys, (place).sources, (place).languages) AS keys OFFSET 0) AS wanted
    CROSS JOIN LATERAL (
        (SELECT d.article_id, d.at, d.config, d.document
         FROM depeche.search_documents d
         WHERE wanted.keys IS NOT NULL AND d.document @@ asked.q AND d.keys && wanted.keys
             AND d.keys && coalesce(asked.keys, wanted.keys) AND d.keys && coalesce((place).sources, wanted.keys)
             AND d.keys && coalesce((place).languages, wanted.keys)
         OFFSET 0)
        UNION ALL
        (SELECT d.article_id, d.at, d.config, d.document
         FROM depeche.search_documents d
         WHERE wanted.keys IS NULL AND d.document @@ asked.q
         OFFSET 0)) AS found
    WHERE found.config = ANY (asked.configs)
        AND ((found.at, found.article_id) >= ((place).from_at, (place).from_id)) IS TRUE
        AND ((found.at, found.article_id) < ((place).to_at, (place).to_id)) IS TRUE
$$;

-- The slices to look up for these hours; NULL if the hours are an eighth or more of the time that all articles span.
-- To leap over the entries outside a slice takes as long as to read a few articles, so then it is faster to read all
-- articles that have the words.
CREATE FUNCTION depeche.search_through(first_hour integer, last_hour integer) RETURNS text[] LANGUAGE sql STABLE
RETURN (
    SELECT CASE WHEN 8 * (least(last_hour, depeche.search_hour(max(d.at))) - first_hour)
                     < depeche.search_hour(max(d.at)) - depeche.search_hour(min(d.at))
                THEN depeche.search_slices(first_hour, last_hour) END
    FROM depeche.search_documents d);

-- An article that was found: its time, and the query in the form of its dictionary.
CREATE TYPE depeche.search_find AS (at timestamptz, article_id bigint, config text, q tsquery);

-- The newest `wanted` articles that match, newest first; fewer if there are no more. It goes back in time by steps. How
-- long a step is depends on the finds so far, and is at most eight times the step before; or the step takes all the
-- time that is left, if that probably has few articles.
CREATE FUNCTION depeche.search_newest(place depeche.search_place, wanted integer) RETURNS depeche.search_find[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    bottom integer := greatest(
        depeche.search_hour(place.from_at), (SELECT depeche.search_hour(min(d.at)) FROM depeche.search_documents d));
    top    integer := depeche.search_hour(place.to_at);
    first  integer;
    hours  integer := 64;
    walked bigint := 0;
    slices text[];
    part   depeche.search_place := place;
    finds  depeche.search_find[] := '{}';
BEGIN
    LOOP
        -- Skip the time in which no article at all was published.
        SELECT least(top, depeche.search_hour(d.at)) INTO top FROM depeche.search_documents d
        WHERE d.at <= place.to_at AND d.at < depeche.search_hour_end(top)
        ORDER BY d.at DESC LIMIT 1;
        EXIT WHEN NOT FOUND OR top < bottom;
        -- Begin where a slice of about an eighth of the step begins, so that few slices make up the step.
        first := greatest(bottom, top - hours + 1);
        first := greatest(bottom, first - first % greatest(1, hours / 8));
        slices := depeche.search_through(first, top);
        IF slices IS NULL THEN
            first := bottom;
        END IF;
        part.to_at := least(place.to_at, depeche.search_hour_end(top));
        part.to_id := CASE WHEN part.to_at = place.to_at THEN place.to_id ELSE 0 END;
        finds := finds || ARRAY(
            SELECT (m.at, m.article_id, m.config, m.q)::depeche.search_find
            FROM depeche.search_matches(part, slices) m
            ORDER BY m.at DESC, m.article_id DESC
            LIMIT wanted - cardinality(finds));
        EXIT WHEN first = bottom OR cardinality(finds) = wanted;
        walked := walked + top - first + 1;
        hours := least(8 * hours, walked * (wanted - cardinality(finds)) / nullif(cardinality(finds), 0) + 8);
        -- No article has an hour between 2200, where time ends, and the last hour of all.
        top := least(first - 1, depeche.search_hour(timestamptz '2199-12-31 23:00+00'));
        -- Three more finds than there were are allowed for: if none was seen, there are at most three with 95 %
        -- (Poisson).
        IF (cardinality(finds) + 3) * (top - bottom) / walked < 4 * wanted THEN
            hours := top - bottom + 1;
        END IF;
    END LOOP;
    RETURN finds;
END $$;

-- The part of a text that an excerpt is taken from: 600 characters from the first line on that has all of the words, or
-- else most of them. A word is looked for by how its stem begins; to work exactly on all of a text takes 2 ms.
CREATE FUNCTION depeche.excerpt_window(given text, query tsquery) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    stems    text[] := ARRAY(
        SELECT DISTINCT left(word[2], greatest(3, length(word[2]) - 1))
        FROM regexp_matches(query::text, '(!?)''((?:[^'']|'''')+)''', 'g') AS word WHERE word[1] = '');
    line     text;
    plain    text;
    line_at  integer := 1;
    seen     integer;
    first    integer;
    most     integer := 0;
    begin_at integer := 1;
BEGIN
    FOREACH line IN ARRAY string_to_array(given, E'\n') LOOP
        plain := lower(CASE WHEN octet_length(line) = length(line) THEN line ELSE depeche.unaccented(line) END);
        SELECT count(*), min(strpos(plain, stem)) INTO seen, first FROM unnest(stems) AS stem WHERE strpos(plain, stem) > 0;
        IF seen > most THEN
            most := seen;
            -- In a long line, begin at a space a little before the first word.
            begin_at := line_at + CASE WHEN first > 300 THEN first - 200 + strpos(substr(line, first - 200), ' ') - 1 ELSE 0 END;
            EXIT WHEN seen = cardinality(stems);
        END IF;
        line_at := line_at + length(line) + 1;
    END LOOP;
    RETURN substr(given, begin_at, 600);
END $$;

-- An excerpt of a text around the words that were looked for, which are marked, with the accents of the text. It is
-- taken from the first 5,000 characters, which is all of most texts.
CREATE FUNCTION depeche.excerpt(given text, config regconfig, query tsquery) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    full_text text := normalize(translate(depeche.excerpt_window(left(given, 5000), query), E'\x01\x02', '  '), NFC);
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

-- How many articles are ranked together: as many as take 10 ms if their words have to be read from TOAST.
CREATE FUNCTION depeche.ranked_together() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 500;

CREATE FUNCTION depeche.search_questions(query text, in_language text) RETURNS depeche.search_question[]
LANGUAGE sql STABLE AS $$
    -- Dictionaries that give the query the same form share one look into the index.
    SELECT array_agg((q, configs, CASE WHEN cardinality(configs) < 10 THEN ARRAY(SELECT 'c' || unnest(configs)) END)
                     ::depeche.search_question)
    FROM (SELECT websearch_to_tsquery(c.config::regconfig, given.plain) AS q, array_agg(c.config) AS configs
          FROM (SELECT depeche.unaccented(replace(query, E'\x01', ' ')) AS plain OFFSET 0) AS given
          CROSS JOIN (SELECT l.config FROM depeche.search_languages l UNION SELECT 'pg_catalog.simple') AS c
          WHERE in_language IS NULL OR c.config = coalesce(
              (SELECT l.config FROM depeche.search_languages l WHERE l.language = in_language), 'pg_catalog.simple')
          GROUP BY 1) AS asked
    WHERE numnode(q) > 0
$$;

CREATE FUNCTION depeche.search_bound(at timestamptz, article_id bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN isfinite(at) THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE '' END
    || '_' || article_id;

-- It runs with the rights of its owner, since it reads the tables themselves. All its plans use the index of words: the
-- planner would take longer to find out whether it can do better without that index than the search takes.
--
-- A cursor has the last row's rank and article, and the two articles between which it was ranked. So the next portion
-- ranks the same articles, whatever has been published meanwhile; a cursor without these bounds ranks all articles.
CREATE FUNCTION news.search(
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
               depeche.excerpt(a.body, s.config::regconfig, s.q), a.url, a.language, a.source, a.published_at,
               a.first_seen_at
        FROM shown s
        JOIN depeche.articles a ON a.article_id = s.article_id
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
