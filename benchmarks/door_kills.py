"""Sends tasks to workers that are killed at moments which follow from a seed, and starts these again."""

import random
import time
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import redis

from benchmarks.chaos.faults import kill_session
from cli.stack.stack import Workers
from shared.failures import UserError
from shared.signals import EndIfPressed

# A kill comes so long (s) after a task was sent, at the most. Half of them come within an eighth of that, in which a
# worker that waits for a task takes it from Redis.
SOON_S = 0.02
# After every other kill, the next tasks are sent within STARTS_S, and meet workers that are still starting.
STARTS_S = 1.5
# A worker that is started on a busy machine consumes after seconds.
PATIENCE_S, LOOK_EVERY_S = 60.0, 0.05
# How Redis calls a connection that waits for the next message: by Depeche's channel, and by kombu's.
TAKING = ("blmove", "brpop")


class Kill(msgspec.Struct, frozen=True, kw_only=True):
    """`kill -9` of the workers `whom` (by their number), `after` s after the task of this number was sent."""

    task: int
    after: float
    whom: tuple[int, ...]
    pause: float | None  # seconds until the next task is sent; None: until all workers consume again


def kills(seed: int, tasks: int, count: int, workers: int) -> list[Kill]:
    """The kills of a run, in order; one in three takes all workers at once."""
    drawn = random.Random(f"kills {seed}")
    everyone = tuple(range(workers))
    return [
        Kill(
            task=task,
            after=SOON_S * drawn.random() ** 3,
            whom=everyone if drawn.random() < 1 / 3 else (drawn.choice(everyone),),
            pause=drawn.uniform(0, STARTS_S) if drawn.random() < 1 / 2 else None,
        )
        for task in sorted(drawn.sample(range(tasks), count))
    ]


class RestartedWorkers(Workers):
    """Workers that are started again at once, however often they have died."""

    def mend(self, say: Callable[[str], None] = lambda _sentence: None) -> None:
        """Start again what has died: the first call notices, the second starts."""
        self._pause = dict.fromkeys(self.modules, 0.0)
        super().mend(say)


class Killer:
    """Kills those `names` of some workers that take the tasks; `taking` of the workers take messages of any kind."""

    def __init__(self, workers: RestartedWorkers, names: Sequence[str], taking: int, client: "redis.Redis") -> None:
        self._workers = workers
        self._all = taking
        self._names = names
        self._client = client
        self.kills = 0  # moments
        self.killed = 0  # workers

    def send_and_kill(
        self, schedule: list[Kill], tasks: int, send: Callable[[int], None], end_if_pressed: EndIfPressed
    ) -> None:
        """Send all tasks by their number and do the kills meanwhile."""
        due = schedule[::-1]
        self.wait_until_all_take(end_if_pressed)
        for task in range(tasks):
            send(task)
            while due and due[-1].task == task:
                self._do(due.pop(), end_if_pressed)

    def _do(self, kill: Kill, end_if_pressed: EndIfPressed) -> None:
        time.sleep(kill.after)
        pids = self._workers.pids()
        names = [self._names[number] for number in kill.whom]
        killed = sum(kill_session(pids[name]) for name in names)
        self.killed += killed
        self.kills += killed > 0
        # Only then can one that is gone not be taken for one that takes messages, nor be killed in vain.
        while any(self._workers.pids()[name] == pids[name] for name in names):
            self._look(end_if_pressed)
        if kill.pause is None:
            self.wait_until_all_take(end_if_pressed)
        else:
            time.sleep(kill.pause)

    def wait_until_all_take(self, end_if_pressed: EndIfPressed) -> None:
        """Wait until all workers take messages."""
        ends = time.monotonic() + PATIENCE_S
        while self._taking() < self._all:
            if time.monotonic() > ends:
                raise UserError(f"Not all workers consume after {PATIENCE_S:.0f} s; their logs say why (--home).")
            self._look(end_if_pressed)

    def _taking(self) -> int:
        connections = cast(list[dict[str, str]], self._client.client_list())
        return sum(connection["cmd"] in TAKING for connection in connections)

    def mend(self) -> None:
        """Start again what has died."""
        self._workers.mend()

    def _look(self, end_if_pressed: EndIfPressed) -> None:
        self.mend()
        end_if_pressed()
        time.sleep(LOOK_EVERY_S)
