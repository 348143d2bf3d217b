"""The next story of an endless page is none of the article's text, authors and dates."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage

OWN = (
    "<p>Kommunestyret i Tangvik vedtok tirsdag å kjøpe den gamle mølla ved elva for å gjøre den om til bibliotek.</p>"
    "<p>Ombyggingen er beregnet til to millioner kroner og skal etter planen være ferdig til høsten neste år.</p>"
)
NEXT = (
    "<p>Fergen mellom øyene ble liggende ved kai hele onsdagen på grunn av den kraftige vinden fra nordvest.</p>"
    "<p>Rederiet sier at passasjerene får pengene tilbake, men flere er fortsatt strandet på den ytterste øya.</p>"
)
BY = '<p class="by">Av <a rel="author" href="/forfatter/ola">Ola Brekkhus</a></p><time datetime="2025-11-20"></time>'
H = "Fergen ligger ved kai i vinden"
U = "/nyheter/2025/fergen-ligger-ved-kai"


def page_of(main: str) -> ParsedPage:
    html = f"<html lang=nb><title>Tangvik kjøper den gamle mølla</title><body><main>{main}</main></body></html>"
    return parse_page(html.encode(), url="https://blad.example/nyheter/2025/tangvik-kjoper-den-gamle-molla")


@pytest.mark.parametrize(
    ("own", "following", "linked"),
    [
        ("<article>{}</article>", f"<article><h1>{H}</h1>{BY}{NEXT}</article>", False),
        ("<article>{}</article>", f'<article><h2><a href="{U}">{H}</a></h2>{BY}{NEXT}</article>', True),
        (
            "<article>{}</article>",
            f'<section><h2>Les neste</h2><h3><a href="{U}">{H}</a></h3>{BY}{NEXT}</section>',
            True,
        ),
        ('<div class="sak">{}</div>', f'<div class="sak" data-url="{U}"><h1>{H}</h1>{BY}{NEXT}</div>', True),
        ("{}", f'<hr><h1><a href="{U}">{H}</a></h1>{BY}{NEXT}', True),
    ],
)
def test_the_next_story_stays_out(own: str, following: str, linked: bool) -> None:
    page = page_of(own.format(f"<h1>Tangvik kjøper den gamle mølla</h1>{OWN}") + following)
    article = page.article
    assert article is not None
    assert "Fergen" not in article.text
    assert "høsten neste år." in article.text
    assert (article.authors, article.published_at) == ([], None)
    wanted = [(H, "https://blad.example" + U)] if linked else []
    assert [(line.text, line.url) for line in page.headlines] == wanted


@pytest.mark.parametrize(
    "rest",
    [
        f"<section><h2>{H}</h2>{NEXT}</section>",
        f"<h1>{H}</h1>{NEXT}",
        f'<section class="del"><h1>{H}</h1>{NEXT}</section>',
    ],
)
def test_chapters_stay_in(rest: str) -> None:
    article = page_of(f"<article><h1>Tangvik kjøper den gamle mølla</h1>{BY}{OWN}{rest}</article>").article
    assert article is not None
    assert "Fergen" in article.text
