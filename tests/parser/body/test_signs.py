"""What tells a whole article from a part of one."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import Article

SENTENCE = "The council met on Tuesday and agreed, after four hours, on a budget that nobody liked very much. "


def parse(behind: str, *, paragraphs: int = 4, end: str = "") -> Article:
    text = "".join(f"<p>{SENTENCE}</p>" for _ in range(paragraphs - 1)) + f"<p>{SENTENCE.strip()[:-1]}{end or '.'}</p>"
    html = f"""<html><head><title>Budget agreed at last</title></head><body><main><h1>Budget agreed at last</h1>
    <article>{text}</article>{behind}</main></body></html>"""
    article = parse_page(html.encode(), url="https://vale-beacon.example/news/budget-4711").article
    assert article is not None
    return article


@pytest.mark.parametrize(
    "wall",
    [
        "<div class='paywall'>The rest is for friends of the paper.</div>",
        "<p>Already a subscriber? Log in.</p>",
        "<p>Pour lire la suite, abonnez-vous.</p>",
        "<p>この記事は有料会員限定です。</p>",
        "<p>残り: 1234文字</p>",
    ],
)
def test_a_wall_behind_the_text(wall: str) -> None:
    article = parse(wall)
    assert (article.paywalled, article.truncated) == (True, True)


@pytest.mark.parametrize(
    "behind",
    [
        "",
        "<div class='modal hide paywall-trial'><div class='paywall'>Subscribe to continue reading</div></div>",
        "<div class='reg-wall hide'>Create an account to continue reading</div>",
        "<p>有料会員になると、会員限定の記事もお読みいただけます。</p>",
        "<aside><h3>会員限定記事</h3></aside>",
    ],
)
def test_no_wall(behind: str) -> None:
    article = parse(behind)
    assert (article.paywalled, article.truncated) == (False, False)


def test_an_ellipsis_cuts_a_teaser_and_ends_a_long_text() -> None:
    assert parse("", paragraphs=3, end=" ...").truncated
    assert parse("", paragraphs=3, end=" […]").truncated
    assert not parse("", paragraphs=30, end=" ...").truncated
