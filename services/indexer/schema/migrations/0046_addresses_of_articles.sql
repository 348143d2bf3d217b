-- At which addresses an article stands: what each page was read as last, and whether it has gone since. An article is
-- withdrawn once one of its addresses has gone and none lives any more: services/indexer/store/withdrawal.py.
--
-- First the columns, and the triggers that keep them right whatever is written by indexers of the version before; then
-- what is known already, without a lock that anybody waits for.

ALTER TABLE depeche.pages
    ADD COLUMN IF NOT EXISTS read_as uuid,
    ADD COLUMN IF NOT EXISTS gone_at timestamptz;
COMMENT ON COLUMN depeche.pages.read_as IS
    'The article_key of the article that it was read as last; NULL for most: the key is the page''s own, or page_type says '
    'that there is no article.';
COMMENT ON COLUMN depeche.pages.gone_at IS
    'The first visit that found a page that had been read gone; NULL once it is there again. A visit that learns nothing '
    'leaves it.';

CREATE OR REPLACE FUNCTION depeche.note_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.gone_at := CASE WHEN NEW.fate = 'gone' THEN NEW.decided_at END;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER note_gone BEFORE UPDATE ON depeche.pages FOR EACH ROW
WHEN (NEW.fate = 'gone' AND OLD.gone_at IS NULL OR NEW.fate IN ('stored', 'unchanged') AND OLD.gone_at IS NOT NULL)
EXECUTE FUNCTION depeche.note_gone();

-- The indexer of this version has written it when this looks; that of the version before knows nothing of it.
CREATE OR REPLACE FUNCTION depeche.note_read_as() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE depeche.pages p SET read_as = nullif(a.article_key, p.url_key)
    FROM noted v JOIN depeche.articles a ON a.article_id = v.article_id
    WHERE p.page_id = v.page_id AND v.reason IS NULL AND p.read_as IS DISTINCT FROM nullif(a.article_key, p.url_key);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER note_read_as AFTER INSERT ON depeche.visits REFERENCING NEW TABLE AS noted FOR EACH STATEMENT
EXECUTE FUNCTION depeche.note_read_as();

--- next step
CREATE INDEX IF NOT EXISTS pages_by_article ON depeche.pages (read_as) WHERE read_as IS NOT NULL;

--- next step
UPDATE depeche.pages SET gone_at = decided_at WHERE fate = 'gone' AND page_type IS NOT NULL AND gone_at IS NULL;

--- next step
-- Pages that have gone, and at which later visits failed.
UPDATE depeche.pages p SET gone_at = found.at
FROM (SELECT a.page_id, a.withdrawn_at AS at FROM depeche.articles a WHERE a.withdrawn_at IS NOT NULL
      UNION ALL
      SELECT q.page_id, last.at
      FROM depeche.pages q
      CROSS JOIN LATERAL (
          SELECT v.at, v.fate FROM depeche.visits v
          WHERE v.page_id = q.page_id AND v.fate IN ('stored', 'unchanged', 'gone')
          ORDER BY v.at DESC LIMIT 1) AS last
      WHERE q.fate IN ('refused', 'failed', 'quarantined') AND q.page_type = 'article' AND last.fate = 'gone') AS found
WHERE p.page_id = found.page_id AND p.fate IN ('refused', 'failed', 'quarantined') AND p.gone_at IS NULL;

--- next step
-- Pages whose latest reading led to an article with another key; a page that is visited meanwhile knows better.
UPDATE depeche.pages p SET read_as = latest.article_key
FROM (SELECT DISTINCT ON (page_id) page_id, article_key
      FROM (SELECT v.page_id, v.at, v.landed_at, a.article_key
            FROM depeche.visits v JOIN depeche.articles a ON a.article_id = v.article_id
            WHERE v.reason IS NULL
            UNION ALL
            SELECT page_id, fetched_at, NULL, article_key FROM depeche.articles) AS readings
      ORDER BY page_id, at DESC, landed_at DESC NULLS LAST) AS latest
WHERE p.page_id = latest.page_id AND p.url_key <> latest.article_key AND p.page_type = 'article'
    AND p.read_as IS NULL AND p.landed_at < now();

--- next step
COMMENT ON COLUMN news.articles.page_id IS
    'The page that it was read from last, in news.pages; that at which it came back, if it had been withdrawn.';
COMMENT ON COLUMN news.articles.withdrawn_at IS
    'The visit that found the last of its addresses gone (404, 410); NULL while it is there, and again once it is back.';
