"""Chores: what an indexer does from time to time, whether pages come in or not.

A chore works under an advisory lock, so only one indexer does it at a time. Its transactions are its own and as short
as possible, since a transaction that has written holds up the change feed until it ends. The lock is held by a
transaction of another connection, which does nothing else: it holds up nobody, and works through PgBouncer as well.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog

from services.indexer.connection import Connection, Pool
from services.indexer.errors import postgres_failures
from services.indexer.locks import take_for_transaction
from services.indexer.metrics import CHORE_FAILURES, CHORE_SECONDS
from shared.background import in_background
from shared.failures import ServerUnavailable

log = structlog.get_logger()


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    """`work` is done when the indexer starts, and again `every_s` seconds after each time that it ended or failed."""

    name: str
    every_s: float
    work: Callable[[Connection], None]


NOTE_DONE = """
INSERT INTO depeche.chores (name, done_at, due_at)
SELECT %(name)s, now.at, now.at + %(every_s)s * interval '1 second' FROM (SELECT clock_timestamp() AS at) AS now
ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at, due_at = excluded.due_at
"""
# The lock is held for as long as the chore takes.
STAY = "SET LOCAL idle_in_transaction_session_timeout = 0"


def do(keeper: Connection, connection: Connection, chore: Chore) -> bool:
    """Do the chore, while `keeper` holds its lock; returns False if another indexer is doing it."""
    with keeper.transaction():
        keeper.execute(STAY)
        is_ours = take_for_transaction(keeper, chore.name)
        if is_ours:
            with CHORE_SECONDS.labels(chore.name).time():
                chore.work(connection)
            connection.execute(NOTE_DONE, {"name": chore.name, "every_s": chore.every_s})
        return is_ours


@contextlib.contextmanager
def doing(pool: Pool, chores: Sequence[Chore]) -> Iterator[None]:
    """Do all the chores in a thread of their own while the block lasts."""
    with in_background("chores", lambda stop: _do_all(pool, chores, stop)):
        yield


def _do_all(pool: Pool, chores: Sequence[Chore], stop: threading.Event) -> None:
    for chore in chores:
        CHORE_FAILURES.labels(chore.name)  # the counter starts at 0, so that Prometheus sees its first increase
    due = dict.fromkeys(chores, time.monotonic())
    while not stop.is_set():
        chore = min(due, key=lambda chore: due[chore])
        if stop.wait(max(0.0, due[chore] - time.monotonic())):
            return
        try:
            with postgres_failures(), pool.connection() as keeper, pool.connection() as connection:
                do(keeper, connection, chore)
        except ServerUnavailable as error:
            CHORE_FAILURES.labels(chore.name).inc()
            log.warning("chore_failed", chore=chore.name, error=str(error))
        except Exception:  # a defect or unforeseen data: the other chores go on, and this one is tried again
            CHORE_FAILURES.labels(chore.name).inc()
            log.exception("chore_failed", chore=chore.name)
        due[chore] = time.monotonic() + chore.every_s
