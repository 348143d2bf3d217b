"""What does each source bring that the others of its site do not? Counts the new stories of each site by channel.

The front page that a source names, feeds and sitemaps are channels of its site. A story of a channel is a headline
there whose page was asked for and, if it has been read, is an article. Only what is new counts: a list that is read for
the first time shows the backlog of some days, and who was first with that cannot be known.

This is a chore, and not a view, since it reads all headlines of a week.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.indexer.connection import Connection
from services.indexer.followers.chores import Chore

# Seconds between two counts. With 10,000 sources one takes some ten seconds (docs/benchmarks.md).
EVERY_S = 900.0
DAYS = 7
# Sites that are counted in one statement: a quarter of a second's work. To sort their headlines takes more memory than
# Postgres allows by default.
SITES_AT_ONCE = 100
MEMORY = "SET LOCAL work_mem = '32MB'"


def count(connection: Connection) -> None:
    """Count the coverage of all sites, as many at once as a statement may take."""
    with connection.transaction():
        sites = [site for (site,) in connection.execute(SITES, {"days": DAYS}).fetchall()]
    for begin in range(0, len(sites), SITES_AT_ONCE):
        count_sites(connection, sites[begin : begin + SITES_AT_ONCE])


SOURCE_COVERAGE = Chore(name="source_coverage", every_s=EVERY_S, work=count)

SITES = """
SELECT DISTINCT s.site FROM depeche.sources s JOIN depeche.pages p USING (page_id)
WHERE p.decided_at > now() - %(days)s * interval '1 day'
ORDER BY s.site
"""

# The steps: the lists of each source with the moment at which each was first read; their headlines, and those known
# before this week; which of the others led to articles; each story once a site, with when each channel showed it first;
# and then the counts.
COUNT = """
WITH lists AS MATERIALIZED (
    SELECT own.site, own.source, own.channel, own.page_id, coalesce(
        CASE WHEN own.first_seen_at > %(start)s THEN (
            SELECT v.at FROM depeche.visits v
            WHERE v.page_id = own.page_id AND v.at >= %(start)s AND v.headlines IS NOT NULL
            ORDER BY v.at LIMIT 1) END,
        own.first_seen_at) AS since
    FROM (
        SELECT s.site, s.name AS source, p.page_id, p.first_seen_at,
               CASE WHEN p.page_type IN ('feed', 'sitemap') THEN p.page_type ELSE 'front' END AS channel
        FROM depeche.sources s JOIN depeche.pages p ON p.page_id = s.page_id
        WHERE s.site = ANY (%(sites)s) AND p.decided_at > %(start)s
        UNION
        SELECT s.site, s.name, p.page_id, p.first_seen_at, p.page_type
        FROM depeche.sources s
        JOIN depeche.pages p ON p.source = s.name AND p.page_type IN ('feed', 'sitemap')
        WHERE s.site = ANY (%(sites)s) AND p.decided_at > %(start)s
    ) AS own
), watched AS (  -- the site's channels are compared from the moment at which all of them were read
    SELECT site, greatest(max(since), %(start)s) AS since, count(*) AS channels
    FROM (SELECT site, channel, min(since) AS since FROM lists GROUP BY site, channel) AS by_channel
    GROUP BY site
), listed AS MATERIALIZED (
    SELECT l.site, l.source, l.channel, h.url_key, h.first_seen_at AS at, h.first_seen_at <= l.since AS is_backlog
    FROM lists l
    CROSS JOIN LATERAL (
        SELECT url_key, is_self, first_seen_at FROM depeche.headlines
        WHERE page_id = l.page_id AND gone_at IS NULL
        UNION ALL
        SELECT url_key, is_self, first_seen_at FROM depeche.headlines
        WHERE page_id = l.page_id AND gone_at > %(start)s
    ) AS h
    WHERE h.url_key IS NOT NULL AND NOT h.is_self
), known AS (  -- the many entries of a sitemap of everything are looked up by their addresses alone
    SELECT DISTINCT site, url_key FROM listed WHERE at <= %(start)s
), shown AS MATERIALIZED (
    SELECT l.site, l.source, l.channel, coalesce(target.read_as, target.url_key) AS story, min(l.at) AS at,
           bool_or(l.is_backlog OR known.site IS NOT NULL OR elsewhere.site IS NOT NULL) AS is_known
    FROM listed l
    JOIN depeche.pages target ON target.url_key = l.url_key
    LEFT JOIN known ON known.site = l.site AND known.url_key = l.url_key
    LEFT JOIN known AS elsewhere
        ON elsewhere.site = l.site AND elsewhere.url_key = coalesce(target.read_as, target.url_key)
    WHERE l.at > %(start)s AND (target.page_type IS NULL OR target.page_type = 'article')
    GROUP BY l.site, l.source, l.channel, story
), stories AS (
    SELECT shown.site, story, min(at) AS at,
           min(at) FILTER (WHERE channel = 'front') AS front,
           min(at) FILTER (WHERE channel = 'feed') AS feed,
           min(at) FILTER (WHERE channel = 'sitemap') AS sitemap
    FROM shown JOIN watched USING (site)
    GROUP BY shown.site, story, watched.since
    HAVING min(at) > watched.since AND NOT bool_or(is_known)
), placed AS (
    SELECT s.source, s.channel, s.story, s.at, s.at = t.at AS is_first, CASE s.channel
               WHEN 'front' THEN least(t.feed, t.sitemap)
               WHEN 'feed' THEN least(t.front, t.sitemap)
               ELSE least(t.front, t.feed) END AS elsewhere
    FROM shown s JOIN stories t USING (site, story)
), by_channel AS (
    SELECT source, channel, count(*) AS stories, count(*) FILTER (WHERE is_first) AS first,
           count(*) FILTER (WHERE elsewhere IS NULL) AS only_there,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY elsewhere - at) FILTER (WHERE is_first AND elsewhere > at)
               AS head_start
    FROM placed GROUP BY source, channel
), by_source AS (
    SELECT source, count(DISTINCT story) AS stories FROM placed GROUP BY source
), by_site AS (
    SELECT site, count(*) AS stories FROM stories GROUP BY site
)
INSERT INTO depeche.source_coverage AS c (
    source, channel, since, stories, first, only_there, head_start, source_stories, site_stories, counted_at)
SELECT l.source, l.channel, w.since, coalesce(b.stories, 0),
       CASE WHEN w.channels > 1 THEN coalesce(b.first, 0) END,
       CASE WHEN w.channels > 1 THEN coalesce(b.only_there, 0) END,
       b.head_start, coalesce(by_source.stories, 0), coalesce(by_site.stories, 0), now()
FROM (SELECT DISTINCT site, source, channel FROM lists) AS l
JOIN watched w USING (site)
LEFT JOIN by_channel b USING (source, channel)
LEFT JOIN by_source USING (source)
LEFT JOIN by_site USING (site)
ORDER BY l.source, l.channel
ON CONFLICT (source, channel) DO UPDATE SET
    since = excluded.since, stories = excluded.stories, first = excluded.first, only_there = excluded.only_there,
    head_start = excluded.head_start, source_stories = excluded.source_stories, site_stories = excluded.site_stories,
    counted_at = excluded.counted_at
WHERE c.counted_at < now() - interval '1 hour'
    OR (c.stories, c.first, c.only_there, c.head_start, c.source_stories, c.site_stories) IS DISTINCT FROM
       (excluded.stories, excluded.first, excluded.only_there, excluded.head_start, excluded.source_stories,
        excluded.site_stories)
"""


def count_sites(connection: Connection, sites: Sequence[str]) -> None:
    """Count the coverage of these sites' sources, and write what is different."""
    with connection.transaction():
        connection.execute(MEMORY)
        connection.execute(COUNT, {"sites": list(sites), "start": datetime.now(UTC) - timedelta(days=DAYS)})
