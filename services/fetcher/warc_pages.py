"""The pages of a WARC file: one of ours, or of another crawler such as Common Crawl's CC-NEWS.

Records are taken apart one by one, as gzip members or by their lengths, before fastwarc reads them: its own iteration
ends at the first broken member, and gives a record that is torn off as if it were whole.
"""

import contextlib
import io
import mmap
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from services.fetcher.body_decoding import too_large
from services.fetcher.page_body import BodyReader
from services.fetcher.warc_records import FOUND_ON, REQUESTED_URI, SOURCE
from services.fetcher.web_url import web_url
from shared.failures import GiveUp, PageFailure, UserError

GZIP_START, PLAIN_START = b"\x1f\x8b\x08", b"WARC/1."
PIECE_BYTES = 65_536
# The heads of WARC and HTTP.
HEAD_BYTES = 262_144
CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# A page from the future would keep every later visit from being stored.
CLOCK_SLACK = timedelta(days=1)
MAX_SOURCE_CHARS = 200
# Two empty lines end a record; some writers add a few more.
TRAILING_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class ArchivedPage:
    """A page as it was fetched; `url` is what was asked for, `final_url` what answered, `body` is decoded."""

    place: str  # "file.warc.gz:offset"
    url: str
    final_url: str
    fetched_at: datetime
    http_status: int
    content_type: str | None
    body: bytes
    source: str | None
    found_on: str | None


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A record that gives no page; `reason` is a slug. With `broken` the file is damaged there."""

    place: str
    reason: str
    detail: str
    broken: bool = False


Wanted = Callable[[str, datetime], bool]
Progress = Callable[[int], None]


def read_pages(
    file: Path, *, max_bytes: int, wanted: Wanted = lambda _url, _at: True, progress: Progress = lambda _at: None
) -> Iterator[ArchivedPage | LeftOut]:
    """The file's pages in order, and what is none; records that are not `wanted` (by URL and time) are passed over.

    `progress` is told how far (bytes) the file has been read. Raises UserError when it cannot be.
    """
    for member in _members(file, max_bytes):
        progress(member.end)
        if isinstance(member.content, LeftOut):
            yield member.content
            continue
        try:
            page: ArchivedPage | LeftOut | None = _page_of(member.content, member.place, max_bytes, wanted)
        except PageFailure as failure:
            page = LeftOut(place=member.place, reason=failure.reason, detail=failure.detail)
        except _Broken as problem:
            page = LeftOut(place=member.place, reason="broken_record", detail=str(problem), broken=True)
        if page is not None:
            yield page


class _Broken(Exception):
    """These bytes are no record."""


class _Torn(_Broken):
    """The file ends in the middle of a record."""


@dataclass(frozen=True, kw_only=True)
class _Member:
    place: str
    end: int
    content: bytes | LeftOut


def _members(file: Path, max_bytes: int) -> Iterator[_Member]:
    """Each record's bytes. After one that is broken, reading goes on at the next place that looks like a record."""
    most = max_bytes + HEAD_BYTES
    with _mapped(file) as data:
        start = 0
        while start < len(data):
            place = f"{file.name}:{start}"
            content: bytes | LeftOut
            try:
                content, end = _record_at(data, start, most)
            except (_Broken, zlib.error) as problem:
                detail = f"no whole record at byte {start}: {problem}"
                content = LeftOut(place=place, reason="broken_record", detail=detail, broken=True)
                # What follows in a record that is torn off is still the page's: it might contain a forged record.
                end = len(data) if isinstance(problem, _Torn) else _next_start(data, start + 1)
            else:
                if len(content) > most:
                    failure = too_large(f"the record at byte {start}", max_bytes)
                    content = LeftOut(place=place, reason=failure.reason, detail=failure.detail)
            yield _Member(place=place, end=end, content=content)
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
    raise _Broken("neither a gzip member nor a WARC record begins there")


def _inflated(data: "mmap.mmap | bytes", start: int, most: int) -> tuple[bytes, int]:
    """One gzip member; its checksum has been compared."""
    inflate = zlib.decompressobj(wbits=31)
    content = bytearray()
    position = start
    while not inflate.eof:
        piece = data[position : position + PIECE_BYTES]
        if not piece:
            raise _Torn("the file ends in the middle of it")
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
        raise _Broken("its head has no end, or no Content-Length")
    end = head_end + 4 + int(length[1])
    if end > len(data):
        raise _Torn("the file ends in the middle of it")
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


def _page_of(content: bytes, place: str, max_bytes: int, wanted: Wanted) -> ArchivedPage | None:
    """The page; None where the record is no answer to a request for one, or is not wanted."""
    record = _parsed(content)
    if record.record_type == WarcRecordType.revisit:
        raise GiveUp("revisit", "the page was as it was before; another record has its body")
    if record.record_type != WarcRecordType.response or not record.is_http:
        return None
    final_url = str(web_url((record.headers.get("WARC-Target-URI") or "").strip("<> ")))
    url = record.headers.get(REQUESTED_URI) or final_url
    web_url(url)
    fetched_at = _date(record.headers.get("WARC-Date"))
    if not wanted(url, fetched_at):
        return None
    _refuse_what_was_not_fetched(record, url, fetched_at)
    return ArchivedPage(
        place=place,
        url=url,
        final_url=final_url,
        fetched_at=fetched_at,
        http_status=record.http_headers.status_code or 0,
        content_type=record.http_headers.get("Content-Type"),
        body=_body(record, final_url, max_bytes),
        source=(record.headers.get(SOURCE) or "")[:MAX_SOURCE_CHARS] or None,
        found_on=record.headers.get(FOUND_ON) or None,
    )


def _refuse_what_was_not_fetched(record: WarcRecord, url: str, fetched_at: datetime) -> None:
    if fetched_at > datetime.now(UTC) + CLOCK_SLACK:
        raise GiveUp("from_the_future", f"{url} was fetched at {fetched_at}, says the file")
    if record.headers.get("WARC-Truncated"):
        raise GiveUp("truncated", f"{url} was not archived to its end")


def _parsed(content: bytes) -> WarcRecord:
    head_end = content.find(b"\r\n\r\n") + 4
    try:
        record = next(ArchiveIterator(io.BytesIO(content), parse_http=False), None)
        if record is None:
            raise _Broken("it is empty")
        if record.content_length > len(content) - head_end:
            raise _Broken("it is shorter than its Content-Length")
        if len(content) - head_end - record.content_length > TRAILING_BYTES:
            raise _Broken("several records share one gzip member; `warcio recompress` puts each into its own")
        record.freeze()
        if record.is_http:
            record.parse_http()
    except (OSError, ValueError) as error:
        raise _Broken(str(error)) from error
    return record


def _date(text: str | None) -> datetime:
    try:
        date = datetime.fromisoformat(text or "")
    except ValueError as error:
        raise _Broken(f"its WARC-Date is {text!r}") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _body(record: WarcRecord, url: str, max_bytes: int) -> bytes:
    """The body without its codings. Some crawlers undo these and leave the headers that name them."""
    body = _without_chunks(record.reader.read(), record.http_headers.get("Transfer-Encoding"))
    status, content_type = record.http_headers.status_code or 0, record.http_headers.get("Content-Type")
    coding = record.http_headers.get("Content-Encoding")
    try:
        return _answer(url, status, {"Content-Type": content_type, "Content-Encoding": coding}, body, max_bytes)
    except PageFailure as failure:
        if failure.reason not in ("bad_response", "unsupported_encoding"):
            raise
        return _answer(url, status, {}, body, max_bytes)


def _answer(url: str, status: int, headers: dict[str, str | None], body: bytes, max_bytes: int) -> bytes:
    """What the fetcher would have made of this answer."""
    answer = httpx.Response(
        status,
        headers=[(n.encode(), value.encode("utf-8", "replace")) for n, value in headers.items() if value is not None],
        stream=httpx.ByteStream(body),
        request=httpx.Request("GET", url),
    )
    return BodyReader(answer, max_bytes=max_bytes).page()


def _without_chunks(body: bytes, coding: str | None) -> bytes:
    """The body without the framing of chunked transfer, if it has that whole; fastwarc's reader knows no extensions."""
    if "chunked" not in (coding or "").lower():
        return body
    chunks: list[bytes] = []
    at = 0
    while (head := CHUNK_HEAD.match(body, at)) is not None:
        size = int(head[1], 16)
        if size == 0:
            return b"".join(chunks)
        at = head.end() + size + 2
        if body[at - 2 : at] != b"\r\n":
            break
        chunks.append(body[head.end() : at - 2])
    return body
