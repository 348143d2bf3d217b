-- The dictionaries that articles have or have had, so that a query is not put into the form of all others: most databases
-- hold a few languages.
CREATE TABLE IF NOT EXISTS depeche.search_present (
    config text PRIMARY KEY
);

-- A writer gives the words of a document and their dictionary; this trigger fills in the other columns. It notes a
-- dictionary before the first row that has it can be seen by anyone.
CREATE OR REPLACE FUNCTION depeche.complete_search_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT t.at, depeche.search_keys(NEW.config, a.source, a.language, t.at) INTO NEW.at, NEW.keys
    FROM depeche.articles a
    CROSS JOIN LATERAL (SELECT depeche.search_time(a.published_at, a.first_seen_at) AS at) AS t
    WHERE a.article_id = NEW.article_id;
    IF NOT EXISTS (SELECT FROM depeche.search_present p WHERE p.config = NEW.config) THEN
        INSERT INTO depeche.search_present (config) VALUES (NEW.config) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER complete_search_document BEFORE INSERT OR UPDATE ON depeche.search_documents FOR EACH ROW
EXECUTE FUNCTION depeche.complete_search_document();
