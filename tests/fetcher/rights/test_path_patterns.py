"""Paths match as in robots.txt (RFC 9309), whatever a stranger writes."""

import time

import pytest

from services.fetcher.rights.path_patterns import matches, path_of


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/nyheter/havn", True),
        ("/nyheter/", "/nyheter/havn", True),
        ("/nyheter/", "/sport/havn", False),
        ("/*", "/", True),
        ("*", "/nyheter", True),
        ("/*.pdf", "/arkiv/a.pdf?side=2", True),
        ("/*.pdf$", "/arkiv/a.pdf?side=2", False),
        ("/*.pdf$", "/arkiv/a.pdf", True),
        ("/arkiv$", "/arkiv", True),
        ("/arkiv$", "/arkiv/", False),
        ("/a*a$", "/a", False),
        ("/a*b*c", "/axxbyyc", True),
        ("/a*b*c", "/axxcyyb", False),
        ("/haber/%c4%b0stanbul", "/haber/İstanbul", True),
        ("/%7Eada", "/~ada", True),
        ("/Nyheter", "/nyheter", False),
        ("", "/all", True),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path_of(f"https://avisen.example{path}")) is expected


def test_no_pattern_takes_long() -> None:
    started = time.process_time()
    assert not matches("/" + "*a" * 5_000 + "$", "/" + "a" * 4_999 + "b" * 100_000)
    assert time.process_time() - started < 1.0
