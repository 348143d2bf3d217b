"""Sitemaps that are gzip files: unpacked whatever their servers call them, within the usual limits."""

import gzip
import io
import tarfile
import tracemalloc
import zlib
from dataclasses import replace

import pytest

from services.fetcher.download.download import Downloader
from services.fetcher.errors import Refused
from shared.failures import PageFailure
from tests.fetcher.download.test_download import OPTIONS
from tests.support.hostile_server import answer, serving

SITEMAP = b'<?xml version="1.0"?><urlset><url><loc>https://beacon.example/harbour</loc></url></urlset>' * 30
PACKED = gzip.compress(SITEMAP)
MEBIBYTE = 2**20


def download(body: bytes, *headers: str, path: str = "/sitemap.xml.gz", max_bytes: int = MEBIBYTE) -> bytes:
    downloader = Downloader(replace(OPTIONS, max_bytes=max_bytes))
    try:
        with serving(answer(body, *headers)) as server:
            return downloader.download(server.url(path)).body
    finally:
        downloader.close()


@pytest.mark.parametrize(
    "content_type",
    ["application/gzip", "application/x-gzip", "APPLICATION/X-GZIP; x=y", "application/octet-stream", "text/xml", None],
)
def test_it_is_unpacked_whatever_it_is_called(content_type: str | None) -> None:
    assert download(PACKED, *([f"Content-Type: {content_type}"] if content_type else [])) == SITEMAP


def test_what_is_compressed_for_transport_as_well() -> None:
    path = "/sitemap.XML.GZ?x=1"
    assert download(gzip.compress(PACKED), "Content-Encoding: gzip", path=path) == SITEMAP
    assert download(PACKED, "Content-Encoding: gzip", "Content-Type: text/xml", path=path) == SITEMAP


def test_what_is_no_gzip_file_in_spite_of_its_name() -> None:
    assert download(SITEMAP, "Content-Type: application/x-gzip") == SITEMAP
    assert download(b"<", "Content-Type: text/xml") == b"<"


def test_other_archives_are_still_refused() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("page.html"), io.BytesIO())
    for body, content_type, path in (
        (packed.getvalue(), "application/gzip", "/pages.tar.gz"),
        (PACKED, "application/gzip", "/sitemap"),
        (PACKED, "text/xml", "/sitemap.xml"),
        (PACKED, "image/png", "/sitemap.xml.gz"),
        (gzip.compress(b"%PDF-1.7"), "application/gzip", "/paper.pdf.gz"),
        (b"", "application/gzip", "/sitemap.xml.gz"),
    ):
        with pytest.raises(Refused):
            download(body, f"Content-Type: {content_type}", path=path)


def test_one_that_breaks_off_is_tried_again() -> None:
    with pytest.raises(PageFailure) as caught:
        download(PACKED[:-20], "Content-Type: application/gzip")
    assert caught.value.reason == "bad_response"


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_costs_its_limit_and_no_more(layers: int) -> None:
    stream = zlib.compressobj(level=9, wbits=31)
    bomb = b"".join(stream.compress(b" " * MEBIBYTE) for _ in range(100)) + stream.flush()
    headers = ["Content-Type: application/gzip"] + (["Content-Encoding: gzip"] if layers == 2 else [])
    body = gzip.compress(bomb) if layers == 2 else bomb
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as caught:
            download(body, *headers, max_bytes=4 * MEBIBYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.reason == "too_large"
    assert peak < 16 * MEBIBYTE
