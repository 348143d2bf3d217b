"""What a restore needs to know of a backup: noted beside it, in FILE.json."""

import contextlib
import hashlib
from datetime import datetime
from pathlib import Path

import msgspec

from shared.failures import UserError


class ArchivePosition(msgspec.Struct, frozen=True, kw_only=True):
    """How far the archive had come: its newest file and that one's size, and how much there was in all."""

    newest: str
    newest_bytes: int
    files: int
    bytes: int


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """The moment of a backup, and what it has. `schema` is the number of the last migration."""

    made_at: datetime
    depeche: str
    schema: int
    postgres: str
    database: str
    database_bytes: int
    pages: int
    articles: int
    dump_bytes: int
    sha256: str
    archive: ArchivePosition | None = None


def notes_file(dump: Path) -> Path:
    """Return the path of a backup's notes."""
    return dump.with_name(dump.name + ".json")


def write_notes(dump: Path, notes: Notes) -> None:
    """Write a backup's notes, whole or not at all."""
    part = notes_file(dump).with_name(dump.name + ".json.part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(notes)) + b"\n")
    part.replace(notes_file(dump))


def read_notes(dump: Path) -> Notes | None:
    """Return a backup's notes; None if it has none, as one that was made by hand."""
    try:
        return msgspec.json.decode(notes_file(dump).read_bytes(), type=Notes)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"Cannot read the notes of the backup, {notes_file(dump)}: {error}") from error


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def archive_position(folder: Path | None) -> ArchivePosition | None:
    """Return how far the archive has come; None where there is none, or nothing in it."""
    files: list[tuple[float, str, int]] = []
    for file in folder.glob("*.warc.gz") if folder is not None and folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # deleted at this moment
            facts = file.stat()
            files.append((facts.st_mtime, file.name, facts.st_size))
    if not files:
        return None
    _, newest, size = max(files)
    return ArchivePosition(newest=newest, newest_bytes=size, files=len(files), bytes=sum(one[2] for one in files))
