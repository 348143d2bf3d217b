"""Running strips in the markup of many themes and in many languages, and what merely looks like one."""

import pytest

from tests.parser.lists.headline_pages import read
from tests.parser.lists.running_strips import MARKUPS, PAPERS, addresses, page_of

URL = "https://novine.example/2026/11/10/n-48300.html"


@pytest.mark.parametrize("language", PAPERS)
@pytest.mark.parametrize("markup", MARKUPS)
def test_a_strip_is_a_ticker_with_every_headline_once(markup: str, language: str) -> None:
    paper = PAPERS[language]
    lines = addresses(paper)
    found = read(page_of(paper, MARKUPS[markup](paper.label, lines)), URL)
    assert [(h.kind, h.text, h.url) for h in found.headlines] == [
        ("ticker", text, f"https://novine.example{url}") for text, url in lines
    ]
