"""Tickers that link nowhere, and texts that only look like one."""

from collections.abc import Callable

from services.parser.lists.text_strips import find_strips
from services.parser.outline.outline import outline_of
from tests.support.steps import assert_linear

LINES = [
    "La rivière sort de son lit au nord du canton",
    "Deux candidates pour une seule mairie",
    "Le club local monte en première division",
]


def strips(html: str) -> list[list[str]]:
    return [strip.texts for strip in find_strips(outline_of(html), [])]


def test_separators_of_many_kinds() -> None:
    for separator in (" | ", " +++ ", " • ", " *** ", "&nbsp;&nbsp;&nbsp;&nbsp;", " // "):
        assert strips(f"<marquee>{separator.join(LINES)}</marquee>") == [LINES], separator


def test_headings_win_over_the_teasers_below_them() -> None:
    cards = "".join(
        f"<h4>{line}</h4><div>{line}. Une phrase qui en dit plus long que le titre.</div>" for line in LINES
    )
    assert strips(f"<div class='newsticker'>{cards}</div>") == [LINES]


def test_a_repeated_text_counts_once() -> None:
    assert strips(f"<marquee>{' | '.join(LINES * 2)}</marquee>") == [LINES]


def test_a_single_notice_is_no_ticker() -> None:
    assert strips("<div class='marquee'>Envoyez vos photos de la tempête à la rédaction</div>") == []


def test_an_article_in_a_box_called_breaking_is_no_ticker() -> None:
    article = f"<h1>{LINES[0]}</h1>" + "".join(f"<p>{line}, et rien ne permet d'en douter.</p>" for line in LINES)
    assert strips(f"<div class='breaking-news-page'>{article}</div>") == []


def test_a_line_of_legal_notices_is_no_ticker() -> None:
    assert strips("<div>Contact &nbsp;&nbsp;&nbsp;&nbsp; Impressum &nbsp;&nbsp;&nbsp;&nbsp; Datenschutz</div>") == []


def test_a_strip_below_the_title_needs_a_name() -> None:
    line = "&nbsp;&nbsp;&nbsp;&nbsp;".join(LINES)
    assert strips(f"<div>{line}</div><h1>Le port rouvre</h1>") == [LINES]
    assert strips(f"<h1>Le port rouvre</h1><div>{line}</div>") == []


def test_nested_boxes_cost_no_more_than_a_line() -> None:
    def work(depth: int) -> Callable[[], object]:
        outline = outline_of("<div class='ticker'>" * depth + " | ".join(LINES))
        assert [strip.texts for strip in find_strips(outline, [])] == [LINES]
        return lambda: find_strips(outline, [])

    assert_linear(work, 400)
