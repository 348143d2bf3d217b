-- Sources with their tags, and what each brings beside the others of its site. Both tables fill as sources are visited.
-- Each index is made in a step of its own, so that writers wait for one at a time.
CREATE INDEX IF NOT EXISTS headlines_gone ON depeche.headlines (page_id, gone_at) WHERE gone_at IS NOT NULL;
--- next step
CREATE INDEX IF NOT EXISTS pages_feeds ON depeche.pages (source) WHERE page_type IN ('feed', 'sitemap');
--- next step
CREATE TABLE depeche.sources (
    name          text        PRIMARY KEY,
    url           text        NOT NULL,
    site          text        NOT NULL,
    page_id       bigint      NOT NULL,
    tags          text[]      NOT NULL DEFAULT '{}',
    first_seen_at timestamptz NOT NULL,
    told_at       timestamptz NOT NULL
);
COMMENT ON COLUMN depeche.sources.told_at IS
    'The visit that told what stands here: an older one changes nothing, and one that tells the same writes nothing.';
CREATE INDEX sources_by_site ON depeche.sources (site);

CREATE TABLE depeche.source_coverage (
    source         text        NOT NULL,
    channel        text        NOT NULL CHECK (channel IN ('front', 'feed', 'sitemap')),
    since          timestamptz NOT NULL,
    stories        integer     NOT NULL,
    first          integer,
    only_there     integer,
    head_start     interval,
    source_stories integer     NOT NULL,
    site_stories   integer     NOT NULL,
    counted_at     timestamptz NOT NULL,
    PRIMARY KEY (source, channel)
);

CREATE VIEW news.sources AS
SELECT s.name, s.url, s.site, CASE WHEN p.page_type IN ('feed', 'sitemap') THEN p.page_type ELSE 'page' END AS kind, s.tags,
       s.page_id, s.first_seen_at, greatest(s.told_at, p.decided_at) AS last_visited_at
FROM depeche.sources s
LEFT JOIN depeche.pages p ON p.page_id = s.page_id;
COMMENT ON VIEW news.sources IS
    'One row a source that has been visited. One that was taken out of sources.toml keeps its row.';
COMMENT ON COLUMN news.sources.name IS 'Its name in sources.toml.';
COMMENT ON COLUMN news.sources.url IS 'The page, feed or sitemap that it names.';
COMMENT ON COLUMN news.sources.site IS 'The site of that address: `paper.example` for `https://www.paper.example/sport`.';
COMMENT ON COLUMN news.sources.kind IS '`page`, `feed` or `sitemap`: what the address gave last.';
COMMENT ON COLUMN news.sources.tags IS 'Its tags in sources.toml, as of its latest visit.';
COMMENT ON COLUMN news.sources.page_id IS 'The page that it names, in news.pages.';
COMMENT ON COLUMN news.sources.first_seen_at IS 'The first visit that this table knows of.';
COMMENT ON COLUMN news.sources.last_visited_at IS 'The latest visit of that page, whatever became of it.';

-- A channel that is not counted any more, since its source has not been visited, is left out after a day.
CREATE VIEW news.source_coverage AS
SELECT c.source, c.channel, c.stories, c.first, c.only_there, c.head_start, c.source_stories, c.site_stories, s.site,
       c.since, c.counted_at
FROM depeche.source_coverage c
JOIN depeche.sources s ON s.name = c.source
WHERE c.counted_at > now() - interval '1 day';
COMMENT ON VIEW news.source_coverage IS
    'One row a source and channel: how many new stories of the last seven days it brought, and what the other channels of '
    'the same site have of them. Counted every quarter of an hour.';
COMMENT ON COLUMN news.source_coverage.source IS 'The source, by its name in sources.toml.';
COMMENT ON COLUMN news.source_coverage.channel IS
    '`front`: the page that the source names. `feed`, `sitemap`: that too, if it is one, and those that it led to.';
COMMENT ON COLUMN news.source_coverage.stories IS
    'Stories that appeared there since `since`, as far as a page was asked for.';
COMMENT ON COLUMN news.source_coverage.first IS
    'Those of them that appeared there before they did anywhere else on the site; NULL where the site has one channel alone.';
COMMENT ON COLUMN news.source_coverage.only_there IS
    'Those that no other channel of the site has shown; NULL where there is none. Two fronts of a site are one channel.';
COMMENT ON COLUMN news.source_coverage.head_start IS
    'By how much it was ahead of the other channels, where it was first and they followed (median); NULL where never.';
COMMENT ON COLUMN news.source_coverage.source_stories IS 'Stories that the source brought by all its channels.';
COMMENT ON COLUMN news.source_coverage.site_stories IS 'Stories that all sources of the site brought.';
COMMENT ON COLUMN news.source_coverage.site IS 'The site, as in news.sources.';
COMMENT ON COLUMN news.source_coverage.since IS
    'Stories count that appeared after this moment: seven days ago, or when the site''s last channel was read first.';
COMMENT ON COLUMN news.source_coverage.counted_at IS 'When it was counted.';

CREATE OR REPLACE VIEW news.articles AS
SELECT a.article_id, a.page_id, a.url, a.canonical_url, a.source, a.title, a.lead, a.kicker, a.authors, a.publisher,
       a.section, a.tags, a.language, a.published_at, a.published_precision, a.modified_at, a.modified_precision,
       a.source_url, a.truncated, a.paywalled, a.consent_wall, a.live_blog, a.body, a.blocks, a.images, a.parser_version,
       a.first_seen_at, a.fetched_at, a.version, a.withdrawn_at,
       greatest(a.fetched_at, coalesce(p.seen_at, p.fetched_at)) AS last_seen_at, a.cuts,
       coalesce(a.story_id, a.article_id) AS story_id, a.article_key AS url_key, a.next_page_url, p.rights,
       s.tags AS source_tags
FROM depeche.articles a
LEFT JOIN depeche.pages p ON p.page_id = a.page_id  -- LEFT: left out of a query that does not ask for its column
LEFT JOIN depeche.sources s ON s.name = a.source;
COMMENT ON COLUMN news.articles.source_tags IS
    'The tags that its source has now, in news.sources; NULL for an article without a source that is known there.';

CREATE OR REPLACE VIEW news.source_health AS
SELECT s.source, s.field, CASE s.measure WHEN 'share' THEN 'share' ELSE 'typical' END AS measure,
       depeche.as_shown(s.measure, s.total_now / nullif(s.pages_now, 0)) AS value_now,
       depeche.as_shown(s.measure, coalesce(f.mean_past, s.total_past / nullif(s.pages_past, 0))) AS value_past,
       s.pages_now, coalesce(f.pages_past, s.pages_past) AS pages_past,
       f.fell_at IS NOT NULL AS fell, f.fell_at, coalesce(f.parser_changed, s.parser_changed) AS parser_changed,
       (SELECT max(c.source_stories)::double precision / nullif(max(c.site_stories), 0)
        FROM news.source_coverage c WHERE c.source = s.source) AS coverage
FROM depeche.source_fields s
LEFT JOIN depeche.source_falls f ON f.source = s.source AND f.field = s.field AND f.ended_at IS NULL;
COMMENT ON COLUMN news.source_health.coverage IS
    'The share of its site''s new stories of the last seven days that the source brought, the same for all its fields: '
    'news.source_coverage has more. NULL where nothing was counted.';
