"""Downloads from well-behaved servers: what comes back, what is sent, and the pure halves on bytes."""

import gzip
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from services.fetcher.address_guard import AddressGuard
from services.fetcher.answer_status import MAX_RETRY_AFTER_SECONDS, failure_of_status, seconds_to_wait
from services.fetcher.body_decoding import MAX_GZIP_MEMBERS, decode_body
from services.fetcher.content_type import refuse_binary_content, refuse_declared_type
from services.fetcher.download import Downloader, DownloadOptions, Response
from services.fetcher.errors import Gone, Refused
from shared.failures import GiveUp, RetryLater
from tests.fetcher.hostile_server import HostileServer, Visit, answer, serving

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
    assert "Accept-Encoding: gzip, deflate" in lines
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
        ("identity", PAGE),
        ("", PAGE),
    ],
)
def test_content_codings_are_undone(downloader: Downloader, coding: str, body: bytes) -> None:
    with serving(answer(body, f"Content-Encoding: {coding}")) as server:
        assert downloader.download(server.url()).body == PAGE


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]) + b"\0"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE, wbits=-15)),
    ],
)
def test_codings_do_not_care_how_the_wire_cuts_them(coding: str, body: bytes, size: int) -> None:
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    assert b"".join(decode_body(chunks, coding=coding, max_bytes=1000, url="u")) == PAGE


@pytest.mark.parametrize(("max_bytes", "fits"), [(len(PAGE), True), (len(PAGE) - 1, False)])
@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
def test_the_limit_is_exact(coding: str, max_bytes: int, fits: bool) -> None:
    body = {"identity": PAGE, "gzip": gzip.compress(PAGE), "deflate": zlib.compress(PAGE)}[coding]
    decoded = decode_body([body], coding=coding, max_bytes=max_bytes, url="u")
    if fits:
        assert b"".join(decoded) == PAGE
    else:
        with pytest.raises(Refused, match="DEPECHE_MAX_PAGE_BYTES") as failure:
            b"".join(decoded)
        assert failure.value.reason == "too_large"


def test_a_flood_of_empty_gzip_members_ends() -> None:
    flood = [gzip.compress(b"")] * (MAX_GZIP_MEMBERS + 1)
    with pytest.raises(RetryLater) as failure:
        b"".join(decode_body(flood, coding="gzip", max_bytes=1_000_000, url="u"))
    assert failure.value.reason == "bad_response"


def test_padding_that_decompresses_to_nothing_ends() -> None:
    stream = zlib.compressobj(wbits=31)
    nothing = stream.compress(b"") + b"".join(stream.flush(zlib.Z_FULL_FLUSH) for _ in range(3))
    endless = (b"\x00\x00\x00\xff\xff" * 1000 for _ in range(10_000))
    with pytest.raises(Refused) as failure:
        list(decode_body([nothing, *endless], coding="gzip", max_bytes=1000, url="u"))
    assert failure.value.reason == "too_large"


def test_redirects_are_followed_and_told(downloader: Downloader) -> None:
    hops: list[str] = []
    moves = {"/": "/b", "/b": "c?x=1#here", "/c?x=1": "//user:pass@127.0.0.1:{port}/d", "/d": "http:/e"}

    def behaviour(visit: Visit) -> None:
        location = moves.get(visit.path, "").format(port=server.port)
        visit.send(answer(b"moved", f"Location: {location}", status="302 Found") if location else answer(PAGE))

    with HostileServer(behaviour) as server:
        page = downloader.download(server.url(), before_hop=hops.append)
        trail = [server.url(path) for path in ("/", "/b", "/c?x=1", "/d", "/e")]
    assert (page.url, page.body, page.status) == (trail[-1], PAGE, 200)
    assert page.redirects == tuple(trail[:-1])
    assert hops == trail


def test_before_hop_may_end_the_download_before_anything_is_sent(downloader: Downloader) -> None:
    def not_yet(url: str) -> None:
        raise RetryLater("host_busy", f"{url} must wait", after=3)

    with serving(answer(PAGE)) as server, pytest.raises(RetryLater) as failure:
        downloader.download(server.url(), before_hop=not_yet)
    assert (failure.value.reason, failure.value.after) == ("host_busy", 3)
    assert server.heads == []


def test_before_hop_may_download_something_else(downloader: Downloader) -> None:
    with serving(answer(b"User-agent: *"), answer(PAGE)) as server:
        robots: list[bytes] = []
        page = downloader.download(
            server.url(), before_hop=lambda _: robots.append(downloader.download(server.url("/robots.txt")).body)
        )
    assert (robots, page.body) == ([b"User-agent: *"], PAGE)


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


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[HostileServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HostileServer(lambda visit: visit.send(answer(PAGE)), tls=context) as server:
        yield server


def test_https_with_a_certificate_authority_of_ones_own(
    tls_server: HostileServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    downloader = Downloader(OPTIONS)
    assert downloader.download(tls_server.url(scheme="https")).body == PAGE
    downloader.close()


def test_a_certificate_that_nobody_vouches_for_fails(downloader: Downloader, tls_server: HostileServer) -> None:
    with pytest.raises(GiveUp, match="SSL_CERT_FILE") as failure:
        downloader.download(tls_server.url(scheme="https"))
    assert (failure.value.reason, failure.value.fate) == ("tls_failed", "failed")


@pytest.mark.parametrize("status", [200, 201, 203, 206, 299])
def test_success_is_no_failure(status: int) -> None:
    assert failure_of_status(status, "u", retry_after=None) is None


@pytest.mark.parametrize(
    ("status", "kind", "fate"),
    [
        (404, Gone, "gone"),
        (410, Gone, "gone"),
        (304, GiveUp, "failed"),
        (401, GiveUp, "failed"),
        (403, GiveUp, "failed"),
        (451, GiveUp, "failed"),
        (999, GiveUp, "failed"),
    ],
)
def test_statuses_that_end_a_page(status: int, kind: type[GiveUp], fate: str) -> None:
    failure = failure_of_status(status, "https://news.example/a", retry_after="5")
    assert type(failure) is kind
    assert (failure.reason, failure.fate, failure.http_status) == (f"http_{status}", fate, status)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 599])
def test_statuses_that_may_pass(status: int) -> None:
    failure = failure_of_status(status, "u", retry_after="7")
    assert isinstance(failure, RetryLater)
    assert (failure.reason, failure.after, failure.http_status) == (f"http_{status}", 7.0, status)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("²", None),
        ("9" * 400, MAX_RETRY_AFTER_SECONDS),
        ("Mon, 02 Feb 2026 08:01:30 GMT", 90.0),
        ("Mon, 02 Feb 2026 08:01:30 -0000", 90.0),
        ("Mon, 02 Feb 2026 07:00:00 GMT", 0.0),
        ("Mon, 02 Feb 2099 08:00:00 GMT", MAX_RETRY_AFTER_SECONDS),
        ("Mon, 02 Feb 2026 08:00:00 +99999999999999999999", None),
        ("Mon, 99 Feb 2026 08:00:00 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, now=datetime(2026, 2, 2, 8, 0, tzinfo=UTC)) == seconds


PAGE_TYPES = "text/html application/xhtml+xml text/xml application/xml application/rss+xml application/atom+xml"
PAGE_TYPES += " application/feed+json application/json text/plain application/octet-stream Text/HTML;charset=x html"


@pytest.mark.parametrize("declared", [None, "", "text/html, text/html; charset=utf-8", *PAGE_TYPES.split()])
def test_page_types_pass(declared: str | None) -> None:
    refuse_declared_type(declared, "u")


@pytest.mark.parametrize(
    "declared",
    [
        "application/pdf",
        "image/png",
        "image/svg+xml",
        "video/mp4",
        "audio/mpeg",
        "application/zip",
        "text/css",
        "text/javascript",
        "font/woff2",
        "application/gzip",
    ],
)
def test_other_types_are_refused(declared: str) -> None:
    with pytest.raises(Refused, match=declared.replace("+", r"\+")) as failure:
        refuse_declared_type(declared, "u")
    assert failure.value.reason == "unsupported_type"


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", None),
        (b"%PDF-1.7\n", "text/html"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "text/html; charset=utf-8"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "text/plain"),
        (b"PK\x03\x04\x14\x00", "text/xml"),
        (b"\0\0\0 ftypisom", None),
        (b"\0asm\x01", "application/octet-stream"),
    ],
)
def test_binary_content_is_refused(head: bytes, declared: str | None) -> None:
    with pytest.raises(Refused) as failure:
        refuse_binary_content(head, declared, "u")
    assert failure.value.reason == "unsupported_type"


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        (PAGE, None),
        ("\ufeff<html>".encode("utf-16"), None),
        ("<p>été".encode("latin-1"), None),
        (b"\x1b$B%K%e!<%9\x1b(B", None),  # ISO-2022-JP
        (b"<p>a stray \x00 and \x0b", "text/html"),
        (b"\xef\xbb\xbf<rss/>", "application/octet-stream"),
    ],
)
def test_text_passes_whatever_its_encoding(head: bytes, declared: str | None) -> None:
    refuse_binary_content(head, declared, "u")
