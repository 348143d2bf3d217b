"""How fast is the pipeline, what does a page cost, and how far is that from the least it could cost?

  python -m benchmarks.pipeline FOLDER [--pages N] [--repeats N] [--json]

Serves the pages of FOLDER (*.html, *.html.gz) on loopback and ingests them with the real workers on embedded servers in
a temporary home. For comparison, the same run does the same work in one process without queues (benchmarks/floor.py),
and runs a Celery chain that does nothing (benchmarks/noop_chain.py); all alternate, so that noise affects all alike.
Without options the result is also written into docs/benchmarks.md. As always, DEPECHE_* variables set the workers.
"""

import argparse
import os
import statistics
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec
import psycopg
import redis
from rich.progress import Progress

from benchmarks.cpu import Cost, Meter
from benchmarks.database import bench_home, database_beside, postgres_pid
from benchmarks.floor import BareFloor, bare_floor, sizes
from benchmarks.noop_chain import NoopChain, noop_chain
from benchmarks.page_server import Sites, page_server
from benchmarks.pipeline_report import Floored, Ingested, Latency, Results, markdown
from benchmarks.report import write_section
from cli import reading
from cli.output import print_json, stderr
from cli.settings import CliSettings
from cli.stack.servers import running_servers
from cli.stack.stack import Endpoints, Workers
from services.indexer.schema.migrate import migrate
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.messages import FetchPages
from shared.service import exit_status
from shared.signals import interrupted_once

PAGES, REPEATS, WARM_UP, SITES = 400, 5, 100, 16
# The paced run sends pages at this share of the measured throughput, so that they meet no backlog.
PACE = 0.5
PACED_PAGES = 100
# Pages a transaction of the bare floor; pages a message of the chain: alone, as the tick sends them, as a source may.
TRANSACTIONS, MESSAGES = (1, 50), (1, 4, 50)
# A run of the chain has this many messages at least.
LEAST_MESSAGES = 40
# Coarse, so that asking whether all have landed does not show among the round trips.
POLL_S = 0.1
PATIENCE_S = 300.0
WORKER_ENV = {
    "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
    "DEPECHE_HOST_DELAY": "0",
    "DEPECHE_HOST_CONNECTIONS": "0",
    "DEPECHE_SOURCES": "",
}


class Bench:
    """The running stack with everything that is measured on it."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        home = stack.enter_context(bench_home())
        self.sites: Sites = stack.enter_context(page_server(folder, SITES))
        settings = CliSettings(home=home, redis_url=None, database_url=None)
        self.endpoints: Endpoints = stack.enter_context(running_servers(settings)).endpoints
        workers = stack.enter_context(Workers(home, self.endpoints, WORKER_ENV, cwd=home))
        self.chain: NoopChain = stack.enter_context(noop_chain(self.endpoints.redis_url, home / "logs"))
        beside = database_beside(self.endpoints.database_url, "floor")  # in which no indexer does a part of the work
        migrate(beside)
        self.floor: BareFloor = stack.enter_context(bare_floor(beside))
        self.redis: redis.Redis = connect_redis(self.endpoints.redis_url)
        self.ledger = Ledger(self.redis)
        redis_pid = cast(dict[str, Any], self.redis.info("server"))["process_id"]
        postmaster = postgres_pid(home / "postgres")
        servers = {"Redis": redis_pid, "Postgres": postmaster}
        apart = {"page server": self.sites.pid}
        me = os.getpid()
        self.meter = Meter({**workers.pids(), **servers, "accepting": me, **apart}, self.redis)
        self.bare_meter = Meter({"one process": me, "Postgres": postmaster, **apart}, self.redis)
        self.noop_meter = Meter({"publishing": me, **self.chain.pids(), "Redis": redis_pid}, self.redis)

    def ingest(self, pages: int, *, pause: float = 0.0) -> Ingested:
        """Accept pages, at once or one every `pause` seconds, and wait until all have landed."""
        batch = uuid.uuid4().hex
        urls = self.sites.urls(batch, pages)
        start = self.meter.read()
        accepted: dict[str, float] = {}
        for turn, some in enumerate([[url] for url in urls] if pause else [urls]):
            time.sleep(max(0.0, start.at + turn * pause - time.monotonic()))
            accepted |= dict.fromkeys(some, time.time())
            self.ledger.accept(FetchPages(urls=some, batch=batch).requests())
        wait_until_landed(self.ledger, batch)
        landed_at = time.monotonic()
        wait_for_followers(self.endpoints.database_url)  # whose work is part of what a page costs
        cost = msgspec.structs.replace(self.meter.cost_since(start, pages), wall_s=landed_at - start.at)
        landed = reading.query(self.endpoints.database_url, LANDED, {"batch": batch})
        if len(landed) != pages:
            raise UserError(f"{pages} pages were accepted and {len(landed)} are in Postgres.")
        waits = sorted(1e3 * (row["landed_at"].timestamp() - accepted[row["url"]]) for row in landed)
        fates = Counter(str(row["fate"]) for row in landed)
        return Ingested(cost=cost, latency=Latency(p50=_at(waits, 0.5), p95=_at(waits, 0.95)), fates=fates)

    def bare(self, pages: int, pages_per_transaction: int) -> Floored:
        """The same pages in this process."""
        urls = self.sites.urls(uuid.uuid4().hex, pages)
        start = self.bare_meter.read()
        steps = self.floor.run(urls, pages_per_transaction)
        return Floored(cost=self.bare_meter.cost_since(start, pages), steps=steps)

    def noop(self, pages: int, pages_per_message: int) -> Cost:
        """As many records, or more where those are few messages, through the chain that does nothing."""
        enough = max(pages, LEAST_MESSAGES * pages_per_message)
        start = self.noop_meter.read()
        self.chain.run(enough, pages_per_message)
        return self.noop_meter.cost_since(start, enough)


def wait_until_landed(ledger: Ledger, batch: str) -> None:
    """Returns when none of a batch's pages is in the air any more; raises UserError if that takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while ledger.batch_in_air(batch):
        if time.monotonic() > deadline:
            raise UserError(f"Not all pages have landed after {PATIENCE_S:.0f} s: {ledger.counts()}.")
        time.sleep(POLL_S)


def wait_for_followers(database_url: str) -> None:
    """Returns when all stored articles have their story and are found by their words; raises UserError as above."""
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(database_url, autocommit=True) as connection:
        while connection.execute(BEHIND).fetchone() != (0,):
            if time.monotonic() > deadline:
                raise UserError(f"After {PATIENCE_S:.0f} s some articles cannot be searched.")
            time.sleep(POLL_S)


BEHIND = "SELECT count(*) FROM depeche.followers f, LATERAL news.changes_since(f.cursor, 1)"
LANDED = "SELECT url, fate, landed_at FROM news.pages WHERE batch = %(batch)s"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(bench: Bench, pages: int, repeats: int, step: Callable[[str], None]) -> Results:
    """Warm everything up, then run all in turn, as often as asked; `step` hears what comes next."""
    step("warming up")
    warm = min(WARM_UP, pages)
    bench.ingest(warm)
    bench.bare(warm, 1)
    bench.noop(warm, 1)
    pipeline: list[Ingested] = []
    bare: dict[int, list[Floored]] = {size: [] for size in TRANSACTIONS}
    noop: dict[int, list[Cost]] = {size: [] for size in MESSAGES}
    for _ in range(repeats):
        step("the pipeline")
        pipeline.append(bench.ingest(pages))
        for size, floors in bare.items():
            step(f"one process, {size} a transaction")
            floors.append(bench.bare(pages, size))
        for size, costs in noop.items():
            step(f"Celery alone, {size} a message")
            costs.append(bench.noop(pages, size))
    step("the pipeline, paced")
    rate = PACE * statistics.median(run.cost.pages_per_s for run in pipeline)
    paced = bench.ingest(min(pages, PACED_PAGES), pause=1 / rate)
    known = bench.sites.urls("sizes", bench.sites.pages)
    return Results(pipeline=pipeline, bare=bare, noop=noop, paced=paced, sizes=sizes(known))


def main() -> None:
    """Measure and print; at the default settings also write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=_positive, help=f"pages a run (default: {PAGES}); those of the folder in turn")
    options.add_argument("--repeats", type=_positive, help=f"runs of each kind (default: {REPEATS})")
    options.add_argument("--json", action="store_true", help="print all runs as one line of JSON")
    chosen = options.parse_args()
    repeats = chosen.repeats or REPEATS
    with interrupted_once(), Progress(console=stderr, transient=True) as progress, ExitStack() as stack:
        task = progress.add_task(
            "starting servers and workers", total=repeats * (1 + len(TRANSACTIONS) + len(MESSAGES)) + 3
        )

        def step(what: str) -> None:
            progress.update(task, advance=1, description=what)

        bench = Bench(stack, chosen.folder)
        results = measure(bench, chosen.pages or PAGES, repeats, step)
    if chosen.json:
        print_json(results)
        return
    text = markdown(results)
    print(text)
    if not chosen.pages and not chosen.repeats:
        write_section("pipeline", text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(exit_status("bench-pipeline", main))
