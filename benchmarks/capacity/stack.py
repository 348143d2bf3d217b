"""The running stack under a load that is chosen: pages a second, or pages in the air."""

import os
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec
import redis

from benchmarks.cpu import Cost, Meter
from benchmarks.database import bench_home, postgres_pid
from benchmarks.page_server import Sites, page_server
from benchmarks.pipeline import SITES, WORKER_ENV
from benchmarks.soak.meters import folder_bytes
from cli import reading
from cli.settings import CliSettings
from cli.stack.servers import running_servers
from cli.stack.stack import Workers
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import SEEN
from shared.messages import FetchPages

LOOK_EVERY_S, FEED_EVERY_S = 1.0, 0.05
PATIENCE_S = 300.0
# What a feeder adds at a time to keep so many pages in the air.
REFILL = 16
# Where nothing landed, this (pages a second) is tried; no load has fewer pages.
LEAST_RATE, LEAST_PAGES = 0.5, 4
# A prime, so that pages are taken from all over the folder, each once before any comes again.
STRIDE = 7_919
# The followers have this many changes left at the most when they count as having kept up.
FOLLOWERS_LEFT = 100

Say = Callable[[str], None]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a load of pages cost. `in_air` has a figure for each second; sizes are for one page."""

    rate: float  # pages a second that were accepted
    seconds: float
    cost: Cost
    in_air: list[int]
    fates: dict[str, int]
    wal_bytes: float
    wal_of_full_pages: float  # share of the WAL that are whole pages, the first time after a checkpoint
    redis_file_bytes: float
    archive_bytes: float
    redis_memory: float  # the most that was used (bytes, not for one page)
    urls_before: int  # that Redis remembered when the load began
    latency_p50: float
    latency_p95: float

    @property
    def backlog_per_s(self) -> float:
        """How many pages more there are in the air each second: the last third of the time against the first."""
        third = max(1, len(self.in_air) // 3)
        first, last = self.in_air[:third], self.in_air[-third:]
        return (sum(last) - sum(first)) / third / max(1, len(self.in_air) - third) / LOOK_EVERY_S


class Stack:
    """The stack, its meters and the sites that it fetches; `stack` ends all."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        home = stack.enter_context(bench_home())
        self.sites: Sites = stack.enter_context(page_server(folder, SITES))
        settings = CliSettings(home=home, redis_url=None, database_url=None)
        endpoints = stack.enter_context(running_servers(settings)).endpoints
        self.database_url = endpoints.database_url
        self.processes = int(os.environ.get("DEPECHE_PARSER_PROCESSES") or os.cpu_count() or 1)
        self._archive = home / "archive"
        of_ours = {"DEPECHE_PARSER_PROCESSES": str(self.processes), "DEPECHE_ARCHIVE": str(self._archive)}
        self._workers = ExitStack()
        stack.enter_context(self._workers)
        workers = self._workers.enter_context(Workers(home, endpoints, WORKER_ENV | of_ours, cwd=home))
        self.redis: redis.Redis = connect_redis(endpoints.redis_url)
        self.ledger = Ledger(self.redis)
        redis_pid = cast(dict[str, Any], self.redis.info("server"))["process_id"]
        servers = {"Redis": redis_pid, "Postgres": postgres_pid(home / "postgres")}
        apart = {"accepting": os.getpid(), "page server": self.sites.pid}
        self._meter = Meter({**workers.pids(), **servers, **apart}, self.redis)

    def stop_workers(self) -> None:
        """End the workers; the servers go on."""
        self._workers.close()

    def in_air(self) -> int:
        """Returns how many pages are in the air."""
        return sum(self.ledger.counts().values())

    def ceiling(self, seconds: float, pages_in_air: int, look: Callable[[], None]) -> float:
        """Keep so many pages in the air; returns how many landed a second. `look` is called each second."""
        batch, began, landed = uuid.uuid4().hex, time.monotonic(), list[tuple[float, int]]()
        accepted, due = 0, began
        while (now := time.monotonic()) < began + seconds:
            in_air = self.in_air()
            landed.append((now, accepted - in_air))
            while in_air < pages_in_air:
                self._accept(batch, self.sites.urls(batch, REFILL, first=accepted, stride=STRIDE))
                accepted, in_air = accepted + REFILL, in_air + REFILL
            if now > due:
                due = now + LOOK_EVERY_S
                look()
            time.sleep(FEED_EVERY_S)
        self.drain(batch)
        # It takes a while until all stages have something to do.
        (first_at, first), (last_at, last) = landed[len(landed) // 4], landed[-1]
        return max(LEAST_RATE, (last - first) / (last_at - first_at))

    def load(self, rate: float, seconds: float, label: str | None = None) -> Load:
        """Accept pages at a steady rate, and wait until all have landed. A known label asks for its pages again."""
        batch, label = uuid.uuid4().hex, label or uuid.uuid4().hex
        urls = self.sites.urls(label, max(LEAST_PAGES, round(rate * seconds)), stride=STRIDE)
        urls_before, before, start = self._remembered(), self._written(), self._meter.read()
        archived = folder_bytes(self._archive)
        watch, sent, asked = _Watch(self), 0, dict[str, float]()
        while sent < len(urls):
            due = min(len(urls), int((time.monotonic() - start.at) * rate) + 1)
            asked |= dict.fromkeys(urls[sent:due], time.time())
            self._accept(batch, urls[sent:due])
            sent = due
            watch.look()
            time.sleep(FEED_EVERY_S)
        self.drain(batch, watch.look_at_file)
        cost, after = self._meter.cost_since(start, len(urls)), self._written()
        wal = after.wal_bytes - before.wal_bytes
        waits, fates = self._landed(batch, asked)
        return Load(
            rate=rate,
            seconds=seconds,
            cost=cost,
            in_air=watch.in_air,
            fates=fates,
            wal_bytes=wal / len(urls),
            wal_of_full_pages=8192 * (after.wal_fpi - before.wal_fpi) / wal,
            redis_file_bytes=watch.file_bytes / len(urls),
            archive_bytes=(folder_bytes(self._archive) - archived) / len(urls),
            redis_memory=watch.memory,
            urls_before=urls_before,
            latency_p50=waits[len(waits) // 2],
            latency_p95=waits[int(0.95 * len(waits))],
        )

    def _accept(self, batch: str, urls: list[str]) -> None:
        if urls:
            self.ledger.accept(FetchPages(urls=urls, batch=batch).requests())

    def drain(self, batch: str, look: Callable[[], None] = lambda: None) -> None:
        """Wait until a batch has landed and the followers have kept up."""
        deadline = time.monotonic() + PATIENCE_S
        while self.ledger.batch_in_air(batch) or self.followers_left() > FOLLOWERS_LEFT:
            if time.monotonic() > deadline:
                raise UserError(f"Not all pages have landed after {PATIENCE_S:.0f} s: {self.ledger.counts()}.")
            look()
            time.sleep(4 * FEED_EVERY_S)

    def followers_left(self) -> int:
        """Returns how many changes the slowest follower has not worked on yet."""
        return int(reading.query(self.database_url, FOLLOWERS)[0]["left"] or 0)

    def _remembered(self) -> int:
        return int(str(self.redis.zcard(SEEN)))

    def _written(self) -> "Written":
        return msgspec.convert(reading.query(self.database_url, WRITTEN)[0], Written)

    def _landed(self, batch: str, asked: dict[str, float]) -> tuple[list[float], dict[str, int]]:
        rows = reading.query(self.database_url, LANDED, {"batch": batch})
        if len(rows) != len(asked):
            raise UserError(f"{len(asked)} pages were accepted and {len(rows)} are in Postgres.")
        waits = sorted(row["landed_at"].timestamp() - asked[row["url"]] for row in rows)
        return waits, dict(Counter(str(row["fate"]) for row in rows))


FOLLOWERS = """
SELECT max((SELECT count(*) FROM (SELECT FROM news.changes_since(cursor, 1000)) AS further)) AS left
FROM depeche.followers
"""
WRITTEN = "SELECT wal_bytes::bigint, wal_fpi FROM pg_stat_wal"
LANDED = "SELECT url, fate, landed_at FROM news.pages WHERE batch = %(batch)s"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What Postgres has written into its log: bytes, and whole pages."""

    wal_bytes: int
    wal_fpi: int


class _Watch:
    """Looks at a load each second: pages in the air, the growth of Redis' file, its memory."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._due = time.monotonic() + LOOK_EVERY_S
        self._file = self._info()["aof_current_size"]
        self.in_air: list[int] = []
        self.file_bytes = 0
        self.memory = 0

    def look(self) -> None:
        """Look, if it is time to."""
        if (now := time.monotonic()) >= self._due:
            self._due = now + LOOK_EVERY_S
            self.in_air.append(self._stack.in_air())
            self.look_at_file()

    def look_at_file(self) -> None:
        """Add what the file has grown; when it has been written anew it is smaller."""
        info = self._info()
        self.file_bytes += max(0, info["aof_current_size"] - self._file)
        self._file = info["aof_current_size"]
        self.memory = max(self.memory, info["used_memory"])

    def _info(self) -> dict[str, Any]:
        return cast(dict[str, Any], self._stack.redis.info("everything"))
