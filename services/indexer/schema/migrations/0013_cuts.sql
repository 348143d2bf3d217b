-- A value that cannot be stored as it came is stored as far as it can be, and its row says what was cut.
ALTER TABLE depeche.articles ADD COLUMN cuts text[] NOT NULL DEFAULT '{}';
ALTER TABLE depeche.headlines ADD COLUMN cuts text[] NOT NULL DEFAULT '{}';

CREATE OR REPLACE VIEW news.articles AS
SELECT a.article_id, a.page_id, a.url, a.canonical_url, a.source, a.title, a.lead, a.kicker, a.authors, a.publisher,
       a.section, a.tags, a.language, a.published_at, a.published_precision, a.modified_at, a.modified_precision,
       a.source_url, a.truncated, a.paywalled, a.consent_wall, a.live_blog, a.body, a.blocks, a.images, a.parser_version,
       a.first_seen_at, a.fetched_at, a.version, a.withdrawn_at,
       greatest(a.fetched_at, coalesce(p.seen_at, p.fetched_at)) AS last_seen_at, a.cuts
FROM depeche.articles a
LEFT JOIN depeche.pages p ON p.page_id = a.page_id;
COMMENT ON COLUMN news.articles.cuts IS
    'What of this version could not be stored as the page had it, a sentence each; empty for nearly all.';

CREATE OR REPLACE VIEW news.headlines AS
SELECT h.headline_id, h.page_id, p.url AS page_url, p.source, h.kind, h.label, h.position, h.text, h.url, h.language,
       h.published_at, h.published_precision, h.is_self, h.first_seen_at, h.gone_at, a.article_id,
       CASE WHEN h.gone_at IS NULL THEN greatest(h.first_seen_at, coalesce(p.seen_at, p.fetched_at))
            ELSE coalesce(h.last_seen_at, h.first_seen_at) END AS last_seen_at,
       h.wordings, h.cuts
FROM depeche.headlines h
JOIN depeche.pages p USING (page_id)
LEFT JOIN depeche.articles a ON a.article_key = h.url_key;
COMMENT ON COLUMN news.headlines.cuts IS 'What could not be stored as the page had it, a sentence each.';
