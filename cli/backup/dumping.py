"""Writes a dump under the name FILE.part, checks it, and only then gives it its own name."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from cli.backup.notes import ArchivePosition, Notes, digest, notes_file, write_notes
from cli.backup.progress import told
from cli.backup.tools import Work, find_tool, major_of, run_tool
from services.indexer.connection import Connection
from services.indexer.pooler import require_session
from shared.failures import UserError
from shared.version import VERSION

# The counts and the dump are of one moment: pg_dump takes over the snapshot of this transaction.
BEGIN = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
"""
HAS_LOG = """
SELECT EXISTS (SELECT FROM pg_class
               WHERE relname = 'schema_migrations' AND relnamespace::regnamespace::text = 'depeche')
"""
UNREADABLE = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind IN ('r', 'p', 'S') AND relnamespace::regnamespace::text IN ('depeche', 'depeche_history')
  AND NOT CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, 'SELECT') ELSE has_table_privilege(oid, 'SELECT') END
LIMIT 1
"""
SURVEY = """
SELECT pg_export_snapshot() AS snapshot, current_setting('server_version') AS postgres, current_database() AS database,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT max(version) FROM depeche.schema_migrations) AS schema,
       (SELECT count(*) FROM depeche.pages) AS pages, (SELECT count(*) FROM depeche.articles) AS articles
"""
# A migration that holds a table is waited for that long (ms).
LOCK_WAIT_MS = 60_000


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds at the moment of the snapshot."""

    snapshot: str
    postgres: str
    database: str
    database_bytes: int
    schema: int
    pages: int
    articles: int


def write_backup(
    connection: Connection, database_url: str, file: Path, archive: ArchivePosition | None, *, force: bool
) -> Notes:
    """Write a checked dump of the database to `file` and its notes beside it; raises UserError if it cannot."""
    _require_free(file, force=force)
    made_at = datetime.now(UTC)
    require_session(connection)  # pg_dump sets it up for itself
    server = major_of(connection)
    dumping = find_tool("pg_dump", at_least=server, server=server)
    with _part(file) as (part, out):
        with connection.transaction():
            survey = _survey(connection)
            with told("writing the backup", lambda: os.fstat(out.fileno()).st_size) as look:
                run_tool(dumping, _dump(database_url, survey.snapshot, part), look=look)
        os.fsync(out.fileno())
        reading = find_tool("pg_restore", at_least=dumping.major)
        run_tool(reading, Work(what=f"The check of {part}", arguments=["--list", str(part)]))
        notes = Notes(
            made_at=made_at,
            depeche=VERSION,
            **{k: v for k, v in msgspec.structs.asdict(survey).items() if k != "snapshot"},
            dump_bytes=part.stat().st_size,
            sha256=digest(part),
            archive=archive,
        )
        _require_free(file, force=force)
        notes_file(file).unlink(missing_ok=True)  # of a file that is replaced
        part.replace(file)
    write_notes(file, notes)
    _keep_names(file.parent)
    return notes


def _require_free(file: Path, *, force: bool) -> None:
    if file.is_dir():
        raise UserError(f"{file} is a folder: name a file in it.")
    if file.exists() and not force:
        raise UserError(f"{file} is there already: name another file, or replace it with --force.")


@contextlib.contextmanager
def _part(file: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Yield FILE.part and it opened, empty; it is removed on the way out unless it was given another name.

    What a killed backup left there is overwritten. Readable by its owner only, as it has everything.
    """
    part = file.with_name(file.name + ".part")
    try:
        out = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    except OSError as error:
        raise UserError(f"Cannot write {part}: {error.strerror}.") from error
    with out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.fstat(out.fileno()).st_ino == part.stat().st_ino  # and not renamed meanwhile
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            raise UserError(f"Another backup is writing {part}.")
        inode = os.fstat(out.fileno()).st_ino
        out.truncate()
        try:
            yield part, out
        except OSError as error:
            raise UserError(f"Cannot write {part}: {error.strerror}.") from error
        finally:
            with contextlib.suppress(FileNotFoundError):
                if part.stat().st_ino == inode:
                    part.unlink()


def _survey(connection: Connection) -> Survey:
    connection.execute(BEGIN.encode())
    has_log = connection.execute(HAS_LOG).fetchone()
    if not has_log or not has_log[0]:
        raise UserError(
            f"The database {connection.info.dbname} has no tables of Depeche's; there is nothing to back up."
        )
    unreadable = connection.execute(UNREADABLE).fetchone()
    if unreadable:
        raise UserError(
            f"A backup needs the owner of the tables; {connection.info.user} may not read {unreadable[0]}. "
            "Set DEPECHE_DATABASE_URL to the address that `depeche migrate` is run with."
        )
    with connection.cursor() as cursor:
        row = cursor.execute(SURVEY).fetchone()
        names = [column.name for column in cursor.description or ()]
    return msgspec.convert(dict(zip(names, row or (), strict=True)), Survey)


def _dump(database_url: str, snapshot: str, part: Path) -> Work:
    # By its name: through standard output, pg_dump 18 appends its table of contents where it should replace it.
    arguments = ["--format=custom", f"--file={part}", f"--snapshot={snapshot}", f"--lock-wait-timeout={LOCK_WAIT_MS}"]
    return Work(what="The backup", arguments=arguments, database_url=database_url)


def _keep_names(folder: Path) -> None:
    """Have the disk keep the files' names, too."""
    with contextlib.suppress(OSError):  # some file systems cannot
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
