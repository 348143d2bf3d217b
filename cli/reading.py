"""The queries of the command line: they read only the views of schema `news`, as any downstream service would."""

import contextlib
from collections.abc import Iterator
from typing import Any

from psycopg.errors import InsufficientPrivilege
from psycopg.rows import dict_row

from cli.output import Row
from services.indexer.connection import Connection
from services.indexer.schema.migrate import connect, require_current


@contextlib.contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """Connect to Postgres with times in UTC; raises UserError if Postgres or its schema is not there."""
    with contextlib.suppress(InsufficientPrivilege):  # a user who may only read `news` cannot see the migrations
        require_current(database_url)
    with connect(database_url) as connection:
        connection.execute("SET timezone = 'UTC'")  # a day is stored as its midnight in UTC
        yield connection


# No page of results is worth more of the server's time (ms) than this to one who only looks.
LONGEST_LOOK_MS = 15_000


@contextlib.contextmanager
def read_only(database_url: str) -> Iterator[Connection]:
    """Connect to Postgres in one transaction that can change nothing, and in which no statement takes long.

    Raises UserError if Postgres or its schema is not there, and psycopg.Error if it goes away. It is a transaction and
    not a session that can only read, since a pooler may give the session to an indexer afterwards.
    """
    with connected(database_url) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(f"SET LOCAL statement_timeout = {LONGEST_LOOK_MS}".encode())
        yield connection


def query(database_url: str, sql: str, parameters: dict[str, Any] | None = None) -> list[Row]:
    """Return the rows of a query; raises UserError if Postgres or its schema is not there."""
    with connected(database_url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), parameters).fetchall()


# The host of an address, between two dots, so that `.news.example` is in those of its subdomains, too.
HOST = "'.' || substring(lower({url}) FROM '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)')"


def on_host(host: str | None) -> str | None:
    """Return a pattern for the host itself and its subdomains, each after a dot, to compare HOST with."""
    if host is None:
        return None
    name = host.lower().strip(".")
    for special in "\\%_":
        name = name.replace(special, "\\" + special)
    return f"%.{name}"


FATES = """
SELECT url_key, url, fate, reason, detail, http_status
FROM news.pages
WHERE batch = %(batch)s OR url_key = ANY (%(keys)s::uuid[])
ORDER BY landed_at, page_id
"""


def fates(database_url: str, *, batch: str, keys: list[str]) -> list[Row]:
    """Return what became of a batch's pages, and of the pages with these keys."""
    return query(database_url, FATES, {"batch": batch, "keys": keys})


FATES_OF_BATCH = "SELECT fate, count(*) AS pages FROM news.pages WHERE batch = %(batch)s GROUP BY fate"


def fates_of_batch(database_url: str, batch: str) -> dict[str, int]:
    """Return fate -> how many of the batch's pages have it now; leaves out pages visited again outside the batch."""
    return {row["fate"]: row["pages"] for row in query(database_url, FATES_OF_BATCH, {"batch": batch})}


def with_precision(row: Row) -> Row:
    """Return the row with times as the page gave them: a day as a date, a local time without offset."""
    out = dict(row)
    for field in ("published", "modified"):
        precision, at = out.pop(f"{field}_precision", None), out.get(f"{field}_at")
        if at is not None and precision == "day":
            out[f"{field}_at"] = at.date().isoformat()
        elif at is not None and precision == "local":
            out[f"{field}_at"] = at.replace(tzinfo=None)
    return out
