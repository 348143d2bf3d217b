"""Behaviours of hostile servers, each with the fate that it must get: the table of test_hostile_suite.py."""

import gzip
import itertools
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import brotli
import zstandard

from tests.hostile.failing_downloads import MEBIBYTE, redirect_to, sending
from tests.support.hostile_server import Behaviour, Visit, answer

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGE = b"<!doctype html><title>Ferry</title><p>The night ferry to Harrowmere sails again."


@dataclass(frozen=True, kw_only=True)
class Case:
    """A behaviour and what must become of its page: `page` is the fate of one that is read all the same.

    `peak` bounds the memory (MiB) while a page may have 1 MiB.
    """

    name: str
    behaviour: Behaviour
    fate: str
    reason: str = ""
    peak: float = 6.0
    scheme: str = "http"
    path: str = "/page"
    body: bytes | None = None


def endless(head: bytes, piece: bytes) -> Behaviour:
    def behaviour(visit: Visit) -> None:
        visit.send(head)
        for _ in itertools.count():
            visit.send(piece)

    return behaviour


def _dribbling(head: bytes, piece: bytes) -> Behaviour:
    def behaviour(visit: Visit) -> None:
        visit.send(head)
        visit.dribble(itertools.repeat(piece))

    return behaviour


def _silent_after(head: bytes) -> Behaviour:
    def behaviour(visit: Visit) -> None:
        visit.send(head)
        visit.say_nothing()

    return behaviour


def _reset(visit: Visit) -> None:
    visit.send(OK + b"Content-Length: 100\r\n\r\nhalf a")
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _numbered_headers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        visit.send(b"X-%d: y\r\n" % number)


def _growing_redirects(visit: Visit) -> None:
    visit.send(redirect_to(visit.path + "/" + "more" * 10))


def _other_type_each_time(visit: Visit) -> None:
    visit.send(answer(PAGE, "Content-Type: text/html", "Content-Type: application/pdf"))


def encoded(coding: str, body: bytes, *headers: str) -> Behaviour:
    return sending(answer(body, "Content-Type: text/html", f"Content-Encoding: {coding}", *headers))


def _squeezed(compress: Callable[[bytes], bytes], flush: Callable[[], bytes], mebibytes: int = 200) -> bytes:
    return b"".join(compress(bytes(MEBIBYTE)) for _ in range(mebibytes)) + flush()


def _repeated(stream: "zlib._Compress", mebibytes: int = 200) -> bytes:
    """The same without its end, quickly: after a full flush each mebibyte looks like the one before."""
    first, other = (stream.compress(bytes(MEBIBYTE)) + stream.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + other * (mebibytes - 1)


def _bombs() -> Iterator[tuple[str, str, bytes, float]]:
    for name, coding, wbits in (("gzip", "gzip", 31), ("zlib", "deflate", 15), ("deflate", "deflate", -15)):
        yield f"bomb of {name}", coding, _repeated(zlib.compressobj(level=9, wbits=wbits)), 6.0
    compressor = brotli.Compressor(quality=5)
    yield "bomb of br", "br", _squeezed(compressor.process, compressor.finish), 6.0
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    # One step of zstd gives up to 8 MiB, which is there twice for a moment.
    yield "bomb of zstd", "zstd", _squeezed(packer.compress, packer.flush), 24.0
    yield "bombs of gzip in a row", "gzip", gzip.compress(bytes(MEBIBYTE // 4)) * 900, 6.0
    yield "frames of zstd in a row", "zstd", zstandard.ZstdCompressor().compress(bytes(MEBIBYTE // 4)) * 900, 24.0


def _wide_window() -> bytes:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    return stream.compress(PAGE) + stream.flush()


def _silence_and_slowness() -> Iterator[Case]:
    yield Case(name="closes without a word", behaviour=lambda _: None, fate="retried", reason="connection_lost")
    yield Case(name="says nothing", behaviour=Visit.say_nothing, fate="retried", reason="read_timeout")
    yield Case(name="resets in the body", behaviour=_reset, fate="retried", reason="connection_lost")
    for name, head in (
        ("stops in the status line", b"HTTP/1."),
        ("stops in the headers", OK + b"X-Half: "),
        ("stops in the body", OK + b"Content-Length: 99\r\n\r\nhalf"),
        ("stops in a chunk", OK + b"Transfer-Encoding: chunked\r\n\r\n99\r\nhalf"),
        ("stops after a continue", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ):
        yield Case(name=name, behaviour=_silent_after(head), fate="retried", reason="read_timeout")
    for name, head, piece in (
        ("status byte by byte", b"HTTP/1.1 2", b"0"),
        ("headers byte by byte", OK + b"X-Slow: ", b"x"),
        ("headers line by line", OK, b"X-Slow: 1\r\n"),
        ("body byte by byte", OK + b"Content-Length: 99999\r\n\r\n", b"x"),
        ("chunks byte by byte", OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        ("hints for ever", b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ):
        yield Case(name=name, behaviour=_dribbling(head, piece), fate="retried", reason="total_timeout")
    tls = _dribbling(b"\x16\x03\x03\x40\x00", b"\x02")
    yield Case(name="TLS byte by byte", behaviour=tls, fate="retried", reason="total_timeout", scheme="https")


def _floods() -> Iterator[Case]:
    yield Case(
        name="body without end", behaviour=endless(OK + b"\r\n", b"<p>" * 5000), fate="refused", reason="too_large"
    )
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    chunked = endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk)
    yield Case(name="chunks without end", behaviour=chunked, fate="refused", reason="too_large")
    huge = _silent_after(OK + b"Content-Length: 20000000000\r\n\r\n")
    yield Case(name="a length of 20 GB", behaviour=huge, fate="refused", reason="too_large")
    yield Case(
        name="header without end", behaviour=endless(OK + b"X: ", b"x" * 9000), fate="retried", reason="bad_response"
    )
    yield Case(name="headers without end", behaviour=_numbered_headers, fate="retried", reason="bad_response")
    status = endless(b"HTTP/1.1 200 ", b"O" * 9000)
    yield Case(name="status line without end", behaviour=status, fate="retried", reason="bad_response")
    extension = endless(OK + b"Transfer-Encoding: chunked\r\n\r\n4;x=", b"y" * 9000)
    yield Case(name="chunk extension without end", behaviour=extension, fate="retried", reason="bad_response")
    trailer = endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-T: " + b"y" * 9000 + b"\r\n")
    yield Case(name="trailers without end", behaviour=trailer, fate="retried", reason="bad_response")
    error = endless(b"HTTP/1.1 500 Oops\r\n\r\n", b"x" * 9000)
    yield Case(name="error page without end", behaviour=error, fate="retried", reason="http_500")
    cookies = [f"Set-Cookie: c{n}={'x' * 400}" for n in range(200)]
    yield Case(name="80 KB of cookies", behaviour=sending(answer(PAGE, *cookies)), fate="page", body=PAGE)
    more = [f"Set-Cookie: c{n}={'x' * 4000}" for n in range(2000)]
    yield Case(
        name="8 MB of cookies", behaviour=sending(answer(PAGE, *more)), fate="retried", reason="bad_response", peak=40
    )


def _codings() -> Iterator[Case]:
    for name, coding, bomb, peak in _bombs():
        yield Case(name=name, behaviour=encoded(coding, bomb), fate="refused", reason="too_large", peak=peak)
    for name, coding, body in (
        ("gzip that is cut", "gzip", gzip.compress(PAGE)[:-9]),
        ("br that is cut", "br", brotli.compress(PAGE)[:-2]),
        ("zstd that is cut", "zstd", zstandard.ZstdCompressor().compress(PAGE)[:-2]),
        ("plain text called br", "br", PAGE),
        ("a window of 128 MiB", "zstd", _wide_window()),
        ("empty members for ever", "gzip", gzip.compress(b"") * 2000),
    ):
        yield Case(name=name, behaviour=encoded(coding, body), fate="retried", reason="bad_response")
    twice = encoded("gzip, br", brotli.compress(gzip.compress(PAGE)))
    yield Case(name="two codings", behaviour=twice, fate="failed", reason="unsupported_encoding")
    unknown = encoded("x-secret", PAGE)
    yield Case(name="a coding of its own", behaviour=unknown, fate="failed", reason="unsupported_encoding")


def _framing() -> Iterator[Case]:
    for name, response in (
        ("not HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        ("zeros", b"\0" * 200_000),
        ("two lengths that differ", answer(PAGE, "Content-Length: 3", "Content-Length: 5")),
        ("negative length", answer(PAGE, "Content-Length: -1")),
        ("length of five thousand digits", answer(PAGE, "Content-Length: " + "9" * 5000)),
        ("chunk of no size", answer(b"zz\r\npage\r\n", "Transfer-Encoding: chunked")),
        ("chunk of negative size", answer(b"-4\r\npage\r\n", "Transfer-Encoding: chunked")),
        ("transfer coding that nobody knows", answer(PAGE, "Transfer-Encoding: gzip, chunked")),
        ("zero byte in a header", OK + b"X: a\0b\r\n\r\n"),
        ("header without a colon", OK + b"no colon\r\n\r\n"),
    ):
        yield Case(name=name, behaviour=sending(response), fate="retried", reason="bad_response")
    short = sending(answer(b"short", "Content-Length: 100"))
    yield Case(name="shorter than its length", behaviour=short, fate="retried", reason="connection_lost")
    longer = sending(answer(PAGE + b"and a second answer", f"Content-Length: {len(PAGE)}"))
    yield Case(name="longer than its length", behaviour=longer, fate="page", body=PAGE)
    plain = sending(answer(PAGE))
    yield Case(name="HTTP where TLS should be", behaviour=plain, fate="failed", reason="tls_failed", scheme="https")
    yield Case(name="304 unasked", behaviour=sending(answer(b"", status="304 No")), fate="failed", reason="http_304")
    yield Case(name="status 999", behaviour=sending(answer(PAGE, status="999 No")), fate="failed", reason="http_999")


def _types() -> Iterator[Case]:
    yield Case(name="no type", behaviour=sending(answer(PAGE)), fate="page", body=PAGE)
    yield Case(
        name="a type of nonsense", behaviour=sending(answer(PAGE, "Content-Type: \xff;;=")), fate="page", body=PAGE
    )
    # What is declared twice is read as a list, whose first is what most readers go by.
    yield Case(name="two types", behaviour=_other_type_each_time, fate="page", body=PAGE)
    pdf = answer(b"%PDF-1.7\n", "Content-Type: text/html")
    yield Case(name="PDF called HTML", behaviour=sending(pdf), fate="refused", reason="unsupported_type")
    film = _silent_after(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 9\r\n\r\n")
    yield Case(name="film", behaviour=film, fate="refused", reason="unsupported_type")
    binary = sending(answer(bytes(range(256))))
    yield Case(name="binary without a type", behaviour=binary, fate="refused", reason="unsupported_type")
    yield Case(name="nothing", behaviour=sending(answer()), fate="refused", reason="empty_body")


def _redirects() -> Iterator[Case]:
    yield Case(
        name="redirect to itself", behaviour=sending(redirect_to("/page")), fate="failed", reason="redirect_loop"
    )
    yield Case(name="redirects that grow", behaviour=_growing_redirects, fate="failed", reason="too_many_redirects")
    for location, reason in (
        ("file:///etc/passwd", "scheme_unsupported"),
        ("ftp://news.example/", "scheme_unsupported"),
        ("javascript:alert(1)", "scheme_unsupported"),
        ("http://169.254.169.254/latest/meta-data/", "address_denied"),
        ("http://10.0.0.1/", "address_denied"),
        ("http://[::1]/", "address_denied"),
        ("http://[::ffff:10.0.0.1]/", "address_denied"),
        ("http://[64:ff9b::a00:1]/", "address_denied"),
        ("http://[2002:a00:1::]/", "address_denied"),
        ("http://[2001:0:a00:1::]/", "address_denied"),
        ("http://0.0.0.0/", "address_denied"),
        ("http://2852039166/", "address_denied"),  # 169.254.169.254
        ("http://0xa9fea9fe/", "address_denied"),
        ("http://0251.0376.0251.0376/", "invalid_url"),
        ("http://169.254.43518/", "address_denied"),
        ("http://a:99999/", "invalid_url"),
        ("http://xn--/", "invalid_url"),
        ("/" + "a" * 9000, "invalid_url"),
    ):
        behaviour = sending(redirect_to(location))
        yield Case(name=f"redirect to {location[:40]}", behaviour=behaviour, fate="refused", reason=reason)
    split = sending(redirect_to("/next\tpage"))
    yield Case(name="redirect to a URL in pieces", behaviour=split, fate="refused", reason="invalid_url")


CASES = [*_silence_and_slowness(), *_floods(), *_codings(), *_framing(), *_types(), *_redirects()]
