-- What readers ask of a database with a million articles: docs/decisions/0010. Indexes of short columns, made in seconds.

-- In the order in which workers lock them, so that the two cannot wait for each other in a circle.
LOCK TABLE depeche.pages, depeche.articles IN SHARE MODE;

-- The latest of a source, by when they were published.
CREATE INDEX articles_by_source_and_time ON depeche.articles (source, published_at DESC NULLS LAST, article_id DESC);
-- A page by its address, and what stands on it. Addresses are compared as a whole only.
CREATE INDEX pages_by_url ON depeche.pages USING hash (url);

-- The days' stories. There is a BRIN index, which costs next to nothing and finds what is new; but each edited article
-- makes its pages ones of many days, and at a million an older day took 100 ms. To drop it here, after these locks,
-- could make a deadlock with a worker.
CREATE INDEX articles_by_first_sight ON depeche.articles (first_seen_at);

-- The view as it is. How many articles a story has is counted apart, so that whoever asks for stories with copies pays for
-- the rest of these alone.
CREATE OR REPLACE VIEW news.stories AS
SELECT f.article_id AS story_id, m.article_id, n.articles, m.publishers, m.languages, f.first_seen_at,
       m.last_joined_at
FROM depeche.articles f
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS articles
    FROM depeche.articles a
    WHERE coalesce(a.story_id, a.article_id) = f.article_id
) AS n
CROSS JOIN LATERAL (
    SELECT (array_agg(a.article_id ORDER BY a.withdrawn_at IS NOT NULL,
                      CASE WHEN a.published_precision = 'instant' THEN a.published_at ELSE a.first_seen_at END,
                      a.article_id))[1] AS article_id,
           array_agg(DISTINCT coalesce(a.publisher, substring(a.url FROM '^[a-z]+://([^/:?#]+)'))) AS publishers,
           array_remove(array_agg(DISTINCT a.language), NULL) AS languages,
           max(a.first_seen_at) AS last_joined_at
    FROM depeche.articles a
    WHERE coalesce(a.story_id, a.article_id) = f.article_id
) AS m
WHERE f.story_id IS NULL;
