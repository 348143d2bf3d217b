"""What does storing a page cost, when it is new, unchanged and edited?

  python -m benchmarks.indexer FOLDER [--pages N] [--repeats N]

Parses the pages of FOLDER (*.html, *.html.gz) once, then stores them under new addresses on one connection to an
embedded Postgres in a temporary folder, with the indexer's own statements, four pages a transaction as the tick sends
them: as new pages, again without a difference, and again with a sentence more and the first headline gone, so that all
others have moved. Prints medians; CPU is that of this process and of its connection's backend.
"""

import argparse
import gzip
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psutil
import psycopg

from benchmarks.floor import store
from benchmarks.page_server import read_pages
from benchmarks.report import table
from cli.embedded import embedded_postgres
from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.migrate import migrate
from services.parser.page import parse_page
from shared.failures import GiveUp
from shared.messages import PageParsed
from shared.parsed_page import Article, ParsedPage
from shared.service import exit_status

PAGES, REPEATS, PAGES_A_TRANSACTION = 400, 5, 4
VISITS = ("new", "unchanged", "edited")
NOON = datetime(2025, 5, 8, 12, 0, tzinfo=UTC)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds a page."""

    wall: float
    indexer: float
    postgres: float


def measure(connection: Connection, pages: Sequence[ParsedPage], repeats: int) -> dict[str, list[Cost]]:
    """Store the pages as three visits, `repeats` times, each time under new addresses; the first time only warms up."""
    costs: dict[str, list[Cost]] = {visit: [] for visit in VISITS}
    backend = psutil.Process(connection.info.backend_pid)
    for repeat in range(repeats + 1):
        label = uuid.uuid4().hex
        for minutes, visit in enumerate(VISITS):
            shown = [_edited(page) for page in pages] if visit == "edited" else pages
            cost = _cost(connection, backend, list(_landings(shown, label, minutes)))
            if repeat:
                costs[visit].append(cost)
    return costs


def _cost(connection: Connection, backend: psutil.Process, landings: Sequence[Landing]) -> Cost:
    wall, own, others = time.perf_counter(), time.process_time(), sum(backend.cpu_times()[:2])
    for start in range(0, len(landings), PAGES_A_TRANSACTION):
        store(connection, landings[start : start + PAGES_A_TRANSACTION])
    scale = 1e3 / len(landings)
    return Cost(
        wall=scale * (time.perf_counter() - wall),
        indexer=scale * (time.process_time() - own),
        postgres=scale * (sum(backend.cpu_times()[:2]) - others),
    )


def _landings(pages: Sequence[ParsedPage], label: str, minutes: int) -> Iterator[Landing]:
    for number, page in enumerate(pages):
        url = f"https://site{number % 16}.example/{label}/{number}"
        record = PageParsed(
            flight_id=uuid.uuid4().hex,
            url=url,
            final_url=url,
            http_status=200,
            fetched_at=(NOON + timedelta(minutes=minutes)).isoformat(),
        )
        yield Landing(record=record, page=page)


def _edited(page: ParsedPage) -> ParsedPage:
    article: Article | None = page.article
    if article is not None:
        article = msgspec.structs.replace(article, text=article.text + "\nThe mayor has announced an inquiry since.")
    moved = [msgspec.structs.replace(h, position=max(1, h.position - 1)) for h in page.headlines[1:]]
    return msgspec.structs.replace(page, article=article, headlines=moved)


def _parsed(folder: Path, count: int) -> list[ParsedPage]:
    pages: list[ParsedPage] = []
    for body in read_pages(folder)[:count]:
        try:
            page = parse_page(gzip.decompress(body), url="https://press.example/story", content_type="text/html")
        except GiveUp:
            continue
        pages.append(msgspec.structs.replace(page, canonical_url=None))
    return [pages[number % len(pages)] for number in range(count)]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=PAGES, help="pages a visit (default: %(default)s)")
    options.add_argument("--repeats", type=int, default=REPEATS, help="runs (default: %(default)s)")
    chosen = options.parse_args()
    pages = _parsed(chosen.folder, chosen.pages)
    with tempfile.TemporaryDirectory(prefix="depeche-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # Postgres under root runs as another user, who has to get in
        with embedded_postgres(home) as url:
            migrate(url)
            with psycopg.connect(url, autocommit=True) as connection:
                costs = measure(connection, pages, chosen.repeats)
    articles, headlines = sum(page.article is not None for page in pages), sum(len(page.headlines) for page in pages)
    print(f"{len(pages)} pages: {articles} articles, {headlines / len(pages):.1f} headlines a page; ms a page\n")
    print(table([{"visit": visit, **_medians(runs)} for visit, runs in costs.items()]))


def _medians(runs: Sequence[Cost]) -> dict[str, float]:
    return {field: statistics.median(getattr(run, field) for run in runs) for field in Cost.__struct_fields__}


if __name__ == "__main__":
    sys.exit(exit_status("bench-indexer", main))
