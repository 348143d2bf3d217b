"""What does a page cost beside the usual way: Scrapy, trafilatura and psycopg?

  python -m benchmarks.peer FOLDER [--pages N] [--repeats N] [--fast] [--json]

Serves the pages of FOLDER (*.html, *.html.gz) on loopback. The real workers ingest them on embedded servers in a
temporary home, and benchmarks/scrapy_crawl.py does so from the environment .venv-peer, turn by turn: the same pages,
page server and Postgres, with an index of the words on both sides. Both are warm before they are measured. Depeche runs
as it is and without its compiled parts (DEPECHE_NATIVE=0); the peer is measured beside each of the two.

Without options the result is also written into docs/benchmarks.md. As always, DEPECHE_* variables set the workers.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec
import psycopg
import redis
from rich.progress import Progress

from benchmarks.cpu import Cost, Meter
from benchmarks.database import bench_home, database_beside, postgres_pid
from benchmarks.page_server import Sites, page_server
from benchmarks.peer_report import Results, Turn, markdown
from benchmarks.pipeline import WORKER_ENV, wait_for_followers, wait_until_landed
from benchmarks.report import write_section
from cli import reading
from cli.output import print_json, stderr
from cli.settings import CliSettings
from cli.stack.embedded import spawn, stop_process
from cli.stack.servers import running_servers
from cli.stack.stack import Endpoints, Workers
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.messages import FetchPages
from shared.service import exit_status
from shared.signals import interrupted_once

ROOT = Path(__file__).parents[1]
PEER_PYTHON = ROOT / ".venv-peer" / "bin" / "python"
CRAWL = ROOT / "benchmarks" / "scrapy_crawl.py"
PAGES, REPEATS, SITES = 400, 3, 16
#: What the workers are started with, by the name of the way.
WAYS = {"as it is": {}, "without compiled parts": {"DEPECHE_NATIVE": "0"}}


class Crawl:
    """The peer's process, which waits for URLs."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid

    def ingest(self, urls: list[str]) -> None:
        """Return once all URLs have a row; raises UserError when they have not."""
        self._tell(urls)
        answer = self.hear()
        if answer.get("stored") != len(urls):
            raise UserError(f"The peer was to store {len(urls)} pages, and says {answer}.")

    def _tell(self, urls: list[str]) -> None:
        assert self._process.stdin
        self._process.stdin.write(msgspec.json.encode(urls) + b"\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Return the next line that the peer says."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise UserError("The peer has ended; what it says of that stands above.")
        return cast(dict[str, Any], msgspec.json.decode(line))


@contextlib.contextmanager
def crawl(database_url: str, *, fast: bool) -> Iterator[Crawl]:
    """The peer as a child process, in a database of its own."""
    if not PEER_PYTHON.exists():
        raise UserError(f"There is no {PEER_PYTHON}: `make bench-pipeline PEER=scrapy` makes it.")
    command = [str(PEER_PYTHON), str(CRAWL), database_url, *(["--fast"] if fast else [])]
    process = spawn(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        peer = Crawl(process)
        peer.hear()
        yield peer
    finally:
        stop_process(process, patience=5.0)


class Depeche:
    """Depeche's workers, and the costs of what they do."""

    def __init__(self, workers: Workers, endpoints: Endpoints, servers: dict[str, int], apart: dict[str, int]) -> None:
        self._endpoints = endpoints
        self._redis: redis.Redis = connect_redis(endpoints.redis_url)
        self._ledger = Ledger(self._redis)
        redis_pid = cast(dict[str, Any], self._redis.info("server"))["process_id"]
        groups = {**workers.pids(), "Redis": redis_pid, **servers, "accepting": os.getpid(), **apart}
        self._meter = Meter(groups, self._redis)

    def ingest(self, urls: list[str]) -> Cost:
        """Accept pages, and wait until all can be searched, whose CPU counts; the time ends when all have landed."""
        batch = uuid.uuid4().hex
        start = self._meter.read()
        self._ledger.accept(FetchPages(urls=urls, batch=batch).requests())
        wait_until_landed(self._ledger, batch)
        landed_at = time.monotonic()
        wait_for_followers(self._endpoints.database_url)
        cost = self._meter.cost_since(start, len(urls))
        landed = reading.query(self._endpoints.database_url, LANDED, {"batch": batch})
        if [row["fate"] for row in landed] != ["stored"] * len(urls):
            raise UserError(f"{len(urls)} pages were accepted, and these have landed: {landed}.")
        return msgspec.structs.replace(cost, wall_s=landed_at - start.at)


LANDED = "SELECT fate FROM news.pages WHERE batch = %(batch)s"


class Bench:
    """The servers and the peer, which stay for all turns."""

    def __init__(self, stack: ExitStack, folder: Path, *, fast: bool) -> None:
        self._home = stack.enter_context(bench_home())
        self.sites: Sites = stack.enter_context(page_server(folder, SITES))
        settings = CliSettings(home=self._home, redis_url=None, database_url=None)
        self.endpoints: Endpoints = stack.enter_context(running_servers(settings)).endpoints
        self.peer_database = database_beside(self.endpoints.database_url, "peer")
        self._peer = stack.enter_context(crawl(self.peer_database, fast=fast))
        self._servers = {"Postgres": postgres_pid(self._home / "postgres")}
        self._apart = {"page server": self.sites.pid}
        client = stack.enter_context(connect_redis(self.endpoints.redis_url))
        self._peer_meter = Meter({"peer": self._peer.pid, **self._servers, **self._apart}, client)

    @contextlib.contextmanager
    def depeche(self, env: dict[str, str]) -> Iterator[Depeche]:
        """Workers with this environment."""
        with Workers(self._home, self.endpoints, {**WORKER_ENV, **env}, cwd=self._home) as workers:
            yield Depeche(workers, self.endpoints, self._servers, self._apart)

    def crawl(self, urls: list[str]) -> Cost:
        """Let the peer ingest pages."""
        start = self._peer_meter.read()
        self._peer.ingest(urls)
        return self._peer_meter.cost_since(start, len(urls))


def measure(bench: Bench, pages: int, repeats: int, step: Callable[[str], None]) -> Results:
    """Let both sides ingest all pages once, then measure them in turn; `step` hears what comes next."""
    sites = bench.sites
    turns: dict[str, list[Turn]] = {}
    step("the peer warms up")
    bench.crawl(sites.urls(uuid.uuid4().hex, sites.pages))
    for way, env in WAYS.items():
        with bench.depeche(env) as depeche:
            step(f"Depeche {way} warms up")
            depeche.ingest(sites.urls(uuid.uuid4().hex, sites.pages))
            turns[way] = []
            for _ in range(repeats):
                step(f"Depeche {way}")
                ours = depeche.ingest(sites.urls(uuid.uuid4().hex, pages))
                step("the peer")
                peer = bench.crawl(sites.urls(uuid.uuid4().hex, pages))
                turns[way].append(Turn(depeche=ours, peer=peer))
    return Results(turns=turns, page_kb=sites.bytes_a_page / 1000, filled=filled(bench))


# What both sides have, by the names of the peer's columns.
OURS_FILLED = """
SELECT 100.0 * count(a.title) / count(*) AS title, 100.0 * count(nullif(a.body, '')) / count(*) AS body,
       100.0 * count(*) FILTER (WHERE a.authors <> '{}') / count(*) AS authors,
       100.0 * count(a.published_at) / count(*) AS published, 100.0 * count(a.publisher) / count(*) AS publisher,
       100.0 * count(a.lead) / count(*) AS "lead or description", 100.0 * count(a.language) / count(*) AS language,
       100.0 * count(*) FILTER (WHERE a.tags <> '{}' OR a.section IS NOT NULL) / count(*) AS "tags or section",
       100.0 * count(*) FILTER (WHERE a.images::text <> '[]') / count(*) AS image
FROM news.pages p LEFT JOIN news.articles a USING (page_id)
"""
PEERS_FILLED = """
SELECT 100.0 * count(title) / count(*) AS title, 100.0 * count(nullif(body, '')) / count(*) AS body,
       100.0 * count(authors) / count(*) AS authors, 100.0 * count(published_on) / count(*) AS published,
       100.0 * count(publisher) / count(*) AS publisher,
       100.0 * count(description) / count(*) AS "lead or description", 100.0 * count(language) / count(*) AS language,
       100.0 * count(*) FILTER (WHERE tags <> '{}' OR categories <> '{}') / count(*) AS "tags or section",
       100.0 * count(image) / count(*) AS image
FROM articles
"""
HEADLINES = "SELECT (SELECT count(*) FROM news.headlines) / (SELECT count(*) FROM news.pages)::float AS a_page"


def filled(bench: Bench) -> dict[str, dict[str, float]]:
    """Percent of the pages for which each side has stored a field, and the headlines that it has of a page."""
    ours = reading.query(bench.endpoints.database_url, OURS_FILLED)[0]
    [headlines] = reading.query(bench.endpoints.database_url, HEADLINES)
    with psycopg.connect(bench.peer_database, row_factory=psycopg.rows.dict_row) as connection:
        peers = connection.execute(PEERS_FILLED).fetchone() or {}
    return {
        "Depeche": {name: float(share) for name, share in {**ours, "headlines a page": headlines["a_page"]}.items()},
        "the peer": {name: float(share) for name, share in {**peers, "headlines a page": 0.0}.items()},
    }


def main() -> None:
    """Measure and print; at the default settings also write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=PAGES, help=f"pages a run (default: {PAGES})")
    options.add_argument("--repeats", type=int, default=REPEATS, help=f"runs of each kind (default: {REPEATS})")
    options.add_argument("--fast", action="store_true", help="let trafilatura work in its fast mode")
    options.add_argument("--json", action="store_true", help="print all runs as one line of JSON")
    chosen = options.parse_args()
    steps = 1 + len(WAYS) * (1 + 2 * chosen.repeats)
    with interrupted_once(), Progress(console=stderr, transient=True) as progress, ExitStack() as stack:
        task = progress.add_task("starting servers", total=steps)
        bench = Bench(stack, chosen.folder, fast=chosen.fast)
        results = measure(
            bench, chosen.pages, chosen.repeats, lambda what: progress.update(task, advance=1, description=what)
        )
    if chosen.json:
        print_json(results)
        return
    text = markdown(results)
    print(text)
    if (chosen.pages, chosen.repeats, chosen.fast) == (PAGES, REPEATS, False):
        write_section("peer", text)


if __name__ == "__main__":
    sys.exit(exit_status("bench-pipeline", main))
