"""A source's own ways: headers for its own site alone, a proxy, an exception from TLS verification."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.fetcher.download.address_guard import AddressGuard, literal_address
from services.fetcher.download.download import Downloader
from services.fetcher.download.terms import Terms
from services.fetcher.sources.options import SourceOptions, checked_headers, checked_proxy
from shared.failures import GiveUp, RetryLater
from tests.fetcher.download.test_download import OPTIONS, PAGE, certificate, server_context
from tests.support.hostile_server import HostileServer, Visit, answer, serving

__all__ = ["certificate"]  # the fixture

SECRET = {"X-Key": "open sesame", "accept": "text/html"}


@pytest.fixture
def downloader() -> Iterator[Downloader]:
    """Every name leads to this machine."""
    downloader = Downloader(OPTIONS, guard=AddressGuard(OPTIONS.allow_networks, resolve=lambda *_: ["127.0.0.1"]))
    yield downloader
    downloader.close()


def lines(head: bytes) -> list[str]:
    return head.decode("latin-1").split("\r\n")


def test_a_source_s_headers_and_user_agent_are_sent(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as server:
        source = SourceOptions(url=server.url("/"), headers=SECRET, user_agent="Harrowmere/2")
        downloader.download(server.url("/a"), terms=Terms(source=source))
    sent = lines(server.heads[0])
    assert "X-Key: open sesame" in sent
    assert "User-Agent: Harrowmere/2" in sent
    assert [line for line in sent if line.lower().startswith("accept:")] == ["accept: text/html"]


def test_headers_do_not_cross_to_another_site_on_a_redirect(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as other:
        away = answer(b"", f"Location: http://other.example:{other.port}/b", status="302 Found")
        with serving(away) as server:
            own = f"http://harrowmere.example:{server.port}/"
            terms = Terms(source=SourceOptions(url=own, headers=SECRET))
            downloader.download(own, terms=terms)
    assert "X-Key: open sesame" in lines(server.heads[0])
    assert b"sesame" not in other.heads[0]


@pytest.mark.parametrize(
    ("source", "url", "is_own"),
    [
        ("https://a.example/", "https://a.example/story", True),
        ("https://a.example/", "https://www.a.example/story", True),
        ("https://a.example/", "http://a.example/story", False),
        ("http://a.example/", "https://a.example/story", True),
        ("https://a.example/", "https://a.example.evil.example/", False),
        ("https://a.example/", "https://evila.example/", False),
        ("", "https://a.example/", False),
    ],
)
def test_what_is_a_source_s_own_site(source: str, url: str, is_own: bool) -> None:
    assert Terms(source=SourceOptions(url=source)).is_own(url) is is_own


def test_the_exception_from_tls_holds_for_the_source_s_site_and_is_logged(
    downloader: Downloader, certificate: Path
) -> None:
    with HostileServer(lambda visit: visit.send(answer(PAGE)), tls=server_context(certificate)) as server:
        own = server.url(scheme="https")
        excused = Terms(source=SourceOptions(url=own, verify_tls=False))
        with capture_logs() as logs:
            assert downloader.download(own, terms=excused).body == PAGE
        assert [(entry["event"], entry["source_url"]) for entry in logs] == [("tls_not_verified", own)]
        elsewhere = Terms(source=SourceOptions(url="https://elsewhere.example/", verify_tls=False))
        for terms in (Terms(), elsewhere):
            with pytest.raises(GiveUp) as failure:
                downloader.download(own, terms=terms)
            assert failure.value.reason == "tls_failed"


class Proxy:
    """Passes requests and tunnels on to one port of this machine, and keeps the heads that it was sent."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.server = HostileServer(self._serve)

    def _serve(self, visit: Visit) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as target:
            if visit.head.startswith(b"CONNECT "):
                visit.send(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=_pass_on, args=(target, visit.connection))
                back.start()
                _pass_on(visit.connection, target)
                back.join()
            else:
                target.sendall(visit.head)
                _pass_on(target, visit.connection)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def test_a_page_over_http_through_a_proxy(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as server:
        proxy = Proxy(server.port)
        with proxy.server as listening:
            at = f"http://reader:pa%20ss@127.0.0.1:{listening.port}"
            terms = Terms(source=SourceOptions(url="http://news.example/", proxy=at))
            # A name that only the proxy can resolve.
            assert downloader.download("http://news.example/a", terms=terms).body == PAGE
    head = lines(listening.heads[0])
    assert head[0] == "GET http://news.example/a HTTP/1.1"
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'reader:pa ss').decode()}" in head


def test_a_page_over_https_through_a_proxy(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    downloader = Downloader(replace(OPTIONS, allow_networks=OPTIONS.allow_networks))
    with HostileServer(lambda visit: visit.send(answer(PAGE)), tls=server_context(certificate)) as server:
        proxy = Proxy(server.port)
        with proxy.server as listening:
            terms = Terms(source=SourceOptions(proxy=f"http://127.0.0.1:{listening.port}"))
            assert downloader.download(server.url("/a", scheme="https"), terms=terms).body == PAGE
            downloader.close()
    assert lines(listening.heads[0])[0] == f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"
    assert server.heads[0].startswith(b"GET /a HTTP/1.1\r\n")


def test_a_proxy_inside_is_permitted_by_being_named() -> None:
    guarded = Downloader(replace(OPTIONS, allow_networks=()))
    with serving(answer(PAGE)) as proxy:
        terms = Terms(source=SourceOptions(proxy=proxy.url()))
        assert guarded.download("http://news.example/", terms=terms).body == PAGE
    guarded.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "2130706433",
        "0x7f000001",
        "127.1",
        "[::1]",
        "[::ffff:a00:1]",
        "localhost",
        "db.internal",
    ],
)
def test_nothing_inside_is_asked_of_a_proxy(host: str) -> None:
    guarded = Downloader(replace(OPTIONS, allow_networks=()))
    with serving(answer(b"secret")) as proxy, pytest.raises(GiveUp) as failure:
        guarded.download(f"http://{host}/", terms=Terms(source=SourceOptions(proxy=proxy.url())))
    guarded.close()
    assert failure.value.reason == "address_denied"
    assert proxy.heads == []


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (lambda visit: visit.send(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"), "proxy_failed"),
        (lambda visit: visit.send(b"HTTP/1.1 502 Not there\r\nContent-Length: 0\r\n\r\n"), "proxy_failed"),
        (lambda visit: None, "connection_lost"),
        (Visit.say_nothing, "read_timeout"),
    ],
)
def test_a_proxy_that_opens_no_way_is_told_from_the_page(behaviour, reason: str) -> None:
    downloader = Downloader(replace(OPTIONS, read_timeout=0.4))
    with HostileServer(behaviour) as proxy, pytest.raises(RetryLater) as failure:
        downloader.download("https://news.example/", terms=Terms(source=SourceOptions(proxy=proxy.url())))
    downloader.close()
    assert failure.value.reason == reason


def test_sources_that_each_have_a_proxy_do_not_pile_up_connections(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as proxy:
        for number in range(40):
            source = SourceOptions(proxy=f"http://p{number}.example:{proxy.port}")
            downloader.download("http://news.example/", terms=Terms(source=source))
        assert len(downloader._routes._transports) <= 16


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "a"},
        {"content-length": "1"},
        {"a b": "c"},
        {"X": "a\r\nY: b"},
        {"X": "\u2603"},
        {"X": "1", "x": "2"},
        {"": "a"},
    ],
)
def test_headers_that_cannot_be_a_source_s(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        checked_headers(headers)


@pytest.mark.parametrize(
    "proxy", ["", "socks5://a:1", "a:8080", "http://", "http://a:99999", "http://a/path", "http://a?b", "http://[::1"]
)
def test_what_is_no_proxy(proxy: str) -> None:
    with pytest.raises(ValueError, match="prox"):
        checked_proxy(proxy)


def test_what_is_a_proxy() -> None:
    assert checked_proxy(" http://reader:secret@proxy.example:3128/ ") == "http://reader:secret@proxy.example:3128/"


def test_addresses_as_they_may_be_written() -> None:
    spelled = ["2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1", "[::1]", "::ffff:7f00:1"]
    assert all(literal_address(text) is not None for text in spelled)
    assert [literal_address(text) for text in ("news.example", "", "1.2.3.4.5", "a\ud800")] == [None] * 4
