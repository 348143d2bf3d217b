"""The database users of services: each has the rights of its role, and no more.

Roles have no password, so a service connects as a user in one of them. Each run of `depeche migrate` makes this user
from the DSN that the service is given, or gives it the DSN's password: a new password takes effect with the next run.
"""

from typing import Literal

import msgspec
import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from services.indexer.connection import Connection
from shared.failures import UserError

log = structlog.get_logger()

SERVER = ("host", "port", "dbname")
EXISTS = "SELECT to_regrole(quote_ident(%s)) IS NOT NULL, current_user = %s"


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The DSN with which a service connects, with user and password, and the role that the user gets."""

    url: str
    role: Literal["depeche_reader", "depeche_writer", "depeche_relayer"]


def grant_login(connection: Connection, database_url: str, login: Login) -> None:
    """Make the login's user, or give the existing one the role and the password.

    Does nothing but log a warning if the login's URL names another server or database than `database_url`: the operator
    of that one makes its users. Raises UserError for a DSN that cannot be used.
    """
    try:
        there, here, role = conninfo_to_dict(login.url), conninfo_to_dict(database_url), login.role
    except psycopg.ProgrammingError:
        # Raised without the cause, whose message quotes what could not be read, possibly the password.
        raise UserError("The address of a user to be made is no DSN.") from None
    user, password = there.get("user"), there.get("password")
    if not user or not password:
        raise UserError("The address of a user to be made has to name the user and its password.")
    if [there.get(part) for part in SERVER] != [here.get(part) for part in SERVER]:
        log.warning("login_not_made", user=user, role=role, reason="its address is that of another server")
        return
    name = sql.Identifier(str(user))
    exists, is_own = connection.execute(EXISTS, [user, user]).fetchone() or (False, False)
    if is_own:
        raise UserError(f"{user} cannot be both the owner of the database and a user in {role}.")
    # Only a hash of the password goes to the server, where statements may be logged.
    secret = connection.pgconn.encrypt_password(str(password).encode(), str(user).encode(), b"scram-sha-256").decode()
    with connection.transaction():
        if not exists:
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(secret)))
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), name))
