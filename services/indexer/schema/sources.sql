-- Sources: what the file of sources says of each, and what each brings beside the others of its site.
--
-- The indexer takes the first from the visits of a source's own page (services/indexer/store/sources.py), and counts the
-- second from time to time, off the path on which pages are stored: services/indexer/followers/source_coverage.py.

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
