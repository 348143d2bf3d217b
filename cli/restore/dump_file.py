"""What a backup's file is, before anything else is touched: a whole dump of Depeche, of a schema that is known here."""

import re
import tempfile
from pathlib import Path

import msgspec

from cli.backup.notes import Notes, digest, notes_file, read_notes
from cli.backup.tools import Tool, Work, all_tools, find_tool, run_tool
from services.indexer.schema.files import BASELINE, all_migrations
from services.indexer.schema.migrate import OTHER_NUMBERS
from shared.failures import UserError

MAGIC = b"PGDMP"
DUMPED_BY = re.compile(r"^;\s+Dumped by pg_dump version: (\d+)", re.MULTILINE)
# "4711; 0 16397 TABLE DATA depeche pages postgres", of the list of contents.
ENTRY = re.compile(r"^\d+; \d+ \d+ (TABLE DATA|TABLE ATTACH|TABLE) (depeche|depeche_history) (\S+) ", re.MULTILINE)
# Tables of the first schema; each of them has rows in a whole dump, or at least an entry for them.
NEEDED = {"pages", "articles", "headlines", "quarantine", "feed", "schema_migrations"}
# A row of depeche.schema_migrations as COPY writes it.
MIGRATION = re.compile(r"^(\d+)\t(\S+)\t", re.MULTILINE)


class Dump(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may be restored, and with which program. `schema` is the number of its last migration."""

    file: Path
    tool: Tool
    schema: int
    notes: Notes | None


def examine(file: Path, *, server: int) -> Dump:
    """Return what the file is; raises UserError unless it can be restored into a server of this major version."""
    _require_custom_format(file)
    notes = read_notes(file)
    if notes is not None and (notes.dump_bytes != file.stat().st_size or notes.sha256 != digest(file)):
        raise UserError(
            f"{file} is not the file that was written: it differs from what {notes_file(file)} notes of it. Copy it "
            "again from where it was made, or take another backup. Nothing has been changed."
        )
    newest = max(all_tools("pg_restore"), key=lambda tool: tool.major, default=None)
    contents = said(newest or find_tool("pg_restore", at_least=server), ["--list"], file)
    _require_depeche(file, contents)
    version = DUMPED_BY.search(contents)
    tool = find_tool("pg_restore", at_least=max(server, int(version[1]) if version else 0), server=server)
    return Dump(file=file, tool=tool, schema=_schema(file, tool), notes=notes)


def _require_custom_format(file: Path) -> None:
    try:
        with file.open("rb") as content:
            begins = content.read(len(MAGIC))
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.") from error
    if begins != MAGIC:
        raise UserError(f"{file} is not a backup: `depeche backup` (or pg_dump -Fc) writes one.")


def said(tool: Tool, arguments: list[str], file: Path) -> str:
    """Return what pg_restore says of a file."""
    with tempfile.TemporaryFile() as out:
        run_tool(tool, Work(what=f"Reading {file}", arguments=[*arguments, str(file)]), to=out)
        out.seek(0)
        return out.read().decode("utf-8", "replace")


def _require_depeche(file: Path, contents: str) -> None:
    entries = set(ENTRY.findall(contents))
    tables = {name for kind, schema, name in entries if kind == "TABLE" and schema == "depeche"}
    if not tables >= {"pages", "articles", "schema_migrations"}:
        raise UserError(f"{file} is the dump of another database: it has no tables of Depeche's.")
    filled = {(schema, name) for kind, schema, name in entries if kind == "TABLE DATA"}
    parts = {(schema, name) for kind, schema, name in entries if kind == "TABLE ATTACH"}
    lacking = sorted(({("depeche", name) for name in NEEDED} | parts) - filled)
    if lacking:
        raise UserError(f"{file} is only a part of a database: it lacks the rows of {'.'.join(lacking[0])}.")


def _schema(file: Path, tool: Tool) -> int:
    rows = said(tool, ["--data-only", "--schema=depeche", "--table=schema_migrations", "--file=-"], file)
    applied = {int(number): name for number, name in MIGRATION.findall(rows)}
    if applied.get(1) != BASELINE:
        raise UserError(f"{file} cannot be restored by this version. {OTHER_NUMBERS}")
    known = {migration.version for migration in all_migrations()}
    if not applied.keys() <= known:
        raise UserError(
            f"{file} was made by a newer Depeche: its schema is {max(applied)}, and this version knows those up to "
            f"{max(known)}. Restore it with that version or a later one. Nothing has been changed."
        )
    return max(applied)
