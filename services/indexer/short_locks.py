"""Work that needs a table for itself while others use it.

A lock that is waited for holds up all who come after, so it is waited for only briefly, and then tried again.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import psycopg

from services.indexer.connection import Connection
from shared.failures import UserError

T = TypeVar("T")


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long one attempt waits for a lock, and how many there are; `say` is called after each that failed."""

    wait_ms: int
    attempts: int
    say: Callable[[], None]


def with_short_locks(connection: Connection, what: str, work: Callable[[], T], patience: Patience) -> T:
    """What `work` gives, which may be repeated; UserError about `what` when it never gets its locks."""
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
