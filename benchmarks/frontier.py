"""Does a frontier with a million waiting URLs release as fast as one with a thousand?

  python -m benchmarks.frontier [--waiting N ...] [--json]

Fills the frontier of an embedded Redis in a temporary folder, by the ledger's own script. Measures what the tick does
at each beat (one release of up to 500 pages, and putting these back), what accepting costs, and how much of Redis'
memory a waiting URL takes: once with many hosts, and once with few, whose pages wait behind each other. Without options
the result is also written into docs/benchmarks.md.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

import msgspec
import redis
from rich.progress import Progress, TaskID

from benchmarks.report import setting, table, write_section
from cli.output import print_json, stderr
from cli.stack.embedded import embedded_redis
from services.fetcher.tick import RELEASED_AT_ONCE
from services.fetcher.timing.frontier import Frontier, Released
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger, Move
from shared.messages import FetchPage, FetchRequest, Follow, Origin
from shared.service import exit_status
from shared.signals import interrupted_once

WAITING = (1_000, 10_000, 100_000, 1_000_000)
HOSTS = {"many hosts": 5, "few hosts": 20_000}  # pages a host
BEATS, WARM_UP = 60, 5
ACCEPTED_AT_ONCE = 500
# Only to see each beat release as much as it may, whatever the size: pages are due, hosts never busy.
HOST_DELAY_S, HOST_CONNECTIONS = 0.001, 0
FOLLOW = Follow(kinds=("ticker", "latest", "front"), depth=1, revisit=(900, 3600, 21_600, 86_400))


class Beats(msgspec.Struct, frozen=True, kw_only=True):
    """One size of the frontier. Times in milliseconds, of Redis and client together."""

    hosts: str
    waiting: int
    released: float
    release_p50: float
    release_max: float
    idle_p50: float
    accept_per_page: float
    bytes_per_url: float


def urls(pages_a_host: int) -> Iterator[str]:
    """Addresses of the usual length, of ever new hosts with so many pages each."""
    number = 0
    while True:
        host, page = divmod(number, pages_a_host)
        yield f"https://www.newspaper-{host}.example/politics/2026/11/24/a-headline-of-the-usual-length-{page}.html"
        number += 1


class Filled:
    """A frontier that is filled further and further."""

    def __init__(self, client: "redis.Redis", hosts: str) -> None:
        self._client = client
        self._hosts = hosts
        self._urls = urls(HOSTS[hosts])
        self._waiting = 0
        self._ledger = Ledger(client)
        self._empty_bytes = self._used_bytes()
        self._frontier = Frontier(client, host_delay=HOST_DELAY_S, host_connections=HOST_CONNECTIONS)

    def _used_bytes(self) -> int:
        return int(cast(dict[str, Any], self._client.info("memory"))["used_memory"])

    def grow_to(self, waiting: int, step: Callable[[int], None]) -> float:
        """Accept pages until so many wait; milliseconds a page at the end of it."""
        costs: list[float] = []
        while self._waiting < waiting:
            chunk = list(islice(self._urls, min(ACCEPTED_AT_ONCE, waiting - self._waiting)))
            requests = [
                FetchRequest(origin=Origin(url=url, source="a source", found_on=url), follow=FOLLOW) for url in chunk
            ]
            started = time.perf_counter()
            self._ledger.accept(requests)
            costs.append((time.perf_counter() - started) * 1000 / len(chunk))
            self._waiting += len(chunk)
            step(self._waiting)
        return statistics.median(costs[-20:])

    def measure(self, accept_per_page: float) -> Beats:
        """What a beat of the tick costs now: with pages to release, and with none that may go."""
        used = self._used_bytes() - self._empty_bytes
        took: list[float] = []
        idle: list[float] = []
        counts: list[int] = []
        for _ in range(WARM_UP + BEATS):
            time.sleep(2 * HOST_DELAY_S)
            started = time.perf_counter()
            _, released = self._frontier.release(RELEASED_AT_ONCE, room=RELEASED_AT_ONCE)
            took.append((time.perf_counter() - started) * 1000)
            counts.append(len(released))
            started = time.perf_counter()
            self._frontier.release(RELEASED_AT_ONCE, room=0)
            idle.append((time.perf_counter() - started) * 1000)
            self._put_back(released)
        return Beats(
            hosts=self._hosts,
            waiting=self._waiting,
            released=statistics.median(counts[WARM_UP:]),
            release_p50=statistics.median(took[WARM_UP:]),
            release_max=max(took[WARM_UP:]),
            idle_p50=statistics.median(idle[WARM_UP:]),
            accept_per_page=accept_per_page,
            bytes_per_url=used / self._waiting,
        )

    def _put_back(self, released: Sequence[Released]) -> None:
        records = [msgspec.json.decode(flight.record, type=FetchPage) for flight in released]
        moves = [Move(flight_id=r.flight_id, stage="fetch", record=r, due_in=0.0) for r in records]
        self._ledger.wait("fetch", moves)


def markdown(results: Sequence[Beats]) -> str:
    """The section of docs/benchmarks.md."""
    rows: list[dict[str, object]] = [
        {
            "waiting": f"{beats.waiting:,}, {beats.hosts}",
            "pages released a beat": round(beats.released),
            "ms a beat, p50": beats.release_p50,
            "longest": beats.release_max,
            "µs a page": beats.release_p50 * 1000 / beats.released if beats.released else None,
            "ms a beat without room": beats.idle_p50,
            "accepting, µs a page": beats.accept_per_page * 1000,
            "bytes of Redis a URL": round(beats.bytes_per_url),
        }
        for beats in results
    ]
    note = f"Many hosts: {HOSTS['many hosts']} pages each; few: {HOSTS['few hosts']:,} each."
    return f"{setting('redis')}\n\n{table(rows)}\n\n{note}"


def run(sizes: Sequence[int], progress: Progress) -> list[Beats]:
    """All sizes with many hosts, then with few."""
    results: list[Beats] = []
    for hosts in HOSTS:
        task = progress.add_task(hosts, total=max(sizes))
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="depeche-bench-")))
            client = connect_redis(stack.enter_context(embedded_redis(home)))
            filled = Filled(client, hosts)
            for size in sorted(sizes):
                accept = filled.grow_to(size, partial(_tell, progress, task))
                gc.collect()
                results.append(filled.measure(accept))
            client.close()
    return results


def _tell(progress: Progress, task: TaskID, waiting: int) -> None:
    progress.update(task, completed=waiting)


def main() -> None:
    """Measure and print; at the default sizes also write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--waiting", type=int, nargs="+", help=f"URLs waiting (default: {WAITING})")
    options.add_argument("--json", action="store_true", help="print the figures as one line of JSON")
    chosen = options.parse_args()
    with interrupted_once(), Progress(console=stderr, transient=True) as progress:
        results = run(chosen.waiting or WAITING, progress)
    if chosen.json:
        print_json({"beats": [msgspec.structs.asdict(beats) for beats in results]})
        return
    print(markdown(results))
    if chosen.waiting is None:
        write_section("frontier", markdown(results))


if __name__ == "__main__":
    sys.exit(exit_status("benchmark", main))
