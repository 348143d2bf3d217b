"""Content codings on bytes: however they are cut, however they lie."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard

from services.fetcher.download.body_decoding import MAX_GZIP_MEMBERS, MAX_ZSTD_FRAMES, decode_body
from services.fetcher.errors import Refused
from shared.failures import RetryLater

PAGE = b"<!doctype html><title>Harbour reopens</title><p>The harbour of Port Ellery reopened on Monday."
ZSTD = zstandard.ZstdCompressor()


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]) + b"\0"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE, wbits=-15)),
        ("br", brotli.compress(PAGE)),
        ("zstd", ZSTD.compress(PAGE[:9]) + ZSTD.compress(PAGE[9:])),
    ],
)
def test_codings_do_not_care_how_the_wire_cuts_them(coding: str, body: bytes, size: int) -> None:
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    assert b"".join(decode_body(chunks, coding=coding, max_bytes=1000, url="u")) == PAGE


@pytest.mark.parametrize(("max_bytes", "fits"), [(len(PAGE), True), (len(PAGE) - 1, False)])
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("identity", PAGE),
        ("gzip", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)),
        ("br", brotli.compress(PAGE)),
        ("zstd", ZSTD.compress(PAGE)),
    ],
)
def test_the_limit_is_exact(coding: str, body: bytes, max_bytes: int, fits: bool) -> None:
    decoded = decode_body([body], coding=coding, max_bytes=max_bytes, url="u")
    if fits:
        assert b"".join(decoded) == PAGE
    else:
        with pytest.raises(Refused, match="DEPECHE_MAX_PAGE_BYTES") as failure:
            b"".join(decoded)
        assert failure.value.reason == "too_large"


@pytest.mark.parametrize(("coding", "wbits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
def test_a_bomb_in_a_later_chunk_costs_no_more_than_one_in_the_first(coding: str, wbits: int) -> None:
    bomb = zlib.compress(bytes(50_000_000), wbits=wbits)
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            list(decode_body([bomb[:20], bomb[20:]], coding=coding, max_bytes=1_000_000, url="u"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


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


@pytest.mark.parametrize("chunks", [[], [b""]])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_no_byte_is_an_empty_body(coding: str, chunks: list[bytes]) -> None:
    assert b"".join(decode_body(chunks, coding=coding, max_bytes=1000, url="u")) == b""


@pytest.mark.parametrize("coding", ["br", "zstd"])
@pytest.mark.parametrize("damage", ["cut by one byte", "cut to one byte", "not compressed", "flipped"])
def test_what_is_broken_says_so(coding: str, damage: str) -> None:
    whole = brotli.compress(PAGE) if coding == "br" else zstandard.ZstdCompressor(write_checksum=True).compress(PAGE)
    body = {
        "cut by one byte": whole[:-1],
        "cut to one byte": whole[:1],
        "not compressed": PAGE,
        "flipped": whole[:20] + bytes(255 - byte for byte in whole[20:]),
    }[damage]
    with pytest.raises(RetryLater) as failure:
        b"".join(decode_body([body], coding=coding, max_bytes=1_000_000, url="u"))
    assert failure.value.reason == "bad_response"


def test_what_follows_the_end_of_brotli_is_dropped() -> None:
    chunks = [brotli.compress(PAGE), b"<!-- served by node 7 -->"]
    assert b"".join(decode_body(chunks, coding="br", max_bytes=1000, url="u")) == PAGE


def test_a_flood_of_empty_zstd_frames_ends() -> None:
    flood = [ZSTD.compress(b"")] * (MAX_ZSTD_FRAMES + 1)
    with pytest.raises(RetryLater) as failure:
        b"".join(decode_body(flood, coding="zstd", max_bytes=1_000_000, url="u"))
    assert failure.value.reason == "bad_response"


def test_zstd_with_a_window_beyond_the_standard_is_not_given_the_memory() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    body = stream.compress(PAGE) + stream.flush()
    with pytest.raises(RetryLater, match="too much memory"):
        b"".join(decode_body([body], coding="zstd", max_bytes=1_000_000, url="u"))
