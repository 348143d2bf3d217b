"""The address guard on literal addresses, and on resolvers and sockets that lie."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence

import httpcore
import pytest
from hypothesis import given
from hypothesis.strategies import ip_addresses

from services.fetcher.download.address_guard import Address, AddressGuard, resolve_host, why_denied
from services.fetcher.errors import Refused
from shared.failures import RetryLater

DENIED = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 168.63.129.16
    169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.7 192.88.99.1 192.168.1.1
    198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1 64:ff9b::7f00:1 64:ff9b::8.8.8.8
    64:ff9b:1::a00:1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::
    2002:808:808::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 fe80::1%eth0 febf::1 fec0::1
    ff02::1 ff0e::1
"""

PERMITTED = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255
    172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 223.255.255.255
    2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 3ffe::1
"""


@pytest.mark.parametrize("address", DENIED.split())
def test_denies(address: str) -> None:
    assert why_denied(ipaddress.ip_address(address), ()) is not None


@pytest.mark.parametrize("address", PERMITTED.split())
def test_permits(address: str) -> None:
    assert why_denied(ipaddress.ip_address(address), ()) is None


@given(ip_addresses())
def test_denies_whatever_the_standard_library_does_not_call_global(address: Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert why_denied(address, ()) is not None


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("fd00::5", "fd00::/8"),
        ("64:ff9b::1", "64:ff9b::/96"),
    ],
)
def test_allowed_networks_let_through(address: str, allowed: str) -> None:
    assert why_denied(ipaddress.ip_address(address), [ipaddress.ip_network(allowed)]) is None


def test_an_allowed_network_lets_no_neighbour_through() -> None:
    allowed = [ipaddress.ip_network("127.0.0.1/32")]
    assert why_denied(ipaddress.ip_address("127.0.0.2"), allowed) == "loopback"
    assert why_denied(ipaddress.ip_address("::ffff:127.0.0.1"), allowed) is not None


class FakeStream(httpcore.NetworkStream):
    """A connection that says who is at its other end."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.closed = False

    def get_extra_info(self, info: str) -> tuple[str, int]:
        assert info == "server_addr"
        return self.peer, 80

    def close(self) -> None:
        self.closed = True


class FakeNetwork:
    """Records what is asked of it; `answers` are the resolver's, one for each look-up, the last one repeated."""

    def __init__(self, *answers: Sequence[str], dead: Sequence[str] = (), peer: str | None = None) -> None:
        self.answers = list(answers)
        self.dead = dead
        self.peer = peer
        self.looked_up: list[str] = []
        self.tried: list[str] = []
        self.streams: list[FakeStream] = []

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def connect(self, address: str, port: int, timeout: float) -> FakeStream:
        assert 0 < timeout <= 5
        self.tried.append(address)
        if address in self.dead:
            raise httpcore.ConnectError("refused")
        self.streams.append(FakeStream(self.peer or address))
        return self.streams[-1]

    def guard(self, *allowed: str) -> AddressGuard:
        networks = [ipaddress.ip_network(network) for network in allowed]
        return AddressGuard(networks, resolve=self.resolve, connect=self.connect)


def test_rebinding_finds_no_second_look_up() -> None:
    network = FakeNetwork(["93.184.216.34"], ["127.0.0.1"])
    network.guard().connect("rebind.example", 80, 5.0)
    assert (network.looked_up, network.tried) == (["rebind.example"], ["93.184.216.34"])


def test_a_name_that_now_leads_inside_is_refused_on_the_next_connection() -> None:
    network = FakeNetwork(["93.184.216.34"], ["127.0.0.1"])
    guard = network.guard()
    guard.connect("rebind.example", 80, 5.0)
    with pytest.raises(Refused) as failure:
        guard.connect("rebind.example", 80, 5.0)
    assert (failure.value.reason, failure.value.fate) == ("address_denied", "refused")
    assert network.tried == ["93.184.216.34"]


def test_denied_addresses_are_skipped_and_permitted_ones_used() -> None:
    network = FakeNetwork(["10.0.0.1", "::1", "93.184.216.34"])
    network.guard().connect("mixed.example", 80, 5.0)
    assert network.tried == ["93.184.216.34"]


def test_the_refusal_names_host_address_kind_and_setting() -> None:
    network = FakeNetwork(["10.0.0.1", "fd00::1"])
    with pytest.raises(Refused) as failure:
        network.guard().connect("inside.example", 80, 5.0)
    for word in ("inside.example", "10.0.0.1 (private)", "fd00::1 (private)", "DEPECHE_ALLOW_NETWORKS"):
        assert word in failure.value.detail
    assert network.tried == []


def test_literal_addresses_are_judged_without_a_look_up() -> None:
    network = FakeNetwork(["93.184.216.34"])
    with pytest.raises(Refused):
        network.guard().connect("::ffff:127.0.0.1", 80, 5.0)
    assert network.looked_up == []


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0", "localhost"])
def test_no_spelling_of_loopback_slips_through_the_real_resolver(host: str) -> None:
    network = FakeNetwork()
    guard = AddressGuard((), resolve=resolve_host, connect=network.connect)
    with pytest.raises((Refused, RetryLater)) as failure:
        guard.connect(host, 80, 5.0)
    assert failure.value.reason in ("address_denied", "dns_failed")  # Some resolvers know fewer spellings.
    assert network.tried == []


def test_a_peer_other_than_the_judged_address_is_dropped() -> None:
    network = FakeNetwork(["93.184.216.34"], peer="127.0.0.1")
    with pytest.raises(Refused, match="loopback"):
        network.guard().connect("lying-socket.example", 80, 5.0)
    assert network.streams[0].closed


def test_a_dead_address_gives_way_to_the_next() -> None:
    network = FakeNetwork(["2606:4700::1", "93.184.216.34"], dead=["2606:4700::1"])
    network.guard().connect("half-dead.example", 80, 5.0)
    assert network.tried == ["2606:4700::1", "93.184.216.34"]


def test_when_every_address_is_dead_the_last_failure_is_raised() -> None:
    network = FakeNetwork(["1.1.1.1", "8.8.8.8"], dead=["1.1.1.1", "8.8.8.8"])
    with pytest.raises(httpcore.ConnectError):
        network.guard().connect("dead.example", 80, 5.0)


def test_one_dead_address_does_not_use_up_the_time_of_the_others() -> None:
    shares: list[float] = []

    def connect(address: str, port: int, timeout: float) -> FakeStream:
        shares.append(timeout)
        raise httpcore.ConnectTimeout

    guard = AddressGuard((), resolve=lambda *_: ["1.1.1.1", "8.8.8.8"], connect=connect)
    with pytest.raises(httpcore.ConnectTimeout):
        guard.connect("slow.example", 80, 4.0)
    assert shares[0] <= 2.0


def _raising(error: Exception) -> Callable[[str, int], Sequence[str]]:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise error

    return resolve


def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    guard = AddressGuard((), resolve=_raising(socket.gaierror(socket.EAI_NONAME, "Name or service not known")))
    with pytest.raises(RetryLater, match="Name or service not known") as failure:
        guard.connect("nowhere.example", 80, 5.0)
    assert failure.value.reason == "dns_failed"


def test_a_name_that_no_resolver_would_take_is_refused() -> None:
    with pytest.raises(Refused) as failure:
        AddressGuard(()).connect("a" * 70 + ".example", 80, 5.0)
    assert failure.value.reason == "invalid_url"


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        over.wait(10)
        return []

    with pytest.raises(RetryLater) as failure:
        AddressGuard((), resolve=resolve).connect("silent.example", 80, 0.05)
    over.set()
    assert failure.value.reason == "dns_failed"


def test_a_name_without_addresses_is_not_connected_to() -> None:
    network = FakeNetwork([])
    with pytest.raises(RetryLater) as failure:
        network.guard().connect("empty.example", 80, 5.0)
    assert failure.value.reason == "dns_failed"
