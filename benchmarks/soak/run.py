"""One soak: the stack, the press and the meters, started, let run, and stopped."""

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import redis
from rich.progress import Progress

from benchmarks.chaos.feeding import foreign_celery
from benchmarks.chaos.network import Loop
from benchmarks.database import bench_home
from benchmarks.soak.meters import Meters, Sample, kinds_of_keys
from benchmarks.soak.press import LISTS, Press, list_of
from benchmarks.soak.report import Result, left_over, lines
from benchmarks.soak.site import Site, list_kind
from cli import reading
from cli.settings import CliSettings
from cli.stack.servers import running_servers
from cli.stack.stack import WORKERS, Workers
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import REVISITS
from shared.messages import DOOR_QUEUE, DOOR_TASK
from shared.signals import EndIfPressed

LOOK_EVERY_S = 0.5
# What is still in the air after this time without new pages (s) is held for ever.
PATIENCE_S = 600.0
LESS = 5
# In the warm-up, so many pages are asked for at once: a worker starts threads and opens connections as it needs them,
# and would otherwise have all of them only after hours.
BURST = 400
# The first fetch of a story and its revisits; those of a story that is gone are none.
VISITS_OF_A_STORY = 3

SOURCE = """[[source]]
name = "list-{number}"
url = "{url}"
kind = "{kind}"
every = "{every:.0f}s"
same_site = false
revisit = {revisit}

"""
ENVIRONMENT = {"DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8", "DEPECHE_HOST_DELAY": "0.05"}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run; times in seconds. Stories are fetched again at the ages `revisit`."""

    seconds: float
    warm_s: float
    rate: float  # pages a second, revisits and lists included
    every_s: float  # between two samples
    revisit: tuple[int, int]
    list_every_s: float

    @property
    def press(self) -> Press:
        """The press that leads to so many pages, with an edit between the two revisits."""
        stories_per_s = max(0.1, (self.rate - LISTS / self.list_every_s) / VISITS_OF_A_STORY)
        return Press(per_s=stories_per_s, edited_at=sum(self.revisit) / 2)


Note = Callable[[Sample], None]


class Soak:
    """A run; `stack` ends all that it starts."""

    def __init__(self, plan: Plan, home: Path, stack: ExitStack) -> None:
        self._plan = plan
        self._home = home
        self._servers = stack.enter_context(running_servers(CliSettings(home=home, redis_url=None, database_url=None)))
        self._endpoints = self._servers.endpoints
        self._site = Site(plan.press)
        stack.enter_context(Loop()).run(self._site.open())
        self._name_sources(LISTS)
        os.nice(LESS)
        sources = {"DEPECHE_SOURCES": str(home / "sources.toml"), "DEPECHE_ARCHIVE": str(home / "archive")}
        self._workers = stack.enter_context(Workers(home, self._endpoints, ENVIRONMENT | sources, cwd=home))
        self._redis: redis.Redis = connect_redis(self._endpoints.redis_url)
        self._ledger = Ledger(self._redis)
        self._meters = Meters(self._endpoints, self._workers, home, self._redis)
        self._door = foreign_celery("scheduler", self._endpoints.redis_url)
        self._next_at_door = 0
        self._is_burst_to_come = True
        self.samples: list[Sample] = []
        self.restarts: list[str] = []

    def _name_sources(self, count: int) -> None:
        text = "".join(
            SOURCE.format(
                number=number,
                url=self._site.list_url(number),
                kind={"front": "page", "feed": "feed"}[list_kind(number)],
                every=self._plan.list_every_s,
                revisit=[f"{age}s" for age in self._plan.revisit],
            ).replace("'", '"')
            for number in range(count)
        )
        (self._home / "sources.toml").write_text(text or "# none any more\n", "utf-8")

    def live_through(self, progress: Progress, end_if_pressed: EndIfPressed, note: Note) -> Result:
        """Publish and sample, then leave all alone until nothing is in the air, and judge; `note` gets each sample."""
        self._site.began = time.monotonic()
        task, due = progress.add_task("soak", total=self._plan.seconds), 0.0
        while (now := self._site.now()) < self._plan.seconds:
            self._look_after_all()
            self._send_to_door()
            if now >= due:
                self.samples.append(sample := self._meters.read(now))
                note(sample)
                due = now + self._plan.every_s
                shown = f"{sample.visits:,} visits, {sample.in_air:,} pages in the air"
                progress.update(task, completed=now, description=shown)
            time.sleep(LOOK_EVERY_S)
            end_if_pressed()
        landed_per_s = self.samples[-1].visits / self.samples[-1].at
        stuck = self._settle(progress, end_if_pressed)
        return self._judge(landed_per_s, stuck)

    def _look_after_all(self) -> None:
        self._servers.mend(self.restarts.append)
        self._workers.mend(self.restarts.append)

    def _send_to_door(self) -> None:
        newest = self._site.newest()
        urls = [self._site.url(n) for n in range(self._next_at_door, newest + 1) if list_of(n) >= LISTS]
        self._next_at_door = newest + 1
        if self._is_burst_to_come and self._site.now() > self._plan.warm_s / 2:
            self._is_burst_to_come = False
            urls += [self._site.url(n) for n in range(max(0, newest - BURST), newest)]
        if urls:
            self._door.send_task(DOOR_TASK, args=[urls], queue=DOOR_QUEUE)

    def _settle(self, progress: Progress, end_if_pressed: EndIfPressed) -> int:
        """Wait until nothing is in the air; returns how many pages still are, or are to be, after PATIENCE_S."""
        self._site.ends = self._plan.seconds
        self._name_sources(0)
        task, began, stuck = progress.add_task("left alone", total=None), time.monotonic(), 0
        while time.monotonic() < began + PATIENCE_S + max(self._plan.revisit):
            self._look_after_all()
            in_air = sum(self._ledger.counts().values())
            planned = int(str(self._redis.hlen(REVISITS)))
            progress.update(task, description=f"left alone: {in_air} in the air, {planned} to be fetched again")
            if not (stuck := in_air + planned):
                return 0
            time.sleep(LOOK_EVERY_S)
            end_if_pressed()
        return stuck

    def _judge(self, landed_per_s: float, stuck: int) -> Result:
        found, kinds = lines(self.samples, self._plan.warm_s), kinds_of_keys(self._redis)
        fates: Counter[str] = Counter()
        for row in reading.query(self._endpoints.database_url, FATES):
            fates[str(row["fate"])] = int(row["visits"])
        return Result(
            seconds=self._plan.seconds,
            visits=fates.total(),
            pages_per_s=landed_per_s,
            fates=dict(fates),
            in_air=found.in_air,
            held=found.held,
            grown=found.grown,
            kinds=kinds,
            stuck=stuck,
            left={} if stuck else left_over(kinds, len(WORKERS)),
            restarts=self.restarts,
        )


FATES = "SELECT fate, count(*) AS visits FROM news.visits GROUP BY fate"


def run(plan: Plan, home: Path | None, progress: Progress, end_if_pressed: EndIfPressed, note: Note) -> Result:
    """Run in `home`, which is kept, or else in a folder that is not; `end_if_pressed` raises to end the run."""
    with ExitStack() as stack:
        return Soak(plan, stack.enter_context(bench_home(home)), stack).live_through(progress, end_if_pressed, note)
