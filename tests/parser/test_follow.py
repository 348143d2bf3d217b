"""Which headlines lead to further pages."""

import msgspec
import pytest

from services.parser.follow import requests_found
from shared.messages import FetchRequest, Follow, PageFetched
from shared.parsed_page import Headline, ParsedPage

FRONT = "https://www.news.example/"
FETCHED = PageFetched(
    flight_id="f",
    url=FRONT,
    final_url=FRONT,
    http_status=200,
    fetched_at="2025-05-08T12:00:00+00:00",
    source="front",
    batch="b",
    follow=Follow(),
)


def headline(url: str | None, **fields: object) -> Headline:
    given = {"kind": "ticker", "position": 1, "text": "Harbour opens", "url": url, **fields}
    return Headline(**given)  # type: ignore[arg-type]


def found(*headlines: Headline, follow: Follow | None = Follow()) -> list[FetchRequest]:  # noqa: B008 - frozen
    page = ParsedPage(url=FRONT, page_type="listing", headlines=list(headlines), parser_version="test")
    return requests_found(page, msgspec.structs.replace(FETCHED, follow=follow))


def test_a_request_says_where_it_comes_from_and_is_only_for_new_pages() -> None:
    assert found(headline("https://news.example/one")) == [
        FetchRequest(url="https://news.example/one", source="front", batch="b", only_new=True, found_on=FRONT)
    ]


def test_nothing_is_followed_unless_it_was_asked_for() -> None:
    assert found(headline("https://news.example/one"), follow=None) == []
    assert found(headline("https://news.example/one"), follow=Follow(depth=0)) == []


def test_only_the_kinds_that_were_asked_for() -> None:
    lines = [headline(f"https://news.example/{kind}", kind=kind) for kind in ("ticker", "most_read", "feed")]
    assert [r.url for r in found(*lines, follow=Follow(kinds=("ticker", "feed")))] == [
        "https://news.example/ticker",
        "https://news.example/feed",
    ]
    assert found(*lines, follow=Follow(kinds=())) == []


@pytest.mark.parametrize(
    ("url", "follows"),
    [
        ("https://news.example/one", True),
        ("http://sport.news.example/one", True),
        ("https://other.example/one", False),
        ("https://fakenews.example/one", False),
        ("mailto:desk@news.example", False),
        ("not a url", False),
    ],
)
def test_only_the_same_site_unless_told_otherwise(url: str, follows: bool) -> None:
    assert bool(found(headline(url))) is follows
    assert found(headline(url), follow=Follow(same_site=False)) != []


def test_a_story_is_followed_once_however_often_it_is_listed() -> None:
    urls = [f"https://news.example/one{end}" for end in ("", "#comments", "?utm_source=ticker")]
    assert [r.url for r in found(*(headline(url) for url in urls))] == urls[:1]


def test_lines_without_link_and_the_page_itself_lead_nowhere() -> None:
    assert found(headline(None), headline("https://news.example/self", is_self=True)) == []


def test_what_is_left_of_the_depth_goes_with_the_request() -> None:
    (request,) = found(headline("https://news.example/one"), follow=Follow(kinds=("ticker",), depth=3))
    assert request.follow == Follow(kinds=("ticker",), depth=2)
