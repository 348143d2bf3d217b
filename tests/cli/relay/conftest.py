"""Relays in this process, each in a thread of its own."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import psycopg
import pytest

from cli.relay.cursors import Cursors, InPostgres
from cli.relay.delivery import Plan, Receiver, Relay
from cli.relay.life import Life
from shared.failures import UserError
from tests.support.history import visit
from tests.support.pages import NOON
from tests.support.waiting import PATIENCE_S

PLAN = Plan(start="beginning", anew=False, batch=5, refused="stop")


class Running:
    """A relay at work in a thread."""

    def __init__(self, relay: Relay, database_url: str, stop: threading.Event) -> None:
        self.ended_with: UserError | None = None
        self._stop = stop
        self._thread = threading.Thread(target=self._run, args=(relay, database_url))
        self._thread.start()

    def _run(self, relay: Relay, database_url: str) -> None:
        try:
            relay.run(database_url)
        except UserError as error:
            self.ended_with = error

    def end(self) -> None:
        """Tell it to end, and wait until it has."""
        self._stop.set()
        self.join()

    def join(self) -> None:
        """Wait until it has ended by itself."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


RelayTo = Callable[..., AbstractContextManager[Running]]


@pytest.fixture
def relay_to(database_url: str) -> RelayTo:
    """`with relay_to(receiver, batch=1) as running`: a relay from the beginning, until the block ends."""

    @contextlib.contextmanager
    def start(receiver: Receiver, *, plan: Plan = PLAN, cursors: Cursors | None = None) -> Iterator[Running]:
        stop = threading.Event()
        relay = Relay(cursors or InPostgres("relay"), receiver, plan, Life(stop, None))
        running = Running(relay, database_url, stop)
        try:
            yield running
        finally:
            running.end()

    return start


def change(database: psycopg.Connection, count: int, *, pages: int = 3, begin: int = 0) -> None:
    """Visit pages in turn; each visit finds another text, and so is a change."""
    for number in range(begin, begin + count):
        visit(database, f"https://news.example/{number % pages}", NOON + timedelta(minutes=number))


def ids(database: psycopg.Connection) -> list[str]:
    """The numbers of all changes, in the order of the feed."""
    return [str(number) for (number,) in database.execute("SELECT change_id FROM news.changes_since(NULL, 100000)")]


def kept(database: psycopg.Connection, name: str = "relay") -> str | None:
    """The cursor that a relay has kept."""
    row = database.execute("SELECT cursor FROM depeche.relays WHERE name = %s", [name]).fetchone()
    return row[0] if row else None
