-- Pages: one row per URL, with what became of its latest visit and what the page is.
--
-- docs/reading.md repeats the comments of all views and functions of schema news: `python -m
-- tests.support.reading_reference` takes them from here.

CREATE TABLE depeche.pages (
    page_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_key        uuid        NOT NULL UNIQUE,
    url            text        NOT NULL,
    final_url      text,
    canonical_url  text,
    source         text,
    batch          text,
    found_on       text,
    page_type      text,
    language       text,
    fate           text        NOT NULL
        CHECK (fate IN ('stored', 'unchanged', 'refused', 'gone', 'failed', 'quarantined')),
    reason         text,
    detail         text,
    http_status    integer,
    content_type   text,
    body_bytes     integer,
    body_sha256    text,
    attempts       integer     NOT NULL DEFAULT 1,
    parser_version text,
    flight_id      uuid        NOT NULL,
    first_seen_at  timestamptz NOT NULL,
    fetched_at     timestamptz,
    decided_at     timestamptz NOT NULL,
    landed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    archive        text,
    seen_at        timestamptz,
    read_as        uuid,
    gone_at        timestamptz,
    rights         jsonb,
    wall           text,
    faults         jsonb
) WITH (fillfactor = 80);  -- room for the row that the next visit makes of it: in the same block, it is in no index anew
COMMENT ON COLUMN depeche.pages.decided_at IS
    'When the latest visit took place; a visit that is older than this one changes nothing.';
COMMENT ON COLUMN depeche.pages.archive IS
    'Where the body that the page was last read from is kept: WARC file and offset of its record, "file.warc.gz:1234".';
COMMENT ON COLUMN depeche.pages.seen_at IS
    'The latest visit that read the page, or found it unchanged; NULL for one that an older version stored.';
COMMENT ON COLUMN depeche.pages.read_as IS
    'The article_key of the article that it was read as last; NULL for most: the key is the page''s own, or page_type says '
    'that there is no article.';
COMMENT ON COLUMN depeche.pages.gone_at IS
    'The first visit that found a page that had been read gone; NULL once it is there again. A visit that learns nothing '
    'leaves it.';
COMMENT ON COLUMN depeche.pages.rights IS
    'What was said of the page''s use at the latest visit that got an answer (shared/rights.py); NULL when nothing was.';

-- No index names a column that every visit writes.
CREATE INDEX pages_by_batch ON depeche.pages (batch) WHERE batch IS NOT NULL;
-- For a page by its URL, and the headlines on it. URLs are compared as a whole only.
CREATE INDEX pages_by_url ON depeche.pages USING hash (url);
-- For the addresses of an article.
CREATE INDEX pages_by_article ON depeche.pages (read_as) WHERE read_as IS NOT NULL;
-- For the feeds and sitemaps of a source.
CREATE INDEX pages_feeds ON depeche.pages (source) WHERE page_type IN ('feed', 'sitemap');

CREATE VIEW news.pages AS
SELECT page_id, url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language,
       fate, reason, detail, http_status, content_type, body_bytes, attempts, parser_version, flight_id, first_seen_at,
       fetched_at, landed_at, archive, rights, wall, faults
FROM depeche.pages;
COMMENT ON VIEW news.pages IS 'One row a page: what became of the latest visit, and what the page is.';
COMMENT ON COLUMN news.pages.page_id IS 'The page, for good.';
COMMENT ON COLUMN news.pages.url_key IS 'A key of the URL, the same for all addresses of one page.';
COMMENT ON COLUMN news.pages.url IS 'The address that was asked for first.';
COMMENT ON COLUMN news.pages.final_url IS 'The address that answered, after redirects.';
COMMENT ON COLUMN news.pages.canonical_url IS 'What the page calls its own address.';
COMMENT ON COLUMN news.pages.source IS 'The source that led here, by its name in sources.toml.';
COMMENT ON COLUMN news.pages.batch IS 'The batch that asked for it last.';
COMMENT ON COLUMN news.pages.found_on IS 'The page whose headline led here first.';
COMMENT ON COLUMN news.pages.page_type IS '`article`, `listing`, `feed`, `sitemap` or `other`.';
COMMENT ON COLUMN news.pages.language IS 'Two letters (ISO 639-1).';
COMMENT ON COLUMN news.pages.fate IS
    'What became of the latest visit: `stored` (something new), `unchanged`, `refused`, `gone`, `failed`, `quarantined`.';
COMMENT ON COLUMN news.pages.reason IS 'Why, for machines; NULL for a page that was stored or is unchanged.';
COMMENT ON COLUMN news.pages.detail IS 'Why, for people.';
COMMENT ON COLUMN news.pages.http_status IS 'The status that the site answered with.';
COMMENT ON COLUMN news.pages.content_type IS 'The type that the site gave.';
COMMENT ON COLUMN news.pages.body_bytes IS 'Size of the page.';
COMMENT ON COLUMN news.pages.attempts IS 'Attempts that the latest visit took.';
COMMENT ON COLUMN news.pages.parser_version IS 'The parser that read it last.';
COMMENT ON COLUMN news.pages.flight_id IS 'The latest visit''s number, as logs and messages have it.';
COMMENT ON COLUMN news.pages.first_seen_at IS 'The first visit.';
COMMENT ON COLUMN news.pages.fetched_at IS 'The latest visit that got an answer about the page''s content.';
COMMENT ON COLUMN news.pages.landed_at IS 'When the latest visit''s end was stored.';
COMMENT ON COLUMN news.pages.archive IS
    'Where the body that it was last read from is kept: WARC file and offset of its record, `file.warc.gz:1234`.';
COMMENT ON COLUMN news.pages.rights IS
    'What the site and the page say of its use, word for word and with where each was said; NULL when nothing was said. See '
    'docs/rights.md.';
COMMENT ON COLUMN news.pages.wall IS
    'What bars the way to the story at a page that answers as if all were well: `challenge`, `consent`, `javascript`, '
    '`login`, `missing` or `region`; NULL for any other page. Such a page has no article.';
COMMENT ON COLUMN news.pages.faults IS
    'How far a feed or sitemap was read that is not as its format demands: `entries`, `passed_over`, `mended`, `line`, '
    '`fault` and `stopped_at`; NULL for one without faults and for other pages.';
