"""Downloads one page.

Redirects are followed here and not by httpx, so that every hop is judged and counted, and so that a caller with work to
do before each request can lead the download from hop to hop. No more is read than is allowed, and only Depeche's own
failures are raised (errors.py has the table).

This module uses httpx's requests, responses and transports, but not its Client. The Client keeps cookies, takes proxies
from the environment, and fails on a hostile Location before this module sees it, even when told not to follow.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from services.fetcher.download.address_guard import AddressGuard, Network
from services.fetcher.download.exchange import RawExchange, raw_exchange
from services.fetcher.download.page_body import BodyReader
from services.fetcher.download.routes import Routes
from services.fetcher.download.terms import PLAIN_TERMS, Terms, request_headers
from services.fetcher.download.web_url import web_url
from services.fetcher.download.wire import Deadline, Wire
from shared.failures import GiveUp
from shared.rights import NOTHING_SAID, Rights

KEPT_HEADERS = ("etag", "last-modified", "cache-control", "expires")
# Those that may say something of the page's use. Each may come several times.
RIGHTS_HEADERS = frozenset({"tdm-reservation", "tdm-policy", "x-robots-tag", "link"})


@dataclass(frozen=True, kw_only=True)
class DownloadOptions:
    """Limits of a download. Timeouts are in seconds; `max_bytes` counts after decompression.

    With `keep_raw` the response also has the exchange as it was on the wire, for an archive.
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
    """A page as it came. `redirects` are the URLs that redirected, in order; `url` is the one that gave the page.

    `headers` has those of KEPT_HEADERS that the server sent, by their names in lower case. The answer to a conditional
    request may be a 304, which has no body. `gzip` is the body as it came, where that is gzip of it, and `raw` is set
    where the options ask for it. `rights_headers` are those of RIGHTS_HEADERS, and `site_says` is what the site says of
    the page's use, where the caller of the download knows it.
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
    gzip: bytes | None = None
    rights_headers: tuple[tuple[str, str], ...] = ()
    site_says: Rights = NOTHING_SAID


class Downloader:
    """Downloads pages one at a time, and keeps connections open in between. For one thread only.

    A pool shared by many threads is searched under a lock for every request (httpx#3215): with 64 requests at a time
    and 200 ms latency, a shared pool gave 80 pages/s and one pool per thread gave 304.
    """

    def __init__(self, options: DownloadOptions, *, guard: AddressGuard | None = None) -> None:
        self._options = options
        self._wire = Wire()
        self._routes = Routes(guard=guard or AddressGuard(options.allow_networks), wire=self._wire)

    def download(self, url: str, *, terms: Terms = PLAIN_TERMS) -> Response:
        """Returns the page at `url` or at the URL it redirects to; raises shared.failures.PageFailure."""
        download = self.start(url, terms=terms)
        while (response := download.ask()) is None:
            pass
        return response

    def start(self, url: str, *, terms: Terms = PLAIN_TERMS, within: float | None = None) -> "Download":
        """Returns a download that its caller leads from hop to hop; its `total_timeout` counts from here.

        `within` is a shorter time (s) for a download that others wait for.
        """
        options = self._options
        if within is not None and within < options.total_timeout:
            options = replace(options, total_timeout=within)
        return Download(url, terms=terms, options=options, routes=self._routes, wire=self._wire)

    def close(self) -> None:
        """Close the connections that were kept open."""
        self._routes.close()


class Download:
    """A download under way, hop by hop: `ask` will ask for `next_url`.

    Between two hops the caller does the work that the next one needs, and may download something else with the same
    Downloader. The time that this takes counts towards `total_timeout`.
    """

    def __init__(self, url: str, *, terms: Terms, options: DownloadOptions, routes: Routes, wire: Wire) -> None:
        self._requested_url = url
        self._terms = terms
        self._options = options
        self._routes = routes
        self._wire = wire
        self._started = time.monotonic()
        self._deadline = Deadline.after(options.total_timeout)
        self._redirects: list[str] = []
        self._target = web_url(url)

    @property
    def next_url(self) -> str:
        """The URL of the next hop."""
        return str(self._target)

    def allow_more(self, seconds: float) -> None:
        """Add to the download's time what its caller has spent on something that it does not wait for."""
        self._deadline = replace(self._deadline, ends=self._deadline.ends + seconds)

    def ask(self, on_sent: Callable[[], None] | None = None) -> Response | None:
        """Ask for `next_url`: returns the page, or None where it redirects, so that `next_url` is now another URL.

        Raises PageFailure. `on_sent` is called when the request's headers have been sent.
        """
        sent_at = datetime.now(UTC)
        with self._wire.until(self._deadline), closing(self._answer(on_sent)) as answer:
            if not answer.has_redirect_location:
                return self._response(answer, sent_at)
            self._redirects.append(self.next_url)
            self._target = self._redirected(answer)
            return None

    def _answer(self, on_sent: Callable[[], None] | None) -> httpx.Response:
        """Returns the answer with its head read, but not its body."""
        timeouts = httpx.Timeout(self._options.read_timeout, connect=self._options.connect_timeout)
        extensions: dict[str, object] = {"timeout": timeouts.as_dict()}
        if on_sent is not None:
            extensions["trace"] = _when_sent(on_sent)
        headers = request_headers(self.next_url, self._terms, self._options.user_agent)
        request = httpx.Request("GET", self._target, headers=headers, extensions=extensions)
        return self._routes.transport_for(self._target, self._terms).handle_request(request)

    def _response(self, answer: httpx.Response, sent_at: datetime) -> Response:
        reader = BodyReader(answer, max_bytes=self._options.max_bytes)
        body = _body(reader, answer, self._terms)
        raw = None
        if self._options.keep_raw:
            raw = raw_exchange(answer, bytes(reader.wire), sent_at=sent_at, own_headers=self._terms.source.headers)
        return Response(
            requested_url=self._requested_url,
            url=self.next_url,
            redirects=tuple(self._redirects),
            status=answer.status_code,
            content_type=answer.headers.get("content-type"),
            headers={name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
            body=body,
            elapsed_ms=round((time.monotonic() - self._started) * 1000),
            raw=raw,
            gzip=reader.gzip_of(body),
            rights_headers=tuple(one for one in answer.headers.multi_items() if one[0] in RIGHTS_HEADERS),
        )

    def _redirected(self, answer: httpx.Response) -> httpx.URL:
        """Returns the URL that the answer redirects to; raises GiveUp for a circle, or for one hop too many."""
        target = web_url(answer.headers["location"], base=answer.request.url)
        if str(target) in self._redirects:
            raise GiveUp(
                "redirect_loop",
                f"{self._redirects[0]} redirects in a circle: {answer.request.url} leads back to {target}.",
                http_status=answer.status_code,
            )
        if len(self._redirects) > self._options.max_redirects:
            raise GiveUp(
                "too_many_redirects",
                f"{self._redirects[0]} redirects more than {self._options.max_redirects} times, which is as far "
                f"as DEPECHE_MAX_REDIRECTS lets it; the last led to {target}.",
                http_status=answer.status_code,
            )
        return target


def _body(reader: BodyReader, answer: httpx.Response, terms: Terms) -> bytes:
    if answer.status_code == 304 and terms.conditions(str(answer.url)):
        return b""
    return reader.page() if terms.first_bytes is None else reader.first(terms.first_bytes)


def _when_sent(on_sent: Callable[[], None]) -> Callable[[str, object], None]:
    """Returns a listener to httpcore's events that calls `on_sent` when a request's headers have been sent."""

    def listen(event: str, _info: object) -> None:
        if event.endswith(".send_request_headers.complete"):
            on_sent()

    return listen
