"""What does it cost to count what each source brings, and to read articles by the tags of their sources?

  python -m benchmarks.source_coverage [--sites N]

Fills an embedded Postgres with sites that each have a front page, a feed and, half of them, a news sitemap, and with
the stories of two weeks, each with three headlines on its own page. Then it counts as the indexer's chore does, reads
the counts, and reads articles by tags. The result is printed and, without options, written into docs/benchmarks.md.
"""

import argparse
import statistics

import psutil
import psycopg

from benchmarks.database import bench_home, large_postgres
from benchmarks.million_queries import Question, ask_all
from benchmarks.report import setting, table, write_section
from services.indexer.connection import Connection
from services.indexer.followers.source_coverage import count
from services.indexer.schema.migrate import migrate

SITES, STORIES_A_DAY, DAYS = 1_500, 10, 14
COUNTS = 3

# Page numbers: the lists of site n are 3n, 3n + 1 and 3n + 2; stories follow after them.
LISTS = """
INSERT INTO depeche.pages (page_id, url_key, url, source, page_type, fate, flight_id, first_seen_at, fetched_at,
                           seen_at, decided_at)
OVERRIDING SYSTEM VALUE
SELECT 3 * n + k, md5(format('list %%s %%s', n, k))::uuid, format('https://site%%s.example/%%s', n, k),
       format('source%%s-%%s', n, k), (ARRAY['listing', 'feed', 'sitemap'])[k + 1], 'stored', gen_random_uuid(),
       now() - interval '60 days', now(), now(), now()
FROM generate_series(1, %(sites)s) n CROSS JOIN generate_series(0, 2) k WHERE k < 2 OR n %% 2 = 0
"""
SOURCES = """
INSERT INTO depeche.sources (name, url, site, page_id, tags, first_seen_at, told_at)
SELECT source, url, regexp_replace(url, 'https://([^/]+)/.*', '\\1'), page_id,
       ARRAY['of' || page_id %% 2] || CASE WHEN page_id %% 100 < 3 THEN ARRAY['one_in_33'] ELSE '{}' END
       || CASE WHEN page_id %% 3000 < 3 THEN ARRAY['one_in_1000'] ELSE '{}' END,
       first_seen_at, first_seen_at
FROM depeche.pages
"""
STORIES = """
INSERT INTO depeche.pages (page_id, url_key, url, source, page_type, fate, flight_id, first_seen_at, fetched_at,
                           seen_at, decided_at)
OVERRIDING SYSTEM VALUE
SELECT %(before)s + s, md5('story' || s)::uuid, 'https://site.example/story/' || s,
       format('source%%s-%%s', 1 + s %% %(sites)s, s / %(sites)s %% 2), 'article', 'stored', gen_random_uuid(),
       at, at, at, at
FROM generate_series(1, %(stories)s) s
CROSS JOIN LATERAL (SELECT now() - s::float8 / %(stories)s * interval '14 days' AS at) AS t
ORDER BY s DESC
"""
ARTICLES = """
INSERT INTO depeche.articles (article_id, article_key, page_id, url, source, title, language, published_at,
                              published_precision, body, blocks, images, content_hash, parser_version, first_seen_at,
                              fetched_at)
OVERRIDING SYSTEM VALUE
SELECT page_id, url_key, page_id, url, source, 'Story ' || page_id, 'en', first_seen_at, 'instant',
       repeat('Text. ', 40), '[]', '[]', url_key, '1', first_seen_at, first_seen_at
FROM depeche.pages WHERE page_type = 'article' ORDER BY page_id DESC
"""
# A front shows four of five stories for two days, a feed three of four half an hour later, a sitemap all after an hour.
SHOWN = """
INSERT INTO depeche.headlines (page_id, headline_key, kind, position, text, url, url_key, first_seen_at, gone_at)
SELECT l.page_id, p.url_key, CASE k WHEN 0 THEN 'front' ELSE 'feed' END, 1, 'Story', p.url, p.url_key, at,
       CASE WHEN at < now() - interval '2 days' THEN at + interval '2 days' END
FROM depeche.pages p
CROSS JOIN generate_series(0, 2) k
JOIN depeche.pages l ON l.page_id = 3 * (1 + (p.page_id - %(before)s) %% %(sites)s) + k AND l.page_id < %(before)s
CROSS JOIN LATERAL (SELECT p.first_seen_at + k * interval '30 minutes' AS at) AS t
WHERE p.page_type = 'article' AND (k = 2 OR hashint8(p.page_id) %% (5 - k) <> 0)
ORDER BY at
"""
RAILS = """
INSERT INTO depeche.headlines (page_id, headline_key, kind, position, text, url, url_key, first_seen_at)
SELECT p.page_id, md5(format('%%s %%s', p.page_id, r))::uuid, 'most_read', r, 'Story', p.url, p.url_key, p.first_seen_at
FROM depeche.pages p CROSS JOIN generate_series(1, 3) r
WHERE p.page_type = 'article' ORDER BY p.page_id DESC
"""


def fill(connection: Connection, sites: int) -> None:
    """Fill the database."""
    given = {"sites": sites, "before": 3 * sites + 3, "stories": sites * STORIES_A_DAY * DAYS}
    for statement in (LISTS, SOURCES, STORIES, ARTICLES, SHOWN, RAILS):
        connection.execute(statement.encode(), given)
    connection.execute("VACUUM ANALYZE")


COLUMNS = "article_id, title, url, source, published_at"
LATEST = f"""
SELECT {COLUMNS} FROM news.articles WHERE source_tags @> ARRAY[%s]
ORDER BY published_at DESC NULLS LAST, article_id DESC LIMIT 50
"""
QUESTIONS = [
    Question(name=name, sql=sql, about=[about])
    for name, sql, about in (
        ("coverage of a source, by name", "SELECT * FROM news.source_coverage WHERE source = %s", ["source7-1"]),
        ("coverage of all sources", "SELECT * FROM news.source_coverage", []),
        ("latest 50 articles of a tag: half of the sources", LATEST, ["of0"]),
        ("one source in 33", LATEST, ["one_in_33"]),
        ("one source in 1,000", LATEST, ["one_in_1000"]),
        ("a tag that no source has", LATEST, ["none"]),
    )
]


def measure(sites: int) -> str:
    """The section of docs/benchmarks.md."""
    with bench_home() as home, large_postgres(home) as url:
        migrate(url)
        with psycopg.connect(url, autocommit=True) as connection:
            fill(connection, sites)
            seconds = [_cpu_of_a_count(connection) for _ in range(COUNTS)]
            totals = "SELECT (SELECT count(*) FROM depeche.sources), (SELECT count(*) FROM depeche.headlines)"
            sources, headlines = connection.execute(totals).fetchone() or (0, 0)
        asked = ask_all(url, QUESTIONS, lambda: None)
    rows: list[dict[str, object]] = [
        {"ms": t.question, "rows": t.rows, "p50": t.p50, "p95": t.p95, "max": t.max, "server's CPU": t.cpu}
        for t in asked
    ]
    took = statistics.median(seconds)
    return "\n\n".join(
        [
            f"{setting('psycopg')} {sources:,} sources of {sites:,} sites, {sites * STORIES_A_DAY * DAYS:,} articles, "
            f"{headlines:,} headlines. A count of all sources takes Postgres {took:.1f} s of CPU, "
            f"{1e3 * took / sources:.1f} s for each 1,000 sources.",
            table(rows),
        ]
    )


def _cpu_of_a_count(connection: Connection) -> float:
    backend = psutil.Process(connection.info.backend_pid)
    before = sum(backend.cpu_times()[:2])
    count(connection)
    return float(sum(backend.cpu_times()[:2]) - before)


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sites", type=int, default=SITES)
    chosen = options.parse_args()
    section = measure(chosen.sites)
    print(section)
    if chosen.sites == SITES:
        write_section("source coverage", section)


if __name__ == "__main__":
    main()
