-- What sites and pages say of their use, on the page's row; and where a story goes on that is on several pages.
-- Both columns are NULL in all rows that are there already, so that adding them rewrites nothing.
ALTER TABLE depeche.pages ADD COLUMN rights jsonb;
COMMENT ON COLUMN depeche.pages.rights IS
    'What was said of the page''s use at the latest visit that got an answer (shared/rights.py); NULL when nothing was.';

CREATE OR REPLACE VIEW news.pages AS
SELECT page_id, url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language,
       fate, reason, detail, http_status, content_type, body_bytes, attempts, parser_version, flight_id, first_seen_at,
       fetched_at, landed_at, archive, rights
FROM depeche.pages;
COMMENT ON COLUMN news.pages.rights IS
    'What the site and the page say of its use, word for word and with where each was said; NULL when nothing was said. See '
    'docs/rights.md.';

ALTER TABLE depeche.articles ADD COLUMN next_page_url text;

CREATE OR REPLACE VIEW news.articles AS
SELECT a.article_id, a.page_id, a.url, a.canonical_url, a.source, a.title, a.lead, a.kicker, a.authors, a.publisher,
       a.section, a.tags, a.language, a.published_at, a.published_precision, a.modified_at, a.modified_precision,
       a.source_url, a.truncated, a.paywalled, a.consent_wall, a.live_blog, a.body, a.blocks, a.images, a.parser_version,
       a.first_seen_at, a.fetched_at, a.version, a.withdrawn_at,
       greatest(a.fetched_at, coalesce(p.seen_at, p.fetched_at)) AS last_seen_at, a.cuts,
       coalesce(a.story_id, a.article_id) AS story_id, a.article_key AS url_key, a.next_page_url, p.rights
FROM depeche.articles a
LEFT JOIN depeche.pages p ON p.page_id = a.page_id;  -- LEFT: left out of a query that does not ask for its column
COMMENT ON COLUMN news.articles.next_page_url IS
    'The address of the next page, where the story goes on; NULL where it is on one page.';
COMMENT ON COLUMN news.articles.rights IS 'As in news.pages, of the page that it was read from last.';
