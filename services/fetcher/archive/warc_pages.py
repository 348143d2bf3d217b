"""Reads the pages of a WARC file: one of Depeche's, or one of another crawler such as Common Crawl's CC-NEWS."""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastwarc.warc import ArchiveIterator, WarcRecord

from services.fetcher.archive.left_out import LeftOut, Member
from services.fetcher.archive.packed_records import Broken
from services.fetcher.archive.warc_heads import TRAILING_BYTES
from services.fetcher.archive.warc_members import member_at, members
from services.fetcher.archive.warc_records import FOUND_ON, REQUESTED_URI, SOURCE
from services.fetcher.download.page_body import BodyReader
from services.fetcher.download.terms import product_token
from services.fetcher.download.web_url import web_url
from services.fetcher.rights.page_statements import page_statements
from shared.failures import GiveUp, PageFailure
from shared.messages import Answer, Origin, Visit, check_times
from shared.rights import Rights
from shared.version import PRODUCT

CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
# A page dated in the future would prevent every later visit from being stored, so only this much is allowed.
CLOCK_SLACK = timedelta(days=1)
MAX_SOURCE_CHARS = 200
# The types of records whose block is a body without an HTTP answer around it: a file as it is, and what was made of
# one, such as the text of a page (Common Crawl's WET files).
BODY_RECORDS = ("resource", "conversion")
OTHER_RECORDS = {"warcinfo": "warcinfo", "request": "request", "metadata": "metadata", "continuation": "segmented"}


@dataclass(frozen=True, kw_only=True)
class ArchivedPage:
    """A page as it was fetched; `body` is decoded, and `answer.archive` says where its WARC record is."""

    origin: Origin
    answer: Answer
    body: bytes


@dataclass(frozen=True, kw_only=True)
class _Block:
    """What a record holds: an HTTP answer's status, headers and body, or a body and its type alone."""

    status: int
    content_type: str | None
    coding: str | None
    headers: Sequence[tuple[str, str]]
    body: bytes


Wanted = Callable[[str, datetime], bool]
Progress = Callable[[int], None]


def read_pages(
    file: Path, *, max_bytes: int, wanted: Wanted = lambda _url, _at: True, progress: Progress = lambda _at: None
) -> Iterator[ArchivedPage | LeftOut]:
    """Yields the file's pages in order, and a LeftOut for each WARC record from which no page is taken.

    Records that are not `wanted` (by URL and time) are left out as `filtered`. `progress` is called with how far
    (bytes) the file has been read. Raises UserError when the file cannot be read.
    """
    for member in members(file, max_bytes):
        progress(member.end)
        yield _page_or_left_out(member, max_bytes, wanted)


def read_page_at(file: Path, offset: int, *, max_bytes: int) -> ArchivedPage | LeftOut:
    """Returns the page of the WARC record that begins at this byte; raises UserError when the file cannot be read."""
    return _page_or_left_out(member_at(file, offset, max_bytes), max_bytes, lambda _url, _at: True)


def _page_or_left_out(member: Member, max_bytes: int, wanted: Wanted) -> ArchivedPage | LeftOut:
    if isinstance(member.content, LeftOut):
        return member.content
    try:
        return _page_of(member.content, member, max_bytes, wanted)
    except PageFailure as failure:
        return LeftOut(place=member.place, reason=failure.reason, detail=failure.detail)
    except Broken as problem:
        return LeftOut(place=member.place, reason="broken_record", detail=str(problem), broken=True)


def _page_of(content: bytes, member: Member, max_bytes: int, wanted: Wanted) -> ArchivedPage:
    """Returns the page; raises PageFailure where the record gives none, and Broken."""
    record = _parsed(content)
    if member.doubtful and not (record.headers.get("WARC-Block-Digest") and record.verify_block_digest()):
        raise Broken("it was packed together with a damaged record, and nothing shows that it is whole")
    _refuse_other_types(record)
    target = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    if not target:
        raise GiveUp("no_address", "it names no address (WARC-Target-URI)")
    final_url = str(web_url(target))
    url = record.headers.get(REQUESTED_URI) or final_url
    web_url(url)
    fetched_at = _date(record.headers.get("WARC-Date"))
    if not wanted(url, fetched_at):
        raise GiveUp("filtered", f"{url} was not asked for")
    _refuse_what_was_not_fetched(record, url, fetched_at)
    block = _block(record)
    body = _body(block, final_url, max_bytes)
    answer = Answer(
        final_url=final_url,
        http_status=block.status,
        fetched_at=fetched_at.astimezone(UTC).isoformat(),
        content_type=block.content_type,
        body_bytes=len(body),
        body_sha256=hashlib.sha256(body).hexdigest(),
        archive=member.place,
        rights=_rights(block, body),
    )
    return ArchivedPage(origin=_origin(url, record), answer=answer, body=body)


def _refuse_other_types(record: WarcRecord) -> None:
    """Raise GiveUp for a record that holds no page as it was, whatever its address.

    The type is read from its header: fastwarc's own types cannot be looked up (findings/fastwarc_record_types.sh).
    """
    kind = (record.headers.get("WARC-Type") or "").strip().lower()
    if kind == "revisit":
        raise GiveUp("revisit", "the page was as it was before; another record has its body")
    if kind == "response":
        if not record.is_http:
            raise GiveUp("not_http", f"it is the answer of another protocol ({record.headers.get('Content-Type')})")
    elif kind not in BODY_RECORDS:
        reason = OTHER_RECORDS.get(kind, "unknown_type")
        raise GiveUp(reason, f"it is no page, but of the type {kind!r}")
    if record.headers.get("WARC-Segment-Number"):
        raise GiveUp("segmented", "it is a part of a page; parts are not put together")


def _block(record: WarcRecord) -> "_Block":
    """Returns the record's block: an HTTP answer, or a body alone, which was taken from an answer that was read."""
    http = record.http_headers
    if record.is_http and http is not None:
        body = _without_chunks(record.reader.read(), http.get("Transfer-Encoding"))
        return _Block(
            status=http.status_code or 0,
            content_type=http.get("Content-Type"),
            coding=http.get("Content-Encoding"),
            headers=list(http),
            body=body,
        )
    content_type = record.headers.get("Content-Type")
    return _Block(status=200, content_type=content_type, coding=None, headers=[], body=record.reader.read())


def _rights(block: "_Block", body: bytes) -> Rights | None:
    """Returns what the page itself said of its use; the file does not have what its site said."""
    return page_statements(block.headers, body, block.content_type, product_token(PRODUCT)).or_none()


def _origin(url: str, record: WarcRecord) -> Origin:
    source = (record.headers.get(SOURCE) or "")[:MAX_SOURCE_CHARS] or None
    return Origin(url=url, source=source, found_on=record.headers.get(FOUND_ON) or None, visit=Visit(replayed=True))


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
            raise Broken("it is empty")
        if record.content_length > len(content) - head_end:
            raise Broken("it is shorter than its Content-Length")
        if len(content) - head_end - record.content_length > TRAILING_BYTES:
            raise Broken("it is longer than its Content-Length")
        record.freeze()
        if record.is_http:
            record.parse_http()
    except (OSError, ValueError) as error:
        raise Broken(str(error)) from error
    return record


def _date(text: str | None) -> datetime:
    try:
        check_times(text or "")
        date = datetime.fromisoformat(text or "")
    except ValueError as error:
        raise Broken(f"its WARC-Date is {text!r}") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _body(block: "_Block", url: str, max_bytes: int) -> bytes:
    """Returns the body without its codings. Some crawlers undo the codings and leave the headers that name them."""
    status, content_type, body = block.status, block.content_type, block.body
    try:
        return _answer(url, status, {"Content-Type": content_type, "Content-Encoding": block.coding}, body, max_bytes)
    except PageFailure as failure:
        if failure.reason not in ("bad_response", "unsupported_encoding"):
            raise
        return _answer(url, status, {}, body, max_bytes)


def _answer(url: str, status: int, headers: dict[str, str | None], body: bytes, max_bytes: int) -> bytes:
    """Returns the page that the fetcher would have read from this answer; raises PageFailure as the fetcher would."""
    answer = httpx.Response(
        status,
        headers=[(n.encode(), value.encode("utf-8", "replace")) for n, value in headers.items() if value is not None],
        stream=httpx.ByteStream(body),
        request=httpx.Request("GET", url),
    )
    return BodyReader(answer, max_bytes=max_bytes).page()


def _without_chunks(body: bytes, coding: str | None) -> bytes:
    """Returns the body without the framing of chunked transfer, or as it is where that framing is not complete.

    fastwarc's own reader does not know chunk extensions.
    """
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
