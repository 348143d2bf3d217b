-- The schema as it was when migrations were first numbered. It is not written twice: as long as a file of ../schema.sql
-- has the statements that it had then, it is included from there.
--
-- To change the statements of one of these files, first copy the file as it was into 0001_baseline/ and include it from
-- there. Then add a numbered migration that makes the change in an existing database.
\ir 0001_baseline/pages.sql
\ir 0001_baseline/articles.sql
\ir ../changes.sql
\ir ../versions.sql
\ir 0001_baseline/headlines.sql
\ir ../stories.sql
\ir 0001_baseline/search.sql
\ir ../visits.sql
\ir ../addresses.sql
\ir 0001_baseline/health.sql
\ir ../quarantine.sql
\ir 0001_baseline/history.sql
\ir ../roles.sql
