-- Stories: copies of one text across publishers. Each article founds a story, whose id is the article's own id; an
-- article that is found to be a copy goes over to the older story. So ids stay as stories grow. If a story has gone
-- into another, the row of its founder says into which. An article without copies takes no row here.

INSERT INTO depeche.followers (name) VALUES ('stories');

-- The keys by which a text is recognised, for as long as others may join it:
-- services/indexer/followers/fingerprint.py.
CREATE TABLE depeche.story_sketches (
    article_id bigint      PRIMARY KEY,
    keys       bigint[]    NOT NULL,
    seen_at    timestamptz NOT NULL,
    kept_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX story_sketches_by_age ON depeche.story_sketches (kept_at);

CREATE TABLE depeche.story_keys (
    key        bigint NOT NULL,
    article_id bigint NOT NULL,
    PRIMARY KEY (key, article_id)
);

-- The number of articles of a story is counted apart, so that a query for stories with copies computes the other
-- columns for these stories only.
CREATE VIEW news.stories AS
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
COMMENT ON VIEW news.stories IS
    'One row a story: an article, or copies of one text that several addresses have. Its articles are those of '
    'news.articles with its story_id.';
COMMENT ON COLUMN news.stories.story_id IS
    'The story, for good: the article_id of its first article. A story that went into an older one has no row any more; '
    'news.articles has under article_id = its number the story_id where its articles are now.';
COMMENT ON COLUMN news.stories.article_id IS
    'The article that stands for it: the earliest published one that is not withdrawn. Of a time that is no exact instant '
    'the first sighting counts.';
COMMENT ON COLUMN news.stories.articles IS 'How many articles it has; 1 for one without copies.';
COMMENT ON COLUMN news.stories.publishers IS 'Who has it, each once: the publisher as its pages give it, else the host.';
COMMENT ON COLUMN news.stories.languages IS 'Its languages.';
COMMENT ON COLUMN news.stories.first_seen_at IS 'The visit that found its first article.';
COMMENT ON COLUMN news.stories.last_joined_at IS 'The visit that found its latest article.';
