-- Two indexes that no query needs are dropped (docs/decisions/0027-rows-and-indexes.md). One of them named a column that
-- most visits write, so that Postgres had to put the page anew into each other index, too. Now a visit changes no index,
-- where the block of its page has room for the new row, which is kept free from now on.
DROP INDEX IF EXISTS depeche.pages_by_fate;
--- next step
DROP INDEX IF EXISTS depeche.articles_by_first_seen;
--- next step
ALTER TABLE depeche.pages SET (fillfactor = 80);
