"""The article's title, without the site's name."""

import pytest

from services.parser.metadata import read_metadata
from services.parser.segments import outline_of
from services.parser.titles import choose_title

URL = "https://www.beacon.example/news/harbour"


def title(html: str) -> str | None:
    outline = outline_of(html)
    return choose_title(outline, read_metadata(outline, URL))


@pytest.mark.parametrize(
    "page_title",
    [
        "Harbour grows after long wait | The Beacon",
        "Harbour grows after long wait - The Beacon",
        "The Beacon: news » Harbour grows after long wait".replace(": news", ""),
        "Harbour grows after long wait | Town | The Beacon",
        "Harbour grows after long wait — beacon.example",
        "Harbour grows after long wait｜The Beacon",
        "Harbour grows after long wait",
    ],
)
def test_the_sites_name_goes(page_title: str) -> None:
    site = '<meta property="og:site_name" content="The Beacon">'
    assert title(f"<title>{page_title}</title>{site}") == "Harbour grows after long wait"
    heading = "<h1>Harbour grows after long wait</h1>"
    assert title(f"<title>{page_title}</title>{heading}") == "Harbour grows after long wait"


def test_a_dash_within_a_title_stays() -> None:
    assert title("<title>Harbour grows – and the fishermen pay</title>") == "Harbour grows – and the fishermen pay"


def test_the_heading_that_the_head_confirms() -> None:
    html = "<title>Harbour grows after long wait</title><h1>The Beacon</h1><h1>Log in</h1><h1>{}</h1>"
    assert title(html.format("Harbour grows after long wait")) == "Harbour grows after long wait"


def test_the_heading_wins_over_a_title_for_search_engines() -> None:
    html = "<title>Harbour Beacon 2024: Quay, Costs, Map</title><h1>Harbour quay grows after long wait</h1>"
    assert title(html) == "Harbour quay grows after long wait"


def test_a_heading_about_something_else_does_not() -> None:
    assert title("<title>Harbour grows after long wait</title><h1>Quick links</h1>") == "Harbour grows after long wait"


def test_a_kicker_in_the_heading_goes() -> None:
    html = '<meta property="og:title" content="Harbour grows after long wait"><h1><span>Town:</span> {}</h1>'
    assert title(html.format("Harbour grows after long wait")) == "Harbour grows after long wait"


def test_a_cut_title_does_not_win() -> None:
    html = '<meta property="og:title" content="Harbour grows after…"><h1>Harbour grows after long wait</h1>'
    assert title(html) == "Harbour grows after long wait"


def test_entities_markup_and_soft_hyphens() -> None:
    html = '<meta property="og:title" content="Har\u00adbour &amp;amp; quay &amp;lt;b&amp;gt;grow&amp;lt;/b&amp;gt;">'
    assert title(html) == "Harbour & quay grow"


def test_nothing_at_all() -> None:
    assert title("<p>x</p>") is None
    assert title("<h1>Only a heading</h1>") == "Only a heading"
