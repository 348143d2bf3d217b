"""Brings the database to the schema that this version needs: numbered SQL files, forward only (migrations/).

The schema that they lead to is in schema.sql, and that is the file to read. Each numbered file runs in a transaction of
its own. A run holds one advisory lock, so any number of runs may start at once. A migration that would lock a table for
long is cut into steps by lines `--- next step`: each step but the last is committed by itself, and they are repeated if
a run ends between two of them. This is done without a migration library: those considered lock by a table row, which a
killed run leaves behind (docs/decisions/0003-plain-migrations.md).
"""

from collections.abc import Callable, Sequence
from functools import partial

import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.indexer.connection import Connection
from services.indexer.locks import MIGRATION, hold
from services.indexer.schema.files import BASELINE, Migration, all_migrations
from services.indexer.schema.partitions import make_partitions
from services.indexer.short_locks import Patience, with_short_locks
from services.indexer.upkeep.logins import Login, grant_login
from shared.failures import UserError

log = structlog.get_logger()

# Shorter than a worker waits for a lock (services/indexer/app.py), so that no worker gives up because a migration is
# waiting ahead of it.
LOCK_TIMEOUT_MS = 3_000
LOCK_ATTEMPTS = 40
STEP = "--- next step\n"

CREATE_LOG = """
CREATE SCHEMA IF NOT EXISTS depeche;
CREATE SCHEMA IF NOT EXISTS news;
CREATE TABLE IF NOT EXISTS depeche.schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

# A dump that is restored into another cluster may have changes with higher transaction ids than that cluster has given
# out yet: readers would not get these changes for now, and new changes would come before them.
RAISE_FEED = """
UPDATE depeche.feed SET txid_offset = txid_offset + behind.by
FROM (SELECT greatest((SELECT max(txid) FROM depeche.changes), dropped_txid) + 1
             - pg_snapshot_xmax(pg_current_snapshot())::text::bigint - txid_offset AS by
      FROM depeche.feed) AS behind
WHERE behind.by > 0
"""


# With these default rights, a table has its rights as soon as it exists: workers of the version before may write to it,
# by a trigger, before the migrations have ended. The functions called at the end give more rights, or take some back.
# Then the default is removed, since a dump that has it could be restored by the same owner only.
DEFAULT_RIGHTS = """
DO $$ BEGIN
    IF to_regrole('depeche_reader') IS NOT NULL THEN
        ALTER DEFAULT PRIVILEGES IN SCHEMA news {give} SELECT ON TABLES {to} depeche_reader;
    END IF;
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        ALTER DEFAULT PRIVILEGES IN SCHEMA depeche {give} SELECT, INSERT, UPDATE ON TABLES {to} depeche_writer;
    END IF;
END $$
"""

# One statement, and so one transaction: the first function takes back rights that the others give.
GRANT_RIGHTS = """
SELECT depeche.grant_roles(), depeche.grant_followers(), depeche.grant_visits(), depeche.grant_quarantine()
"""
GRANT_RELAYS = "SELECT depeche.grant_relays()"

NOTE_APPLIED = "INSERT INTO depeche.schema_migrations (version, name) VALUES (%s, %s)"


def migrate(database_url: str, *, logins: Sequence[Login] = ()) -> list[str]:
    """Apply the missing migrations, and make the users of services; returns the names of the files applied."""
    # Half of what there is of the indexer, which whoever only asks whether a database is current does without.
    from services.indexer.upkeep.url_keys import renew_keys  # noqa: PLC0415

    with connect(database_url) as connection:
        connection.add_notice_handler(_show_warning)
        hold(connection, MIGRATION)
        missing = missing_migrations(connection)
        connection.execute(CREATE_LOG)
        connection.execute(DEFAULT_RIGHTS.format(give="GRANT", to="TO").encode())
        for migration in missing:
            apply(connection, migration)
        connection.execute(RAISE_FEED)
        connection.execute(GRANT_RIGHTS)
        connection.execute(GRANT_RELAYS)
        connection.execute(DEFAULT_RIGHTS.format(give="REVOKE", to="FROM").encode())
        for login in logins:
            grant_login(connection, database_url, login)
        _with_locks(connection, "make_partitions", partial(make_partitions, connection))
        _with_locks(connection, "renew_keys", partial(renew_keys, connection))
        return [migration.name for migration in missing]


def apply(connection: Connection, migration: Migration) -> None:
    """Apply one migration, and record that it is applied."""
    *steps, last = migration.sql.split(STEP)

    def work() -> None:
        for step in steps:
            connection.execute(step.encode())
        with connection.transaction():
            connection.execute(last.encode())
            connection.execute(NOTE_APPLIED, [migration.version, migration.name])

    _with_locks(connection, migration.name, work)


def _with_locks(connection: Connection, name: str, work: Callable[[], object]) -> None:
    waits = partial(log.warning, "migration_waits", name=name)
    with_short_locks(connection, name, work, Patience(wait_ms=LOCK_TIMEOUT_MS, attempts=LOCK_ATTEMPTS, say=waits))


def _show_warning(notice: psycopg.errors.Diagnostic) -> None:
    if notice.severity_nonlocalized == "WARNING":
        log.warning("migration_warning", detail=notice.message_primary)


HAS_LOG = "SELECT to_regclass('depeche.schema_migrations') IS NOT NULL"
APPLIED = "SELECT version, name FROM depeche.schema_migrations"

OTHER_NUMBERS = (
    "The database was made before the first release, by migrations with other numbers, and cannot be brought up to "
    "date. Nothing in it has been changed. Give Depeche a new one (DEPECHE_DATABASE_URL, or DEPECHE_HOME where it runs "
    "its own), run `depeche migrate`, and let `depeche replay` store again what the archive keeps; `depeche export` of "
    "the version that made the old one writes its articles to a file."
)


def missing_migrations(connection: Connection) -> list[Migration]:
    """Return the migrations that the database lacks; raises UserError if it has migrations of the older numbering."""
    has_log = connection.execute(HAS_LOG).fetchone()
    applied: dict[int, str] = dict(connection.execute(APPLIED).fetchall()) if has_log and has_log[0] else {}
    if applied.get(1, BASELINE) != BASELINE:
        raise UserError(OTHER_NUMBERS)
    return [migration for migration in all_migrations() if migration.version not in applied]


def require_current(database_url: str) -> None:
    """Raise UserError unless the database has every migration of this version."""
    with connect(database_url) as connection:
        missing = [migration.name for migration in missing_migrations(connection)]
    if missing:
        raise UserError(f"The database lacks {', '.join(missing)}. Run `depeche migrate` first.")


def connect(database_url: str) -> Connection:
    """Return an autocommit connection; raises a UserError that names the server if it cannot be reached."""
    try:
        # No prepared statements, since a pooler may give each transaction to another session (pooler.py).
        connection = psycopg.connect(database_url, autocommit=True, connect_timeout=5, prepare_threshold=None)
    except psycopg.Error as error:
        problem = " ".join(str(error).split())
        told = problem if problem.endswith((".", "?")) else f"{problem}."
        raise UserError(
            f"Cannot use Postgres at {without_password(database_url)}: {told} Start it, or set DEPECHE_DATABASE_URL."
        ) from error
    connection.execute("SET datestyle = ISO")  # psycopg reads times in this form only
    return connection


def without_password(database_url: str) -> str:
    """Return the DSN without its password, to be shown; a DSN that cannot be read is not shown at all."""
    try:
        facts = conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:
        return "an address that is no DSN"
    return make_conninfo(**{name: str(value) for name, value in facts.items() if "password" not in name})
