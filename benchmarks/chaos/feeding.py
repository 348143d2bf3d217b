"""Brings the stories of a run into the pipeline: by a foreign Celery client at the door, and by the ledger."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from benchmarks.chaos.press import Story
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Acceptance, Ledger
from shared.messages import DOOR_QUEUE, DOOR_TASK, FetchRequest, Origin

PATIENCE_S, AGAIN_S = 5.0, 0.2
AWAY = (redis.RedisError, OperationalError, UserError, OSError)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page that was taken on: by the ledger under `flight_id`, or into the door's queue (None); Unix seconds."""

    url: str
    at: float
    flight_id: str | None = None


class Feeder:
    """Asks for stories when it is time; what fails is tried again until it is taken on, as any careful client does."""

    def __init__(self, name: str, send: Callable[[str], list[Asked]], due: Sequence[tuple[float, str]]) -> None:
        """`due` has (second of the run, URL)."""
        self._send = send
        self._due = sorted(due)
        self.asked: list[Asked] = []
        self.unsure = 0  # times that a send failed, and may have been taken on all the same
        self.name = name

    def feed(self, began: float, ending: threading.Event) -> None:
        """Ask for all; `began` is a moment of time.monotonic()."""
        for at, url in self._due:
            if ending.wait(max(0.0, began + at - time.monotonic())):
                return
            while not ending.is_set():
                try:
                    self.asked += self._send(url)
                    break
                except AWAY:
                    self.unsure += 1
                    ending.wait(AGAIN_S)


def door(redis_url: str) -> Callable[[str], list[Asked]]:
    """A client that has nothing of Depeche's."""
    app = foreign_celery("scheduler", redis_url)

    def send(url: str) -> list[Asked]:
        app.send_task(DOOR_TASK, args=[[url]], queue=DOOR_QUEUE, retry=False)
        return [Asked(url=url, at=time.time())]

    return send


def foreign_celery(name: str, redis_url: str) -> Celery:
    """A plain Celery client that does not wait for ever on a dead network."""
    app = Celery(name, broker=redis_url, set_as_current=False)
    options: dict[str, Any] = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
    app.conf.update(broker_transport_options=options, broker_connection_timeout=PATIENCE_S, task_ignore_result=True)
    return app


def ledger(redis_url: str) -> Callable[[str], list[Asked]]:
    """What `depeche fetch` does."""
    known: list[Ledger] = []

    def send(url: str) -> list[Asked]:
        if not known:
            known.append(Ledger(connect_redis(redis_url)))
        answers = known[0].accept([FetchRequest(origin=Origin(url=url))])
        return [_asked(answer) for answer in answers]

    return send


def _asked(answer: Acceptance) -> Asked:
    return Asked(url=answer.url, at=time.time(), flight_id=answer.flight_id if answer.outcome == "new" else None)


def feeders(stories: Sequence[Story], url: Callable[[Story], str], redis_url: str) -> list[Feeder]:
    """Two of each kind, so that one that waits for an answer does not hold up all."""
    again = [(at, url(story)) for story in stories for at in story.again]
    at_door = [(story.at, url(story)) for story in stories if story.way == "door"] + again[::3]
    at_ledger = [(story.at, url(story)) for story in stories if story.way == "ledger"] + again[1::3] + again[2::3]
    return [
        Feeder(f"{name} {n}", send(redis_url), due[n::2])
        for name, send, due in (("door", door, at_door), ("ledger", ledger, at_ledger))
        for n in range(2)
    ]
