"""The folder for the servers of a benchmark, and an embedded Postgres in it."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from cli.stack.embedded import embedded_postgres
from services.indexer.schema.migrate import migrate


@contextlib.contextmanager
def bench_home(chosen: Path | None = None) -> Iterator[Path]:
    """The folder that was chosen, which is kept, or else one that is gone afterwards."""
    with contextlib.ExitStack() as stack:
        home = chosen or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="depeche-bench-")))
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)  # Postgres under root runs as another user, who has to get in
        yield home


def postgres_pid(data: Path) -> int:
    """The process id of the Postgres with its data in a folder; OSError or ValueError while there is none."""
    return int((data / "postmaster.pid").read_text("utf-8").split("\n")[0])


def database_beside(database_url: str, name: str) -> str:
    """Makes another database on the same server, without a schema, and returns its URL."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return psycopg.conninfo.make_conninfo(database_url, dbname=name)


# What whoever has a million articles gives Postgres: a quarter of the memory of a machine of 4 GB.
SHARED_BUFFERS = "1GB"


@contextlib.contextmanager
def large_postgres(home: Path) -> Iterator[str]:
    """The DSN of an embedded Postgres with that much memory, still without a schema."""
    with embedded_postgres(home) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{SHARED_BUFFERS}'")
    with embedded_postgres(home) as url:
        yield url


@contextlib.contextmanager
def migrated_postgres(home: Path) -> Iterator[str]:
    """The DSN of an embedded Postgres with this version's schema and no rows."""
    with embedded_postgres(home) as url:
        migrate(url)
        yield url
