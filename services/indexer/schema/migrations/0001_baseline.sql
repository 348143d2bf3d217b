-- The schema as it was when migrations were first numbered. That is not written twice: as long as a file of
-- ../schema.sql is as it was then, it is included from there.
--
-- Whoever changes the statements of one of these files first puts it as it was into 0001_baseline/ and includes it from
-- there, and then adds a numbered migration that makes the change in a database that is there already.
\ir ../pages.sql
\ir ../articles.sql
\ir ../changes.sql
\ir ../versions.sql
\ir ../headlines.sql
\ir ../stories.sql
\ir ../search.sql
\ir ../visits.sql
\ir ../addresses.sql
\ir ../health.sql
\ir ../quarantine.sql
\ir ../history.sql
\ir ../roles.sql
