"""Work that needs a table for itself while others use it.

Whoever comes after a session that waits for a lock has to wait as well. So the wait for a lock is short, and it is
tried again later.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import psycopg

from services.indexer.connection import Connection
from shared.failures import UserError

T = TypeVar("T")


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long one attempt waits for a lock, and how many attempts there are; `say` is called after each failure."""

    wait_ms: int
    attempts: int
    say: Callable[[], None]


def with_short_locks(connection: Connection, what: str, work: Callable[[], T], patience: Patience) -> T:
    """Return the result of `work`, which is repeated until it gets its locks.

    Raises a UserError about `what` if no attempt gets them.
    """
    connection.execute(f"SET lock_timeout = {patience.wait_ms}")
    for _ in range(patience.attempts):
        try:
            return work()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            patience.say()
    raise UserError(
        f"{what} cannot lock its tables: a transaction that has used them does not end. "
        "Look for it in pg_stat_activity, end it, and run the command again."
    )
