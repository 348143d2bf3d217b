"""Writes an exchange as WARC 1.1 records, each a gzip member of its own.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/ defines the fields. Three fields are
Depeche's own, which the specification allows: without them, a page that is read back would be taken for the one that a
redirect led to, and would have lost its source.
"""

import base64
import hashlib
import io
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from services.fetcher.download.exchange import RawExchange
from shared.messages import ArchivedBody, Origin, sendable

REQUESTED_URI, SOURCE, FOUND_ON = "Depeche-Requested-URI", "Depeche-Source", "Depeche-Found-On"

# Measured with pages of 167 KB (docs/benchmarks.md). To compress a body again that came compressed costs 0.5 ms and
# saves nothing, and level 1 makes it larger. Of a body that came uncompressed, level 2 makes 38 KB in 1.2 ms, level 1
# 47 KB in 0.8 ms, and level 6 34 KB in 2.0 ms.
LEVEL_OF_COMPRESSED, LEVEL = 0, 2
# Request headers that are not archived. Those that the operator set for a source are in RawExchange.secret_headers.
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
CREDENTIALS = re.compile(r"^(\s*[a-z][a-z0-9+.-]*:/{0,3})[^/?#]*@", re.IGNORECASE)
PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
# A WARC revisit record refers to a record in an older file. After this time the body is archived in full again, so that
# older files may be deleted.
LEAN_BACK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What is archived of a visit beside the exchange: the page's origin, and when the page was asked for (aware)."""

    origin: Origin
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Records:
    """The WARC records of one exchange, compressed, the answer's first.

    `body` is the WARC record that has the page's body: this answer's or, if `repetition`, the one that it refers to.
    """

    packed: bytes
    body: ArchivedBody | None
    repetition: bool


def exchange_records(
    raw: RawExchange, visit: Visit, before: ArchivedBody | None, *, level: int | None = None
) -> Records:
    """Returns the WARC records of response and request.

    Where the response only repeats the body that `before` has, a revisit record takes its place. `level` is gzip's
    compression level, by default the one that fits the body.
    """
    payload = hashlib.sha1(raw.body, usedforsecurity=False).digest()
    name = f"sha1:{base64.b32encode(payload).decode()}"
    record_id = f"urn:uuid:{uuid.uuid4()}"
    if before is not None and visit.at - datetime.fromisoformat(before.at) > LEAN_BACK:
        before = None
    if raw.status == 304:
        answer = _revisit(raw, visit, record_id, "server-not-modified", before)
        body = before
    elif before is not None and before.payload_digest == name:
        answer = _revisit(raw, visit, record_id, "identical-payload-digest", before)
        body = before
    else:
        answer = _record(WarcRecordType.response, raw, visit, record_id)
        answer.set_bytes_content(_response_head(raw) + raw.body)
        body = ArchivedBody(record_id=record_id, url=raw.url, at=visit.at.isoformat(), payload_digest=name)
    request = _record(WarcRecordType.request, raw, visit, f"urn:uuid:{uuid.uuid4()}")
    request.headers.append("WARC-Concurrent-To", f"<{record_id}>")
    request.set_bytes_content(_request_head(raw))
    if level is None:
        level = LEVEL_OF_COMPRESSED if _is_compressed(raw) and body is not before else LEVEL
    packed = _packed(answer, level, payload) + _packed(request, LEVEL)
    return Records(packed=packed, body=body, repetition=body is None or body.record_id != record_id)


def warcinfo_record(file_name: str, software: str) -> bytes:
    """Returns the WARC record that opens a file and says which software wrote it."""
    record = WarcRecord()
    record.init_headers(WarcRecordType.warcinfo)
    record.headers.append("WARC-Filename", file_name)
    record.headers.append("Content-Type", "application/warc-fields")
    record.set_bytes_content(
        f"software: {sendable(software)}\r\nformat: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n".encode()
    )
    return _packed(record, LEVEL)


def _revisit(raw: RawExchange, visit: Visit, record_id: str, profile: str, before: ArchivedBody | None) -> WarcRecord:
    record = _record(WarcRecordType.revisit, raw, visit, record_id)
    record.headers.append("WARC-Profile", PROFILE + profile)
    if before is not None:
        record.headers.append("WARC-Refers-To", f"<{before.record_id}>")
        record.headers.append("WARC-Refers-To-Target-URI", before.url)
        record.headers.append("WARC-Refers-To-Date", before.at.replace("+00:00", "Z"))
    record.set_bytes_content(_response_head(raw))
    return record


def _record(kind: WarcRecordType, raw: RawExchange, visit: Visit, record_id: str) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind, record_id.removeprefix("urn:").encode())  # fastwarc adds "urn:"
    record.record_date = visit.at
    message = "request" if kind == WarcRecordType.request else "response"
    fields = {
        "WARC-Target-URI": raw.url,
        "WARC-IP-Address": raw.peer or "",
        "Content-Type": f"application/http; msgtype={message}",
    }
    if kind != WarcRecordType.request:
        origin = visit.origin
        fields |= {REQUESTED_URI: _without_credentials(origin.url), SOURCE: origin.source or ""}
        fields[FOUND_ON] = _without_credentials(origin.found_on or "")
    for name, value in fields.items():
        if value:
            record.headers.append(name, sendable(value))
    return record


def _without_credentials(url: str) -> str:
    """Returns the URL without credentials. A page may be asked for as `https://user:password@host/`.

    The URL that the server is asked for has lost them already.
    """
    return CREDENTIALS.sub(r"\1", url)


def _is_compressed(raw: RawExchange) -> bool:
    codings = [value.strip().lower() for name, value in raw.response_headers if name.lower() == b"content-encoding"]
    return any(coding not in (b"", b"identity", b"none") for coding in codings)


def _response_head(raw: RawExchange) -> bytes:
    """Returns the response's head as HTTP/1.1, the version that WARC readers know.

    It leaves out Transfer-Encoding, since the body's framing has been undone already.
    """
    version = raw.http_version if raw.http_version.startswith(b"HTTP/1") else b"HTTP/1.1"
    kept = [header for header in raw.response_headers if header[0].lower() != b"transfer-encoding"]
    return _head(b"%s %d %s" % (version, raw.status, raw.reason), kept)


def _request_head(raw: RawExchange) -> bytes:
    secret = SECRET_HEADERS | raw.secret_headers
    kept = [(n, v) for n, v in raw.request_headers if n.lower().decode("latin-1") not in secret]
    return _head(b"%s %s HTTP/1.1" % (raw.method, raw.target), kept)


def _head(first_line: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"\r\n".join([first_line, *(b"%s: %s" % header for header in headers), b"", b""])


def _packed(record: WarcRecord, level: int, payload_digest: bytes | None = None) -> bytes:
    packed = io.BytesIO()
    writer = GzipWriter(packed, compression_level=level)
    record.write(writer, checksum_data=True, payload_digest=payload_digest)
    writer.finish()
    return packed.getvalue()
