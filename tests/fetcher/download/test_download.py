"""Downloads from well-behaved servers: what comes back and what is sent."""

import gzip
import itertools
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import brotli
import httpcore
import pytest
import zstandard

from services.fetcher.download.address_guard import AddressGuard
from services.fetcher.download.download import Downloader, DownloadOptions, Response
from services.fetcher.download.wire import Deadline, Wire
from shared.failures import GiveUp, RetryLater
from shared.flight.page_store import unpacked
from tests.support.hostile_server import HostileServer, Visit, answer, serving

PAGE = b"<!doctype html><title>Harbour reopens</title><p>The harbour of Port Ellery reopened on Monday."
LOOPBACK = (ip_network("127.0.0.0/8"),)
OPTIONS = DownloadOptions(
    user_agent="depeche-test/1",
    connect_timeout=5,
    read_timeout=5,
    total_timeout=20,
    max_bytes=1_000_000,
    max_redirects=5,
    allow_networks=LOOPBACK,
)


@pytest.fixture
def downloader() -> Iterator[Downloader]:
    downloader = Downloader(OPTIONS)
    yield downloader
    downloader.close()


def test_a_page_comes_back_whole(downloader: Downloader) -> None:
    headers = ("Content-Type: text/html; charset=utf-8", 'ETag: "a1"', "Last-Modified: Mon, 02 Feb 2026 08:00:00 GMT")
    with serving(answer(PAGE, *headers)) as server:
        page = downloader.download(server.url("/harbour#top"))
    assert page == Response(
        requested_url=server.url("/harbour#top"),
        url=server.url("/harbour"),
        redirects=(),
        status=200,
        content_type="text/html; charset=utf-8",
        headers={"etag": '"a1"', "last-modified": "Mon, 02 Feb 2026 08:00:00 GMT"},
        body=PAGE,
        elapsed_ms=page.elapsed_ms,
    )
    assert page.elapsed_ms >= 0


def test_the_request_says_who_asks_and_what_it_can_read(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as server:
        downloader.download(server.url("/a?b=c#d"))
    lines = server.heads[0].decode().split("\r\n")
    assert lines[0] == "GET /a?b=c HTTP/1.1"
    assert "User-Agent: depeche-test/1" in lines
    assert "Accept-Encoding: gzip, deflate, br, zstd" in lines
    assert f"Host: 127.0.0.1:{server.port}" in lines


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("X-GZip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:])),
        ("gzip", gzip.compress(PAGE) + b"\0\0\0 trailing"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE, wbits=-15)),
        ("deflate", zlib.compress(PAGE) + b"trailing"),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstandard.ZstdCompressor().compress(PAGE)),
        ("identity", PAGE),
        ("", PAGE),
    ],
)
def test_content_codings_are_undone(downloader: Downloader, coding: str, body: bytes) -> None:
    with serving(answer(body, f"Content-Encoding: {coding}")) as server:
        assert downloader.download(server.url()).body == PAGE


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(PAGE * 9), id="one member"),
        pytest.param(gzip.compress(b"") + gzip.compress(PAGE * 9), id="an empty member before it"),
    ],
)
def test_gzip_of_the_whole_page_is_kept_as_it_came(downloader: Downloader, body: bytes) -> None:
    with serving(answer(body, "Content-Encoding: gzip")) as server:
        page = downloader.download(server.url())
    assert page.gzip == body
    assert unpacked(body) == page.body == PAGE * 9


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("gzip", gzip.compress(PAGE) + gzip.compress(PAGE * 9), id="two members"),
        pytest.param("gzip", gzip.compress(PAGE * 9) + b"trailing", id="bytes after the end"),
        pytest.param("gzip", gzip.compress(PAGE * 9, compresslevel=0), id="longer than the page"),
        pytest.param("gzip", gzip.compress(gzip.compress(PAGE * 9)), id="packed twice, and read as a file"),
        pytest.param("br", brotli.compress(PAGE * 9), id="another coding"),
        pytest.param("identity", PAGE * 9, id="not packed"),
    ],
)
def test_other_bodies_are_not_kept_as_they_came(downloader: Downloader, coding: str, body: bytes) -> None:
    with serving(answer(body, f"Content-Encoding: {coding}")) as server:
        assert downloader.download(server.url("/sitemap.xml.gz")).gzip is None


def test_redirects_are_followed_and_told(downloader: Downloader) -> None:
    hops: list[str] = []
    moves = {"/": "/b", "/b": "c?x=1#here", "/c?x=1": "//user:pass@127.0.0.1:{port}/d", "/d": "http:/e"}

    def behaviour(visit: Visit) -> None:
        location = moves.get(visit.path, "").format(port=server.port)
        visit.send(answer(b"moved", f"Location: {location}", status="302 Found") if location else answer(PAGE))

    with HostileServer(behaviour) as server:
        download, page = downloader.start(server.url()), None
        while page is None:
            hops.append(download.next_url)
            page = download.ask()
        trail = [server.url(path) for path in ("/", "/b", "/c?x=1", "/d", "/e")]
    assert (page.url, page.body, page.status) == (trail[-1], PAGE, 200)
    assert page.redirects == tuple(trail[:-1])
    assert hops == trail


def test_nothing_is_sent_before_the_caller_asks(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as server:
        assert downloader.start(server.url("/a")).next_url == server.url("/a")
    assert server.heads == []


def test_something_else_may_be_downloaded_before_a_hop(downloader: Downloader) -> None:
    with serving(answer(b"User-agent: *"), answer(PAGE)) as server:
        download = downloader.start(server.url())
        robots = [downloader.download(server.url("/robots.txt")).body]
        page = download.ask()
    assert page is not None
    assert (robots, page.body) == ([b"User-agent: *"], PAGE)


def test_the_deadline_of_a_download_outlives_that_of_one_before_its_next_hop() -> None:
    wire, page = Wire(), Deadline.after(1000)
    for deadline in (page, Deadline.after(1), page):
        with wire.until(deadline):
            limit = wire.limit(5000)
        assert (1 < limit <= 1000) if deadline is page else limit <= 1
    with pytest.raises(httpcore.TimeoutException):
        wire.limit(5000)


def test_a_connection_is_kept_for_the_next_page(downloader: Downloader) -> None:
    def behaviour(visit: Visit) -> None:
        response = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
        visit.send(response)
        for _ in range(2):
            visit.connection.recv(65_536)
            visit.send(response)

    with HostileServer(behaviour) as server:
        bodies = [downloader.download(server.url()).body for _ in range(3)]
    assert bodies == [PAGE] * 3
    assert len(server.heads) == 1  # The server reads a head for each connection.


def test_blanks_around_a_url_do_no_harm(downloader: Downloader) -> None:
    with serving(answer(PAGE)) as server:
        assert downloader.download(f"  {server.url('/a')}\n").url == server.url("/a")


def test_no_cookie_is_sent_back(downloader: Downloader) -> None:
    first = answer(b"", "Set-Cookie: id=42; Path=/", "Location: /b", status="302 Found")
    with serving(first, answer(PAGE, "Set-Cookie: id=43")) as server:
        downloader.download(server.url())
        downloader.download(server.url())
    assert len(server.heads) == 3
    assert not any(b"cookie" in head.lower() for head in server.heads)


def test_proxies_from_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b"the proxy")) as proxy, serving(answer(PAGE)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        downloader = Downloader(OPTIONS)
        assert downloader.download(server.url()).body == PAGE
        downloader.close()
    assert proxy.heads == []


def test_names_outside_ascii_are_encoded() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    downloader = Downloader(OPTIONS, guard=AddressGuard(LOOPBACK, resolve=resolve))
    with serving(answer(PAGE)) as server:
        page = downloader.download(f"http://zürich.example:{server.port}/straße/été?q=ü")
    downloader.close()
    assert asked == ["xn--zrich-kva.example"]
    assert page.url == f"http://xn--zrich-kva.example:{server.port}/stra%C3%9Fe/%C3%A9t%C3%A9?q=%C3%BC"
    assert server.heads[0].startswith(b"GET /stra%C3%9Fe/%C3%A9t%C3%A9?q=%C3%BC HTTP/1.1\r\n")
    assert b"Host: xn--zrich-kva.example" in server.heads[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    new = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run([*new, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[HostileServer]:
    with HostileServer(lambda visit: visit.send(answer(PAGE)), tls=server_context(certificate)) as server:
        yield server


def test_https_with_a_certificate_authority_of_ones_own(
    tls_server: HostileServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    downloader = Downloader(OPTIONS)
    assert downloader.download(tls_server.url(scheme="https")).body == PAGE
    downloader.close()


def test_the_total_deadline_holds_over_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        visit.dribble(itertools.repeat(b"x"))

    downloader = Downloader(replace(OPTIONS, read_timeout=3600, total_timeout=0.5))
    with HostileServer(behaviour, tls=server_context(certificate)) as server, pytest.raises(RetryLater) as failure:
        downloader.download(server.url(scheme="https"))
    downloader.close()
    assert failure.value.reason == "total_timeout"


def test_a_certificate_that_nobody_vouches_for_fails(downloader: Downloader, tls_server: HostileServer) -> None:
    with pytest.raises(GiveUp, match="SSL_CERT_FILE") as failure:
        downloader.download(tls_server.url(scheme="https"))
    assert (failure.value.reason, failure.value.fate) == ("tls_failed", "failed")


def test_the_exchange_is_kept_as_it_was_on_the_wire() -> None:
    packed = gzip.compress(PAGE)
    downloader = Downloader(replace(OPTIONS, keep_raw=True))
    with serving(answer(packed, "Content-Encoding: gzip", "X-Case: As Sent")) as server:
        raw = downloader.download(server.url("/a?b=c")).raw
    downloader.close()
    assert raw is not None
    assert (raw.url, raw.target, raw.method) == (server.url("/a?b=c"), b"/a?b=c", b"GET")
    assert (raw.status, raw.reason, raw.http_version, raw.peer) == (200, b"OK", b"HTTP/1.1", "127.0.0.1")
    assert (b"X-Case", b"As Sent") in raw.response_headers
    assert (b"User-Agent", b"depeche-test/1") in raw.request_headers
    assert raw.body == packed
