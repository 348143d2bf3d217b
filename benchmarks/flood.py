"""Does a flood of pages drown anything when Postgres cannot keep up?

  python -m benchmarks.flood [--pages N] [--seconds S] [--faults NAME ...] [--home DIR] [--json] [--write]

Starts what `depeche up` starts, on embedded servers in a temporary folder, with Redis' `maxmemory` as Compose sets it,
and accepts all pages at once. Then Postgres fails in one way after another, each for SECONDS: the indexer is stopped;
each statement takes 2 s; all of Postgres' connections are taken. Between them all is left alone for a while, and at the
end until nothing is in the air. Each page takes as much of Redis as a real one, since a comment of it cannot be
compressed.

Everything listens on loopback, at free ports, and is stopped at the end, also on Ctrl-C. Exits with 1 when a page is
lost, double or not landed, or Redis took more than its mark. Examples:

  make bench-flood                              100,000 pages, ten minutes a fault: an hour or more
  make bench-flood SECONDS=60 PAGES=5000        some five minutes
  python -m benchmarks.flood --faults slow      only that one
"""

import argparse
import base64
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import redis
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.progress import Progress

from benchmarks.chaos.network import Loop, Proxy, to_unix
from benchmarks.chaos.press import Story
from benchmarks.chaos.site import Site
from benchmarks.command import add_home, add_output, end, name_wrong, tell
from benchmarks.database import bench_home
from benchmarks.flood_faults import FAULTS, TITLES, FaultName, Indexer, Others, Victims
from benchmarks.flood_report import MEBIBYTE, Flood, Sample, markdown, phases_of, sentence
from benchmarks.report import machine_load, setting
from cli import reading
from cli.output import stderr
from cli.settings import CliSettings
from cli.stack.servers import Servers, running_servers
from cli.stack.stack import Endpoints
from services.fetcher.settings import FetcherSettings
from services.indexer.schema.migrate import migrate
from services.indexer.upkeep.logins import Login
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import RETRY
from shared.messages import FetchPages
from shared.settings import load_settings
from shared.signals import EndIfPressed, ctrl_c_noted

PAGES, SECONDS = 100_000, 600.0
# Between two faults all is left alone for this share of a fault's time.
CALM = 0.1
# As in Compose.
MARK = 512 * MEBIBYTE
# So much of a page cannot be compressed: with the rest, it takes what a real page takes (docs/benchmarks.md).
INCOMPRESSIBLE = 56_000
LOOK_EVERY_S = 1.0
# A flood of which nothing lands for so long (s) without a fault has come to a halt.
PATIENCE_S = 300.0
LESS = 5
WRITER = "flood_writer"
ENVIRONMENT = {"DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8", "DEPECHE_HOST_DELAY": "0", "DEPECHE_SOURCES": ""}


class BulkySite(Site):
    """The chaos' site, whose pages are as large in Redis as real ones."""

    def __init__(self, pages: int) -> None:
        super().__init__(
            [Story(number=n, way="ledger", at=0, edited=None, copy_of=None, again=()) for n in range(pages)]
        )
        drawn = random.Random("flood").randbytes(INCOMPRESSIBLE)
        self._bulk = b"<!-- " + base64.b64encode(drawn) + b" -->"

    def _story(self, story: Story) -> tuple[bytes, str]:
        body, tag = super()._story(story)
        return body + self._bulk, tag


class Run:
    """A run; `stack` ends all that it starts."""

    def __init__(self, pages: int, home: Path, stack: ExitStack, end_if_pressed: EndIfPressed) -> None:
        self._end_if_pressed = end_if_pressed
        self._servers: Servers = stack.enter_context(running_servers(_settings(home)))
        loop = stack.enter_context(Loop())
        self._site = BulkySite(pages)
        loop.run(self._site.open())
        endpoints = self._servers.endpoints
        self._redis: redis.Redis = connect_redis(endpoints.redis_url)
        self._redis.config_set("maxmemory", MARK)
        self._ledger = Ledger(self._redis)
        self._victims = self._start(home, endpoints, loop, stack)
        self._samples: list[Sample] = []
        self._accepted: dict[str, str] = {}  # flight -> URL
        self._began = time.monotonic()

    def _start(self, home: Path, endpoints: Endpoints, loop: Loop, stack: ExitStack) -> Victims:
        """Start the workers, as a user without special rights, behind a proxy before Postgres."""
        folder = str(conninfo_to_dict(endpoints.database_url)["host"])
        network = Proxy(to_unix(f"{folder}/.s.PGSQL.5432"), loop)
        past = make_conninfo(endpoints.database_url, user=WRITER, password=WRITER)
        migrate(endpoints.database_url, logins=[Login(url=past, role="depeche_writer")])
        reached = Endpoints(
            redis_url=endpoints.redis_url, database_url=make_conninfo(past, host="127.0.0.1", port=network.open())
        )
        os.nice(LESS)
        indexer = Indexer(home, reached, ENVIRONMENT, cwd=home)
        stack.enter_context(indexer)
        self._others = stack.enter_context(Others(home, reached, ENVIRONMENT, cwd=home))
        return Victims(
            indexer=indexer, network=network, admin_url=endpoints.database_url, database_url=past, writer=WRITER
        )

    def live_through(self, faults: list[FaultName], seconds: float, progress: Progress) -> Flood:
        """Accept all, let Postgres fail in each way, and wait until nothing is in the air."""
        task = progress.add_task("", total=len(self._site.stories))

        def show(sample: Sample) -> None:
            told = f"{sample.phase}: {sample.in_air} in the air, Redis {sample.redis_bytes / MEBIBYTE:.0f} MB"
            progress.update(task, completed=sample.landed, description=told)

        with ThreadPoolExecutor() as beside:
            accepting = beside.submit(self._accept)
            self._look_on("at first", max(CALM * seconds, 5.0), show)
            accepting_s = accepting.result()
        for number, name in enumerate(faults):
            with FAULTS[name](self._victims):
                self._look_on(TITLES[name], seconds, show)
            if number < len(faults) - 1:
                self._look_on(f"after it ({name})", max(CALM * seconds, 5.0), show)
        ended = time.monotonic()
        left = self._drain(show)
        return self._judged(accepting_s, left, time.monotonic() - ended)

    def _accept(self) -> float:
        """Have the ledger accept all pages; returns how long that took (s)."""
        started = time.monotonic()
        urls = [self._site.url(story) for story in self._site.stories]
        for start in range(0, len(urls), 500):
            self._end_if_pressed()
            requests = FetchPages(urls=urls[start : start + 500], batch=uuid.uuid4().hex).requests()
            self._accepted |= {answer.flight_id or "": answer.url for answer in self._ledger.accept(requests)}
        return time.monotonic() - started

    def _look_on(self, phase: str, seconds: float, show: Callable[[Sample], None]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            show(self._sample(phase))
            self._mend(stopped=phase == TITLES["stopped"])
            self._end_if_pressed()
            time.sleep(max(0.0, min(LOOK_EVERY_S, until - time.monotonic())))
        stderr.print(sentence(phases_of(self._samples)[-1]), markup=False, soft_wrap=True)

    def _drain(self, show: Callable[[Sample], None]) -> int:
        """Wait until nothing is in the air; returns how many pages are left when nothing lands any more."""
        moved_at, landed = time.monotonic(), -1
        while time.monotonic() < moved_at + PATIENCE_S:
            sample = self._sample("until all had landed")
            show(sample)
            if sample.landed > landed:
                moved_at, landed = time.monotonic(), sample.landed
            if sample.landed == len(self._accepted):
                return 0
            self._mend(stopped=False)
            self._end_if_pressed()
            time.sleep(LOOK_EVERY_S)
        return len(self._accepted) - landed

    def _mend(self, *, stopped: bool) -> None:
        for workers in [self._others] if stopped else [self._others, self._victims.indexer]:
            workers.mend(lambda sentence: stderr.print(sentence, markup=False))

    def _sample(self, phase: str) -> Sample:
        accepted, counts = len(self._accepted), self._ledger.counts()
        waits = int(cast(int, self._redis.zcard(RETRY)))
        memory = cast(dict[str, Any], self._redis.info("memory"))
        sample = Sample(
            at=time.monotonic() - self._began,
            phase=phase,
            redis_bytes=int(memory["used_memory"]),
            fetched=max(0, accepted - (counts["waiting"] - waits) - counts["fetch"]),
            landed=max(0, accepted - sum(counts.values())),
            in_air=counts["fetch"] + counts["parse"] + counts["index"] + waits,
        )
        self._samples.append(sample)
        return sample

    def _judged(self, accepting_s: float, left: int, drain_s: float) -> Flood:
        url = self._servers.endpoints.database_url
        visits = Counter(row["flight_id"].hex for row in reading.query(url, VISITS))
        articles = Counter(row["url"] for row in reading.query(url, ARTICLES))
        twice = [self._accepted.get(flight, flight) for flight, times in visits.items() if times > 1]
        return Flood(
            accepted=len(self._accepted),
            accepting_s=accepting_s,
            landed=sum(flight in visits for flight in self._accepted),
            lost=[url for flight, url in self._accepted.items() if flight not in visits],
            double=twice + [url for url, times in articles.items() if times > 1],
            quarantined=len(reading.query(url, QUARANTINED)),
            left=left,
            drain_s=drain_s,
            max_in_air=load_settings(FetcherSettings).max_in_air,
            mark_mb=MARK / MEBIBYTE,
            phases=phases_of(self._samples),
            samples=self._samples,
        )


VISITS = "SELECT flight_id FROM news.visits"
ARTICLES = "SELECT url FROM news.articles"
QUARANTINED = "SELECT url FROM news.quarantine"


def _settings(home: Path) -> CliSettings:
    return CliSettings(home=home, redis_url=None, database_url=None)


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.flood", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=PAGES, help=f"pages that are accepted (default: {PAGES:,})")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each fault (default: {SECONDS:.0f})")
    parser.add_argument("--faults", nargs="+", choices=list(FAULTS), default=list(FAULTS), help="default: all")
    add_home(parser)
    add_output(parser)
    return parser.parse_args()


def main() -> None:
    """Run, report, and say whether it went as promised."""
    chosen = options()
    with ctrl_c_noted(signal.SIGTERM) as end_if_pressed, ExitStack() as stack:
        progress = stack.enter_context(Progress(console=stderr, transient=True))
        home = stack.enter_context(bench_home(chosen.home))
        flood = Run(chosen.pages, home, stack, end_if_pressed).live_through(chosen.faults, chosen.seconds, progress)
    told = (
        f"{setting('celery', 'kombu', 'redis', 'psycopg')} {chosen.pages:,} pages, {chosen.seconds:.0f} s a fault; "
        f"{machine_load()}\n\n{markdown(flood)}"
    )
    tell(chosen, flood, lambda: told, "flood")
    report_faults(flood)


def report_faults(flood: Flood) -> None:
    """Name what is wrong on stderr; raises UserError if the flood drowned something."""
    name_wrong({"lost": flood.lost, "double": flood.double})
    if flood.lost or flood.double or flood.left or flood.redis_mb > flood.mark_mb:
        raise UserError("Pages were lost or double, or did not land, or Redis took more than its mark; see above.")


if __name__ == "__main__":
    end("bench-flood", main)
