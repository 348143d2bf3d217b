"""Reads the WARC records of a file as bytes, one by one: gzip members, or plain records by their lengths.

fastwarc's own iteration stops at the first broken member, and yields a torn record as if it were whole.
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
# Room for the headers of WARC and HTTP.
HEAD_BYTES = 262_144
CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Broken(Exception):
    """These bytes are not a WARC record."""


class Torn(Broken):
    """The file ends in the middle of a WARC record."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A WARC record from which no page is taken; `reason` is a slug. If `broken`, the file is damaged at `place`."""

    place: str
    reason: str
    detail: str
    broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Member:
    """The bytes of the WARC record at `place`, or LeftOut where it is broken or too long; `end` is where it ends."""

    place: str
    end: int
    content: bytes | LeftOut


def members(file: Path, max_bytes: int) -> Iterator[Member]:
    """Yields each WARC record. After a broken one, reading goes on at the next place that looks like a record."""
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
                # The bytes up to the file's end belong to the torn record's page, and might contain a forged record.
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
    """Returns the record's bytes, cut off a little after `most` of them, and where the record ends.

    Raises Broken, or zlib.error for a damaged gzip member.
    """
    if data[start : start + 3] == GZIP_START:
        return _inflated(data, start, most)
    if data[start : start + 7] == PLAIN_START:
        return _plain(data, start, most)
    raise Broken("neither a gzip member nor a WARC record begins there")


def _inflated(data: "mmap.mmap | bytes", start: int, most: int) -> tuple[bytes, int]:
    """Returns one gzip member, unpacked and with its checksum verified, and where it ends."""
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
    """Returns one uncompressed record, as long as its Content-Length says, and where it ends."""
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
    """Returns where the next record begins. Gzip's first three bytes alone also occur by chance in compressed data."""
    if data[: len(PLAIN_START)] == PLAIN_START:
        found = data.find(b"\r\n\r\n" + PLAIN_START, after)
        return found + 4 if found >= 0 else len(data)
    while (found := data.find(GZIP_START, after)) >= 0:
        with contextlib.suppress(zlib.error):
            if zlib.decompressobj(wbits=31).decompress(data[found : found + 512], 7) == PLAIN_START:
                return found
        after = found + 1
    return len(data)
