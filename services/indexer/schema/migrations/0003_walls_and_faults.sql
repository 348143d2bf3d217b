-- What bars the way at a page, and what is broken in a feed. Both columns are NULL in all rows that are there already.
ALTER TABLE depeche.pages ADD COLUMN wall text;
ALTER TABLE depeche.pages ADD COLUMN faults jsonb;

CREATE OR REPLACE VIEW news.pages AS
SELECT page_id, url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language,
       fate, reason, detail, http_status, content_type, body_bytes, attempts, parser_version, flight_id, first_seen_at,
       fetched_at, landed_at, archive, rights, wall, faults
FROM depeche.pages;
COMMENT ON COLUMN news.pages.wall IS
    'What bars the way to the story at a page that answers as if all were well: `challenge`, `consent`, `javascript`, '
    '`login`, `missing` or `region`; NULL for any other page. Such a page has no article.';
COMMENT ON COLUMN news.pages.faults IS
    'How far a feed or sitemap was read that is not as its format demands: `entries`, `passed_over`, `mended`, `line`, '
    '`fault` and `stopped_at`; NULL for one without faults and for other pages.';
