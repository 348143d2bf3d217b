"""One run: the stack, the site, the feeders, the faults and the comparison, started, let run, and stopped."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.progress import Progress

from benchmarks.chaos.faults import Chaos, Victims, in_threads, redis_of
from benchmarks.chaos.feeding import Feeder, feeders
from benchmarks.chaos.network import Loop, Proxy, to_tcp, to_unix
from benchmarks.chaos.plain import VISIBILITY_S, Plain, PlainResult, plain_celery
from benchmarks.chaos.press import stories
from benchmarks.chaos.report import Done, Evidence, Result, judge
from benchmarks.chaos.schedule import Fault, faults
from benchmarks.chaos.server_faults import ServerFaults
from benchmarks.chaos.site import Site
from benchmarks.chaos.watch import Watch
from benchmarks.database import bench_home
from cli.settings import CliSettings
from cli.stack.servers import Servers, running_servers
from cli.stack.stack import WORKERS, Endpoints, Workers
from shared.signals import EndIfPressed

# As in `depeche up`.
MEND_EVERY_S = 0.5
# What has not landed after this time without faults (s) counts as lost. A message whose parser was killed is published
# again after 45 s, one that was lost on its way to a fetcher after 120 s.
PATIENCE_S = 300.0
LESS = 5

SOURCES = """[[source]]
name = "{way}"
url = "{url}"
kind = "{kind}"
every = "4s"
same_site = false
revisit = ["10s", "60s"]

"""
ENVIRONMENT = {
    "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
    "DEPECHE_HOST_DELAY": "0.05",
    "DEPECHE_FETCHER_THREADS": "8",
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run."""

    seed: int
    seconds: float
    pages: int
    apart: float  # seconds between two faults, on average


class TwoOfEach(Workers):
    """Two workers a stage, and the one tick."""

    modules = WORKERS | {f"{name}-2": WORKERS[name] for name in ("fetcher", "parser", "indexer")}


class Run:
    """A run; `stack` ends all that it starts."""

    def __init__(self, plan: Plan, home: Path, stack: ExitStack) -> None:
        self._plan = plan
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._busy: list[threading.Thread] = []  # those that end by themselves
        self._mend_at = 0.0
        self._done: list[Done] = []
        self._home = home
        self._servers: Servers = stack.enter_context(running_servers(_settings(home)))
        loop = stack.enter_context(Loop())
        self._site = Site(stories(plan.seed, plan.pages, plan.seconds))
        loop.run(self._site.open())
        self._watch = Watch(self._servers.endpoints)
        reached = self._open_network(loop)
        self._name_sources(listed=True)
        os.nice(LESS)
        environment = {**ENVIRONMENT, "DEPECHE_SOURCES": str(home / "sources.toml")}
        self._workers: Workers = stack.enter_context(TwoOfEach(home, reached, environment, cwd=home))
        visibility_s = min(VISIBILITY_S, plan.seconds / 3)
        self._plain: Plain = stack.enter_context(plain_celery(home / "plain", visibility_s))
        self._feeders: list[Feeder] = feeders(list(self._site.stories), self._site.url, reached.redis_url)
        self._chaos = Chaos(self._victims(), self._ending)
        stack.enter_context(in_threads(self._threads, self._ending))

    def _open_network(self, loop: Loop) -> Endpoints:
        """Put a proxy before each server; returns where the workers and the feeders reach them."""
        endpoints = self._servers.endpoints
        before, _, port = endpoints.redis_url.removesuffix("/0").rpartition(":")
        self._redis_network = Proxy(to_tcp(int(port)), loop)
        folder = str(conninfo_to_dict(endpoints.database_url)["host"])
        self._postgres_network = Proxy(to_unix(f"{folder}/.s.PGSQL.5432"), loop)
        return Endpoints(
            redis_url=f"{before}:{self._redis_network.open()}/0",
            database_url=make_conninfo(endpoints.database_url, host="127.0.0.1", port=self._postgres_network.open()),
        )

    def _victims(self) -> Victims:
        endpoints, redis_data = self._servers.endpoints, self._home / "redis"
        return Victims(
            workers=self._workers,
            redis_pid=redis_of(redis_data),
            redis_data=redis_data,
            servers=ServerFaults(endpoints.redis_url, endpoints.database_url, self._ending),
            postgres_data=self._home / "postgres",
            redis_network=self._redis_network,
            postgres_network=self._postgres_network,
            plain_workers=self._plain.workers,
            plain_redis_pid=redis_of(self._home / "plain" / "redis"),
        )

    def _name_sources(self, *, listed: bool) -> None:
        kinds = (("front", "page"), ("feed", "feed")) if listed else ()
        text = "".join(SOURCES.format(way=way, kind=kind, url=self._site.list_url(way)) for way, kind in kinds)
        (self._home / "sources.toml").write_text(text or "# none any more\n", "utf-8")

    def live_through(self, progress: Progress, end_if_pressed: EndIfPressed) -> tuple[Result, PlainResult]:
        """Feed and harm the stack, leave it alone until nothing is in the air, and judge."""
        began, at = time.monotonic(), time.time()
        self._site.began = began
        for feeder in self._feeders:
            self._busy.append(self._start(partial(feeder.feed, began, self._ending)))
        self._busy.append(self._start(lambda: self._plain.feed(began, self._plan.seconds, self._ending)))
        self._start(lambda: self._watch.look_on(self._ending))
        self._harm(began, progress, end_if_pressed)
        left = self._settle(progress, end_if_pressed)
        kills, plain_kills = self._chaos.kills, self._chaos.plain_kills
        evidence = Evidence(
            seconds=self._plan.seconds,
            began=at,
            stories={self._site.url(story): story for story in self._site.stories},
            asked=[asked for feeder in self._feeders for asked in feeder.asked],
            edited=frozenset(self._site.gave_edited),
            done=self._done,
            moved=self._watch.moved,
            stored=self._watch.stored(),
            kills=kills,
            left=left,
        )
        return judge(evidence), msgspec.structs.replace(self._plain.result(), kills=plain_kills)

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _harm(self, began: float, progress: Progress, end_if_pressed: EndIfPressed) -> None:
        plan, task = self._plan, progress.add_task("chaos", total=self._plan.seconds)
        due = faults(plan.seed, plan.seconds, plan.apart)[::-1]
        while (passed := time.monotonic() - began) < plan.seconds:
            while due and due[-1].at <= passed:
                fault = due.pop()
                self._busy.append(self._start(partial(self._do, fault)))
            self._mend()
            shown = f"{len(self._done)} faults, {self._chaos.kills} kills"
            progress.update(task, completed=passed, description=shown)
            time.sleep(MEND_EVERY_S / 5)
            end_if_pressed()

    def _do(self, fault: Fault) -> None:
        began = time.time()
        self._chaos.do(fault)
        done = Done(fault=fault, began=began, ended=time.time())
        self._done.append(done)
        with (self._home / "logs" / "faults.log").open("a", encoding="utf-8") as log:
            log.write(f"{done.began:.1f} to {done.ended:.1f} {fault.kind}\n")

    def _mend(self) -> None:
        now = time.monotonic()
        if now < self._mend_at:
            return
        self._mend_at = now + MEND_EVERY_S
        self._servers.mend(self._say)
        self._workers.mend(self._say)
        self._plain.mend()

    def _say(self, sentence: str) -> None:
        with (self._home / "logs" / "mended.log").open("a", encoding="utf-8") as log:
            log.write(f"{time.time():.1f} {sentence}\n")

    def _settle(self, progress: Progress, end_if_pressed: EndIfPressed) -> int:
        """Mend, and harm no more, until nothing is in the air; returns how many pages are left after PATIENCE_S."""
        task = progress.add_task("left alone", total=None)
        began = time.monotonic()
        are_listed = False
        left: int | None = None
        while time.monotonic() < began + PATIENCE_S:
            self._mend()
            if not are_listed and not any(thread.is_alive() for thread in self._busy) and self._all_found():
                are_listed = True
                self._name_sources(listed=False)
            left = self._watch.in_air()
            progress.update(task, description=f"left alone: {left} in the air")
            plain_is_done = self._plain.is_done(time.monotonic() - began)
            if are_listed and left == 0 and plain_is_done:
                return 0
            time.sleep(MEND_EVERY_S / 2)
            end_if_pressed()
        return left or 0

    def _all_found(self) -> bool:
        """Return whether what the front and the feed listed has been found."""
        wanted = {self._site.url(story) for story in self._site.stories if story.way in ("front", "feed")}
        return wanted <= self._watch.found()


def _settings(home: Path) -> CliSettings:
    return CliSettings(home=home, redis_url=None, database_url=None)


def run(plan: Plan, home: Path | None, progress: Progress, end_if_pressed: EndIfPressed) -> tuple[Result, PlainResult]:
    """Run in `home`, which is kept, or else in a folder that is not; `end_if_pressed` raises to end the run."""
    with ExitStack() as stack:
        return Run(plan, stack.enter_context(bench_home(home)), stack).live_through(progress, end_if_pressed)
