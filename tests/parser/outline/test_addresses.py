"""Where addresses lead."""

import pytest

from services.parser.outline.addresses import Resolver, absolute_url
from services.parser.outline.outline import outline_of

PAGE = "https://courrier.example/sport/"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("finale-48213", "https://courrier.example/sport/finale-48213"),
        (" /meteo ", "https://courrier.example/meteo"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("https://autre.example/", "https://autre.example/"),
        ("http://[x", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_written_out(address: str | None, whole: str | None) -> None:
    assert absolute_url(address, PAGE) == whole


def test_without_an_address_of_the_page_they_stay_as_they_are() -> None:
    assert absolute_url("/meteo", None) == "/meteo"


@pytest.mark.parametrize(
    ("href", "absolute"),
    [
        ("http-hiba-7.html", "https://novine.example/vesti/http-hiba-7.html"),
        ("/../vesti/./8", "https://novine.example/vesti/8"),
        ("/vesti/\n   9", "https://novine.example/vesti/   9"),
        ("//drugi.example/10", "https://drugi.example/10"),
        ("HTTPS://drugi.example/11", "HTTPS://drugi.example/11"),
        ("../%D0%B2/12?id=1#a", "https://novine.example/%D0%B2/12?id=1"),
        ("tel:12", None),
    ],
)
def test_addresses_as_browsers_read_them(href: str, absolute: str | None) -> None:
    outline = outline_of("<base href=/vesti/><p>x")
    assert Resolver(outline, "https://novine.example/a/b/c.html")(href) == absolute
