"""PgBouncer, or another pooler of connections, between Depeche and Postgres.

In transaction mode each transaction may run in another session of Postgres. What belongs to a session is lost or,
worse, left to whoever comes next: settings, prepared statements, advisory locks, cursors. So indexers keep nothing in a
session when there is a pooler, and commands that need one refuse to go through it. A pooler in session mode looks the
same from here, and is treated alike.
"""

from services.indexer.connection import Connection
from shared.failures import UserError

BACKEND = "SELECT pg_backend_pid()"
TIMEOUTS = "SELECT current_user, current_setting('statement_timeout'), current_setting('lock_timeout')"

NO_TIMEOUTS = (
    "DEPECHE_DATABASE_URL leads through a connection pooler (PgBouncer), where an indexer cannot set its timeouts. "
    "Give them to its user in Postgres itself and restart the pooler: ALTER ROLE {user} SET statement_timeout = '20s'; "
    "ALTER ROLE {user} SET lock_timeout = '10s';"
)
NO_SESSION = (
    "DEPECHE_DATABASE_URL leads through a connection pooler (PgBouncer), and this command needs a session of Postgres "
    "of its own. Set DEPECHE_DATABASE_URL to the address of Postgres itself for it."
)


def is_pooled(connection: Connection) -> bool:
    """Returns whether there is a pooler: it tells its clients another process id than that of Postgres' session."""
    row = connection.execute(BACKEND).fetchone()
    return row is not None and row[0] != connection.info.backend_pid


def require_session(connection: Connection) -> None:
    """Raise UserError if the connection leads through a pooler."""
    if is_pooled(connection):
        raise UserError(NO_SESSION)


def require_timeouts(connection: Connection) -> None:
    """Raise UserError unless Postgres itself limits the statements of this user, and their waits for locks."""
    row = connection.execute(TIMEOUTS).fetchone()
    if row is not None and "0" in row[1:]:
        raise UserError(NO_TIMEOUTS.format(user=row[0]))


def settle_in(connection: Connection) -> None:
    """Set what PgBouncer keeps for each client, whichever session it gives to it."""
    connection.execute("SET timezone = 'UTC'")
    connection.execute("SET datestyle = 'ISO'")
    connection.commit()
