"""Users of services: each may do what its role may, and no more.

Roles have no password, so a service connects as a user in one of them. `depeche migrate` makes such a user from the
address that the service is given, as often as it runs: a password that was drawn anew comes into the server with it.
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
    """The address that a service connects to, with user and password, and the role that the user has."""

    url: str
    role: Literal["depeche_reader", "depeche_writer"]


def grant_login(connection: Connection, database_url: str, login: Login) -> None:
    """Make the login's user, or give the one that is there the role and the password.

    Nothing is done when its URL is that of another server than `database_url`: whoever runs that makes its users.
    """
    try:
        there, here, role = conninfo_to_dict(login.url), conninfo_to_dict(database_url), login.role
    except psycopg.ProgrammingError:
        # Without its cause, which quotes what it cannot read, which may be the password.
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
    # Only a hash of it goes to the server, where statements may be logged.
    secret = connection.pgconn.encrypt_password(str(password).encode(), str(user).encode(), b"scram-sha-256").decode()
    with connection.transaction():
        if not exists:
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(secret)))
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), name))
