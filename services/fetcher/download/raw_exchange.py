"""One HTTP request and its answer, as they went over the wire; what the archive keeps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

# Names and values as they were sent, in their order and their letter case.
RawHeaders = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, kw_only=True)
class RawExchange:
    """The exchange that gave the page (not the redirects before it).

    `body` is as received, its Content-Encoding not undone; the framing of Transfer-Encoding is already gone. It is
    empty for a 304. `secret_headers` are the names, in lower case, of request headers that nobody may read later.
    """

    url: str
    sent_at: datetime  # aware, UTC
    target: bytes  # what stood in the request line: "/path?query"
    request_headers: RawHeaders
    status: int
    response_headers: RawHeaders
    body: bytes
    reason: bytes = b""
    method: bytes = b"GET"
    http_version: bytes = b"HTTP/1.1"  # of the answer
    peer: str | None = None  # address that answered; of the proxy's, when one was asked
    secret_headers: frozenset[str] = field(default_factory=frozenset)
