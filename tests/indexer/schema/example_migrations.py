"""Migrations that no version has: what the next real ones may do, for the tests that upgrade a filled database in use.

The first makes, in one transaction, what a trigger fills, whoever writes. The second would hold a lock for long, and is
cut into steps, each of which may be repeated.
"""

from services.indexer.schema.files import Migration

SIZES = """
ALTER TABLE depeche.articles ADD COLUMN example_chars integer;

CREATE TABLE depeche.example_sizes (
    article_id bigint  NOT NULL,
    version    integer NOT NULL,
    chars      integer NOT NULL,
    PRIMARY KEY (article_id, version)
);

CREATE FUNCTION depeche.note_size() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO depeche.example_sizes (article_id, version, chars)
    VALUES (NEW.article_id, NEW.version, length(NEW.body));
    RETURN NULL;
END $$;
CREATE TRIGGER note_new_size AFTER INSERT ON depeche.articles FOR EACH ROW EXECUTE FUNCTION depeche.note_size();
CREATE TRIGGER note_size AFTER UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.content_hash <> NEW.content_hash) EXECUTE FUNCTION depeche.note_size();

CREATE VIEW news.example_sizes AS SELECT article_id, version, chars FROM depeche.example_sizes;
"""

FILLED = """
ALTER TABLE depeche.pages ADD COLUMN IF NOT EXISTS example_host text;
--- next step
UPDATE depeche.pages SET example_host = substring(url FROM '//([^/]+)') WHERE example_host IS NULL;
--- next step
CREATE INDEX IF NOT EXISTS example_by_host ON depeche.pages (example_host);
--- next step
LOCK TABLE depeche.headlines IN ACCESS EXCLUSIVE MODE;
CREATE VIEW news.example_hosts AS
SELECT example_host, count(*) AS pages FROM depeche.pages WHERE example_host IS NOT NULL GROUP BY example_host;
"""

EXAMPLES = [
    Migration(version=9001, name="9001_example_sizes.sql", sql=SIZES),
    Migration(version=9002, name="9002_example_hosts.sql", sql=FILLED),
]
