"""The headline alone, out of anchors that say more."""

import pytest

from services.parser.lists.headline_text import headline_of, text_of_attributes, without_clock
from services.parser.outline.outline import outline_of

HEADLINE = "Le port rouvre après la tempête"


@pytest.mark.parametrize(
    "inside",
    [
        HEADLINE,
        f"14:05 {HEADLINE}",
        f"<span class='time'>il y a deux heures</span>{HEADLINE}",
        f"<time datetime='2026-03-06'>vendredi 6 mars</time> {HEADLINE}",
        f"<span class='kicker'>Politique régionale</span><span>{HEADLINE}</span>",
        f"<h3><span class='category'>Politique régionale</span> {HEADLINE}</h3>",
        f"<div>Sport</div><h3>{HEADLINE}</h3><p>Une phrase qui en dit bien plus long que le titre.</p>",
        f"<div>{HEADLINE}</div><div>Une phrase qui en dit bien plus long que le titre.</div>",
        f"<div class='card__title-box'><b>Abo</b><span class='card__title'>{HEADLINE}</span></div>",
        f"{HEADLINE} | mehr",
        f"» {HEADLINE}",
    ],
)
def test_what_is_left(inside: str) -> None:
    outline = outline_of(f"<a href='/x'>{inside}</a>")
    assert headline_of(outline, outline.tagged("a")[0]) == HEADLINE


def test_numbers_that_belong_to_the_headline_stay() -> None:
    assert without_clock("10 questions sur le port") == "10 questions sur le port"
    assert without_clock("18h30 : le port rouvre") == "le port rouvre"
    assert without_clock("1,2 million d'élèves") == "1,2 million d'élèves"


def test_pictures_speak_by_label_title_or_alternative_text() -> None:
    for html in (
        f"<a href='/x' aria-label='{HEADLINE}'></a>",
        f"<a href='/x' title='{HEADLINE}'><img></a>",
        f"<a href='/x'><span><img alt=' {HEADLINE} '></span></a>",
    ):
        outline = outline_of(html)
        assert text_of_attributes(outline, outline.tagged("a")[0]) == HEADLINE
    outline = outline_of("<a href='/x'></a>")
    assert text_of_attributes(outline, outline.tagged("a")[0]) == ""
