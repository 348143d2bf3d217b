"""What does full-text search cost while articles are stored, what afterwards, and how fast does it find articles?

  python -m benchmarks.search FOLDER [--pages N]

Parses the pages of FOLDER (*.html, *.html.gz) once and stores them as new articles on an embedded Postgres, as the
indexer does: once without indexing them for search (a follower of the change feed does so afterwards), and for
comparison with a trigger that indexes each article within its transaction. Then it searches for words of the articles.
The result is printed and, without options, written into docs/benchmarks.md.
"""

import argparse
import random
import re
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil
import psycopg

from benchmarks.database import bench_home, migrated_postgres
from benchmarks.parsed_pages import landings_of, only_articles, parsed_pages
from benchmarks.report import setting, table, write_section
from services.indexer.connection import Connection
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import INDEX, SEARCH
from services.indexer.index import store_together
from shared.parsed_page import ParsedPage
from shared.service import exit_status

PAGES, ROUNDS, PAGES_A_TRANSACTION, SEARCHES = 400, 5, 4, 200

INLINE = """
CREATE FUNCTION depeche.index_inline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {index};
    RETURN NULL;
END $$;
CREATE TRIGGER index_inline AFTER INSERT OR UPDATE ON depeche.articles FOR EACH ROW
EXECUTE FUNCTION depeche.index_inline()
"""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds an article."""

    wall: float
    indexer: float
    postgres: float


def measure(connection: Connection, pages: Sequence[ParsedPage]) -> dict[str, list[Cost]]:
    """Rounds of both ways, turn by turn; the first of each only warms up."""
    costs: dict[str, list[Cost]] = {}

    def note(what: str, cost: Cost) -> None:
        costs.setdefault(what, []).append(cost)

    for _ in range(ROUNDS + 1):
        note("storing", _cost(connection, len(pages), lambda: _store(connection, pages)))
        note("words, afterwards", _cost(connection, len(pages), lambda: catch_up(connection, SEARCH)))
        connection.execute(INLINE.format(index=INDEX.replace("ANY (%s)", "NEW.article_id")).encode())
        note("storing, words within", _cost(connection, len(pages), lambda: _store(connection, pages)))
        connection.execute("DROP FUNCTION depeche.index_inline() CASCADE")
        catch_up(connection, SEARCH)
    return {what: rounds[1:] for what, rounds in costs.items()}


def _store(connection: Connection, pages: Sequence[ParsedPage]) -> None:
    landings = list(landings_of(pages, uuid.uuid4().hex))
    for start in range(0, len(landings), PAGES_A_TRANSACTION):
        store_together(connection, landings[start : start + PAGES_A_TRANSACTION])


def _cost(connection: Connection, articles: int, work: Callable[[], None]) -> Cost:
    backend = psutil.Process(connection.info.backend_pid)
    wall, own, others = time.perf_counter(), time.process_time(), sum(backend.cpu_times()[:2])
    work()
    scale = 1e3 / articles
    return Cost(
        wall=scale * (time.perf_counter() - wall),
        indexer=scale * (time.process_time() - own),
        postgres=scale * (sum(backend.cpu_times()[:2]) - others),
    )


def look_up(connection: Connection, pages: Sequence[ParsedPage]) -> list[float]:
    """Milliseconds of searches for two words of a title."""
    chance = random.Random(1)
    titles = [page.article.title for page in pages if page.article and page.article.title]
    queries = [" ".join(re.findall(r"\w{5,}", chance.choice(titles))[:2]) for _ in range(SEARCHES)]
    connection.execute("VACUUM ANALYZE")
    took = []
    for query in filter(None, queries):
        start = time.perf_counter()
        connection.execute("SELECT * FROM news.search(%s)", [query]).fetchall()
        took.append(1e3 * (time.perf_counter() - start))
    return took


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=PAGES, help="pages a round (default: %(default)s)")
    chosen = options.parse_args()
    pages = only_articles(parsed_pages(chosen.folder, chosen.pages))
    with bench_home() as home, migrated_postgres(home) as url, psycopg.connect(url, autocommit=True) as connection:
        costs = measure(connection, pages)
        took = sorted(look_up(connection, pages))
        row = connection.execute("SELECT count(*) FROM depeche.search_documents").fetchone()
    rows = [
        {"ms an article": what}
        | {field: statistics.median(getattr(cost, field) for cost in rounds) for field in Cost.__struct_fields__}
        for what, rounds in costs.items()
    ]
    p95 = took[round(len(took) * 0.95) - 1]
    section = "\n\n".join(
        [
            f"{setting('psycopg')} Medians of {ROUNDS} rounds of {len(pages)} articles; wall is time, the others CPU.",
            table(rows),
            f"Searches for two words of a title among {row[0] if row else 0:,} articles: "
            f"{statistics.median(took):.1f} ms at the median, {p95:.1f} ms at the 95th percentile.",
        ]
    )
    print(section)
    if chosen.pages == PAGES:
        write_section("search", section)


if __name__ == "__main__":
    sys.exit(exit_status("bench-search", main))
