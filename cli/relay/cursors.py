"""Where a relay keeps how far it has come: in Postgres under the relay's name, or in a file.

The cursor is kept after the receiver has taken what comes before it, so that a relay which is killed at any moment
delivers some changes again and leaves none out. One relay at a time works with a cursor. Another one that is started
with the same waits until the first has ended, and then goes on from there: it may stand by on another host.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import errors

from cli.export.target import written
from services.indexer.connection import Connection
from services.indexer.locks import taken_for_session
from shared.failures import UserError

READ = "SELECT cursor FROM depeche.relays WHERE name = %s"
KEEP = """
INSERT INTO depeche.relays (name, cursor) VALUES (%(name)s, %(cursor)s)
ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, kept_at = clock_timestamp()
"""


class Cursors(Protocol):
    """Where the cursor is kept."""

    def taken(self, connection: Connection) -> AbstractContextManager[bool]:
        """Keep other relays away from the cursor during the block; yields False where one is at work with it."""

    def read(self, connection: Connection) -> str | None:
        """Return the cursor; None where none has been kept."""

    def keep(self, connection: Connection, cursor: str) -> None:
        """Keep the cursor, for good."""


class InPostgres:
    """A row of depeche.relays, which goes back in time with the database when a backup is restored."""

    def __init__(self, name: str) -> None:
        self._name = name

    def taken(self, connection: Connection) -> AbstractContextManager[bool]:
        """Take Postgres' lock on this relay, which ends with the session."""
        return taken_for_session(connection, f"relay {self._name}")

    def read(self, connection: Connection) -> str | None:
        """Return the cursor that the row has; raises UserError where it cannot be read."""
        with _rights_explained():
            row = connection.execute(READ, [self._name]).fetchone()
        return row[0] if row else None

    def keep(self, connection: Connection, cursor: str) -> None:
        """Write the row; raises UserError where that is not allowed."""
        with _rights_explained():
            connection.execute(KEEP, {"name": self._name, "cursor": cursor})


class InFile:
    """A file with the cursor in it. Another file beside it, whose name ends in `.lock`, is the lock."""

    def __init__(self, file: Path) -> None:
        if not file.absolute().parent.is_dir():
            raise UserError(f"There is no folder {file.parent} for the cursor file.")
        self._file = file

    @contextlib.contextmanager
    def taken(self, connection: Connection) -> Iterator[bool]:  # noqa: ARG002 - the lock is none of Postgres
        """Lock the file beside it; the lock ends with the process."""
        try:
            lock = self._file.with_name(f"{self._file.name}.lock").open("w")
        except OSError as error:
            raise UserError(f"Cannot write beside {self._file}: {error.strerror}.") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def read(self, connection: Connection) -> str | None:  # noqa: ARG002
        """Return what the file holds; None where there is no file."""
        try:
            return self._file.read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"Cannot read a cursor from {self._file}: {error}") from error

    def keep(self, connection: Connection, cursor: str) -> None:  # noqa: ARG002
        """Put a new file in the place of the old one."""
        with written(self._file, overwrite=True) as file:
            file.write(f"{cursor}\n".encode())


@contextlib.contextmanager
def _rights_explained() -> Iterator[None]:
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise UserError(
            "This user of Postgres may not keep a relay's cursor: give it the role depeche_relayer, or name a "
            "--cursor-file."
        ) from error
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise UserError("The database has no place for a relay's cursor. Run `depeche migrate` first.") from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise UserError(
            "This Postgres is a replica, where no cursor can be kept: name the primary, or a --cursor-file."
        ) from error
