"""Elements of a head, read without parsing the page."""

import time

import pytest

from services.fetcher.rights.head_elements import head_elements

ANY = (b"",)
META = b'<meta name="robots" content="noarchive">'


def contents(body: bytes) -> list[str]:
    return [element.attributes.get("content", "") for element in head_elements(body, ANY)]


@pytest.mark.parametrize(
    "body",
    [
        META,
        b"<META CONTENT=noarchive NAME=ROBOTS>",
        b"<meta\n  name = 'robots'\n  content = 'noarchive'\n/>",
        b'<meta data-x name="robots" content="noarchive" content="other">',
        b'<meta name="robots" content="no&#97;rchive">',
        b"<!--><p>--><title>A > B</title>" + META,
        b"<script>if (a</b) {}</script><style>p > a {}</style>" + META,
        ("\ufeff" + META.decode()).encode("utf-16-le"),
        b"<!doctype html><head><link rel=x><body>".replace(b"<link rel=x>", META),
    ],
)
def test_spellings(body: bytes) -> None:
    assert contents(body) == ["noarchive"]


@pytest.mark.parametrize(
    "body",
    [
        b"<!-- " + META + b" -->",
        b"<!-- " + META,
        b"<script>'" + META + b"'</script>",
        b"<script>'" + META,
        b"<template>" + META + b"</template>",
        b"<title>" + META + b"</title>",
        b"<body class=x>" + META,
        b"<metaphor name=robots content=noarchive>",
        b"",
    ],
)
def test_what_is_no_element_of_the_head(body: bytes) -> None:
    assert contents(body) == []


@pytest.mark.parametrize(
    "piece", [b"<!--", b"<script ", b'<meta "', b'<meta a="', b"<meta a=b ", b"<meta " + b"a" * 300, b"<"]
)
def test_no_page_takes_long(piece: bytes) -> None:
    started = time.process_time()
    list(head_elements(piece * (600_000 // len(piece)), ANY))
    assert time.process_time() - started < 1.0


def test_an_element_without_anything_that_is_wanted_is_left_out() -> None:
    assert [e.tag for e in head_elements(b'<meta name="description" content="Robots">' + META, (b"noar",))] == ["meta"]
