"""Pages of a batch that touch the same rows go one after the other."""

from services.indexer.landing import Landing
from services.indexer.store.waves import waves
from shared.messages import Answer, Origin, PageDropped, PageParsed
from shared.parsed_page import Headline
from tests.support.pages import HEADLINES, page

A, B, C, D = (f"https://news.example/{name}" for name in "abcd")


def landing(url: str, canonical: str | None = None, headlines: list[Headline] = HEADLINES) -> Landing:
    record = PageParsed(
        flight_id="1",
        origin=Origin(url=url),
        answer=Answer(final_url=url, http_status=200, fetched_at="2025-05-08T10:00:00Z"),
    )
    return Landing(record=record, page=page(headlines, canonical_url=canonical))


def dropped(url: str) -> Landing:
    at = "2025-05-08T10:00:00Z"
    record = PageDropped(
        flight_id="2",
        origin=Origin(url=url),
        stage="fetch",
        fate="gone",
        reason="http_404",
        detail="Gone.",
        dropped_at=at,
    )
    return Landing(record=record)


def test_pages_that_have_nothing_in_common_are_one_wave() -> None:
    pages = [landing(A), landing(B), landing(C)]
    assert waves(pages, {}) == [pages]
    assert waves([], {}) == []


def test_visits_of_one_page_keep_their_order() -> None:
    first, second, third, other = landing(A), landing(A), landing(A), landing(B)
    assert waves([first, second, other, third], {}) == [[first, other], [second], [third]]


def test_pages_of_one_article_are_in_different_waves() -> None:
    pages = [landing(A, canonical=C), landing(B, canonical=C), landing(C)]
    assert waves(pages, {}) == [[landing] for landing in pages]


def test_a_page_waits_for_whatever_it_has_in_common_with_others() -> None:
    first, second, both = landing(A), landing(A, canonical=B), landing(B)
    assert waves([first, second, both], {}) == [[first], [second], [both]]


def test_pages_of_very_many_headlines_are_spread_and_keep_their_order() -> None:
    large = [Headline(kind="latest", position=n, text="A line") for n in range(1, 12_001)]
    first, again, other = landing(A, headlines=large), landing(A, headlines=large), landing(B, headlines=large)
    small, larger_than_any = landing(C), landing(D, headlines=large * 2)
    assert waves([first, again, other, small, larger_than_any], {}) == [
        [first, small],
        [again],
        [other],
        [larger_than_any],
    ]


def test_a_page_that_says_nothing_of_its_article_waits_for_those_that_do() -> None:
    read, other, gone = landing(A, canonical=C), landing(B, canonical=C), dropped(A)
    assert waves([read, gone, other], {}) == [[read], [gone], [other]]
    assert waves([gone, other], {gone.key: {other.article_key}}) == [[gone], [other]]
    assert waves([gone, other], {other.key: {other.article_key}}) == [[gone, other]]
