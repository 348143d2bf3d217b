-- The schema as it is now: these files, in the order in which they need each other. These are the files to read. A
-- database is made by the numbered files of migrations/, and a test proves that all of them together make exactly this
-- schema (docs/decisions/0003).
--
-- Tables and their triggers are private to the indexer (schema depeche); other services read the views and functions of
-- schema news. `depeche migrate` makes these two schemas, and depeche.schema_migrations in the first.
\ir pages.sql
\ir sources.sql
\ir articles.sql
\ir changes.sql
\ir versions.sql
\ir headlines.sql
\ir stories.sql
\ir search.sql
\ir search_present.sql
\ir han_variants.sql
\ir search_words.sql
\ir search_endings.sql
\ir search_asked.sql
\ir search_answers.sql
\ir visits.sql
\ir addresses.sql
\ir health.sql
\ir quarantine.sql
\ir url_keys.sql
\ir background.sql
\ir relays.sql
\ir history.sql
\ir as_of.sql
\ir roles.sql
