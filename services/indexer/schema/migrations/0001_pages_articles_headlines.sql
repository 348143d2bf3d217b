-- Tables are private to the indexer (schema depeche); what others read are the views of schema news.

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
    landed_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN depeche.pages.decided_at IS
    'When the latest visit took place; a visit that is older than this one changes nothing.';

CREATE INDEX pages_by_batch ON depeche.pages (batch) WHERE batch IS NOT NULL;
CREATE INDEX pages_by_fate ON depeche.pages (fate);

CREATE TABLE depeche.articles (
    article_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_key         uuid        NOT NULL UNIQUE,
    page_id             bigint      NOT NULL REFERENCES depeche.pages,
    url                 text        NOT NULL,
    canonical_url       text,
    source              text,
    title               text,
    lead                text,
    kicker              text,
    authors             text[]      NOT NULL DEFAULT '{}',
    publisher           text,
    section             text,
    tags                text[]      NOT NULL DEFAULT '{}',
    language            text,
    published_at        timestamptz,
    published_precision text CHECK (published_precision IN ('day', 'local', 'instant')),
    modified_at         timestamptz,
    modified_precision  text CHECK (modified_precision IN ('day', 'local', 'instant')),
    source_url          text,
    truncated           boolean     NOT NULL DEFAULT false,
    paywalled           boolean     NOT NULL DEFAULT false,
    consent_wall        boolean     NOT NULL DEFAULT false,
    live_blog           boolean     NOT NULL DEFAULT false,
    body                text        NOT NULL,
    blocks              jsonb       NOT NULL,
    images              jsonb       NOT NULL,
    content_hash        uuid        NOT NULL,
    parser_version      text        NOT NULL,
    first_seen_at       timestamptz NOT NULL,
    fetched_at          timestamptz NOT NULL
);
CREATE INDEX articles_by_time ON depeche.articles (published_at DESC NULLS LAST, article_id DESC);
CREATE INDEX articles_by_source ON depeche.articles (source, article_id DESC);
CREATE INDEX articles_by_page ON depeche.articles (page_id);

CREATE TABLE depeche.headlines (
    headline_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    page_id             bigint      NOT NULL REFERENCES depeche.pages,
    headline_key        uuid        NOT NULL,
    kind                text        NOT NULL
        CHECK (kind IN ('ticker', 'latest', 'trending', 'most_read', 'related', 'front', 'feed')),
    label               text,
    position            integer     NOT NULL,
    text                text        NOT NULL,
    url                 text,
    url_key             uuid,
    language            text,
    published_at        timestamptz,
    published_precision text CHECK (published_precision IN ('day', 'local', 'instant')),
    is_self             boolean     NOT NULL DEFAULT false,
    first_seen_at       timestamptz NOT NULL,
    gone_at             timestamptz,
    UNIQUE (page_id, headline_key)
);
CREATE INDEX headlines_by_target ON depeche.headlines (url_key) WHERE url_key IS NOT NULL;

CREATE TABLE depeche.quarantine (
    quarantine_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flight_id      uuid        NOT NULL UNIQUE,
    url            text        NOT NULL,
    stage          text        NOT NULL,
    reason         text        NOT NULL,
    detail         text        NOT NULL,
    traceback      text,
    message        text,
    page           bytea,
    quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE VIEW news.pages AS
SELECT page_id, url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language,
       fate, reason, detail, http_status, content_type, body_bytes, attempts, parser_version, flight_id, first_seen_at,
       fetched_at, landed_at
FROM depeche.pages;
COMMENT ON VIEW news.pages IS 'One row a page: what became of the latest visit, and what the page is.';

CREATE VIEW news.articles AS
SELECT article_id, page_id, url, canonical_url, source, title, lead, kicker, authors, publisher, section, tags, language,
       published_at, published_precision, modified_at, modified_precision, source_url, truncated, paywalled,
       consent_wall, live_blog, body, blocks, images, parser_version, first_seen_at, fetched_at
FROM depeche.articles;
COMMENT ON VIEW news.articles IS 'One row an article, as it reads now.';

CREATE VIEW news.headlines AS
SELECT h.headline_id, h.page_id, p.url AS page_url, p.source, h.kind, h.label, h.position, h.text, h.url, h.language,
       h.published_at, h.published_precision, h.is_self, h.first_seen_at, h.gone_at, a.article_id
FROM depeche.headlines h
JOIN depeche.pages p USING (page_id)
LEFT JOIN depeche.articles a ON a.article_key = h.url_key;
COMMENT ON VIEW news.headlines IS
    'One row a headline of a page: its list, its place there, and its article once that has been stored.';

CREATE VIEW news.quarantine AS
SELECT quarantine_id, flight_id, url, stage, reason, detail, traceback, message, quarantined_at
FROM depeche.quarantine;
COMMENT ON VIEW news.quarantine IS 'Pages and messages that failed in a way nobody foresaw, kept to be looked into.';
