"""Servers that misbehave: each ends the download in time, with the failure that the operator should read.

Time limits are short, so a test that hangs is a deadline that does not hold; what ended the download is told by its
reason, never by the clock.
"""

import gzip
import itertools
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from services.fetcher.download.download import Downloader, DownloadOptions
from services.fetcher.errors import Gone
from shared.failures import RetryLater
from tests.hostile.failing_downloads import (
    MEBIBYTE,
    OPTIONS,
    SILENCE_ENDS_IT,
    TOTAL_ENDS_IT,
    assert_failed,
    assert_refused,
    assert_retried,
    failure_from,
    failure_of,
    sending,
)
from tests.support.hostile_server import HostileServer, Visit, answer, serving


@pytest.mark.parametrize("status", [404, 410])
def test_gone(status: int) -> None:
    failure = failure_from(sending(answer(b"no more", status=f"{status} Gone")))
    assert isinstance(failure, Gone)
    assert (failure.reason, failure.fate, failure.http_status) == (f"http_{status}", "gone", status)


@pytest.mark.parametrize("status", [304, 400, 401, 403, 418, 451, 999])
def test_other_statuses_fail(status: int) -> None:
    failure = failure_from(sending(answer(b"no", status=f"{status} No")))
    assert_failed(failure, f"http_{status}")
    assert failure.http_status == status


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_statuses_that_pass_are_retried(status: int) -> None:
    failure = failure_from(sending(answer(b"", status=f"{status} Later")))
    assert_retried(failure, f"http_{status}")
    assert isinstance(failure, RetryLater)
    assert (failure.after, failure.http_status) == (None, status)


@pytest.mark.parametrize(
    ("header", "after"), [("90", 90.0), ("Mon, 02 Feb 1998 08:00:00 GMT", 0.0), ("in a while", None)]
)
def test_retry_after_is_handed_on(header: str, after: float | None) -> None:
    failure = failure_from(sending(answer(b"", f"Retry-After: {header}", status="503 Busy")))
    assert isinstance(failure, RetryLater)
    assert failure.after == after


def test_an_error_page_is_not_read_however_long() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 500 Oops\r\n\r\n")
        for _ in itertools.count():
            visit.send(b"x" * 65_536)

    assert_retried(failure_from(behaviour), "http_500")


def test_a_server_that_says_nothing() -> None:
    assert_retried(failure_from(Visit.say_nothing, SILENCE_ENDS_IT), "read_timeout")


def test_patience_with_silence_is_cut_short_by_the_total() -> None:
    assert_retried(failure_from(Visit.say_nothing, TOTAL_ENDS_IT), "total_timeout")


def test_a_body_that_stops() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf a")
        visit.say_nothing()

    assert_retried(failure_from(behaviour, SILENCE_ENDS_IT), "read_timeout")


def test_headers_byte_by_byte() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        visit.dribble(itertools.repeat(b"x"))

    assert_retried(failure_from(behaviour, TOTAL_ENDS_IT), "total_timeout")


def test_a_body_byte_by_byte() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        visit.dribble(itertools.repeat(b"x"))

    failure = failure_from(behaviour, TOTAL_ENDS_IT)
    assert_retried(failure, "total_timeout")
    assert "0.5 s" in failure.detail


def test_interim_responses_without_end() -> None:
    def behaviour(visit: Visit) -> None:
        visit.dribble(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n"), every=0.001)

    assert_retried(failure_from(behaviour, TOTAL_ENDS_IT), "total_timeout")


@pytest.mark.parametrize(
    ("options", "reason"),
    [(replace(OPTIONS, connect_timeout=0.3), "connect_timeout"), (TOTAL_ENDS_IT, "total_timeout")],
)
def test_a_tls_handshake_that_never_comes(options: DownloadOptions, reason: str) -> None:
    with HostileServer(Visit.say_nothing) as server:
        failure = failure_of(server.url(scheme="https"), options)
    assert_retried(failure, reason)


def test_a_tls_handshake_byte_by_byte() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"\x16\x03\x03\x40\x00")  # A record of 16,384 bytes is to follow.
        visit.dribble(itertools.repeat(b"\x02"))

    with HostileServer(behaviour) as server:
        failure = failure_of(server.url(scheme="https"), TOTAL_ENDS_IT)
    assert_retried(failure, "total_timeout")


def test_a_listener_that_never_accepts() -> None:
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):  # The queue holds one more than it is asked to.
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        failure = failure_of(url, replace(OPTIONS, connect_timeout=0.3))
    assert_retried(failure, "connect_timeout")


def test_a_body_without_end() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in itertools.count():
            visit.send(b"<p>" * 20_000)

    failure = failure_from(behaviour)
    assert_refused(failure, "too_large")
    assert "DEPECHE_MAX_PAGE_BYTES" in failure.detail


def test_chunks_without_end() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in itertools.count():
            visit.send(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")

    assert_refused(failure_from(behaviour), "too_large")


def test_a_declared_length_beyond_the_limit_is_not_waited_for() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000000\r\n\r\n")
        visit.say_nothing()

    assert_refused(failure_from(behaviour), "too_large")


def test_twenty_megabytes_are_too_much_or_not_as_the_operator_likes() -> None:
    size = 20 * MEBIBYTE
    with serving(answer(b"x" * size)) as server:
        assert_refused(failure_of(server.url()), "too_large")
        downloader = Downloader(replace(OPTIONS, max_bytes=size))
        assert len(downloader.download(server.url()).body) == size
        downloader.close()


def _bomb(wbits: int, mebibytes: int) -> bytes:
    stream = zlib.compressobj(level=9, wbits=wbits)
    return b"".join(stream.compress(bytes(MEBIBYTE)) for _ in range(mebibytes)) + stream.flush()


def _gzip_bomb() -> bytes:
    return _bomb(31, 100)


def _deflate_bomb() -> bytes:
    return _bomb(-15, 100)


def _many_small_bombs() -> bytes:
    return gzip.compress(b" " * MEBIBYTE) * 900


@pytest.mark.parametrize(
    ("coding", "bomb"), [("gzip", _gzip_bomb), ("deflate", _deflate_bomb), ("gzip", _many_small_bombs)]
)
def test_a_decompression_bomb_costs_its_limit_and_no_more(coding: str, bomb: Callable[[], bytes]) -> None:
    options = replace(OPTIONS, max_bytes=4 * MEBIBYTE)
    with serving(answer(bomb(), "Content-Type: text/html", f"Content-Encoding: {coding}")) as server:
        tracemalloc.start()
        try:
            failure = failure_of(server.url(), options)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert_refused(failure, "too_large")
    assert peak < 4 * options.max_bytes  # 100 MiB and more were on offer.


def test_a_flood_of_headers() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\n")
        for number in itertools.count():
            visit.send(b"X-Flood-%d: %s\r\n" % (number, b"x" * 1000))

    assert_retried(failure_from(behaviour), "bad_response")


def test_a_single_header_without_end() -> None:
    def behaviour(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nX-Endless: ")
        for _ in itertools.count():
            visit.send(b"x" * 10_000)

    assert_retried(failure_from(behaviour), "bad_response")


def test_a_cookie_bomb_leaves_nothing_behind() -> None:
    cookies = [f"Set-Cookie: c{number}={'x' * 400}; Path=/; Domain=127.0.0.1" for number in range(200)]
    with serving(answer(b"<p>sweet", *cookies)) as server:
        downloader = Downloader(OPTIONS)
        for _ in range(3):
            assert downloader.download(server.url()).body == b"<p>sweet"
        downloader.close()
    assert not any(b"cookie:" in head.lower() for head in server.heads)
