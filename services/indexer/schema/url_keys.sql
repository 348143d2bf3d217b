-- How far the rows have the keys of this version's rule for URLs (shared/urls.py): the last row that was looked at.
-- `depeche migrate` goes on from there (services/indexer/upkeep/url_keys.py), so it may end at any moment.

CREATE TABLE depeche.url_keys (
    rows_of text   PRIMARY KEY CHECK (rows_of IN ('pages', 'articles', 'headlines')),
    seen_id bigint NOT NULL DEFAULT 0
);
INSERT INTO depeche.url_keys (rows_of) VALUES ('pages'), ('articles'), ('headlines');
