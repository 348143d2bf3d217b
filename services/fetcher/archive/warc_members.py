"""Reads the WARC records of an archive as bytes, one by one.

The archive is a WARC file, a zip file that holds some (wacz.py), or a stream.
"""

import contextlib
import io
import mmap
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from services.fetcher.archive.file_bytes import Whole, Window
from services.fetcher.archive.file_kinds import HEAD, ZIP_STARTS, other_kind
from services.fetcher.archive.left_out import Member, broken, other_file
from services.fetcher.archive.packed_records import GZIP_START
from services.fetcher.archive.record_reader import RecordReader
from services.fetcher.archive.wacz import Entry, UnreadableZip, warc_entries
from shared.failures import UserError

STDIN = Path("-")
STDIN_NAME = "stdin"
PIECE_BYTES = 65_536


def members(file: Path, max_bytes: int) -> Iterator[Member]:
    """Yields each WARC record. After a broken one, reading goes on at the next place that looks like a record.

    A file of another kind is one LeftOut, which names the kind.
    """
    if file == STDIN:
        yield from _members(Window(_pieces(sys.stdin.buffer)), STDIN_NAME, max_bytes)
        return
    with _mapped(file) as data:
        for member in _members(data, file.name, max_bytes):
            yield member if member.end <= len(data) else replace(member, end=len(data))


def member_at(file: Path, offset: int, max_bytes: int) -> Member:
    """Returns the record that begins at this byte of a WARC file; raises UserError when the file cannot be read."""
    with _mapped(file) as data:
        return RecordReader(data, file.name, max_bytes).at(offset)


def _members(data: Whole | Window, name: str, max_bytes: int) -> Iterator[Member]:
    head = data[:HEAD]
    if head.startswith(ZIP_STARTS):
        yield from _of_zip(data, name, max_bytes)
    elif kind := other_kind(head):
        yield other_file(name, kind)
    else:
        yield from RecordReader(data, name, max_bytes).all()


def _of_zip(data: Whole | Window, name: str, max_bytes: int) -> Iterator[Member]:
    if isinstance(data, Window):
        yield other_file(name, "a zip file, which can only be read where it is a file on a disk")
        return
    try:
        for entry in warc_entries(data):
            yield from _of_entry(entry, f"{name}/{entry.name}", max_bytes)
    except UnreadableZip as problem:
        yield replace(other_file(name, str(problem)), end=0)
        # A file that was cut short has lost its directory, but its WARC files may stand there as they are.
        yield from RecordReader(data, name, max_bytes, start_mark=GZIP_START).after(0)


def _of_entry(entry: Entry, name: str, max_bytes: int) -> Iterator[Member]:
    if isinstance(entry.data, str):
        yield replace(other_file(name, entry.data), end=entry.end)
        return
    for member in _members(entry.data, name, max_bytes):
        yield replace(member, end=min(entry.start + member.end, entry.end))
    if entry.damage:
        yield broken(name, entry.end, entry.damage[0])


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield piece


@contextlib.contextmanager
def _mapped(file: Path) -> Iterator["mmap.mmap | bytes"]:
    try:
        with file.open("rb") as stream:
            if not stream.seek(0, io.SEEK_END):
                yield b""
                return
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield data
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror or error}.") from error
