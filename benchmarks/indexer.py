"""How fast is the indexer compared with the article store that most would write first, and what does a page cost?

  python -m benchmarks.indexer FOLDER [--pages N] [--rounds N] [--database DSN]

Parses the pages of FOLDER (*.html, *.html.gz) once and stores them under new URLs on an embedded Postgres in a
temporary folder, by the indexer's own statements. On one connection it stores articles alone and whole pages, in
transactions of several sizes, alternating with single upserts (benchmarks/single_upsert.py); then it stores from one
process and from two (benchmarks/indexer_processes.py). The result is printed and, without options, written into
docs/benchmarks.md. With --database, only the comparison with single upserts is made, in an empty database of another
server, and only printed.
"""

import argparse
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
import psutil
import psycopg

from benchmarks.database import bench_home, migrated_postgres
from benchmarks.indexer_processes import measure_processes
from benchmarks.parsed_pages import landings_of, only_articles, parsed_pages
from benchmarks.report import setting, table, write_section
from benchmarks.single_upsert import CREATE, upsert_one_by_one
from cli.stack.embedded import embedded_redis
from cli.stack.stack import Endpoints
from services.indexer.connection import Connection
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.followers.stories import STORIES
from services.indexer.index import store_together
from services.indexer.landing import Landing
from services.indexer.schema.migrate import migrate
from shared.parsed_page import Article, ParsedPage
from shared.service import exit_status

PAGES, ROUNDS = 200, 5
# The tick sends up to 16 pages a message when there is plenty, which the stages behind it keep; 50 is the most.
TRANSACTIONS = (1, 4, 16, 50)
USUAL = 16
# So many times the pages for one process and two, so that starting and ending together does not count.
LONGER = 4
BASELINE = "single upserts, words within"
FOLLOWERS = {"stories, afterwards": STORIES, "words, afterwards": SEARCH}


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds a page: time, and CPU of this process and of its connection's backend."""

    wall: float
    indexer: float
    postgres: float

    @property
    def cpu(self) -> float:
        """Of both together."""
        return self.indexer + self.postgres


class Bench:
    """One connection, and the cost of what is done on it."""

    def __init__(self, connection: Connection, *, is_embedded: bool = True) -> None:
        connection.execute(CREATE.encode())
        self._connection = connection
        self._backend = psutil.Process(connection.info.backend_pid) if is_embedded else None

    def analyze(self) -> None:
        """What Postgres does by itself every minute: plans that were made for an empty table are made anew."""
        self._connection.execute("ANALYZE")

    def single(self, pages: Sequence[ParsedPage]) -> Cost:
        """The baseline."""
        landings = list(landings_of(pages, uuid.uuid4().hex))
        return self._cost(len(pages), lambda: upsert_one_by_one(self._connection, landings))

    def store(self, pages: Sequence[ParsedPage], at_once: int) -> Cost:
        """New pages, so many a transaction."""
        return self._stored(list(landings_of(pages, uuid.uuid4().hex)), at_once)

    def followed(self, pages: Sequence[ParsedPage]) -> Iterator[tuple[str, Cost]]:
        """Pages as usual, and then what followers of the change feed do about them."""
        for follower in FOLLOWERS.values():
            catch_up(self._connection, follower)
        # Earlier rounds stored the same texts: all would be copies of each other.
        self._connection.execute("TRUNCATE depeche.story_sketches, depeche.story_keys")
        self.store(pages, USUAL)
        for name, follower in FOLLOWERS.items():
            yield name, self._cost(len(pages), partial(catch_up, self._connection, follower))

    def visits(self, pages: Sequence[ParsedPage]) -> dict[str, Cost]:
        """The same pages three times: as new ones, again without a difference, and again with something different."""
        label = uuid.uuid4().hex
        edited = [_edited(page) for page in pages]
        shown = {"new": pages, "unchanged": pages, "edited": edited}
        return {
            visit: self._stored(list(landings_of(of_visit, label, minutes)), USUAL)
            for minutes, (visit, of_visit) in enumerate(shown.items())
        }

    def _stored(self, landings: Sequence[Landing], at_once: int) -> Cost:
        def work() -> None:
            for start in range(0, len(landings), at_once):
                store_together(self._connection, landings[start : start + at_once])

        return self._cost(len(landings), work)

    def _cost(self, pages: int, work: Callable[[], None]) -> Cost:
        wall, own, others = time.perf_counter(), time.process_time(), self._backend_s()
        work()
        scale = 1e3 / pages
        return Cost(
            wall=scale * (time.perf_counter() - wall),
            indexer=scale * (time.process_time() - own),
            postgres=scale * (self._backend_s() - others),
        )

    def _backend_s(self) -> float:
        """The backend's CPU so far; of another machine's, or of one in a container, nobody here knows it."""
        return sum(self._backend.cpu_times()[:2]) if self._backend else 0.0


def _edited(page: ParsedPage) -> ParsedPage:
    article: Article | None = page.article
    if article is not None:
        article = msgspec.structs.replace(article, text=article.text + "\nThe mayor has announced an inquiry since.")
    moved = [msgspec.structs.replace(h, position=max(1, h.position - 1)) for h in page.headlines[1:]]
    return msgspec.structs.replace(page, article=article, headlines=moved)


# By table and row of the section.
Costs = dict[str, dict[str, list[Cost]]]


def measure(bench: Bench, pages: Sequence[ParsedPage], rounds: int) -> Costs:
    """All turn by turn in each round, of which the first only warms up."""
    costs: Costs = {"articles": {}, "pages": {}, "visits": {}}

    def note(where: str, what: str, cost: Cost) -> None:
        costs[where].setdefault(what, []).append(cost)

    articles = only_articles(pages)
    for _ in range(rounds + 1):
        bench.analyze()
        for what, cost in _beside_baseline(bench, articles):
            note("articles", what, cost)
        for at_once in TRANSACTIONS:
            note("pages", _indexer(at_once), bench.store(pages, at_once))
        for name, cost in bench.followed(pages):
            note("pages", name, cost)
        for visit, cost in bench.visits(pages).items():
            note("visits", visit, cost)
    return {where: {what: runs[1:] for what, runs in rows.items()} for where, rows in costs.items()}


def _beside_baseline(bench: Bench, articles: Sequence[ParsedPage]) -> Iterator[tuple[str, Cost]]:
    yield BASELINE, bench.single(articles)
    for at_once in TRANSACTIONS:
        yield _indexer(at_once), bench.store(articles, at_once)


def measure_elsewhere(database_url: str, pages: Sequence[ParsedPage], rounds: int) -> str:
    """The comparison with single upserts on a server of somebody's own, as a table."""
    migrate(database_url)
    runs: dict[str, list[float]] = {}
    with psycopg.connect(database_url, autocommit=True) as connection:
        bench = Bench(connection, is_embedded=False)
        for turn in range(rounds + 1):
            bench.analyze()
            for what, cost in _beside_baseline(bench, only_articles(pages)):
                if turn:
                    runs.setdefault(what, []).append(cost.wall)
    medians = {what: statistics.median(walls) for what, walls in runs.items()}
    return table(
        [
            {"an article": what, "articles/s": 1e3 / wall, "times the baseline": medians[BASELINE] / wall, "ms": wall}
            for what, wall in medians.items()
        ]
    )


def _indexer(at_once: int) -> str:
    return f"the indexer, {at_once} a transaction"


def _rows(costs: Mapping[str, Sequence[Cost]], unit: str, *, beside: str | None = None) -> str:
    medians = {what: _medians(runs) for what, runs in costs.items()}
    rows = []
    for what, cost in medians.items():
        row: dict[str, object] = {f"{'an' if unit == 'article' else 'a'} {unit}": what, f"{unit}s/s": 1e3 / cost.wall}
        if beside:
            row["times the baseline"] = medians[beside].wall / cost.wall
        row |= {"ms": cost.wall, "CPU ms": cost.cpu, "of it indexer": cost.indexer, "Postgres": cost.postgres}
        if beside:
            row["baseline's CPU, times this"] = medians[beside].cpu / cost.cpu
        rows.append(row)
    return table(rows)


def _medians(runs: Sequence[Cost]) -> Cost:
    return Cost(**{field: statistics.median(getattr(run, field) for run in runs) for field in Cost.__struct_fields__})


def section(pages: Sequence[ParsedPage], rounds: int, costs: Costs, processes: str) -> str:
    """The Markdown that goes into docs/benchmarks.md."""
    articles, headlines = only_articles(pages), sum(len(page.headlines) for page in pages)
    characters = statistics.mean(len(page.article.text) for page in articles if page.article)
    return "\n\n".join(
        [
            f"{setting('psycopg')} {len(pages)} pages: {len(articles)} articles of {characters:,.0f} characters on "
            f"average, {headlines / len(pages):.1f} headlines a page. Medians of {rounds} rounds, all turn by turn.",
            "**Articles alone, all new, one connection**",
            _rows(costs["articles"], "article", beside=BASELINE),
            "**Whole pages, all new, one connection**, and what is done for them afterwards",
            _rows(costs["pages"], "page"),
            f"**A page that is new, unchanged and edited** (a sentence more; the first headline gone and all others "
            f"moved), {USUAL} a transaction",
            _rows(costs["visits"], "page"),
            f"**One process and two**, {USUAL} pages a transaction",
            processes,
        ]
    )


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=PAGES, help="pages a round (default: %(default)s)")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="rounds (default: %(default)s)")
    options.add_argument("--database", metavar="DSN", help="an empty database of a server of your own")
    chosen = options.parse_args()
    pages = parsed_pages(chosen.folder, chosen.pages)
    if chosen.database:
        print(measure_elsewhere(chosen.database, pages, chosen.rounds))
        return
    with bench_home() as home, migrated_postgres(home) as url, embedded_redis(home) as redis_url:
        with psycopg.connect(url, autocommit=True) as connection:
            costs = measure(Bench(connection), pages, chosen.rounds)
        endpoints = Endpoints(redis_url=redis_url, database_url=url)
        processes = measure_processes(home, endpoints, [*pages] * LONGER, chosen.rounds)
    text = section(pages, chosen.rounds, costs, processes)
    print(text)
    if (chosen.pages, chosen.rounds) == (PAGES, ROUNDS):
        write_section("indexer", text)


if __name__ == "__main__":
    sys.exit(exit_status("bench-indexer", main))
