"""The databases of a server, seen from another one: which is replaced, which takes its place, which has been kept.

A database that is being filled is called NAME_restoring, one that was replaced NAME_before_TIME, and both carry a mark
as their comment. So what a killed restore left behind is known and removed, and nothing else ever is.
"""

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.backup.progress import say
from services.indexer.connection import Connection
from services.indexer.locks import taken_for_session
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
    with _elsewhere(database_url) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_session_timeout = 0")
        with taken_for_session(connection, f"restore {name}") as is_ours:
            if not is_ours:
                raise UserError(f"Another restore of {name} is running.")
            yield connection


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


# All that CREATE DATABASE takes of another one. The names of the columns differ from version to version.
LOCALE = """
SELECT format('ENCODING %%L LC_COLLATE %%L LC_CTYPE %%L', pg_encoding_to_char(encoding), datcollate, datctype)
       || CASE facts ->> 'datlocprovider'
              WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %%L',
                                   coalesce(facts ->> 'datlocale', facts ->> 'daticulocale'))
              WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %%L', facts ->> 'datlocale')
              WHEN 'c' THEN ' LOCALE_PROVIDER libc' ELSE '' END
       || coalesce(' ICU_RULES ' || quote_literal(facts ->> 'daticurules'), '')
FROM (SELECT *, to_jsonb(d) AS facts FROM pg_database AS d) AS d WHERE datname = %s
"""
# Who may do what with the database, and its settings, as the statements that give them to the new one. The value of a
# setting that is a list is quoted already.
TRAITS = """
SELECT format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', %(new)s::text) FROM pg_database
WHERE datname = %(old)s AND datacl IS NOT NULL
UNION ALL
SELECT format('GRANT %%s ON DATABASE %%I TO %%s%%s', privilege_type, %(new)s::text,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database, aclexplode(datacl) WHERE datname = %(old)s AND grantee <> datdba
UNION ALL
SELECT format('ALTER DATABASE %%I CONNECTION LIMIT %%s', %(new)s::text, datconnlimit) FROM pg_database
WHERE datname = %(old)s AND datconnlimit > 0
UNION ALL
SELECT format('ALTER %%s SET %%I TO %%s',
              CASE setrole WHEN 0 THEN format('DATABASE %%I', %(new)s::text)
                           ELSE format('ROLE %%s IN DATABASE %%I', setrole::regrole, %(new)s::text) END,
              split_part(setting, '=', 1),
              CASE WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                                        'session_preload_libraries')
                   THEN substr(setting, strpos(setting, '=') + 1)
                   ELSE quote_literal(substr(setting, strpos(setting, '=') + 1)) END)
FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase, unnest(setconfig) AS setting
WHERE datname = %(old)s
"""


def make_new(server: Connection, old: str, new: str, *, owner: str) -> None:
    """Make an empty database `new` with the traits of `old`, if there is that one."""
    row = server.execute(LOCALE, [old]).fetchone()
    locale = row[0] if row else "ENCODING 'UTF8'"
    make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ").format(sql.Identifier(new), sql.Identifier(owner))
    server.execute(make + sql.SQL(locale))
    mark(server, new, BEING_FILLED)
    for (statement,) in server.execute(TRAITS, {"old": old, "new": new}).fetchall():
        server.execute(statement)


def mark(server: Connection, name: str, comment: str) -> None:
    """Comment a database, so that it is known for what it is."""
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(comment)))


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
        with contextlib.suppress(psycopg.Error, UserError), _elsewhere(database_url) as connection:
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


def _elsewhere(database_url: str) -> Connection:
    return connect(url_of(database_url, MEETING_PLACES[name_of(database_url) == MEETING_PLACES[0]]))


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
