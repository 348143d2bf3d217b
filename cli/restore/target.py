"""The database that a restore replaces: what it holds, whose it is, and whether this user may replace it."""

import msgspec

from cli.restore.databases import is_empty, mark_of, name_of
from services.indexer.connection import Connection
from services.indexer.schema.migrate import connect
from shared.failures import UserError


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` is the role that is to own the restored tables; `pages` is None where there is no table of them."""

    name: str
    owner: str
    exists: bool = False
    is_empty: bool = True
    pages: int | None = None


CURRENT_USER = "SELECT current_user::text"
OWNER = "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = to_regclass('depeche.pages')"

PAGES = "SELECT count(*) FROM depeche.pages"


def look_at(server: Connection, database_url: str) -> Target:
    """Return what is known of the database that is to be replaced."""
    name = name_of(database_url)
    user = str((server.execute(CURRENT_USER).fetchone() or [""])[0])
    if mark_of(server, name) is None:
        return Target(name=name, owner=user)
    with connect(database_url) as old:
        owner = old.execute(OWNER).fetchone()
        pages = old.execute(PAGES).fetchone() if owner is not None else None
    return Target(
        name=name,
        owner=str(owner[0]) if owner else user,
        exists=True,
        is_empty=is_empty(database_url),
        pages=None if pages is None else int(pages[0]),
    )


MAY_CREATE = "SELECT rolsuper, rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
MAY_RENAME = "SELECT pg_has_role(datdba, 'USAGE'), pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s"
MAY_BE = "SELECT pg_has_role(%s, 'MEMBER')"
NOT_TO_BE_ENDED = """
SELECT DISTINCT usename::text FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid
WHERE datname = %s AND NOT pg_has_role(usesysid, 'USAGE')
  AND (rolsuper OR NOT pg_has_role('pg_signal_backend', 'USAGE'))
"""


def require_rights(server: Connection, target: Target) -> None:
    """Raise UserError unless this user may make a database, rename the old one and end its sessions."""
    user = server.info.user
    is_super, may_create = server.execute(MAY_CREATE).fetchone() or (False, False)
    if is_super:
        return
    if not may_create:
        raise UserError(f"{user} may not make a database: as a superuser, ALTER ROLE {user} CREATEDB.")
    may_be = server.execute(MAY_BE, [target.owner]).fetchone()
    if not may_be or not may_be[0]:
        raise UserError(f"The tables belong to {target.owner}, and {user} is not in that role.")
    may_rename, owner = server.execute(MAY_RENAME, [target.name]).fetchone() or (True, user)
    if not may_rename:
        raise UserError(f"The database {target.name} belongs to {owner}, and {user} is not in that role.")
    others = [row[0] for row in server.execute(NOT_TO_BE_ENDED, [target.name]).fetchall()]
    if others:
        raise UserError(
            f"{user} may not end the sessions of {', '.join(others)} in {target.name}: stop these services, or GRANT "
            f"pg_signal_backend TO {user} as a superuser."
        )
