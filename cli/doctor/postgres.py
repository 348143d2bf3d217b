"""Is Postgres there, has it this version's schema, and may this user do what the command line does?"""

from collections.abc import Iterator
from typing import Any

import psycopg

from cli.doctor.finding import Finding, fault, warning
from cli.doctor.redis import clock
from services.indexer.connection import Connection, rows_of
from services.indexer.schema.files import all_migrations
from services.indexer.schema.migrate import APPLIED, connect, missing_migrations, without_password
from shared.failures import UserError

OLDEST_VERSION = 16

FACTS = """
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int / 10000 AS major,
       current_user AS name, pg_is_in_recovery() AS standby, extract(epoch FROM clock_timestamp())::float8 AS clock,
       current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
       current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('max_connections')::int AS most,
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS connections
"""
# Each is asked by name, since a user without rights may not even look up a table.
RIGHTS = """
SELECT bool_or(pg_has_role(c.relowner, 'USAGE')) AS owns,
       bool_and(has_table_privilege(c.oid, 'INSERT')) FILTER (WHERE n.nspname = 'depeche') AS writes,
       bool_and(has_table_privilege(c.oid, 'SELECT')) FILTER (WHERE n.nspname = 'news') AS reads
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (n.nspname, c.relname) IN (('depeche', 'pages'), ('depeche', 'articles'), ('news', 'pages'), ('news', 'articles'))
"""
# What a crash may cost where these are off: docs/guarantees.md.
SAFE = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_write", "remote_apply"}}


def postgres_server(url: str) -> Iterator[Finding]:
    """Look at the server, the schema, and the rights of the user in the address."""
    try:
        with connect(url) as connection:
            yield from _server(connection, url)
            yield from _schema(connection)
            yield from _rights(connection)
    except UserError as error:
        yield fault("postgres", str(error), "start Postgres, or mend DEPECHE_DATABASE_URL")
    except psycopg.Error as error:
        yield fault("postgres", " ".join(str(error).split()), "look at its log")


def _server(connection: Connection, url: str) -> Iterator[Finding]:
    [facts] = rows_of(connection, FACTS, {})
    yield Finding(subject="postgres", found=f"version {facts['version']} at {without_password(url)}")
    if facts["major"] < OLDEST_VERSION:
        yield fault("postgres", f"version {facts['version']} is too old", f"use Postgres {OLDEST_VERSION} or later")
    if facts["standby"]:
        yield warning("postgres", "it is a standby, which stores nothing", "name the primary, unless you only read")
    for name, safe in SAFE.items():
        if facts[name] not in safe:
            found = f"{name} is {facts[name]}, so a crash may cost pages that count as stored"
            yield warning("postgres", found, f"set {name} = on")
    if facts["connections"] > 0.9 * facts["most"]:
        found = f"{facts['connections']} of {facts['most']} connections are in use"
        yield warning("postgres", found, "raise max_connections, or run fewer indexers")
    yield clock("postgres", facts["clock"], "Postgres")


def _schema(connection: Connection) -> Iterator[Finding]:
    try:
        missing = [migration.name for migration in missing_migrations(connection)]
        newer = {version for version, _ in connection.execute(APPLIED).fetchall()} if not missing else set()
    except psycopg.errors.InsufficientPrivilege:  # a user who may only read `news`
        return
    except UserError as error:
        yield fault("schema", str(error), "give Depeche another database")
        return
    newer -= {migration.version for migration in all_migrations()}
    if missing:
        yield fault("schema", f"it lacks {', '.join(missing)}", "run `depeche migrate` as the owner of the database")
    elif newer:
        yield fault("schema", "it is that of a newer version of Depeche", "use the version that migrated it last")
    else:
        yield Finding(subject="schema", found="it is that of this version")


def _rights(connection: Connection) -> Iterator[Finding]:
    [may] = rows_of(connection, RIGHTS, {})
    user = connection.info.user
    if may["reads"] is None:
        return
    if not may["reads"]:
        yield fault("rights", f"{user} may not read schema news", f"as the owner: GRANT depeche_reader TO {user}")
    elif may["owns"]:
        yield Finding(subject="rights", found=f"{user} owns the tables: every command works")
    else:
        yield Finding(subject="rights", found=_limits(user, may))


def _limits(user: str, may: dict[str, Any]) -> str:
    """Return what a user who is not the owner may do, and what needs others."""
    owner = "migrate, backup, restore, retention --apply and quarantine drop need the owner"
    if may["writes"]:
        return f"{user} may read and store; {owner}"
    return f"{user} may read; an indexer and quarantine replay need role depeche_writer; {owner}"
