"""The layer under the HTTP client: connections through the address guard, and one deadline for everything.

With a proxy, the connection goes to the proxy, so the guard sees only the proxy's address. Of the target it can judge
only the text (AddressGuard.refuse_literal).

A read timeout alone does not stop a server that sends one byte per second. So every connect, handshake, read and write
gets the lesser of its own timeout and the time left of the download's total. Failures of httpcore, of TLS and of
sockets are turned into Depeche's own here.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from services.fetcher.download.address_guard import AddressGuard
from services.fetcher.download.wire import Wire
from services.fetcher.errors import Refused
from shared.failures import GiveUp, PageFailure, RetryLater

# A transport serves one request at a time, so these are idle connections, kept for a host's next page.
MAX_IDLE_CONNECTIONS = 10
IDLE_SECONDS = 20.0


class GuardedTransport(httpx.BaseTransport):
    """The way to the network for one thread and one request at a time, through `proxy` where one is named.

    Without an `ssl_context` it serves only http.
    """

    def __init__(
        self, *, guard: AddressGuard, wire: Wire, ssl_context: ssl.SSLContext | None, proxy: str | None = None
    ) -> None:
        self._wire = wire
        self._guard = guard
        self._proxied = proxy is not None
        limits: dict[str, Any] = {
            "ssl_context": ssl_context,
            "max_connections": MAX_IDLE_CONNECTIONS,
            "max_keepalive_connections": MAX_IDLE_CONNECTIONS,
            "keepalive_expiry": IDLE_SECONDS,
        }
        if proxy is None:
            self._pool = httpcore.ConnectionPool(**limits, network_backend=_GuardedBackend(guard, wire))
        else:
            self._pool = _proxy_pool(proxy, _GuardedBackend(guard.permitting_all(), wire), limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read the answer's head; the body is read when the caller iterates over it."""
        self._wire.peer_closed = False
        if self._proxied:
            self._guard.refuse_literal(request.url.host)
        with _failures_as_ours(self._wire, str(request.url)):
            answer = self._pool.handle_request(_of_httpcore(request))
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, self._wire, str(request.url)),
            request=request,
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()


def _of_httpcore(request: httpx.Request) -> httpcore.Request:
    return httpcore.Request(
        method=request.method,
        url=_url_of_httpcore(request.url),
        headers=request.headers.raw,
        extensions=request.extensions,
    )


def _url_of_httpcore(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _proxy_pool(proxy: str, backend: httpcore.NetworkBackend, limits: dict[str, Any]) -> httpcore.HTTPProxy:
    """Returns the pool that connects through a proxy; the proxy's own certificate is always verified."""
    known = httpx.Proxy(proxy)  # splits off the credentials
    return httpcore.HTTPProxy(
        proxy_url=_url_of_httpcore(known.url),
        proxy_auth=known.raw_auth,
        proxy_ssl_context=httpx.create_ssl_context() if known.url.scheme == "https" else None,
        network_backend=backend,
        **limits,
    )


@contextmanager
def _failures_as_ours(wire: Wire, url: str) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as exc:
        raise wire.timeout_failure(url, exc) from exc
    except httpcore.ConnectError as exc:
        raise RetryLater("connect_failed", f"No connection to {url} ({exc}).") from exc
    except httpcore.NetworkError as exc:
        raise RetryLater("connection_lost", f"The connection broke before {url} was complete ({exc}).") from exc
    except httpcore.RemoteProtocolError as exc:
        raise _protocol_failure(wire, url, exc) from exc
    except httpcore.ProxyError as exc:
        raise RetryLater("proxy_failed", f"The source's proxy does not lead to {url} (it says {exc}).") from exc
    except httpcore.LocalProtocolError as exc:
        raise Refused("invalid_url", f"{url} cannot be put into an HTTP request ({exc}).") from exc


def _protocol_failure(wire: Wire, url: str, exc: httpcore.RemoteProtocolError) -> PageFailure:
    if wire.peer_closed:
        return RetryLater("connection_lost", f"The server hung up before {url} was complete ({exc}).")
    return RetryLater("bad_response", f"What answers for {url} does not speak proper HTTP ({exc}).")


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, wire: Wire, url: str) -> None:
        self._answer = answer
        self._wire = wire
        self._url = url

    def __iter__(self) -> Iterator[bytes]:
        with _failures_as_ours(self._wire, self._url):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _GuardedBackend(httpcore.NetworkBackend):
    """Makes the pool's connections, over TCP only: the base class refuses Unix sockets."""

    def __init__(self, guard: AddressGuard, wire: Wire) -> None:
        self._guard = guard
        self._wire = wire

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: object = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._guard.connect(host, port, self._wire.limit(timeout))
        try:
            return _DeadlineStream(stream, self._wire, stream.get_extra_info("server_addr"))
        except OSError as exc:  # The connection was reset at the moment at which it was made.
            raise httpcore.ConnectError(str(exc)) from exc


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, wire: Wire, peer: object) -> None:
        self._stream = stream
        self._wire = wire
        self._peer = peer  # A closed socket no longer reports its peer.

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._wire.limit(timeout))
        self._wire.peer_closed = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._wire.limit(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._wire.limit(timeout))
        except httpcore.ConnectError as exc:
            raise _tls_failure(server_hostname, exc) from exc
        except ValueError as exc:  # ssl raises this for a host name that no certificate can have.
            self._stream.close()
            raise Refused("invalid_url", f"{server_hostname!r} is not a possible host name ({exc}).") from exc
        return _DeadlineStream(stream, self._wire, self._peer)

    def get_extra_info(self, info: str) -> object:
        return self._peer if info == "server_addr" else self._stream.get_extra_info(info)


def _tls_failure(host: str | None, exc: httpcore.ConnectError) -> PageFailure:
    """Returns the failure of a TLS handshake: RetryLater where it was cut off, else GiveUp, as it would fail again."""
    cause = exc.__cause__
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return GiveUp(
            "tls_failed",
            f"{host} does not prove who it is over TLS ({cause}). If it uses a certificate authority of your own, "
            "name its file in SSL_CERT_FILE.",
        )
    return RetryLater("connect_failed", f"The TLS handshake with {host} broke off ({exc}).")
