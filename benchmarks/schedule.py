"""How long does a beat of the tick take when 10,000 sources are due at once, and does its memory stay flat?

  python -m benchmarks.schedule [--sources N ...] [--json]

Enters the sources on an embedded Redis in a temporary folder, makes all of them due, and starts them beat by beat as
the tick does: it takes them, accepts one flight per source, and confirms. Between the rounds the flights are removed.
Without options the result is also written into docs/benchmarks.md.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec
import psutil
import redis
import structlog
from rich.progress import Progress

from benchmarks.report import setting, table, write_section
from cli.output import print_json, stderr
from cli.stack.embedded import embedded_redis
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import read_sources
from services.fetcher.sources.source import Source
from services.fetcher.tick import Tick
from shared.broker.celery_app import make_celery
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.flight.redis_keys import SOURCES
from shared.service import exit_status
from shared.signals import interrupted_once

SIZES = (100, 1_000, 10_000)
SOURCES_A_HOST = 20
ROUNDS, IDLE_BEATS = 5, 100
SOURCE = """[[source]]
name = "source-{n}"
url = "https://www.newspaper-{host}.example/section-{n}/"
follow = ["front", "ticker", "latest"]
"""


class Beats(msgspec.Struct, frozen=True, kw_only=True):
    """One number of sources. Times in milliseconds, of Redis and client together; memory in MiB."""

    sources: int
    read_file: float
    beats: int
    beat_p50: float
    beat_max: float
    redis_max: float
    idle_p50: float
    memory_first: float
    memory_growth: float


class Due:
    """A tick over so many sources, and what its beats take."""

    def __init__(self, client: "redis.Redis", redis_url: str, sources: dict[str, Source]) -> None:
        self._client = client
        self._sources = sources
        publisher = Publisher(make_celery("benchmark", redis_url))
        backbone = Backbone(ledger=Ledger(client), store=PageStore(client), publisher=publisher)
        self._tick = Tick(client, backbone, FetcherSettings())

    def start_all(self) -> list[float]:
        """Make all sources due and start them; milliseconds of each beat until nothing is due."""
        self._take_flights_away()
        took: list[float] = []
        more = True
        while more:
            started = time.perf_counter()
            more = self._tick.start_due(self._sources)
            took.append((time.perf_counter() - started) * 1000)
        flying = cast(int, self._client.hlen("depeche:air"))
        if flying != len(self._sources):
            raise RuntimeError(f"{flying} flights instead of {len(self._sources)}")
        return took

    def idle_beat(self) -> float:
        """Milliseconds of a beat while nothing is due."""
        started = time.perf_counter()
        self._tick.start_due(self._sources)
        return (time.perf_counter() - started) * 1000

    def slowest_script_ms(self) -> float:
        """The longest that one call has kept Redis from everything else."""
        calls = cast(list[dict[str, Any]], self._client.slowlog_get(1000))
        return max((call["duration"] / 1000 for call in calls if b"EVALSHA" in call["command"]), default=0.0)

    def _take_flights_away(self) -> None:
        schedule = dict(self._kept())
        self._client.flushdb()
        for key, value in schedule.items():
            self._client.restore(key, 0, value)
        names = cast(list[bytes], self._client.zrange(SOURCES, 0, -1))
        if names:
            self._client.zadd(SOURCES, dict.fromkeys(names, 0.0))

    def _kept(self) -> list[tuple[bytes, bytes]]:
        keys = [*self._client.scan_iter("depeche:source:*", count=1000), *self._client.scan_iter(SOURCES, count=1000)]
        return [(key, cast(bytes, self._client.dump(key))) for key in keys]


def measure(client: "redis.Redis", redis_url: str, home: Path, count: int) -> Beats:
    """All rounds with so many sources."""
    client.flushdb()
    client.config_set("slowlog-log-slower-than", 200)
    client.config_set("slowlog-max-len", 10_000)
    client.slowlog_reset()
    path = home / "sources.toml"
    path.write_text("".join(SOURCE.format(n=n, host=n // SOURCES_A_HOST) for n in range(count)), "utf-8")
    started = time.perf_counter()
    sources = {source.name: source for source in read_sources(path)}
    read_file = (time.perf_counter() - started) * 1000
    due = Due(client, redis_url, sources)
    first = due.start_all()  # enters them as well
    memory = [_memory_mib()]
    beats: list[float] = []
    for _ in range(ROUNDS):
        beats += due.start_all()
        memory.append(_memory_mib())
    idle = [due.idle_beat() for _ in range(IDLE_BEATS)]
    return Beats(
        sources=count,
        read_file=read_file,
        beats=len(beats) // ROUNDS,
        beat_p50=statistics.median(beats),
        beat_max=max([*beats, *first]),
        redis_max=due.slowest_script_ms(),
        idle_p50=statistics.median(idle),
        memory_first=memory[0],
        memory_growth=memory[-1] - memory[1],
    )


def _memory_mib() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def markdown(results: Sequence[Beats]) -> str:
    """The section of docs/benchmarks.md."""
    rows: list[dict[str, object]] = [
        {
            "sources due": f"{beats.sources:,}",
            "beats": beats.beats,
            "ms a beat, p50": beats.beat_p50,
            "longest": beats.beat_max,
            "longest call in Redis, ms": beats.redis_max,
            "ms a beat with none due": beats.idle_p50,
            "reading the file, ms": beats.read_file,
            "memory, MiB": beats.memory_first,
            f"growth in {ROUNDS - 1} rounds, MiB": beats.memory_growth,
        }
        for beats in results
    ]
    return f"{setting('redis', 'pydantic')}\n\n{table(rows)}"


def run(sizes: Sequence[int], progress: Progress) -> list[Beats]:
    """All sizes, on one Redis."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="depeche-bench-")))
        redis_url = stack.enter_context(embedded_redis(home))
        client = stack.enter_context(connect_redis(redis_url))
        return [measure(client, redis_url, home, size) for size in progress.track(sizes, description="sources due")]


def main() -> None:
    """Measure and print; at the default sizes also write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sources", type=int, nargs="+", help=f"sources due (default: {SIZES})")
    options.add_argument("--json", action="store_true", help="print the figures as one line of JSON")
    chosen = options.parse_args()
    with interrupted_once(), Progress(console=stderr, transient=True) as progress:
        results = run(chosen.sources or SIZES, progress)
    if chosen.json:
        print_json({"beats": [msgspec.structs.asdict(beats) for beats in results]})
        return
    print(markdown(results))
    if chosen.sources is None:
        write_section("schedule", markdown(results))


if __name__ == "__main__":
    sys.exit(exit_status("benchmark", main))
