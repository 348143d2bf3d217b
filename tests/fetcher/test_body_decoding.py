"""Content codings on bytes: however they are cut, however they lie."""

import gzip
import tracemalloc
import zlib

import pytest

from services.fetcher.body_decoding import MAX_GZIP_MEMBERS, decode_body
from services.fetcher.errors import Refused
from shared.failures import RetryLater

PAGE = b"<!doctype html><title>Harbour reopens</title><p>The harbour of Port Ellery reopened on Monday."


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
