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
    document   tsvector    NOT NULL,
    formed     smallint    NOT NULL DEFAULT 1
);
CREATE INDEX search_by_time ON depeche.search_documents (at);
-- Rows whose words were formed by an earlier version, which the indexer forms anew, the newest first. Until then they
-- are found as that version formed them.
CREATE INDEX search_of_old_form ON depeche.search_documents (at) WHERE formed < 2;
-- Each look into the index also reads the list of entries that wait to be put into it. So the follower puts them in
-- after each of its transactions' work; a writer that does not do so leaves 1 MB at the most.
CREATE INDEX search_by_words ON depeche.search_documents USING gin (document, keys)
    WITH (gin_pending_list_limit = 1024);

-- It runs with the rights of the index's owner, which the indexer lacks.
CREATE FUNCTION depeche.put_words_into_index() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM gin_clean_pending_list('depeche.search_by_words'::regclass);
END $$;

-- The text with Latin letters without their accents: for indexers of the version before, which go on for a while after
-- a migration (depeche.search_folded does more).
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

-- How many articles are ranked together: as many as take 10 ms if their words have to be read from TOAST.
CREATE FUNCTION depeche.ranked_together() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 500;

CREATE FUNCTION depeche.search_bound(at timestamptz, article_id bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN isfinite(at) THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE '' END
    || '_' || article_id;
