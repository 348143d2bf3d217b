"""What goes wrong with Postgres in a flood, each for as long as its `with` block lasts."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Literal

import msgspec
import psycopg

from benchmarks.chaos.faults import SLOW_S
from benchmarks.chaos.network import Proxy
from cli.stack.stack import WORKERS, Workers

FaultName = Literal["stopped", "slow", "full"]
TITLES: dict[FaultName, str] = {
    "stopped": "the indexer is stopped",
    "slow": f"Postgres takes {SLOW_S:.0f} s a statement",
    "full": "Postgres is at its connection limit",
}
# How often (s) connections that came free are taken again.
TAKE_EVERY_S = 0.2


class Indexer(Workers):
    """The indexer alone, so that it can be stopped and started without the others."""

    modules = {"indexer": WORKERS["indexer"]}  # noqa: RUF012 - never written to


class Others(Workers):
    """All workers but the indexer."""

    modules = {name: module for name, module in WORKERS.items() if name != "indexer"}  # noqa: RUF012 - never written to


class Victims(msgspec.Struct, frozen=True, kw_only=True):
    """What the faults are done to; `writer` is the indexers' user, under which `database_url` leads past the proxy."""

    indexer: Indexer
    network: Proxy
    admin_url: str
    database_url: str
    writer: str


@contextlib.contextmanager
def indexer_stopped(victims: Victims) -> Iterator[None]:
    """There is no indexer; none is started again when the run is interrupted."""
    victims.indexer.__exit__()
    yield
    victims.indexer.__enter__()


@contextlib.contextmanager
def slow_postgres(victims: Victims) -> Iterator[None]:
    """Each statement takes two seconds longer."""
    victims.network.slow(SLOW_S)
    try:
        yield
    finally:
        victims.network.slow(0.0)


@contextlib.contextmanager
def full_postgres(victims: Victims) -> Iterator[None]:
    """All connections are taken by others: sessions of the indexer are ended, and whatever comes free is taken."""
    ending = threading.Event()
    taken: list[psycopg.Connection] = []
    thread = threading.Thread(target=_take_all, args=(victims, taken, ending))
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        for connection in taken:
            connection.close()


OTHERS_APART = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = %s AND application_name <> 'flood'
"""


def _take_all(victims: Victims, taken: list[psycopg.Connection], ending: threading.Event) -> None:
    with psycopg.connect(victims.admin_url, autocommit=True) as admin:
        while not ending.wait(TAKE_EVERY_S):
            with contextlib.suppress(psycopg.OperationalError):  # no more are to be had
                while True:
                    taken.append(psycopg.connect(victims.database_url, application_name="flood"))
            with contextlib.suppress(psycopg.OperationalError):  # all ends
                admin.execute(OTHERS_APART, [victims.writer])


FAULTS: dict[FaultName, Callable[[Victims], AbstractContextManager[None]]] = {
    "stopped": indexer_stopped,
    "slow": slow_postgres,
    "full": full_postgres,
}
