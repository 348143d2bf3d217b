-- Headlines: the headlines of a page with their positions and wordings, those of now and earlier ones.
--
-- The current position and wording are in depeche.headlines, each with the time since which it holds; when it ends, a
-- row goes into one of the two tables below it. So the first sighting of a headline takes no further row. A headline
-- that is seen again in the same place takes no write at all: until when it has been seen follows from its page's row.

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
    position_since      timestamptz,
    worded_since        timestamptz,
    wordings            integer     NOT NULL DEFAULT 1,
    last_seen_at        timestamptz,
    cuts                text[]      NOT NULL DEFAULT '{}',
    UNIQUE (page_id, headline_key)
);
COMMENT ON COLUMN depeche.headlines.position_since IS 'NULL: since the headline was first seen.';
COMMENT ON COLUMN depeche.headlines.worded_since IS 'NULL: since the headline was first seen.';
COMMENT ON COLUMN depeche.headlines.last_seen_at IS 'Of a headline that is gone; for one that stands, its page has it.';

CREATE INDEX headlines_by_target ON depeche.headlines (url_key) WHERE url_key IS NOT NULL;
CREATE INDEX headlines_standing ON depeche.headlines (page_id) WHERE gone_at IS NULL;
-- For those of a page that have gone lately.
CREATE INDEX headlines_gone ON depeche.headlines (page_id, gone_at) WHERE gone_at IS NOT NULL;

-- The key (headline_id, from_at) of these two tables is defined on each partition: history.sql.
CREATE TABLE depeche.headline_positions (
    headline_id  bigint      NOT NULL,
    position     integer     NOT NULL,
    from_at      timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    to_at        timestamptz NOT NULL
) PARTITION BY RANGE (to_at);

CREATE TABLE depeche.headline_wordings (
    headline_id  bigint      NOT NULL,
    text         text        NOT NULL,
    from_at      timestamptz NOT NULL,
    to_at        timestamptz NOT NULL
) PARTITION BY RANGE (to_at);

CREATE VIEW news.headlines AS
SELECT h.headline_id, h.page_id, p.url AS page_url, p.source, h.kind, h.label, h.position, h.text, h.url, h.language,
       h.published_at, h.published_precision, h.is_self, h.first_seen_at, h.gone_at, a.article_id,
       CASE WHEN h.gone_at IS NULL THEN greatest(h.first_seen_at, coalesce(p.seen_at, p.fetched_at))
            ELSE coalesce(h.last_seen_at, h.first_seen_at) END AS last_seen_at,
       h.wordings, h.cuts, h.url_key
FROM depeche.headlines h
JOIN depeche.pages p USING (page_id)
LEFT JOIN depeche.articles a ON a.article_key = h.url_key;
COMMENT ON VIEW news.headlines IS
    'One row a headline of a page: its list, its place there, and its article once that has been stored.';
COMMENT ON COLUMN news.headlines.headline_id IS 'The headline of this page, for good.';
COMMENT ON COLUMN news.headlines.page_id IS 'The page that it stands on, in news.pages.';
COMMENT ON COLUMN news.headlines.page_url IS 'That page''s address.';
COMMENT ON COLUMN news.headlines.source IS 'That page''s source.';
COMMENT ON COLUMN news.headlines.kind IS
    'The list: `ticker`, `latest`, `trending`, `most_read`, `related`, `front` or `feed`.';
COMMENT ON COLUMN news.headlines.label IS 'What the page writes over the list.';
COMMENT ON COLUMN news.headlines.position IS 'Its place in the list, from 1 on; where it stood last, if it is gone.';
COMMENT ON COLUMN news.headlines.text IS 'Its wording.';
COMMENT ON COLUMN news.headlines.url IS 'Where it leads.';
COMMENT ON COLUMN news.headlines.language IS 'Two letters (ISO 639-1).';
COMMENT ON COLUMN news.headlines.published_at IS 'The time that the list gives it.';
COMMENT ON COLUMN news.headlines.published_precision IS 'As in news.articles.';
COMMENT ON COLUMN news.headlines.is_self IS 'Whether it leads to the very page that it stands on.';
COMMENT ON COLUMN news.headlines.first_seen_at IS 'The visit that found it first.';
COMMENT ON COLUMN news.headlines.gone_at IS 'The first visit that did not find it any more; NULL while it stands.';
COMMENT ON COLUMN news.headlines.article_id IS 'The article that it leads to, once that has been stored.';
COMMENT ON COLUMN news.headlines.last_seen_at IS 'The latest visit that found it.';
COMMENT ON COLUMN news.headlines.wordings IS 'How many wordings it has had, one after the other: news.headline_wordings.';
COMMENT ON COLUMN news.headlines.cuts IS 'What could not be stored as the page had it, a sentence each.';
COMMENT ON COLUMN news.headlines.url_key IS 'A key of `url`: that of the page that it leads to, in news.pages.';

CREATE VIEW news.headline_positions AS
SELECT i.headline_id, h.page_id, h.kind, h.label, i.position, i.from_at, i.last_seen_at, i.to_at
FROM depeche.headline_positions i
JOIN depeche.headlines h USING (headline_id)
UNION ALL
SELECT h.headline_id, h.page_id, h.kind, h.label, h.position, coalesce(h.position_since, h.first_seen_at),
       greatest(h.position_since, h.first_seen_at, coalesce(p.seen_at, p.fetched_at)), NULL
FROM depeche.headlines h
JOIN depeche.pages p USING (page_id)
WHERE h.gone_at IS NULL;
COMMENT ON VIEW news.headline_positions IS
    'Where each headline stood, and for how long: one row as long as it stands at one place of its list. What had moved '
    'before this view came into being has one row from its first sighting on.';
COMMENT ON COLUMN news.headline_positions.headline_id IS 'The headline, in news.headlines.';
COMMENT ON COLUMN news.headline_positions.page_id IS 'The page, in news.pages.';
COMMENT ON COLUMN news.headline_positions.kind IS 'The list, as in news.headlines.';
COMMENT ON COLUMN news.headline_positions.label IS 'What the page writes over the list.';
COMMENT ON COLUMN news.headline_positions.position IS 'Its rank there, from 1 on.';
COMMENT ON COLUMN news.headline_positions.from_at IS 'The first visit that found it at this place.';
COMMENT ON COLUMN news.headline_positions.last_seen_at IS 'The last visit that found it there.';
COMMENT ON COLUMN news.headline_positions.to_at IS
    'The visit that found it elsewhere, or gone; NULL while it stands there. The truth lies between the two.';

CREATE VIEW news.headline_wordings AS
SELECT headline_id, text, from_at, to_at FROM depeche.headline_wordings
UNION ALL
SELECT headline_id, text, coalesce(worded_since, first_seen_at), NULL FROM depeche.headlines;
COMMENT ON VIEW news.headline_wordings IS
    'Every wording of every headline, the current one included: another text over the same address in the same list.';
COMMENT ON COLUMN news.headline_wordings.headline_id IS 'The headline, in news.headlines.';
COMMENT ON COLUMN news.headline_wordings.text IS 'The wording.';
COMMENT ON COLUMN news.headline_wordings.from_at IS 'The first visit that found it.';
COMMENT ON COLUMN news.headline_wordings.to_at IS 'The visit that found another one; NULL for the current wording.';
