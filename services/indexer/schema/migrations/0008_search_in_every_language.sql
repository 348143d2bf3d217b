-- Words are formed anew, in more languages and scripts: see docs/decisions/0024-search-in-every-language.md. Rows that are
-- there stay as they are, and are found as they were; the indexer forms their words anew, the newest first. An indexer of
-- the version before goes on as it did, and its rows are formed anew as well.
ALTER TABLE depeche.search_documents ADD COLUMN IF NOT EXISTS formed smallint NOT NULL DEFAULT 1;
--- next step
CREATE INDEX IF NOT EXISTS search_of_old_form ON depeche.search_documents (at) WHERE formed < 2;
--- next step
-- Whoever writes rows has ended when this step has its lock, and everyone later notes the rows' dictionaries.
LOCK TABLE depeche.search_documents IN SHARE ROW EXCLUSIVE MODE;
\ir ../search_present.sql
--- next step
INSERT INTO depeche.search_present (config) SELECT DISTINCT config FROM depeche.search_documents ON CONFLICT DO NOTHING;
--- next step
\ir ../han_variants.sql
\ir ../search_words.sql
\ir ../search_endings.sql
\ir ../search_asked.sql
DROP FUNCTION depeche.excerpt(text, regconfig, tsquery);
DROP FUNCTION depeche.excerpt_window(text, tsquery);
DROP FUNCTION depeche.search_questions(text, text);
\ir ../search_answers.sql
