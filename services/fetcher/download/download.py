"""Pull one page off the web.

Redirects are followed by hand, so that every hop is judged and counted; no more is read than is allowed; and nothing is
raised but our own failures (errors.py has the table).

Of httpx this uses the requests, responses and transports, but not its Client: that keeps cookies, takes proxies from
the environment, and stumbles over a hostile Location before we have seen it, even when it is told not to follow.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from services.fetcher.download.address_guard import AddressGuard, Network
from services.fetcher.download.kept_exchange import kept_exchange
from services.fetcher.download.page_body import BodyReader
from services.fetcher.download.raw_exchange import RawExchange
from services.fetcher.download.routes import Routes
from services.fetcher.download.terms import PLAIN_TERMS, Terms, request_headers
from services.fetcher.download.transport import Wire
from services.fetcher.download.web_url import web_url
from shared.failures import GiveUp

KEPT_HEADERS = ("etag", "last-modified", "cache-control", "expires")


@dataclass(frozen=True, kw_only=True)
class DownloadOptions:
    """Limits of a download. Timeouts are in seconds; `max_bytes` counts after decompression.

    With `keep_raw` the answer is kept as it was on the wire too, for an archive.
    """

    user_agent: str
    connect_timeout: float
    read_timeout: float
    total_timeout: float
    max_bytes: int
    max_redirects: int
    allow_networks: tuple[Network, ...] = ()
    keep_raw: bool = False


@dataclass(frozen=True, kw_only=True)
class Response:
    """A page as it came. `redirects` are the URLs that led on to another, in order; `url` is the one that answered.

    `headers` has those of KEPT_HEADERS that were sent, by their names in lower case. The answer to a conditional
    request may be a 304, which has no body. `raw` is there where the options ask for it.
    """

    requested_url: str
    url: str
    redirects: tuple[str, ...]
    status: int
    content_type: str | None
    headers: dict[str, str]
    body: bytes
    elapsed_ms: int
    raw: RawExchange | None = None


class Downloader:
    """Downloads pages one at a time, keeping connections open in between. For one thread only.

    A pool shared by many threads is searched under a lock for every request (httpx#3215): at 64 in flight and
    200 ms latency it gave 80 pages/s where one for each thread gave 304.
    """

    def __init__(self, options: DownloadOptions, *, guard: AddressGuard | None = None) -> None:
        self._options = options
        self._wire = Wire()
        self._routes = Routes(guard=guard or AddressGuard(options.allow_networks), wire=self._wire)
        self._timeouts = httpx.Timeout(options.read_timeout, connect=options.connect_timeout).as_dict()

    def download(
        self,
        url: str,
        *,
        terms: Terms = PLAIN_TERMS,
        before_hop: Callable[[str], None] | None = None,
        on_sent: Callable[[], None] | None = None,
        first_bytes: int | None = None,
    ) -> Response:
        """The page at `url`, or where that redirects to; raises shared.failures.PageFailure.

        `before_hop` is called with each URL before it is asked for. It may raise, which ends the download, and it may
        download something else with this Downloader; the time it takes counts towards `total_timeout`. `on_sent` is
        called when a request is on its way. With `first_bytes` no more than those are read, of whatever type, and
        none is an answer too (robots.txt).
        """
        started = time.monotonic()
        redirects: list[str] = []
        target = web_url(url)
        with self._wire.total_deadline(self._options.total_timeout):
            while True:
                if before_hop is not None:
                    before_hop(str(target))
                sent_at = datetime.now(UTC)
                with closing(self._answer_of(target, terms, on_sent)) as answer:
                    if not answer.has_redirect_location:
                        reader = BodyReader(answer, max_bytes=self._options.max_bytes, keep_wire=self._options.keep_raw)
                        body = _body(reader, answer, terms, first_bytes)
                        raw = kept_exchange(answer, reader, sent_at, terms) if self._options.keep_raw else None
                        break
                    redirects.append(str(target))
                    target = self._next_target(answer, redirects)
        return Response(
            requested_url=url,
            url=str(target),
            redirects=tuple(redirects),
            status=answer.status_code,
            content_type=answer.headers.get("content-type"),
            headers={name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
            body=body,
            elapsed_ms=round((time.monotonic() - started) * 1000),
            raw=raw,
        )

    def close(self) -> None:
        """Close the connections that were kept open."""
        self._routes.close()

    def _answer_of(self, target: httpx.URL, terms: Terms, on_sent: Callable[[], None] | None) -> httpx.Response:
        """The answer's head, its body not yet read."""
        extensions: dict[str, object] = {"timeout": self._timeouts}
        if on_sent is not None:
            extensions["trace"] = _when_sent(on_sent)
        headers = request_headers(str(target), terms, self._options.user_agent)
        request = httpx.Request("GET", target, headers=headers, extensions=extensions)
        return self._routes.transport_for(target, terms).handle_request(request)

    def _next_target(self, answer: httpx.Response, redirects: list[str]) -> httpx.URL:
        target = web_url(answer.headers["location"], base=answer.request.url)
        if str(target) in redirects:
            raise GiveUp(
                "redirect_loop",
                f"{redirects[0]} redirects in a circle: {answer.request.url} leads back to {target}.",
                http_status=answer.status_code,
            )
        if len(redirects) > self._options.max_redirects:
            raise GiveUp(
                "too_many_redirects",
                f"{redirects[0]} redirects more than {self._options.max_redirects} times, which is as far "
                f"as DEPECHE_MAX_REDIRECTS lets it; the last led to {target}.",
                http_status=answer.status_code,
            )
        return target


def _body(reader: BodyReader, answer: httpx.Response, terms: Terms, first_bytes: int | None) -> bytes:
    if answer.status_code == 304 and terms.conditions(str(answer.url)):
        return b""
    return reader.page() if first_bytes is None else reader.first(first_bytes)


def _when_sent(on_sent: Callable[[], None]) -> Callable[[str, object], None]:
    """The listener to httpcore's events that hears of the moment in which a request has left."""

    def listen(event: str, _info: object) -> None:
        if event.endswith(".send_request_headers.complete"):
            on_sent()

    return listen
