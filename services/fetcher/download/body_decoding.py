"""Undoes a response's Content-Encoding at a bounded cost.

A kilobyte of gzip can hold a megabyte. So the output is counted as it is produced, and the first byte beyond the limit
ends the download: a decompression bomb costs no more than the limit.
"""

from collections.abc import Iterable, Iterator
from typing import cast

import brotli
import zstandard
from zlib_ng import zlib_ng

from services.fetcher.errors import Refused
from shared.failures import GiveUp, RetryLater
from shared.signatures import GZIP

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
# Compression of incompressible bytes adds 5 per 16,384. What exceeds this slack is padding that only costs time.
WIRE_SLACK_BYTES = 65_536
# Block-gzip starts a member every 64 KB, so 1,000 members are a page of 64 MB. More members only cost time.
MAX_GZIP_MEMBERS = MAX_ZSTD_FRAMES = 1_000
# How much brotli may give per step; it overshoots by up to as much again.
BROTLI_STEP_BYTES = 262_144
# zstandard accepts no limit on its output, but 4 bytes of input make at most 128 KiB, so a step makes at most 8 MiB. A
# page of 60 KB takes 0.13 ms in such steps and 0.05 ms in a single one.
ZSTD_STEP_BYTES = 256
# RFC 9659: a decoder of this content coding need not have a larger window.
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024

# The types of zlib-ng say that its error is an instance; it is a class, as zlib's is.
DAMAGE: tuple[type[Exception], ...] = (
    cast(type[Exception], zlib_ng.error),
    brotli.error,
    zstandard.ZstdError,
    EOFError,
)


def decode_body(chunks: Iterable[bytes], *, coding: str | None, max_bytes: int, url: str) -> Iterator[bytes]:
    """Yields the body's decoded bytes piece by piece, never more than `max_bytes` in all.

    Raises Refused(too_large), GiveUp(unsupported_encoding), and RetryLater(bad_response) when the body does not
    decompress.
    """
    pieces = _decompressed(_bounded(chunks, max_bytes + WIRE_SLACK_BYTES, url), _known_coding(coding, url), max_bytes)
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                raise too_large(url, max_bytes)
            yield piece
    except DAMAGE as exc:
        raise RetryLater("bad_response", f"The body of {url} is not the {coding} that it says it is: {exc}.") from exc


def too_large(url: str, max_bytes: int) -> Refused:
    """Returns the refusal of a page that is larger than the limit."""
    return Refused(
        "too_large",
        f"{url} is larger than the limit of {max_bytes:,} bytes. "
        "If the page is worth it, raise DEPECHE_MAX_PAGE_BYTES.",
    )


def _known_coding(coding: str | None, url: str) -> str:
    name = (coding or "").strip().lower()
    if name in ("", "identity", "none"):
        return "identity"
    if name in ("gzip", "x-gzip", "deflate", "br", "zstd"):
        return name.removeprefix("x-")
    raise GiveUp(
        "unsupported_encoding",
        f"{url} was sent with Content-Encoding {coding!r}, though only {ACCEPT_ENCODING} were asked for.",
    )


def _bounded(chunks: Iterable[bytes], max_wire_bytes: int, url: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_wire_bytes:
            raise too_large(url, max_wire_bytes)
        yield chunk


def _decompressed(chunks: Iterator[bytes], coding: str, max_bytes: int) -> Iterator[bytes]:
    if coding == "gzip":
        return _inflate_members(chunks, max_bytes)
    if coding == "deflate":
        return _inflate(chunks, max_bytes)
    if coding == "br":
        return _unbrotli(chunks)
    return _unzstd(chunks) if coding == "zstd" else chunks


def _inflate(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    """Undo deflate as servers send it: in a zlib wrapper, as the standard says, or bare, as many misread it."""
    head = _at_least_two(chunks)
    if not head:
        return
    stream = zlib_ng.decompressobj(zlib_ng.MAX_WBITS if _is_zlib_header(head) else -zlib_ng.MAX_WBITS)
    yield stream.decompress(head, max_bytes + 1)
    for chunk in chunks:
        if stream.eof:
            return  # Bytes after the stream's end are not the page; browsers drop them too.
        yield stream.decompress(chunk, max_bytes + 1)
    if not stream.eof:
        raise EOFError("it ends too early")


def _inflate_members(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    """Undo gzip, which may have several members in a row; bytes after the last member are dropped, as browsers do."""
    pending = _at_least_two(chunks)
    if not pending:
        return
    for _ in range(MAX_GZIP_MEMBERS):
        stream = zlib_ng.decompressobj(zlib_ng.MAX_WBITS | 16)
        yield stream.decompress(pending, max_bytes + 1)
        while not stream.eof:
            chunk = next(chunks, b"")
            if not chunk:
                raise EOFError("it ends too early")
            yield stream.decompress(chunk, max_bytes + 1)
        pending = stream.unused_data
        if len(pending) < 2:
            pending += _at_least_two(chunks)
        if not pending.startswith(GZIP):
            return
    raise EOFError(f"it has more than {MAX_GZIP_MEMBERS:,} members")


def _at_least_two(chunks: Iterator[bytes]) -> bytes:
    """Returns the first two bytes or more, enough to tell the stream's kind; fewer only where the stream ends."""
    head = b""
    while len(head) < 2 and (chunk := next(chunks, b"")):
        head += chunk
    return head


def _is_zlib_header(head: bytes) -> bool:
    """Returns whether the bytes start a zlib stream.

    RFC 1950: the low half of the first byte is method 8, and the first two bytes as a number are divisible by 31.
    """
    return len(head) >= 2 and head[0] & 0x0F == 8 and int.from_bytes(head[:2]) % 31 == 0


def _unbrotli(chunks: Iterator[bytes]) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    begun = False
    for chunk in chunks:
        begun = begun or bool(chunk)
        yield stream.process(chunk, output_buffer_limit=BROTLI_STEP_BYTES)
        while not stream.can_accept_more_data():
            yield stream.process(b"", output_buffer_limit=BROTLI_STEP_BYTES)
        if stream.is_finished():
            return
    if begun:
        raise EOFError("it ends too early")


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Undo Zstandard, which may have several frames in a row."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    frame = None
    frames = 0
    for chunk in chunks:
        for start in range(0, len(chunk), ZSTD_STEP_BYTES):
            step = chunk[start : start + ZSTD_STEP_BYTES]
            while step:
                if frame is None or frame.eof:
                    frame = decompressor.decompressobj()
                    frames += 1
                    if frames > MAX_ZSTD_FRAMES:
                        raise EOFError(f"it has more than {MAX_ZSTD_FRAMES:,} frames")
                yield frame.decompress(step)
                step = frame.unused_data
    if frame is not None and not frame.eof:
        raise EOFError("it ends too early")
