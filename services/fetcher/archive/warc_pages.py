"""Reads the pages of a WARC file: one of Depeche's, or one of another crawler such as Common Crawl's CC-NEWS."""

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from services.fetcher.archive.warc_members import Broken, LeftOut, members
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
# Two empty lines end a record; some writers add a few more.
TRAILING_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class ArchivedPage:
    """A page as it was fetched; `body` is decoded, and `answer.archive` says where its WARC record is."""

    origin: Origin
    answer: Answer
    body: bytes


Wanted = Callable[[str, datetime], bool]
Progress = Callable[[int], None]


def read_pages(
    file: Path, *, max_bytes: int, wanted: Wanted = lambda _url, _at: True, progress: Progress = lambda _at: None
) -> Iterator[ArchivedPage | LeftOut]:
    """Yields the file's pages in order, and a LeftOut for each WARC record from which no page could be taken.

    Skips records that are not `wanted` (by URL and time) and those that hold no answer. `progress` is called with how
    far (bytes) the file has been read. Raises UserError when the file cannot be read.
    """
    for member in members(file, max_bytes):
        progress(member.end)
        if isinstance(member.content, LeftOut):
            yield member.content
            continue
        try:
            page: ArchivedPage | LeftOut | None = _page_of(member.content, member.place, max_bytes, wanted)
        except PageFailure as failure:
            page = LeftOut(place=member.place, reason=failure.reason, detail=failure.detail)
        except Broken as problem:
            page = LeftOut(place=member.place, reason="broken_record", detail=str(problem), broken=True)
        if page is not None:
            yield page


def _page_of(content: bytes, place: str, max_bytes: int, wanted: Wanted) -> ArchivedPage | None:
    """Returns the page; None where the record is not an HTTP response, or is not wanted.

    Raises PageFailure where the answer gives no page, and Broken.
    """
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
    body = _body(record, final_url, max_bytes)
    answer = Answer(
        final_url=final_url,
        http_status=record.http_headers.status_code or 0,
        fetched_at=fetched_at.astimezone(UTC).isoformat(),
        content_type=record.http_headers.get("Content-Type"),
        body_bytes=len(body),
        body_sha256=hashlib.sha256(body).hexdigest(),
        archive=place,
        rights=_rights(record, body),
    )
    return ArchivedPage(origin=_origin(url, record), answer=answer, body=body)


def _rights(record: WarcRecord, body: bytes) -> Rights | None:
    """Returns what the page itself said of its use; the file does not have what its site said."""
    headers = record.http_headers
    return page_statements(headers, body, headers.get("Content-Type"), product_token(PRODUCT)).or_none()


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
            raise Broken("several records share one gzip member; `warcio recompress` puts each into its own")
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


def _body(record: WarcRecord, url: str, max_bytes: int) -> bytes:
    """Returns the body without its codings. Some crawlers undo the codings and leave the headers that name them."""
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
