-- Stories: copies of one text across publishers. Each article founds a story, which has the article's own number; an
-- article that is found to be a copy goes over to the older story. So ids stay as stories grow; and of a story that has
-- gone into another, its founder's row says which. An article that stands alone costs no row.

ALTER TABLE depeche.articles ADD COLUMN story_id bigint CHECK (story_id < article_id);
COMMENT ON COLUMN depeche.articles.story_id IS 'The article that founded its story, an older one; NULL: it founded it itself.';
CREATE INDEX articles_by_story ON depeche.articles (coalesce(story_id, article_id));
-- What was seen lately, for next to nothing: rows stand nearly in this order.
CREATE INDEX articles_by_first_seen ON depeche.articles USING brin (first_seen_at) WITH (pages_per_range = 32);

-- What follows the change feed inside the indexer, and how far each has come.
CREATE TABLE depeche.followers (
    name   text PRIMARY KEY,
    cursor text
);
INSERT INTO depeche.followers (name) VALUES ('stories');

-- What a text is recognised by, for as long as others may join it: services/indexer/followers/fingerprint.py.
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

CREATE OR REPLACE FUNCTION depeche.record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kinds text[] := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        kinds := '{new}';
    ELSE
        IF OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL THEN
            kinds := kinds || 'restored'::text;
        END IF;
        IF NEW.version > OLD.version THEN
            kinds := kinds || 'edited'::text;
        END IF;
        IF OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL THEN
            kinds := kinds || 'withdrawn'::text;
        END IF;
        IF OLD.story_id IS DISTINCT FROM NEW.story_id THEN
            kinds := kinds || 'regrouped'::text;
        END IF;
    END IF;
    INSERT INTO depeche.changes (txid, article_id, kind, version)
    SELECT NEW.changed_in, NEW.article_id, kind, NEW.version FROM unnest(kinds) AS kind;
    RETURN NULL;
END $$;

-- Beside the triggers that there are, so that workers of before and after this migration may run side by side.
CREATE TRIGGER number_regrouped BEFORE UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.story_id IS DISTINCT FROM NEW.story_id AND OLD.content_hash = NEW.content_hash
      AND (OLD.withdrawn_at IS NULL) = (NEW.withdrawn_at IS NULL))
EXECUTE FUNCTION depeche.number_change();

CREATE TRIGGER record_regrouped AFTER UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.story_id IS DISTINCT FROM NEW.story_id AND OLD.content_hash = NEW.content_hash
      AND (OLD.withdrawn_at IS NULL) = (NEW.withdrawn_at IS NULL))
EXECUTE FUNCTION depeche.record_change();

-- The view as it is, and a column more.
DO $$ BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW news.articles AS '
        || regexp_replace(pg_get_viewdef('news.articles'::regclass), '\s+FROM ',
                          ', coalesce(a.story_id, a.article_id) AS story_id FROM ');
END $$;
COMMENT ON COLUMN news.articles.story_id IS
    'Its story, in news.stories. Another one later when it turns out to be a copy: the feed then has `regrouped`.';

CREATE VIEW news.stories AS
SELECT f.article_id AS story_id, m.article_id, m.articles, m.publishers, m.languages, f.first_seen_at,
       m.last_joined_at
FROM depeche.articles f
CROSS JOIN LATERAL (
    SELECT (array_agg(a.article_id ORDER BY a.withdrawn_at IS NOT NULL,
                      CASE WHEN a.published_precision = 'instant' THEN a.published_at ELSE a.first_seen_at END,
                      a.article_id))[1] AS article_id,
           count(*)::integer AS articles,
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
