"""How close does the fetcher come to what the network, and what Python, allow?

  python -m benchmarks.fetcher [--rounds N] [--json]

Both are measured beside their limit in the same run. With servers that take 200 ms to answer and 64 threads, the limit
is 320 pages per second. With servers that answer at once and one core, the limit is what threads with an httpx client
each, and nothing else, reach on that core (benchmarks/bare_loop.py). The fetcher does all that it does in operation:
robots.txt, turns at each host, conditional requests, the archive, the ledger, the page store, messages. Parser and
indexer do not run, so the measurement ends with the page in the page store. Without options the result is also written
into docs/benchmarks.md.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
from rich.progress import Progress

from benchmarks.cpu import cpu_seconds
from benchmarks.fetcher_report import Bare, Fetched, Results, markdown
from benchmarks.latency_server import latency_server
from benchmarks.many_hosts import url_of
from benchmarks.report import write_section
from cli.output import print_json, stderr
from cli.stack.embedded import embedded_redis, spawn, stop_process
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.messages import QUEUES, FetchRequest, Origin
from shared.service import exit_status
from shared.signals import interrupted_once

PAGE_BYTES = 60_000
LATENCY_S = 0.2
SLOW_THREADS, FAST_THREADS = 64, 16
# A fetcher with so many threads helps to read the files about the sites first: each site takes its turns for them.
FIRST_THREADS = 128
# Each host is asked twice a round, seconds apart: with the default delay of 1 s nobody waits for a turn.
HOSTS, PAGES, ROUNDS = 2000, 4000, 3
# Between these shares of the pages the rate is taken, so that neither the start nor the last stragglers count.
FROM, TO = 0.1, 0.9
POLL_S = 0.05
PATIENCE_S = 180.0
ENV = {
    "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
    "DEPECHE_SOURCES": "",
    "DEPECHE_MAX_IN_AIR": "100000",
    "DEPECHE_LOG_LEVEL": "warning",
}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of a round: pages fetched until then, and the fetcher's CPU time."""

    at: float
    pages: int
    cpu_s: float


class Stack:
    """A fetcher and the tick on a Redis of their own, the fetcher on `cores` alone."""

    def __init__(self, stack: contextlib.ExitStack, threads: int, cores: set[int] | None) -> None:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="depeche-bench-")))
        redis_url = stack.enter_context(embedded_redis(home))
        self._home, self._env = home, {**os.environ, **ENV, "DEPECHE_REDIS_URL": redis_url}
        env = {**self._env, "DEPECHE_FETCHER_THREADS": str(threads), "DEPECHE_ARCHIVE": str(home / "archive")}
        self._redis = connect_redis(redis_url)
        self._ledger = Ledger(self._redis)
        with on_cores(cores):
            self._fetcher = stack.enter_context(_process("services.fetcher.app", env, home))
        stack.enter_context(_process("services.fetcher.tick", env, home))

    def read_sites(self, port: int) -> None:
        """Have robots.txt and tdmrep.json of all hosts read, so that no page waits for them later."""
        env = {**self._env, "DEPECHE_FETCHER_THREADS": str(FIRST_THREADS), "DEPECHE_ARCHIVE": ""}
        with _process("services.fetcher.app", env, self._home):
            self.fetch(port)

    def fetch(self, port: int) -> Fetched:
        """Pages that nobody has asked for before, from all hosts in turn."""
        label = uuid.uuid4().hex
        urls = [url_of(port, n % HOSTS, f"{label}-{n}") for n in range(PAGES)]
        accepted = self._ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls])
        start, end = self._mark(FROM), self._mark(TO)
        self._wait(PAGES)
        self._ledger.land([a.flight_id for a in accepted if a.flight_id])
        self._redis.delete(QUEUES["parse"])
        pages = end.pages - start.pages
        return Fetched(pages_per_s=pages / (end.at - start.at), cpu_ms=1e3 * (end.cpu_s - start.cpu_s) / pages)

    def _mark(self, share: float) -> Mark:
        """The moment when so many of the pages were fetched."""
        pages = self._wait(share * PAGES)
        return Mark(at=time.monotonic(), pages=pages, cpu_s=cpu_seconds(psutil.Process(self._fetcher.pid)))

    def _wait(self, pages: float) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while (done := self._ledger.counts()["parse"]) < pages:
            if time.monotonic() > deadline or self._fetcher.poll() is not None:
                raise UserError(f"Not all pages were fetched in {PATIENCE_S:.0f} s: {self._ledger.counts()}.")
            time.sleep(POLL_S)
        return done


@contextlib.contextmanager
def on_cores(cores: set[int] | None) -> Iterator[None]:
    """Children that are started inside run on these cores alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _process(module: str, env: dict[str, str], home: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with (home / f"{module}.log").open("ab") as log:
        process = spawn([sys.executable, "-m", module], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        stop_process(process, patience=15.0)


def bare(port: int, threads: int, cores: set[int] | None, pages: int = PAGES) -> Bare:
    """The bare loop over as many pages."""
    options: dict[str, Any] = {"port": port, "hosts": HOSTS, "pages": pages, "threads": threads}
    command = [sys.executable, "-m", "benchmarks.bare_loop"]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with on_cores(cores):
        return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Bare)


def measure(rounds: int, step: Callable[[str], None]) -> Results:
    """Both questions; each round is the limit and then the fetcher."""
    cores = sorted(os.sched_getaffinity(0))
    ours, theirs = {cores[0]}, set(cores[1:]) or None
    results = Results(latency_s=LATENCY_S, slow_threads=SLOW_THREADS, fast_threads=FAST_THREADS, hosts=HOSTS)
    with contextlib.ExitStack() as stack:
        slow = stack.enter_context(latency_server(LATENCY_S, PAGE_BYTES))
        fetcher = Stack(stack, SLOW_THREADS, None)
        step(f"{SLOW_THREADS} threads, reading {HOSTS} robots.txt")
        fetcher.read_sites(slow)
        for _ in range(rounds):
            step(f"{SLOW_THREADS} threads of httpx alone")
            results.slow_bare.append(bare(slow, SLOW_THREADS, None))
            step(f"{SLOW_THREADS} threads, the fetcher")
            results.slow.append(fetcher.fetch(slow))
    with contextlib.ExitStack() as stack:
        with on_cores(theirs):
            fast = stack.enter_context(latency_server(0.0, PAGE_BYTES))
        os.sched_setaffinity(0, theirs or set(cores))  # Redis and the tick too leave the fetcher its core
        stack.callback(os.sched_setaffinity, 0, set(cores))
        fetcher = Stack(stack, FAST_THREADS, ours)
        step(f"one core, reading {HOSTS} robots.txt")
        fetcher.read_sites(fast)
        for _ in range(rounds):
            step("one core, httpx alone")
            results.fast_bare.append(bare(fast, FAST_THREADS, ours))
            step("one core, the fetcher")
            results.fast.append(fetcher.fetch(fast))
    return results


def main() -> None:
    """Measure and print; at the default settings also write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, help=f"rounds of each kind (default: {ROUNDS})")
    options.add_argument("--json", action="store_true", help="print all rounds as one line of JSON")
    chosen = options.parse_args()
    rounds = chosen.rounds or ROUNDS
    with interrupted_once(), Progress(console=stderr, transient=True) as progress:
        task = progress.add_task("starting", total=4 * rounds + 2)
        results = measure(rounds, lambda what: progress.update(task, advance=1, description=what))
    if chosen.json:
        print_json(results)
        return
    text = markdown(results)
    print(text)
    if not chosen.rounds:
        write_section("fetcher", text)


if __name__ == "__main__":
    sys.exit(exit_status("bench-fetcher", main))
