"""Absurd nesting is flattened, everything else is left alone."""

from services.parser.outline.nesting import MOST_FORMATTING, MOST_LEVELS, MOST_OPTIONS, MOST_TAGS, limit_nesting

DEEP = 20_000


def test_ordinary_pages_are_returned_as_they_are() -> None:
    page = b"<div><p>One<br><p>Two<img></div>" * 100
    assert limit_nesting(page) is page


def test_unclosed_paragraphs_do_not_nest() -> None:
    page = b"<p>One<li>Two<br>" * DEEP
    assert limit_nesting(page) == page


def test_deep_elements_lose_their_tags_and_keep_their_text() -> None:
    page = b"<div class=a>" * DEEP + b"text" + b"</div>" * 1000
    flat = limit_nesting(page)
    assert flat.count(b"<div") == MOST_LEVELS
    assert b"text" in flat


def test_options_that_may_nest_are_as_many_as_cost_nothing() -> None:
    page = b"<div><option><select>" + b"<option>One" * DEEP + b"</select></div><p>after</p>"
    flat = limit_nesting(page)
    assert flat.count(b"<option>") == MOST_OPTIONS
    assert flat.endswith(b"One</select></div><p>after</p>")


def test_what_follows_deep_elements_is_whole() -> None:
    page = b"<ol>" * DEEP + b"text" + b"</ol>" * DEEP + b"<ul>" * DEEP + b"</ul>" * 500 + b"<div>after</div>"
    flat = limit_nesting(page)
    assert flat.count(b"<ol>") == flat.count(b"</ol>") == MOST_LEVELS


def test_formatting_that_is_never_closed_is_not_opened_again_in_each_paragraph() -> None:
    page = b"<p>" + b"".join(b"<b id=%d>" % number for number in range(1500)) + b"<p>text" * 3000
    assert limit_nesting(page).count(b"<b ") == MOST_FORMATTING


def test_formatting_that_is_closed_is_left_alone() -> None:
    page = b"<p><b class=a>One</b> <i>two</i></p>" * 2000
    assert limit_nesting(page) is page


def test_what_follows_too_many_tags_is_dropped() -> None:
    page = b"<p>text" * (MOST_TAGS + 10)
    assert limit_nesting(page) == b"<p>text" * (MOST_TAGS - 1)
