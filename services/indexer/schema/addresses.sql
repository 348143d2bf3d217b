-- The addresses of an article: which article each page was last read as (pages.read_as), and whether the page has gone
-- since (pages.gone_at). An article is withdrawn once one of its addresses has gone and none lives any more:
-- services/indexer/store/withdrawal.py.
--
-- Triggers keep both columns right, whichever program writes.

CREATE FUNCTION depeche.note_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.gone_at := CASE WHEN NEW.fate = 'gone' THEN NEW.decided_at END;
    RETURN NEW;
END $$;

CREATE TRIGGER note_gone BEFORE UPDATE ON depeche.pages FOR EACH ROW
WHEN (NEW.fate = 'gone' AND OLD.gone_at IS NULL OR NEW.fate IN ('stored', 'unchanged') AND OLD.gone_at IS NOT NULL)
EXECUTE FUNCTION depeche.note_gone();

-- An indexer that writes read_as itself has done so before it adds the visit, which fires this trigger.
CREATE FUNCTION depeche.note_read_as() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE depeche.pages p SET read_as = nullif(a.article_key, p.url_key)
    FROM noted v JOIN depeche.articles a ON a.article_id = v.article_id
    WHERE p.page_id = v.page_id AND v.reason IS NULL AND p.read_as IS DISTINCT FROM nullif(a.article_key, p.url_key);
    RETURN NULL;
END $$;

CREATE TRIGGER note_read_as AFTER INSERT ON depeche.visits REFERENCING NEW TABLE AS noted FOR EACH STATEMENT
EXECUTE FUNCTION depeche.note_read_as();
