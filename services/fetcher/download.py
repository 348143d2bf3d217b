"""Pull one page off the web.

Redirects are followed by hand, so that every hop is judged and counted; no more is read than is allowed; and nothing is
raised but our own failures (errors.py has the table).

Of httpx this uses the requests, responses and transports, but not its Client: that keeps cookies, takes proxies from
the environment, and stumbles over a hostile Location before we have seen it, even when it is told not to follow.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx

from services.fetcher.address_guard import AddressGuard, Network
from services.fetcher.answer_status import failure_of_status
from services.fetcher.body_decoding import ACCEPT_ENCODING, decode_body, too_large
from services.fetcher.content_type import SNIFFED_BYTES, refuse_binary_content, refuse_declared_type
from services.fetcher.errors import Refused
from services.fetcher.transport import GuardedTransport, Wire
from shared.failures import GiveUp
from shared.urls import MAX_URL_CHARS

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/rss+xml;q=0.9,*/*;q=0.5"
KEPT_HEADERS = ("etag", "last-modified", "cache-control", "expires")
SHOWN_URL_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class DownloadOptions:
    """Limits of a download. Timeouts are in seconds; `max_bytes` counts after decompression."""

    user_agent: str
    connect_timeout: float
    read_timeout: float
    total_timeout: float
    max_bytes: int
    max_redirects: int
    allow_networks: tuple[Network, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Response:
    """A page as it came. `redirects` are the URLs that led on to another, in order; `url` is the one that answered.

    `headers` has those of KEPT_HEADERS that were sent, by their names in lower case.
    """

    requested_url: str
    url: str
    redirects: tuple[str, ...]
    status: int
    content_type: str | None
    headers: dict[str, str]
    body: bytes
    elapsed_ms: int


class Downloader:
    """Downloads pages one at a time, keeping connections open in between. For one thread only.

    A pool shared by many threads is searched under a lock for every request (httpx#3215): at 64 in flight and
    200 ms latency it gave 80 pages/s where one for each thread gave 304.
    """

    def __init__(self, options: DownloadOptions, *, guard: AddressGuard | None = None) -> None:
        self._options = options
        self._wire = Wire()
        self._transport = GuardedTransport(
            guard=guard or AddressGuard(options.allow_networks),
            wire=self._wire,
            # Honours SSL_CERT_FILE and SSL_CERT_DIR, for a certificate authority of one's own.
            ssl_context=httpx.create_ssl_context(),
        )
        self._headers = {"User-Agent": options.user_agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
        self._timeouts = httpx.Timeout(options.read_timeout, connect=options.connect_timeout).as_dict()

    def download(
        self,
        url: str,
        *,
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
        target = _web_url(url)
        with self._wire.total_deadline(self._options.total_timeout):
            while True:
                if before_hop is not None:
                    before_hop(str(target))
                with closing(self._answer_of(target, on_sent)) as answer:
                    if not answer.has_redirect_location:
                        body = self._page_bytes(answer) if first_bytes is None else self._first(answer, first_bytes)
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
        )

    def close(self) -> None:
        """Close the connections that were kept open."""
        self._transport.close()

    def _answer_of(self, target: httpx.URL, on_sent: Callable[[], None] | None) -> httpx.Response:
        """The answer's head, its body not yet read."""
        extensions: dict[str, object] = {"timeout": self._timeouts}
        if on_sent is not None:
            extensions["trace"] = _when_sent(on_sent)
        request = httpx.Request("GET", target, headers=self._headers, extensions=extensions)
        return self._transport.handle_request(request)

    def _next_target(self, answer: httpx.Response, redirects: list[str]) -> httpx.URL:
        target = _web_url(answer.headers["location"], base=answer.request.url)
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

    def _first(self, answer: httpx.Response, count: int) -> bytes:
        _raise_for_status(answer)
        body = bytearray()
        for piece in self._decoded(answer, str(answer.url)):
            body += piece
            if len(body) >= count:
                break
        return bytes(body[:count])

    def _page_bytes(self, answer: httpx.Response) -> bytes:
        url, content_type = str(answer.url), answer.headers.get("content-type")
        _raise_for_status(answer)
        refuse_declared_type(content_type, url)
        if int(answer.headers.get("content-length", 0)) > self._options.max_bytes:
            raise too_large(url, self._options.max_bytes)

        body = bytearray()
        sniffed = False
        for piece in self._decoded(answer, url):
            body += piece
            if not sniffed and len(body) >= SNIFFED_BYTES:
                refuse_binary_content(bytes(body[:SNIFFED_BYTES]), content_type, url)
                sniffed = True
        if not body:
            raise Refused("empty_body", f"{url} answered without a body.", http_status=answer.status_code)
        if not sniffed:
            refuse_binary_content(bytes(body), content_type, url)
        return bytes(body)

    def _decoded(self, answer: httpx.Response, url: str) -> Iterator[bytes]:
        coding = answer.headers.get("content-encoding")
        return decode_body(answer.iter_raw(), coding=coding, max_bytes=self._options.max_bytes, url=url)


def _when_sent(on_sent: Callable[[], None]) -> Callable[[str, object], None]:
    """The listener to httpcore's events that hears of the moment in which a request has left."""

    def listen(event: str, _info: object) -> None:
        if event.endswith(".send_request_headers.complete"):
            on_sent()

    return listen


def _raise_for_status(answer: httpx.Response) -> None:
    retry_after = answer.headers.get("retry-after")
    failure = failure_of_status(answer.status_code, str(answer.url), retry_after=retry_after)
    if failure is not None:
        raise failure


def _web_url(text: str, *, base: httpx.URL | None = None) -> httpx.URL:
    """An absolute http or https URL; `text` may be relative to `base`.

    Without its fragment, which is not the server's business, and without credentials: this URL is stored and logged.
    """
    shown = repr(text[:SHOWN_URL_CHARS]) + ("" if base is None else f", to which {base} redirects,")
    try:
        url = httpx.URL(text.strip()) if base is None else base.join(text.strip())
        if url.scheme not in ("http", "https"):
            raise Refused("scheme_unsupported", f"{shown} is not an http or https URL.")
        url = url.copy_with(fragment=None, userinfo=b"")
        host = url.host  # Decodes it, and so raises where "xn--" is followed by nonsense.
    except (httpx.InvalidURL, UnicodeError) as exc:
        raise Refused("invalid_url", f"{shown} is not a URL ({exc}).") from exc
    if not host or not (url.port is None or 0 < url.port < 65_536):
        raise Refused("invalid_url", f"{shown} has no host, or no possible port.")
    if len(str(url)) > MAX_URL_CHARS:
        raise Refused("invalid_url", f"{shown} goes on for more than {MAX_URL_CHARS:,} characters.")
    return url
