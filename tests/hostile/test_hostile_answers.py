"""Answers that are broken, or are no page: cut off, garbled, compressed wrongly, of another type."""

import gzip
import re
import socket
import struct
import zlib

import pytest

from services.fetcher.download.download import Downloader
from shared.failures import PageFailure
from tests.hostile.failing_downloads import (
    OPTIONS,
    assert_failed,
    assert_refused,
    assert_retried,
    failure_from,
    failure_of,
    redirect_to,
    sending,
)
from tests.support.hostile_server import HostileServer, Visit, answer, serving


def test_a_connection_closed_without_a_word() -> None:
    assert_retried(failure_from(lambda visit: None), "connection_lost")


def test_a_connection_reset_in_the_body() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf a")
        # To close without lingering sends a reset in place of a goodbye.
        visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert_retried(failure_from(behaviour), "connection_lost")


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert_retried(failure_of(f"http://127.0.0.1:{port}/"), "connect_failed")


def test_a_body_shorter_than_declared() -> None:
    assert_retried(failure_from(sending(answer(b"short", "Content-Length: 100"))), "connection_lost")


def test_a_body_longer_than_declared_is_cut() -> None:
    with serving(answer(b"<p>page<p>and more", "Content-Length: 7")) as server:
        downloader = Downloader(OPTIONS)
        assert downloader.download(server.url()).body == b"<p>page"
        downloader.close()


@pytest.mark.parametrize("length", ["-1", "ten", "1, 2", "9" * 5000, "0x10"])
def test_a_length_that_is_no_number(length: str) -> None:
    assert_retried(failure_from(sending(answer(b"page", f"Content-Length: {length}"))), "bad_response")


@pytest.mark.parametrize("body", [b"zz\r\npage\r\n", b"-4\r\npage\r\n0\r\n\r\n", b"4\r\npage and no end of chunk"])
def test_invalid_chunking(body: bytes) -> None:
    assert_retried(failure_from(sending(answer(body, "Transfer-Encoding: chunked"))), "bad_response")


def test_chunks_that_break_off() -> None:
    assert_retried(failure_from(sending(answer(b"9\r\npage", "Transfer-Encoding: chunked"))), "connection_lost")


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"220 mail.example ESMTP\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n",
        b"\0" * 200_000,
        b"HTTP/1.1 000 Zero\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"<html>page\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
    ],
)
def test_garbage_in_place_of_http(garbage: bytes) -> None:
    assert_retried(failure_from(sending(garbage)), "bad_response")


def test_plain_http_on_the_port_of_https() -> None:
    with serving(answer(b"page")) as server:
        failure = failure_of(server.url(scheme="https"))
    assert_failed(failure, "tls_failed")


def test_a_tls_handshake_that_breaks_off() -> None:
    with HostileServer(lambda visit: None) as server:
        failure = failure_of(server.url(scheme="https"))
    assert_retried(failure, "connect_failed")


def test_an_upgrade_that_nobody_asked_for() -> None:
    failure = failure_from(sending(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes"))
    assert isinstance(failure, PageFailure)
    assert failure.reason in ("http_101", "bad_response")


COMPRESSED = gzip.compress(b"<p>The harbour of Port Ellery reopened on Monday." * 50)


@pytest.mark.parametrize(
    "body",
    [COMPRESSED[:-20], COMPRESSED[:-4], COMPRESSED[:5], COMPRESSED[:1], b"<p>plain", COMPRESSED[:40] + b"\xff" * 40],
)
def test_gzip_that_is_broken(body: bytes) -> None:
    assert_retried(failure_from(sending(answer(body, "Content-Encoding: gzip"))), "bad_response")


@pytest.mark.parametrize("body", [zlib.compress(b"page" * 99)[:-9], b"<p>plain", b"x"])
def test_deflate_that_is_broken(body: bytes) -> None:
    assert_retried(failure_from(sending(answer(body, "Content-Encoding: deflate"))), "bad_response")


@pytest.mark.parametrize("coding", ["compress", "dcb", "gzip, gzip", "utf-8"])
def test_a_coding_that_was_not_asked_for(coding: str) -> None:
    failure = failure_from(sending(answer(b"\x0b\x02\x80page\x03", f"Content-Encoding: {coding}")))
    assert_failed(failure, "unsupported_encoding")


@pytest.mark.parametrize("response", [answer(), answer(status="204 No Content"), answer(b"", "Content-Encoding: gzip")])
def test_an_empty_body(response: bytes) -> None:
    assert_refused(failure_from(sending(response)), "empty_body")


@pytest.mark.parametrize("headers", [["Content-Type: application/pdf"], ["Content-Type: text/html"], []])
def test_a_pdf_whatever_it_is_called(headers: list[str]) -> None:
    assert_refused(failure_from(sending(answer(b"%PDF-1.7\n1 0 obj\n", *headers))), "unsupported_type")


def test_a_film_is_refused_before_it_is_read() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 900000\r\n\r\n")
        visit.say_nothing()

    assert_refused(failure_from(behaviour), "unsupported_type")


def test_an_image_called_html_is_refused_at_its_first_bytes() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900000\r\n\r\n")
        visit.send(b"\x89PNG\r\n\x1a\n" + b"\0" * 2000)
        visit.say_nothing()

    assert_refused(failure_from(behaviour), "unsupported_type")


def test_binary_data_without_a_type() -> None:
    assert_refused(failure_from(sending(answer(bytes(range(256))))), "unsupported_type")


@pytest.mark.parametrize("headers", [[], ["Content-Type:"], ["Content-Type: nonsense"]])
def test_a_page_without_a_usable_type_is_read(headers: list[str]) -> None:
    with serving(answer(b"<p>page", *headers)) as server:
        downloader = Downloader(OPTIONS)
        assert downloader.download(server.url()).body == b"<p>page"
        downloader.close()


@pytest.mark.parametrize(
    "response",
    [
        answer(status="404 Gone"),
        answer(status="503 Busy"),
        b"garbage\r\n\r\n",
        b"",
        answer(b"x", "Content-Encoding: compress"),
        answer(b"x", "Content-Type: image/png"),
        answer(),
        redirect_to("/page"),
        redirect_to("http://10.0.0.1/"),
    ],
)
def test_every_failure_is_told_in_a_sentence_that_names_the_server(response: bytes) -> None:
    detail = failure_from(sending(response)).detail
    assert re.fullmatch(r"[^.].*(127\.0\.0\.1|10\.0\.0\.1).*[^.]\.", detail)
