"""What a page's own address says of the page."""

import pytest

from services.parser.lists.page_address import address_tells
from services.parser.lists.story_urls import is_home

HOST = "https://tuulikki.example"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/fi/",
        "/index.html",
        "/index.htm?ref=logo",
        "/tag/the-long-road-to-the-harbour",
        "/category/kaupunki/",
        "/author/mira-tolvanen/",
        "/kaupunki/page/12/",
        "/archive/2025/03/04/",
        "/arkisto/2025-03-04.html",
        "/2025/3/",
        "/noticias/2024/",
        "/search?q=the+old+library",
        "/?s=kirjasto",
    ],
)
def test_a_list(path: str) -> None:
    assert address_tells(HOST + path) == "list"


@pytest.mark.parametrize(
    "path",
    [
        "/kaupunki/the-old-library-opens-again",
        "/2025/03/04/kirjasto-avataan",
        "/2025/03/04/123456789",
        "/uutiset/art-2000009876543.html",
        "/?p=2895",
        "/index.php?id=4711",
    ],
)
def test_a_story(path: str) -> None:
    assert address_tells(HOST + path) == "story"


@pytest.mark.parametrize("path", ["/kaupunki", "/kaupunki/", "/latest-news.html", "/uusimmat.htm", "/culture.php"])
def test_neither(path: str) -> None:
    assert address_tells(HOST + path) is None
    assert address_tells(None) is None


@pytest.mark.parametrize(("query", "home"), [("?p=2895", False), ("?title=Old_mill", False), ("?ref=logo", True)])
def test_a_page_of_a_site_that_is_one_script_is_no_home(query: str, home: bool) -> None:
    assert is_home(f"{HOST}/{query}") is home
    assert is_home(f"{HOST}/index.php{query}") is home
