-- A search keeps the articles that it finds on its way back in time, instead of looking them up again to rank them.

-- An article that was found: when it is from, and the query in the form of its dictionary.
CREATE TYPE depeche.search_find AS (at timestamptz, article_id bigint, config text, q tsquery);

-- The newest `wanted` articles that are found, newest first; fewer if there are no more. Each step back is longer, by what
-- has been found so far, and eight times at the most, or takes all that is left where that is probably little.
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
        -- Over what no article at all has been published in.
        SELECT least(top, depeche.search_hour(d.at)) INTO top FROM depeche.search_documents d
        WHERE d.at <= place.to_at AND d.at < depeche.search_hour_end(top)
        ORDER BY d.at DESC LIMIT 1;
        EXIT WHEN NOT FOUND OR top < bottom;
        -- From where a slice of about an eighth of that begins, so that they are few.
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
        -- No article has one of the hours between 2200, where time ends, and the last one of all.
        top := least(first - 1, depeche.search_hour(timestamptz '2199-12-31 23:00+00'));
        -- Three more might have been there: whoever has seen none of something knows that much with 95 % (Poisson).
        IF (cardinality(finds) + 3) * (top - bottom) / walked < 4 * wanted THEN
            hours := top - bottom + 1;
        END IF;
    END LOOP;
    RETURN finds;
END $$;

-- As it was, but for a page without a cursor, which ranks what search_newest has found.
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

DROP FUNCTION depeche.search_reach(depeche.search_place, integer);
