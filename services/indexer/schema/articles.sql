-- Articles: one row per article, as it reads now. The key is made of the canonical URL if the page names one of its own
-- site, else of the page's URL.

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
    fetched_at          timestamptz NOT NULL,
    version             integer     NOT NULL DEFAULT 1,
    withdrawn_at        timestamptz,
    -- The place of its last change in the change feed; changes.sql sets the default.
    changed_in          bigint      NOT NULL,
    -- How this version differs from the one before: versions.sql. NULL for the first version.
    title_changed       boolean,
    lead_changed        boolean,
    body_changed        boolean,
    reparsed            boolean,
    words_changed       integer,
    similarity          real,
    substantive         boolean,
    -- What was lost of values that could not be stored whole.
    cuts                text[]      NOT NULL DEFAULT '{}',
    story_id            bigint CHECK (story_id < article_id),
    next_page_url       text,
    -- Column -> the reader that gave it, as of the visit that found this version. It makes no version by itself.
    provenance          jsonb
);
COMMENT ON COLUMN depeche.articles.story_id IS 'The article that founded its story, an older one; NULL: it founded it itself.';

CREATE INDEX articles_by_time ON depeche.articles (published_at DESC NULLS LAST, article_id DESC);
CREATE INDEX articles_by_source ON depeche.articles (source, article_id DESC);
CREATE INDEX articles_by_page ON depeche.articles (page_id);
-- For the latest articles of a source, by when they were published.
CREATE INDEX articles_by_source_and_time ON depeche.articles (source, published_at DESC NULLS LAST, article_id DESC);
CREATE INDEX articles_by_story ON depeche.articles (coalesce(story_id, article_id));
-- For articles first seen lately, and those of one day.
CREATE INDEX articles_by_first_sight ON depeche.articles (first_seen_at);
-- For the articles of a publisher that has few, and the headlines that lead to them; those of one that has many are found
-- by time. It takes 8 bytes an article, since names that are the same share their entries. An entry cannot hold a name of
-- thousands of characters.
CREATE INDEX articles_by_publisher ON depeche.articles (lower(left(publisher, 200)));

CREATE VIEW news.articles AS
SELECT a.article_id, a.page_id, a.url, a.canonical_url, a.source, a.title, a.lead, a.kicker, a.authors, a.publisher,
       a.section, a.tags, a.language, a.published_at, a.published_precision, a.modified_at, a.modified_precision,
       a.source_url, a.truncated, a.paywalled, a.consent_wall, a.live_blog, a.body, a.blocks, a.images, a.parser_version,
       a.first_seen_at, a.fetched_at, a.version, a.withdrawn_at,
       greatest(a.fetched_at, coalesce(p.seen_at, p.fetched_at)) AS last_seen_at, a.cuts,
       coalesce(a.story_id, a.article_id) AS story_id, a.article_key AS url_key, a.next_page_url, p.rights,
       s.tags AS source_tags, a.provenance
FROM depeche.articles a
LEFT JOIN depeche.pages p ON p.page_id = a.page_id  -- LEFT: left out of a query that does not ask for its column
LEFT JOIN depeche.sources s ON s.name = a.source;
COMMENT ON VIEW news.articles IS 'One row an article, as it reads now. One that has gone from its site keeps its row.';
COMMENT ON COLUMN news.articles.article_id IS 'The article, for good.';
COMMENT ON COLUMN news.articles.page_id IS
    'The page that it was read from last, in news.pages; that at which it came back, if it had been withdrawn.';
COMMENT ON COLUMN news.articles.url IS 'The address that answered, after redirects.';
COMMENT ON COLUMN news.articles.canonical_url IS 'What the page calls its own address.';
COMMENT ON COLUMN news.articles.source IS 'The source that led here, by its name in sources.toml.';
COMMENT ON COLUMN news.articles.title IS 'The headline over the article.';
COMMENT ON COLUMN news.articles.lead IS 'The paragraph that opens it, set apart; `body` begins with it.';
COMMENT ON COLUMN news.articles.kicker IS 'The line above the title.';
COMMENT ON COLUMN news.articles.authors IS 'Names from the byline, in its order.';
COMMENT ON COLUMN news.articles.publisher IS 'The publisher''s name, as the page gives it.';
COMMENT ON COLUMN news.articles.section IS 'The section of the site.';
COMMENT ON COLUMN news.articles.tags IS 'Keywords that the page gives itself.';
COMMENT ON COLUMN news.articles.language IS 'Two letters (ISO 639-1).';
COMMENT ON COLUMN news.articles.published_at IS 'When it was published; how exact that is, `published_precision` says.';
COMMENT ON COLUMN news.articles.published_precision IS
    '`instant`; `local` for a time without an offset, taken for UTC; `day` for a date, taken for its midnight.';
COMMENT ON COLUMN news.articles.modified_at IS 'When its publisher says that it was changed last.';
COMMENT ON COLUMN news.articles.modified_precision IS 'As `published_precision`.';
COMMENT ON COLUMN news.articles.source_url IS 'Where the page says that the article comes from.';
COMMENT ON COLUMN news.articles.truncated IS 'Whether the page shows only the beginning.';
COMMENT ON COLUMN news.articles.paywalled IS 'Whether the rest is for subscribers.';
COMMENT ON COLUMN news.articles.consent_wall IS 'Whether a wall that asks for consent stood in the way.';
COMMENT ON COLUMN news.articles.live_blog IS 'Whether it is a live blog, with entries that have times of their own.';
COMMENT ON COLUMN news.articles.body IS 'The text: lead and blocks, one a line, in reading order, without the title.';
COMMENT ON COLUMN news.articles.blocks IS
    'The text with its structure: paragraphs, headings, quotes, lists, tables, images, embeds; see docs/messages.md.';
COMMENT ON COLUMN news.articles.images IS 'Pictures, with URL, caption, credit and alternative text.';
COMMENT ON COLUMN news.articles.parser_version IS 'The parser that read this version.';
COMMENT ON COLUMN news.articles.first_seen_at IS 'The visit that found it first.';
COMMENT ON COLUMN news.articles.fetched_at IS 'The visit that found this version first.';
COMMENT ON COLUMN news.articles.version IS 'How often it has read differently, from 1 on.';
COMMENT ON COLUMN news.articles.withdrawn_at IS
    'The visit that found the last of its addresses gone (404, 410); NULL while it is there, and again once it is back.';
COMMENT ON COLUMN news.articles.last_seen_at IS 'The latest visit that found it on its page, changed or not.';
COMMENT ON COLUMN news.articles.cuts IS
    'What of this version could not be stored as the page had it, a sentence each; empty for nearly all.';
COMMENT ON COLUMN news.articles.story_id IS
    'Its story, in news.stories. Another one later when it turns out to be a copy: the feed then has `regrouped`.';
COMMENT ON COLUMN news.articles.url_key IS
    'A key of the canonical URL, the same for all its forms; of the page''s own URL where it names none of its site.';
COMMENT ON COLUMN news.articles.next_page_url IS
    'The address of the next page, where the story goes on; NULL where it is on one page.';
COMMENT ON COLUMN news.articles.rights IS 'As in news.pages, of the page that it was read from last.';
COMMENT ON COLUMN news.articles.source_tags IS
    'The tags that its source has now, in news.sources; NULL for an article without a source that is known there.';
COMMENT ON COLUMN news.articles.provenance IS
    'Where each column comes from that has a value: an object of column and reader, such as `json-ld`, `opengraph`, `byline` '
    'or `url`. NULL for a version that was read before this column was there.';
