-- Workers of the version before neither write nor read the column, so they may run on until they are replaced.

ALTER TABLE depeche.pages ADD COLUMN archive text;
COMMENT ON COLUMN depeche.pages.archive IS
    'Where the body that the page was last read from is kept: WARC file and offset of its record, "file.warc.gz:1234".';

CREATE OR REPLACE VIEW news.pages AS
SELECT page_id, url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language,
       fate, reason, detail, http_status, content_type, body_bytes, attempts, parser_version, flight_id, first_seen_at,
       fetched_at, landed_at, archive
FROM depeche.pages;
