"""What the archive keeps of an answer, read off the HTTP client's records."""

from datetime import datetime

import httpx

from services.fetcher.download.page_body import BodyReader
from services.fetcher.download.raw_exchange import RawExchange
from services.fetcher.download.terms import Terms


def kept_exchange(answer: httpx.Response, read: BodyReader, sent_at: datetime, terms: Terms) -> RawExchange:
    """The exchange that gave `answer`, with the body as far as it was read; the connection is still open.

    Headers that the operator set for a source may be credentials, and count as secret.
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
        body=bytes(read.wire),
        reason=extensions.get("reason_phrase", b""),
        http_version=extensions.get("http_version", b"HTTP/1.1"),
        peer=str(peer[0]) if peer else None,
        secret_headers=frozenset(name.lower() for name in terms.source.headers),
    )
