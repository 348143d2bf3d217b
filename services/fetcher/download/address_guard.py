"""Which addresses may be connected to.

A URL comes from a stranger's page, and the fetcher runs inside somebody's network. So a host is resolved once, its
addresses are judged, and the connection goes to the very address that was judged. There is no second look-up between
the two that could answer differently (DNS rebinding). Unusual spellings of a host ("2130706433", "127.1") cannot
mislead the judgement, since it looks at addresses and never at the text. The guard makes every connection, so it also
judges every redirect hop.
"""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import httpcore

from services.fetcher.errors import Refused
from shared.failures import RetryLater

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], httpcore.NetworkStream]

# The IANA special-purpose address registries, and the clouds' metadata services where those lie outside them.
# The first match names the address in the message to the operator, so special networks stand before general ones.
DENIED_NETWORKS: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier's customers (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.169.254/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "6to4"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarking"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6 clothes"),
        ("::/96", "an IPv4 address in IPv6 clothes"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind a local NAT64"),
        ("2001::/32", "an IPv4 address behind Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "an IPv4 address behind 6to4"),
        ("3fff::/20", "for documentation"),
        ("fd00:ec2::254/128", "cloud metadata"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
# Names that stand for this machine (RFC 6761) and for its own network (RFC 6762, RFC 9476, ICANN's .internal).
LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
IPV6_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


def why_denied(address: Address, allow_networks: Sequence[Network]) -> str | None:
    """Returns the kind of network that forbids a connection to `address` ("loopback"), or None where none does."""
    if any(address in network for network in allow_networks):
        return None
    for network, kind in DENIED_NETWORKS:
        if address in network:
            return kind
    if address.version == 6 and address not in IPV6_GLOBAL_UNICAST:
        return "reserved"
    return None


def literal_address(host: str) -> Address | None:
    """Returns the address that `host` spells, also as 2130706433, 0x7f000001 or 127.1; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Returns every address of `host`, in the system's order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def connect_to_address(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    """Open a TCP connection; `address` is a literal, so nothing is looked up."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)


class AddressGuard:
    """Makes the fetcher's connections, to permitted addresses only.

    `resolve` and `connect` are the system's own unless a test puts others in their place.
    """

    def __init__(
        self,
        allow_networks: Sequence[Network],
        *,
        resolve: Resolve = resolve_host,
        connect: Connect = connect_to_address,
    ) -> None:
        self._allow_networks = tuple(allow_networks)
        self._resolve = resolve
        self._connect = connect

    def permitting_all(self) -> "AddressGuard":
        """Returns the same guard for a proxy: by naming the proxy, the operator has allowed any address that it has."""
        everywhere = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
        return AddressGuard(everywhere, resolve=self._resolve, connect=self._connect)

    def refuse_literal(self, host: str) -> None:
        """Raise Refused(address_denied) where the text of `host` is a denied address in any spelling, or a local name.

        Where a proxy resolves and connects, nothing more can be judged.
        """
        name = host.lower().rstrip(".")
        local = name == "localhost" or name.endswith(LOCAL_NAMES)
        address = literal_address("127.0.0.1" if local else name)
        if address is not None:
            self._permitted(host, [address])

    def connect(self, host: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """Connect within `timeout` seconds, look-up included.

        Raises Refused(address_denied), RetryLater(dns_failed) and, for the last address that was tried,
        httpcore.ConnectError or httpcore.ConnectTimeout.
        """
        ends = time.monotonic() + timeout
        permitted = self._permitted(host, self._addresses(host, port, timeout))
        while True:
            address = permitted.pop(0)
            # The time left is shared among the addresses left, so that one dead address does not use it all.
            share = max(ends - time.monotonic(), 0.001) / (len(permitted) + 1)
            try:
                stream = self._connect(str(address), port, share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not permitted:
                    raise
            else:
                return self._with_permitted_peer(host, stream)

    def _addresses(self, host: str, port: int, timeout: float) -> list[Address]:
        # A host that is no literal here is a name, or a spelling of an address that only the resolver understands.
        with contextlib.suppress(ValueError):
            return [ipaddress.ip_address(host)]
        try:
            found = _within(timeout, host, lambda: self._resolve(host, port))
        except TimeoutError as exc:
            raise RetryLater("dns_failed", f"The name {host} did not resolve within {timeout:.1f} s.") from exc
        except UnicodeError as exc:
            raise Refused("invalid_url", f"{host!r} is not a possible host name: {exc}.") from exc
        except OSError as exc:
            raise RetryLater("dns_failed", f"The name {host} does not resolve: {exc.strerror or exc}.") from exc
        if not found:
            raise RetryLater("dns_failed", f"The name {host} has no address.")
        return [ipaddress.ip_address(address) for address in found]

    def _permitted(self, host: str, addresses: list[Address]) -> list[Address]:
        permitted = [address for address in addresses if why_denied(address, self._allow_networks) is None]
        if not permitted:
            raise self._denied(host, addresses)
        return permitted

    def _with_permitted_peer(self, host: str, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        """Judge the address that the socket reports as its peer, and return the stream.

        The kernel may have redirected the connection to another address than the one that was asked for.
        """
        try:
            peer = ipaddress.ip_address(stream.get_extra_info("server_addr")[0])
        except OSError as exc:  # The connection was reset at the moment at which it was made.
            stream.close()
            raise httpcore.ConnectError(str(exc)) from exc
        if why_denied(peer, self._allow_networks) is not None:
            stream.close()
            raise self._denied(host, [peer])
        return stream

    def _denied(self, host: str, addresses: list[Address]) -> Refused:
        listed = ", ".join(f"{address} ({why_denied(address, self._allow_networks)})" for address in addresses[:3])
        return Refused(
            "address_denied",
            f"{host} leads to {listed}, where Depeche does not connect. If that server is meant to be read, "
            "add its network to DEPECHE_ALLOW_NETWORKS.",
        )


def _within(seconds: float, host: str, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Run a look-up in a thread and return its result; raises TimeoutError after `seconds`.

    The system's resolver accepts no time limit and may try for half a minute. After a timeout its thread goes on until
    the resolver gives up.
    """
    answer: Future[Sequence[str]] = Future()

    def run() -> None:
        try:
            answer.set_result(look_up())
        except (OSError, UnicodeError) as exc:
            answer.set_exception(exc)

    threading.Thread(target=run, name=f"resolve {host}", daemon=True).start()
    return answer.result(timeout=seconds)
