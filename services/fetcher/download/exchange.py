"""One HTTP request and its answer, as they went over the wire; the archive stores them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx

# Names and values as they were sent, in their original order and letter case.
RawHeaders = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, kw_only=True)
class RawExchange:
    """The exchange that gave the page (not the redirects before it).

    `body` is as it was received: its Content-Encoding is not undone, but the framing of Transfer-Encoding is removed.
    It is empty for a 304. `secret_headers` are the names, in lower case, of request headers that must not be archived.
    """

    url: str
    sent_at: datetime  # aware, UTC
    target: bytes  # as it stood in the request line: "/path?query"
    request_headers: RawHeaders
    status: int
    response_headers: RawHeaders
    body: bytes
    reason: bytes = b""
    method: bytes = b"GET"
    http_version: bytes = b"HTTP/1.1"  # of the answer
    peer: str | None = None  # IP address that answered; the proxy's where a proxy was used
    secret_headers: frozenset[str] = field(default_factory=frozenset)


def raw_exchange(answer: httpx.Response, body: bytes, *, sent_at: datetime, own_headers: Iterable[str]) -> RawExchange:
    """Returns the exchange that gave `answer`, with the body as far as it was read; the connection is still open.

    `own_headers` names the headers that the operator set for a source; they may be credentials, and count as secret.
    """
    request, extensions = answer.request, answer.extensions
    peer = extensions["network_stream"].get_extra_info("server_addr") if "network_stream" in extensions else None
    return RawExchange(
        url=str(request.url),
        sent_at=sent_at,
        target=request.url.raw_path,
        request_headers=request.headers.raw,
        status=answer.status_code,
        response_headers=answer.headers.raw,
        body=body,
        reason=extensions.get("reason_phrase", b""),
        http_version=extensions.get("http_version", b"HTTP/1.1"),
        peer=str(peer[0]) if peer else None,
        secret_headers=frozenset(name.lower() for name in own_headers),
    )
