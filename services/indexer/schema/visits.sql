-- One row per ended visit, whatever its fate; depeche.pages has the latest visit of a page only.
--
-- The table has no foreign keys, and its unique key includes the moment, since it is cut into months: history.sql.

CREATE TABLE depeche.visits (
    page_id          bigint      NOT NULL,
    at               timestamptz NOT NULL,
    landed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    article_id       bigint,
    flight_id        uuid        NOT NULL,
    attempts         integer     NOT NULL,
    http_status      integer,
    body_bytes       integer,
    authors          integer,
    body_chars       integer,
    headlines        integer,
    tickers          integer,
    of_source        boolean     NOT NULL DEFAULT false,
    is_replay        boolean     NOT NULL DEFAULT false,
    has_title        boolean,
    has_published    boolean,
    fate             text        NOT NULL
        CHECK (fate IN ('stored', 'unchanged', 'refused', 'gone', 'failed', 'quarantined')),
    reason           text,
    source           text,
    batch            text,
    found_on         text,
    final_url        text,
    content_type     text,
    archive          text,
    parser_version   text,
    page_type        text,
    detail           text,
    earlier_attempts jsonb       NOT NULL DEFAULT '[]'
) PARTITION BY RANGE (at);
-- A message that comes twice names the same flight and the same moment, so the second one adds no row.
CREATE UNIQUE INDEX visits_by_flight ON depeche.visits (flight_id, at);
CREATE INDEX visits_by_page ON depeche.visits (page_id, at DESC);
-- For the visits of a day. It costs next to nothing, since rows stand nearly in the order of time.
CREATE INDEX visits_by_time ON depeche.visits USING brin (at) WITH (pages_per_range = 32);

CREATE VIEW news.visits AS
SELECT v.page_id, p.url AS page_url, v.flight_id, v.at, v.source, v.batch, v.found_on, v.of_source, v.is_replay, v.fate,
       v.reason, v.detail, v.http_status, v.final_url, v.content_type, v.body_bytes, v.attempts, v.earlier_attempts,
       v.archive, v.parser_version, v.page_type, v.article_id, v.has_title, v.authors, v.has_published, v.body_chars,
       v.headlines, v.tickers, v.landed_at
FROM depeche.visits v
LEFT JOIN depeche.pages p ON p.page_id = v.page_id;
COMMENT ON VIEW news.visits IS
    'One row a visit of a page that ended, whatever became of it; news.pages has the latest one alone. Visits before this '
    'view came into being were not kept.';
COMMENT ON COLUMN news.visits.page_id IS 'The page, in news.pages.';
COMMENT ON COLUMN news.visits.page_url IS 'The page''s address.';
COMMENT ON COLUMN news.visits.flight_id IS 'The visit''s number, as logs and messages have it.';
COMMENT ON COLUMN news.visits.at IS
    'When the page was asked for; for a visit without an answer, when it was given up.';
COMMENT ON COLUMN news.visits.source IS 'The source that led here, by its name in sources.toml.';
COMMENT ON COLUMN news.visits.batch IS 'The batch that asked for it.';
COMMENT ON COLUMN news.visits.found_on IS 'The page whose headline led to this visit.';
COMMENT ON COLUMN news.visits.of_source IS 'Whether it is the page that a source names, visited for the source''s sake.';
COMMENT ON COLUMN news.visits.is_replay IS
    'Whether the archive and not the site gave the page: another reading of the visit of that moment. A replay that '
    'changes nothing has no row.';
COMMENT ON COLUMN news.visits.fate IS
    '`stored` (something new), `unchanged`, `refused`, `gone`, `failed` or `quarantined`.';
COMMENT ON COLUMN news.visits.reason IS
    'Why, for machines; NULL for a page that was read. `superseded`: a later visit had been stored before this one.';
COMMENT ON COLUMN news.visits.detail IS 'Why, for people.';
COMMENT ON COLUMN news.visits.http_status IS 'The status that the site answered with, at the last attempt.';
COMMENT ON COLUMN news.visits.final_url IS 'The address that answered, after redirects.';
COMMENT ON COLUMN news.visits.content_type IS 'The type that the site gave.';
COMMENT ON COLUMN news.visits.body_bytes IS 'Size of the page.';
COMMENT ON COLUMN news.visits.attempts IS 'Attempts that it took, the last one included.';
COMMENT ON COLUMN news.visits.earlier_attempts IS
    'The failed attempts before the last one, oldest first: an array of objects with `at`, `reason`, `detail` and, where '
    'the site answered, `http_status`. The latest ten are kept.';
COMMENT ON COLUMN news.visits.archive IS
    'Where the answer is kept: WARC file and offset of its record, `file.warc.gz:1234`.';
COMMENT ON COLUMN news.visits.parser_version IS 'The parser that read it; NULL, like all that follows, when it was not read.';
COMMENT ON COLUMN news.visits.page_type IS '`article`, `listing`, `feed`, `sitemap` or `other`.';
COMMENT ON COLUMN news.visits.article_id IS 'The article that was read on it, in news.articles.';
COMMENT ON COLUMN news.visits.has_title IS 'Whether that article has a title; NULL for a page without an article.';
COMMENT ON COLUMN news.visits.authors IS 'How many authors the article names; NULL for a page without an article.';
COMMENT ON COLUMN news.visits.has_published IS
    'Whether the article says when it was published; NULL for a page without an article.';
COMMENT ON COLUMN news.visits.body_chars IS 'Characters of the article''s text; NULL for a page without an article.';
COMMENT ON COLUMN news.visits.headlines IS 'How many headlines the page had, each once a list.';
COMMENT ON COLUMN news.visits.tickers IS 'How many of them stood in tickers.';
COMMENT ON COLUMN news.visits.landed_at IS 'When the row was stored.';
