"""The last request of a download and its answer, as they were on the wire: what an archive keeps."""

from dataclasses import dataclass

import httpx

# What would disagree with the body as it is kept: the transfer coding is undone before we see it.
HOP_BY_HOP = frozenset({b"transfer-encoding"})


@dataclass(frozen=True, kw_only=True)
class RawExchange:
    """Request and answer of one URL; each head ends with an empty line.

    `request_head` is without the headers that the operator set for a source, since those are credentials.
    `body` is as the server encoded it; of one that goes on after its end, only what was read.
    """

    url: str
    request_head: bytes
    response_head: bytes
    body: bytes


def raw_exchange(answer: httpx.Response, body: bytes, *, left_out: frozenset[str]) -> RawExchange:
    """The exchange that gave `answer`; `left_out` are names of request headers, in lower case."""
    request = answer.request
    target = request.url.raw_path
    sent = [(name, value) for name, value in request.headers.raw if name.lower().decode("latin-1") not in left_out]
    received = [(name, value) for name, value in answer.headers.raw if name.lower() not in HOP_BY_HOP]
    version: bytes = answer.extensions.get("http_version", b"HTTP/1.1")
    reason: bytes = answer.extensions.get("reason_phrase", b"")
    return RawExchange(
        url=str(request.url),
        request_head=_head(b"%s %s HTTP/1.1" % (request.method.encode(), target), sent),
        response_head=_head(b"%s %d %s" % (version, answer.status_code, reason), received),
        body=body,
    )


def _head(first_line: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [first_line, *(b"%s: %s" % header for header in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"
