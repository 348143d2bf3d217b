"""Fills the new database: the dump's tables, the rights that it gives, and the migrations that it lacks."""

import contextlib
import re
import tempfile

import msgspec
import psycopg
from psycopg import sql

from cli.backup.progress import told
from cli.backup.tools import Work, run_tool
from cli.output import say
from cli.restore.databases import url_of
from cli.restore.dump_file import Dump, said
from cli.restore.target import Target
from services.indexer.connection import Connection
from services.indexer.schema.migrate import connect, migrate
from shared.failures import UserError

ROLES = ("depeche_reader", "depeche_writer")
# Four tables at a time: the largest few take most of the time, and the server is in use.
JOBS = 4


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What the restored database holds, the migrations that were applied to it, and grants that were left out."""

    pages: int
    articles: int
    migrated: list[str]
    left_out: list[str]


def fill(server: Connection, database_url: str, dump: Dump, target: Target, new: str) -> Filled:
    """Fill the database `new`, whole; raises UserError if that fails anywhere."""
    as_owner = url_of(database_url, new, role=target.owner)
    _make_roles(server)
    _restore(server, url_of(database_url, new), dump, target, new)
    with connect(as_owner) as connection:
        left_out = _grant(connection, dump)
        _require_whole(connection, dump)
    migrated = migrate(as_owner)
    with connect(as_owner) as connection:
        say("gathering statistics of the restored tables")
        connection.execute("SET statement_timeout = 0")
        connection.execute("ANALYZE")
        pages, articles = _counts(connection)
    return Filled(pages=pages, articles=articles, migrated=migrated, left_out=left_out)


def _make_roles(server: Connection) -> None:
    """Make the roles that Depeche's tables are given to; where this user may not, `migrate` says what is to be done."""
    for role in ROLES:
        with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.InsufficientPrivilege):
            server.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))


SIZE = "SELECT pg_database_size(%s)"


def _restore(server: Connection, url: str, dump: Dump, target: Target, new: str) -> None:
    arguments = ["--exit-on-error", "--no-owner", "--no-privileges", f"--role={target.owner}", f"--jobs={JOBS}"]
    work = Work(what="The restore", arguments=[*arguments, str(dump.file)], database_url=url)

    def size() -> int:
        return int((server.execute(SIZE, [new]).fetchone() or [0])[0])

    with told("restoring", size, of=dump.notes.database_bytes if dump.notes else None) as look:
        run_tool(dump.tool, work, look=look)


# An entry of the list of contents that gives rights.
GIVES = re.compile(r"^\d+; \d+ \d+ (?:ACL|DEFAULT ACL) .* (\S+)$", re.MULTILINE)
STATEMENT = re.compile(r"^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b.*;$", re.MULTILINE)


def _grant(connection: Connection, dump: Dump) -> list[str]:
    """Give the rights that the dump gives; returns the statements for roles that are not on this server.

    Those for the tables' former owner, who may be another here, are not missed.
    """
    entries = list(GIVES.finditer(said(dump.tool, ["--list"], dump.file)))
    owners = tuple(f" {owner};" for owner in {entry[1] for entry in entries})
    left_out: list[str] = []
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.writelines(f"{entry[0]}\n" for entry in entries)
        chosen.flush()
        script = said(dump.tool, [f"--use-list={chosen.name}", "--file=-"], dump.file)
    for statement in STATEMENT.findall(script):
        try:
            connection.execute(statement)
        except psycopg.errors.UndefinedObject:
            if not statement.endswith(owners):
                left_out.append(statement)
    return left_out


COUNTS = "SELECT (SELECT count(*) FROM depeche.pages), (SELECT count(*) FROM depeche.articles)"


def _counts(connection: Connection) -> tuple[int, int]:
    pages, articles = connection.execute(COUNTS).fetchone() or (0, 0)
    return pages, articles


def _require_whole(connection: Connection, dump: Dump) -> None:
    noted = dump.notes and (dump.notes.pages, dump.notes.articles)
    found = _counts(connection)
    if noted is not None and noted != found:
        raise UserError(f"{dump.file} was to bring (pages, articles) {noted}, and brought {found}: it is not used.")
