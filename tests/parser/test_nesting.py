"""Absurd nesting is flattened, everything else is left alone."""

from services.parser.nesting import MOST_LEVELS, limit_nesting

DEEP = 20_000


def test_ordinary_pages_are_returned_as_they_are() -> None:
    page = "<div><p>One<br><p>Two<img></div>" * 100
    assert limit_nesting(page) is page


def test_unclosed_paragraphs_do_not_nest() -> None:
    page = "<p>One<li>Two<br>" * DEEP
    assert limit_nesting(page) == page


def test_deep_elements_lose_their_tags_and_keep_their_text() -> None:
    page = "<div class=a>" * DEEP + "text" + "</div>" * 1000
    flat = limit_nesting(page)
    assert flat.count("<div") == MOST_LEVELS
    assert "text" in flat


def test_what_follows_deep_elements_is_whole() -> None:
    page = "<b>" * DEEP + "text" + "</b>" * DEEP + "<i>" * DEEP + "</i>" * 500 + "<u>after</u>"
    flat = limit_nesting(page)
    assert flat.count("<b>") == flat.count("</b>") == MOST_LEVELS
