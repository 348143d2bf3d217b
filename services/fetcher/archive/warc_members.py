"""The records of a WARC file as bytes, one by one: gzip members, or plain records by their lengths.

fastwarc's own iteration ends at the first broken member, and gives a record that is torn off as if it were whole.
"""

import contextlib
import io
import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.fetcher.download.body_decoding import too_large
from shared.failures import UserError

GZIP_START, PLAIN_START = b"\x1f\x8b\x08", b"WARC/1."
PIECE_BYTES = 65_536
# The heads of WARC and HTTP.
HEAD_BYTES = 262_144
CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Broken(Exception):
    """These bytes are no record."""


class Torn(Broken):
    """The file ends in the middle of a record."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A record that gives no page; `reason` is a slug. With `broken` the file is damaged there."""

    place: str
    reason: str
    detail: str
    broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Member:
    """A record at `place`, as long as it is not too long, and where it ends."""

    place: str
    end: int
    content: bytes | LeftOut


def members(file: Path, max_bytes: int) -> Iterator[Member]:
    """Each record's bytes. After one that is broken, reading goes on at the next place that looks like a record."""
    most = max_bytes + HEAD_BYTES
    with _mapped(file) as data:
        start = 0
        while start < len(data):
            place = f"{file.name}:{start}"
            content: bytes | LeftOut
            try:
                content, end = _record_at(data, start, most)
            except (Broken, zlib.error) as problem:
                detail = f"no whole record at byte {start}: {problem}"
                content = LeftOut(place=place, reason="broken_record", detail=detail, broken=True)
                # What follows in a record that is torn off is still the page's: it might contain a forged record.
                end = len(data) if isinstance(problem, Torn) else _next_start(data, start + 1)
            else:
                if len(content) > most:
                    failure = too_large(f"the record at byte {start}", max_bytes)
                    content = LeftOut(place=place, reason=failure.reason, detail=failure.detail)
            yield Member(place=place, end=end, content=content)
            start = end


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


def _record_at(data: "mmap.mmap | bytes", start: int, most: int) -> tuple[bytes, int]:
    """The record's bytes, cut off a little after `most` of them, and where it ends."""
    if data[start : start + 3] == GZIP_START:
        return _inflated(data, start, most)
    if data[start : start + 7] == PLAIN_START:
        return _plain(data, start, most)
    raise Broken("neither a gzip member nor a WARC record begins there")


def _inflated(data: "mmap.mmap | bytes", start: int, most: int) -> tuple[bytes, int]:
    """One gzip member; its checksum has been compared."""
    inflate = zlib.decompressobj(wbits=31)
    content = bytearray()
    position = start
    while not inflate.eof:
        piece = data[position : position + PIECE_BYTES]
        if not piece:
            raise Torn("the file ends in the middle of it")
        position += len(piece)
        while piece and not inflate.eof:
            inflated = inflate.decompress(piece, 1 << 20)
            piece = inflate.unconsumed_tail
            if len(content) <= most:
                content += inflated
    return bytes(content), position - len(inflate.unused_data)


def _plain(data: "mmap.mmap | bytes", start: int, most: int) -> tuple[bytes, int]:
    """One record that is not compressed, by its own word on its length."""
    head_end = data.find(b"\r\n\r\n", start, start + HEAD_BYTES)
    length = CONTENT_LENGTH.search(data[start : max(head_end, start)])
    if length is None:
        raise Broken("its head has no end, or no Content-Length")
    end = head_end + 4 + int(length[1])
    if end > len(data):
        raise Torn("the file ends in the middle of it")
    content = data[start : min(end, start + most + 1)]
    while data[end : end + 2] == b"\r\n":
        end += 2
    return content + b"\r\n\r\n", end


def _next_start(data: "mmap.mmap | bytes", after: int) -> int:
    """Where the next record begins; three bytes alone are also found by chance in compressed ones."""
    if data[: len(PLAIN_START)] == PLAIN_START:
        found = data.find(b"\r\n\r\n" + PLAIN_START, after)
        return found + 4 if found >= 0 else len(data)
    while (found := data.find(GZIP_START, after)) >= 0:
        with contextlib.suppress(zlib.error):
            if zlib.decompressobj(wbits=31).decompress(data[found : found + 512], 7) == PLAIN_START:
                return found
        after = found + 1
    return len(data)
