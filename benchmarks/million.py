"""How fast are reading and storing with a million articles in the database?

  python -m benchmarks.million FOLDER [--articles N]

Fills an embedded Postgres in a temporary folder with articles made of the words of FOLDER's articles (*.html,
*.html.gz), and runs readers' queries as a user who may only read. Then it stores the folder's own pages as the indexer
does, followers included, alternately there and in an empty database. A million articles take 12 GB of disk and some 15
minutes. Without options the result is also written into docs/benchmarks.md.
"""

import argparse
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import psycopg
from psycopg.conninfo import make_conninfo
from rich.progress import Progress

from benchmarks.database import SHARED_BUFFERS, bench_home, large_postgres
from benchmarks.million_fill import SOURCES, differing, fill
from benchmarks.million_queries import Took, ask_all, reading_questions, search_questions
from benchmarks.million_texts import SCALE, Corpus, learn
from benchmarks.parsed_pages import landings_of, parsed_pages
from benchmarks.report import setting, table, write_section
from cli.output import stderr
from services.indexer.connection import Connection
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.followers.stories import STORIES
from services.indexer.index import store_together
from services.indexer.schema.migrate import migrate
from shared.parsed_page import ParsedPage
from shared.service import exit_status
from shared.signals import interrupted_once

ARTICLES = 1_000_000
# Pages of a round, in transactions as the tick sends them; the first round warms up.
PAGES, ROUNDS, PAGES_A_TRANSACTION = 200, 7, 4


class Storing(msgspec.Struct, frozen=True, kw_only=True):
    """A round of storing pages, and of what followers do with them afterwards; CPU is milliseconds a page."""

    stored_per_s: float
    stored_cpu: float
    followed_per_s: float
    followed_cpu: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has found."""

    corpus: Corpus
    articles: int
    filled_in_s: float
    differing: int
    sizes: list[dict[str, object]]
    took: list[Took]
    storing: dict[str, list[Storing]]


def run(folder: Path, articles: int, rounds: int, progress: Progress) -> Result:
    """Fill, ask and store."""
    pages = parsed_pages(folder, PAGES)
    corpus = learn(list({id(page): page for page in pages}.values()))  # where there are fewer, they come again
    with bench_home() as home, large_postgres(home) as full, psycopg.connect(full, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
        empty = make_conninfo(full, dbname="empty")
        for url in (full, empty):
            migrate(url)
        filling = progress.add_task("filling", total=articles)
        begin = time.monotonic()
        fill(connection, corpus, articles, datetime.now(UTC), lambda n: progress.update(filling, completed=n))
        filled_in = time.monotonic() - begin
        unlike = differing(connection)
        questions = [*reading_questions(connection), *search_questions(connection)]
        asking = progress.add_task("asking", total=len(questions))
        took = ask_all(full, questions, lambda: progress.advance(asking))
        storing = progress.add_task("storing", total=rounds + 1)
        return Result(
            corpus=corpus,
            articles=articles,
            filled_in_s=filled_in,
            differing=unlike,
            sizes=_sizes(connection),
            took=took,
            storing=_store_in_turn({"empty": empty, "full": full}, pages, rounds, lambda: progress.advance(storing)),
        )


SIZES = """
SELECT relname, pg_size_pretty(pg_table_size(c.oid)), pg_size_pretty(pg_indexes_size(c.oid)),
       reltuples::bigint
FROM pg_class c WHERE relnamespace = 'depeche'::regnamespace AND relkind IN ('r', 'p') AND reltuples > 0
ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 8
"""


def _sizes(connection: Connection) -> list[dict[str, object]]:
    rows = connection.execute(SIZES).fetchall()
    return [{"table": row[0], "rows": f"{row[3]:,}", "size": row[1], "its indexes": row[2]} for row in rows]


def _store_in_turn(
    urls: Mapping[str, str], pages: Sequence[ParsedPage], rounds: int, tell: Callable[[], None]
) -> dict[str, list[Storing]]:
    """Rounds of storing in each of the databases."""
    storing: dict[str, list[Storing]] = {name: [] for name in urls}
    for turn in range(rounds + 1):
        for name, url in urls.items():
            with psycopg.connect(url, autocommit=True) as connection:
                stored = _store(connection, pages)
            if turn:
                storing[name].append(stored)
        tell()
    return storing


def _store(connection: Connection, pages: Sequence[ParsedPage]) -> Storing:
    landings = list(landings_of(pages, uuid.uuid4().hex))

    def store() -> None:
        for start in range(0, len(landings), PAGES_A_TRANSACTION):
            store_together(connection, landings[start : start + PAGES_A_TRANSACTION])

    def follow() -> None:
        for follower in (STORIES, SEARCH):
            catch_up(connection, follower)

    stored, stored_cpu = _cost(connection, store)
    followed, followed_cpu = _cost(connection, follow)
    scale = 1e3 / len(pages)
    return Storing(
        stored_per_s=len(pages) / stored,
        stored_cpu=scale * stored_cpu,
        followed_per_s=len(pages) / (stored + followed),
        followed_cpu=scale * (stored_cpu + followed_cpu),
    )


def _cost(connection: Connection, work: Callable[[], None]) -> tuple[float, float]:
    """Seconds that the work takes, and of CPU in this process and in the connection's backend."""
    backend = psutil.Process(connection.info.backend_pid)
    wall, cpu = time.perf_counter(), time.process_time() + sum(backend.cpu_times()[:2])
    work()
    return time.perf_counter() - wall, time.process_time() + sum(backend.cpu_times()[:2]) - cpu


def markdown(result: Result) -> str:
    """The section of docs/benchmarks.md."""
    corpus, storing = result.corpus, result.storing
    languages = ", ".join(f"{language.code} {language.share:.0%}" for language in corpus.languages)
    asked = [
        {
            "ms": took.question,
            "rows": took.rows,
            "p50": took.p50,
            "p95": took.p95,
            "max": took.max,
            "server's CPU": took.cpu,
        }
        for took in result.took
    ]
    stored = [{"database": name} | _medians(rounds) for name, rounds in storing.items()]
    kept = {
        field: statistics.median(
            getattr(full, field) / getattr(empty, field)
            for full, empty in zip(storing["full"], storing["empty"], strict=True)
        )
        for field in ("stored_per_s", "followed_per_s")
    }
    return "\n\n".join(
        [
            f"{setting('psycopg')} Postgres has {SHARED_BUFFERS} of shared buffers. "
            f"{result.articles:,} articles of {SOURCES} sources over 13 months, in the words and "
            f"languages ({languages}) of {corpus.articles} real ones. They have {corpus.mean_words * SCALE:.0f} words "
            f"at the mean, {SCALE:g} of what those have. Filled in {result.filled_in_s / 60:.1f} minutes; of 300 "
            f"articles {result.differing} have other words in the index than the follower would have given them.",
            table(result.sizes),
            "**Reading**: each question asked 60 times about different things, all rows read",
            table(asked),
            f"**Storing** real pages, {PAGES_A_TRANSACTION} a transaction, on one connection, and then, on the same, "
            f"what the followers for stories and search do with them; medians of {len(storing['full'])} rounds. The "
            f"full database stores {kept['stored_per_s']:.0%} of the pages a second that the empty one does, and "
            f"{kept['followed_per_s']:.0%} with all that the followers do.",
            table(stored),
        ]
    )


def _medians(rounds: Sequence[Storing]) -> dict[str, object]:
    def median(field: str) -> float:
        return float(statistics.median(getattr(round_, field) for round_ in rounds))

    return {
        "pages/s": median("stored_per_s"),
        "CPU ms a page": median("stored_cpu"),
        "followers included: pages/s": median("followed_per_s"),
        "followers included: CPU ms a page": median("followed_cpu"),
    }


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--articles", type=int, default=ARTICLES, help="articles to fill in (default: %(default)s)")
    chosen = options.parse_args()
    with interrupted_once(), Progress(console=stderr, transient=True) as progress:
        section = markdown(run(chosen.folder, chosen.articles, ROUNDS, progress))
    print(section)
    if chosen.articles == ARTICLES:
        write_section("million", section)


if __name__ == "__main__":
    sys.exit(exit_status("bench-million", main))
