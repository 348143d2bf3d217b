"""The ways to a server: straight, or through the proxy that the operator has named for a source."""

import ssl
from dataclasses import dataclass

import httpx
import structlog

from services.fetcher.download.address_guard import AddressGuard
from services.fetcher.download.terms import Terms
from services.fetcher.download.transport import GuardedTransport
from services.fetcher.download.wire import Wire

log = structlog.get_logger()

# Hundreds of sources may each have a proxy; a thread keeps the routes that it used last, with their idle connections.
MAX_ROUTES = 16


@dataclass(frozen=True, kw_only=True)
class _Route:
    secure: bool
    proxy: str | None
    verify_tls: bool


class Routes:
    """The transports of one thread; each is made when it is first needed."""

    def __init__(self, *, guard: AddressGuard, wire: Wire) -> None:
        self._guard = guard
        self._wire = wire
        self._transports: dict[_Route, GuardedTransport] = {}

    def transport_for(self, url: httpx.URL, terms: Terms) -> GuardedTransport:
        """Returns the transport for requests to this URL.

        A source's `verify_tls = false` holds for the source's own site only.
        """
        secure = url.scheme == "https"
        verify = terms.source.verify_tls or not (secure and terms.is_own(str(url)))
        route = _Route(secure=secure, proxy=terms.source.proxy, verify_tls=verify)
        transport = self._transports.pop(route, None) or self._opened(route, terms)
        self._transports[route] = transport  # the one used last stands last
        if len(self._transports) > MAX_ROUTES:
            self._transports.pop(next(iter(self._transports))).close()
        return transport

    def close(self) -> None:
        """Close the connections that were kept open."""
        for transport in self._transports.values():
            transport.close()
        self._transports.clear()

    def _opened(self, route: _Route, terms: Terms) -> GuardedTransport:
        if not route.verify_tls:
            log.warning("tls_not_verified", source_url=terms.source.url)
        return GuardedTransport(
            guard=self._guard,
            wire=self._wire,
            ssl_context=_tls(verify=route.verify_tls) if route.secure else None,
            proxy=route.proxy,
        )


def _tls(*, verify: bool) -> ssl.SSLContext:
    """Returns a TLS context that honours SSL_CERT_FILE and SSL_CERT_DIR, for an operator's own certificate authority.

    Each thread has its own: in a shared context, one thread sets the protocols during the handshake of another.
    """
    return httpx.create_ssl_context(verify=verify)
