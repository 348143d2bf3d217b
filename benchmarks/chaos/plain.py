"""Plain Celery beside Depeche: trivial tasks on a Redis of its own, under the same kills."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.chaos.feeding import AGAIN_S, AWAY, foreign_celery
from benchmarks.chaos.plain_worker import TASK
from cli.stack.embedded import EmbeddedRedis
from cli.stack.stack import Endpoints, Workers

# The time after which Redis' transport hands out again what a worker has not acknowledged (s). An hour by default; who
# knows that the tasks are short sets it lower.
VISIBILITY_S = 60.0
# A task whose row comes later (s) is late.
LATE_S = 30.0
APART_S = 0.35


class PlainResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the tasks that were sent."""

    sent: int
    lost: int
    double: int
    late: int
    longest: float
    kills: int = 0


class PlainWorkers(Workers):
    """Two workers."""

    modules = dict.fromkeys(("celery", "celery-2"), "benchmarks.chaos.plain_worker")


class Plain:
    """The workers, and what is sent to them."""

    def __init__(self, home: Path, server: EmbeddedRedis, visibility_s: float) -> None:
        self._server = server
        self.rows = home / "rows"
        self.rows.touch()
        self.visibility_s = visibility_s
        environment = {"PLAIN_ROWS": str(self.rows), "PLAIN_VISIBILITY_S": str(visibility_s)}
        endpoints = Endpoints(redis_url=server.url, database_url="")
        self.workers = PlainWorkers(home, endpoints, environment, cwd=Path(__file__).parents[2])
        self.sent = 0

    def feed(self, began: float, seconds: float, ending: threading.Event) -> None:
        """Send a task again and again until the time is over."""
        app = foreign_celery("plain", self._server.url)
        while time.monotonic() < began + seconds and not ending.wait(APART_S):
            at = time.time()
            while not ending.is_set():
                try:
                    app.send_task(TASK, args=[self.sent, at], queue="plain", retry=False)
                    self.sent += 1
                    break
                except AWAY:
                    ending.wait(AGAIN_S)

    def mend(self) -> None:
        """Start again what has died, as for Depeche."""
        self._server.mend()
        self.workers.mend(lambda _sentence: None)

    def is_done(self, waited: float) -> bool:
        """Whether all rows are there, or as much time (s) has passed as is needed to hand a task out again."""
        return len(self.written()) == self.sent or waited > 1.5 * self.visibility_s + 10

    def written(self) -> dict[int, list[float]]:
        """The rows: number of the task -> how long each took (s)."""
        found: dict[int, list[float]] = {}
        for line in self.rows.read_text("utf-8").splitlines():
            number, took = line.split()
            found.setdefault(int(number), []).append(float(took))
        return found

    def result(self) -> PlainResult:
        """What has become of the tasks by now."""
        written = self.written()
        times = Counter({number: len(took) for number, took in written.items()})
        first = [min(took) for took in written.values()]
        return PlainResult(
            sent=self.sent,
            lost=sum(number not in written for number in range(self.sent)),
            double=sum(times.values()) - len(times),
            late=sum(took > LATE_S for took in first),
            longest=max(first, default=0.0),
        )


@contextmanager
def plain_celery(home: Path, visibility_s: float) -> Iterator[Plain]:
    """Run plain Celery on a Redis of its own."""
    home.mkdir()
    with EmbeddedRedis(home) as server:
        plain = Plain(home, server, visibility_s)
        with plain.workers:
            yield plain
