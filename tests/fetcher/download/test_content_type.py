"""What is a page and what is not, by its declared type and by its first bytes."""

import pytest

from services.fetcher.download.content_type import refuse_binary_content, refuse_declared_type
from services.fetcher.errors import Refused

PAGE = b"<!doctype html><title>Harbour reopens</title><p>The harbour of Port Ellery reopened on Monday."


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
