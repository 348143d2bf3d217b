"""Advisory locks: every number that is locked by in the database, and the three ways in which that is done.

Postgres knows an advisory lock by one number, or by a pair of numbers, and gives both no meaning. It frees the lock
with the transaction or the session that holds it, so a process that was killed leaves none behind.
"""

import contextlib
from collections.abc import Iterator

from services.indexer.connection import Connection

# Single numbers: one run at a time of `depeche migrate`, of depeche.make_partitions(), which has its number written out
# in schema/history.sql, and of `depeche retention --apply`.
MIGRATION = 7_305_801_223
PARTITION_MAKING = 7_305_801_224
RETENTION = 7_305_801_225

# First numbers of pairs. The second is the hash of a page's or an article's key: store/turns.py.
PAGES_AND_ARTICLES = 7_305
# The second is the hash of a follower's or a chore's name.
BACKGROUND_WORK = 730_580_122

HOLD = "SELECT pg_advisory_lock(%s)"
TAKE_FOR_TRANSACTION = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"
TAKE_FOR_SESSION = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
GIVE_BACK = "SELECT pg_advisory_unlock(%s, hashtext(%s))"


def hold(connection: Connection, number: int) -> None:
    """Wait for the lock, and hold it until the connection closes."""
    connection.execute(HOLD, [number])


def take_for_transaction(connection: Connection, name: str) -> bool:
    """Take the lock on the background work of this name until the transaction ends; False when another holds it."""
    return _taken(connection, TAKE_FOR_TRANSACTION, name)


@contextlib.contextmanager
def taken_for_session(connection: Connection, name: str) -> Iterator[bool]:
    """The same for work in several transactions, until the block ends; gives False when another holds it."""
    with connection.transaction():
        taken = _taken(connection, TAKE_FOR_SESSION, name)
    try:
        yield taken
    finally:
        if taken and not connection.broken:
            with connection.transaction():
                connection.execute(GIVE_BACK, [BACKGROUND_WORK, name])


def _taken(connection: Connection, take: str, name: str) -> bool:
    row = connection.execute(take, [BACKGROUND_WORK, name]).fetchone()
    return bool(row and row[0])
