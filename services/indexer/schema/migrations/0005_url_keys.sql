-- The rule by which a URL's key is made has changed: see docs/decisions/0017-url-keys.md. SQL cannot compute the keys, so
-- `depeche migrate` does, after the migrations; this table has how far it is.
CREATE TABLE depeche.url_keys (
    rows_of text   PRIMARY KEY CHECK (rows_of IN ('pages', 'articles', 'headlines')),
    seen_id bigint NOT NULL DEFAULT 0
);
INSERT INTO depeche.url_keys (rows_of) VALUES ('pages'), ('articles'), ('headlines');
