"""The databases of a server, seen from another one: which is replaced, which takes its place, which has been kept.

A database that is being filled is called NAME_restoring, one that was replaced NAME_before_TIME, and both carry a mark
as their comment. So what a killed restore left behind is known and removed, and nothing else ever is.
"""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.output import say
from services.indexer.connection import Connection
from services.indexer.locks import taken_for_session
from services.indexer.pooler import require_session
from services.indexer.schema.migrate import connect
from shared.failures import UserError

FILLING = "_restoring"
BEFORE = "_before_"
LONGEST_NAME = 63
MARK = "Depeche: "
BEING_FILLED = MARK + "being restored; of no use once no restore is running"
REPLACED = MARK + "replaced by a restore; nothing uses it"

# Restores into one server meet each other in this database; it cannot be the one that is renamed.
MEETING_PLACES = ("postgres", "template1")


@contextlib.contextmanager
def beside(database_url: str) -> Iterator[Connection]:
    """Yield a connection to another database of the server, as one cannot rename the database that one is in.

    It holds a lock, so that one restore of a database runs at a time.
    """
    name = name_of(database_url)
    with elsewhere(database_url) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_session_timeout = 0")
        with taken_for_session(connection, f"restore {name}") as is_ours:
            if not is_ours:
                raise UserError(f"Another restore of {name} is running.")
            yield connection


def elsewhere(database_url: str) -> Connection:
    """Return a connection to another database of the server."""
    try:
        return connect(url_of(database_url, MEETING_PLACES[name_of(database_url) == MEETING_PLACES[0]]))
    except UserError:  # as PgBouncer may know one database only
        with connect(database_url) as connection:
            require_session(connection)
        raise


def name_of(database_url: str) -> str:
    """Return the name of the database that a URL means."""
    facts = conninfo_to_dict(database_url)
    return str(facts.get("dbname") or facts.get("user") or "postgres")


def url_of(database_url: str, name: str, *, role: str | None = None) -> str:
    """Return the URL of another database of the server; what is done there is done as `role`."""
    if role is None:
        return make_conninfo(database_url, dbname=name)
    quoted = role.replace("\\", "\\\\").replace(" ", "\\ ")
    options = f"{conninfo_to_dict(database_url).get('options') or ''} -c role={quoted}".strip()
    return make_conninfo(database_url, dbname=name, options=options)


MARK_OF = "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s"


def mark_of(server: Connection, name: str) -> str | None:
    """Return a database's comment; None if there is no such database."""
    row = server.execute(MARK_OF, [name]).fetchone()
    return None if row is None else str(row[0])


def drop(server: Connection, name: str, *, mark: str) -> bool:
    """Drop a database that a restore has made or replaced; returns whether there was one. Any other is left alone."""
    found = mark_of(server, name)
    if found is None:
        return False
    if found != mark:
        raise UserError(f"The database {name} is not one that a restore has left. Rename it, or drop it yourself.")
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return True


IS_EMPTY = """
SELECT NOT EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relnamespace::regnamespace::text !~ '^pg_'
                   AND relnamespace::regnamespace::text <> 'information_schema')
"""


def is_empty(database_url: str) -> bool:
    """Return whether nobody has made a table or view in the database."""
    with connect(database_url) as connection:
        row = connection.execute(IS_EMPTY).fetchone()
        return bool(row and row[0])


def drop_leftover(server: Connection, database_url: str, name: str) -> bool:
    """Drop what a restore left that did not come to its end; returns whether there was something.

    A restore may have been killed after it had made the database and before it marked it: that one is empty.
    """
    if mark_of(server, name) == "" and is_empty(url_of(database_url, name)):
        mark(server, name, BEING_FILLED)
    return drop(server, name, mark=BEING_FILLED)


def mark(server: Connection, name: str, comment: str) -> None:
    """Comment a database, so that it is known for what it is."""
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(comment)))


def kept_name(old: str) -> str:
    """Return the name under which a database is kept that is replaced now."""
    tail = f"{BEFORE}{datetime.now(UTC):%Y%m%d_%H%M%S}"
    return _cut(old, LONGEST_NAME - len(tail)) + tail


def filling_name(old: str) -> str:
    """Return the name of the database that is to take the place of `old`, while it is filled."""
    return _cut(old, LONGEST_NAME - len(FILLING)) + FILLING


def _cut(name: str, most: int) -> str:
    return name.encode()[:most].decode("utf-8", "ignore")


OTHERS = """
SELECT datname FROM pg_database
WHERE shobj_description(oid, 'pg_database') = %s AND starts_with(datname, %s) ORDER BY datname
"""


def kept_before(server: Connection, name: str) -> list[str]:
    """Return the databases that earlier restores have replaced and kept."""
    prefix = _cut(name, LONGEST_NAME - len(kept_name(""))) + BEFORE
    return [row[0] for row in server.execute(OTHERS, [REPLACED, prefix]).fetchall()]


@contextlib.contextmanager
def removed_unless_used(server: Connection, name: str) -> Iterator[None]:
    """Drop the database on the way out if it still has this name, and so is not in use."""
    try:
        yield
    finally:
        try:
            drop(server, name, mark=BEING_FILLED)
        except (psycopg.Error, UserError):  # as the server has gone away
            say(f"The database {name} stays behind, and is of no use; the next restore removes it.")
