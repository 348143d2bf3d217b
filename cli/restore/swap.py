"""The moment at which the restored database takes the place of the old one."""

import contextlib
import threading
from collections.abc import Iterator

import psycopg
from psycopg import sql

from cli.restore.databases import REPLACED, elsewhere, kept_name, mark, mark_of, name_of
from services.indexer.connection import Connection
from shared.failures import UserError

END_SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = ANY (%s) AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
"""
# Postgres itself waits for 5 s for the sessions of a database that is renamed, and lets no new one in meanwhile.
END_EVERY_S = 0.2
SWAP_ATTEMPTS = 5


def swap(server: Connection, database_url: str, new: str) -> str | None:
    """Give `new` the name of the database in use; returns the name under which that one is kept, if there was one.

    Both names change in one transaction. Sessions in either are ended; who comes back is in the new one.
    """
    old = name_of(database_url)
    kept = kept_name(old) if mark_of(server, old) is not None else None
    with _sessions_ended(database_url, [old, new]):
        for attempt in range(SWAP_ATTEMPTS):
            try:
                _rename(server, old, new, kept)
            except (psycopg.errors.ObjectInUse, psycopg.errors.LockNotAvailable) as error:
                if attempt == SWAP_ATTEMPTS - 1:
                    raise UserError(
                        f"Others stay connected to {old}, and cannot be cut off: {error.diag.message_detail or error}"
                    ) from error
            else:
                return kept
    return kept


def _rename(server: Connection, old: str, new: str, kept: str | None) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with server.transaction():
        server.execute("SET LOCAL lock_timeout = '10s'")
        comment = mark_of(server, old)
        if kept is not None:
            server.execute(rename.format(sql.Identifier(old), sql.Identifier(kept)))
            mark(server, kept, REPLACED)
        server.execute(rename.format(sql.Identifier(new), sql.Identifier(old)))
        mark(server, old, comment or "")


@contextlib.contextmanager
def _sessions_ended(database_url: str, names: list[str]) -> Iterator[None]:
    """End the sessions of these databases, again and again, until the block ends."""
    done = threading.Event()

    def end() -> None:
        with contextlib.suppress(psycopg.Error, UserError), elsewhere(database_url) as connection:
            while not done.is_set():
                connection.execute(END_SESSIONS, [names])
                done.wait(END_EVERY_S)

    ending = threading.Thread(target=end, name="end-sessions", daemon=True)
    ending.start()
    try:
        yield
    finally:
        done.set()
        ending.join(10)
