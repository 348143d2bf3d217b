"""Advisory locks: all numbers under which the indexer locks in the database, and the three ways in which it does.

Postgres knows an advisory lock by one number, or by a pair of numbers; what they mean is up to us. It frees the lock
with the transaction or the session that holds it, so a process that was killed leaves no lock behind.
"""

import contextlib
from collections.abc import Iterator

from services.indexer.connection import Connection
from services.indexer.pooler import require_session

# Locks with a single number. They let one run at a time of `depeche migrate`, of depeche.make_partitions() (whose
# number is repeated in schema/history.sql) and of `depeche retention --apply`.
MIGRATION = 7_305_801_223
PARTITION_MAKING = 7_305_801_224
RETENTION = 7_305_801_225

# Locks with a pair of numbers; this is the first. Here the second is a hash of a page's or an article's key:
# store/turns.py.
PAGES_AND_ARTICLES = 7_305
# Here the second number is the hash of a follower's or a chore's name.
BACKGROUND_WORK = 730_580_122

HOLD = "SELECT pg_advisory_lock(%s)"
TAKE_FOR_TRANSACTION = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"
TAKE_FOR_SESSION = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
GIVE_BACK = "SELECT pg_advisory_unlock(%s, hashtext(%s))"


def hold(connection: Connection, number: int) -> None:
    """Wait for the lock, and hold it until the connection closes; raises UserError if that is none of Postgres."""
    require_session(connection)
    connection.execute(HOLD, [number])


def take_for_transaction(connection: Connection, name: str) -> bool:
    """Take the lock on this background work until the transaction ends; False if another session holds it."""
    return _taken(connection, TAKE_FOR_TRANSACTION, name)


@contextlib.contextmanager
def taken_for_session(connection: Connection, name: str) -> Iterator[bool]:
    """Take the lock on this background work until the block ends, across transactions.

    Yields False if another session holds it. Raises UserError if the session is none of Postgres.
    """
    require_session(connection)
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
