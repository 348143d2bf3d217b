"""Listings and articles: short fronts of sections, rows of teasers, pages whose text is elsewhere."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage

TEASER = "The club from the harbour town beat its old rival in the last minute and stays on top of the table. " * 3
SECTION = "https://vale-beacon.example/sport/"
NUMBERED = "https://vale-beacon.example/sport/index-2024.html"
STORY = "https://vale-beacon.example/sport/harbour-club-wins-again-4810"


def parse(main: str, *, url: str = SECTION, title: str = "Sport", head: str = "") -> ParsedPage:
    html = f"""<html lang="en"><head><title>{title} | The Vale Beacon</title>{head}</head><body>
    <nav><a href="/news/">News</a> <a href="/sport/">Sport</a></nav><main>{main}</main>
    <footer><p>© 2024 The Vale Beacon. All rights reserved.</p></footer></body></html>"""
    return parse_page(html.encode(), url=url)


def link(at: int, text: str) -> str:
    return f'<a href="/sport/harbour-club-wins-match-{at}-480{at}">{text}</a>'


def headline(at: int) -> str:
    return f"Harbour club wins match number {at} of the season"


def cards(count: int) -> str:
    return "".join(f"<article><h2>{link(at, headline(at))}</h2><p>{TEASER}</p></article>" for at in range(count))


def in_a_row(count: int) -> str:
    return "".join(f"<h3>{link(at, headline(at))}</h3><p>{TEASER}</p>" for at in range(count))


def read_more(count: int) -> str:
    return "".join(f"<div><h2>{headline(at)}</h2><p>{TEASER}</p>{link(at, 'Read more')}</div>" for at in range(count))


@pytest.mark.parametrize("rows", [cards, in_a_row, read_more])
@pytest.mark.parametrize("count", [3, 5, 7, 12])
@pytest.mark.parametrize("url", [SECTION, NUMBERED])
def test_a_section_is_no_article(rows, count: int, url: str) -> None:  # type: ignore[no-untyped-def]
    assert parse(f"<h1>Sport</h1>{rows(count)}", url=url).article is None


@pytest.mark.parametrize("count", [3, 5, 7])
def test_what_introduces_a_section_is_no_article(count: int) -> None:
    intro = "<p>All about football, handball and sailing in the vale: results, tables and reports from our desk.</p>"
    short = "".join(f"<article><h2>{link(at, headline(at))}</h2></article>" for at in range(count))
    page = parse(f"<h1>Sport</h1>{intro}{short}")
    assert page.page_type == "listing"
    assert len(page.headlines) == count


def test_a_section_whose_first_heading_is_the_lead_story() -> None:
    page = parse(f"<h1>{link(0, headline(0))}</h1><p>{TEASER}</p>{in_a_row(4)}")
    assert page.article is None
    assert not any(line.is_self for line in page.headlines)


def test_an_article_between_related_stories_stays_one() -> None:
    title = "Harbour club wins again after a long night"
    text = "".join(f"<p>{TEASER}</p><h3>{link(at, headline(at))}</h3>" for at in range(4))
    page = parse(f"<h1>{title}</h1>{text}", url=STORY, title=title)
    assert page.page_type == "article"
    dated = '<meta property="article:published_time" content="2024-05-03T10:00:00Z">'
    assert parse(f"<h1>Sport</h1>{in_a_row(4)}", url=STORY, head=dated).page_type == "article"


def test_a_dated_page_without_text_is_an_article() -> None:
    title = "Harbour club wins again after a long night"
    shown = f"<h1>{title}</h1><time datetime='2024-05-03'>3 May</time><video src='/x.mp4'></video>"
    page = parse(shown, url=STORY, title=title)
    assert page.article is not None
    assert (page.article.title, page.article.published_at, page.article.text) == (title, "2024-05-03", "")
    assert parse(shown, url="https://vale-beacon.example/", title=title).article is None
    assert parse(shown.replace("2024-05-03", "").replace("3 May", ""), url=STORY, title=title).article is None
    linked = f"<h1>{link(1, title)}</h1><time datetime='2024-05-03'>3 May</time>"
    assert parse(linked, url=STORY, title=title).article is None


STORIES_WITHOUT_ADDRESS = [
    ("旧水塔明年春天改成图书馆", "水塔在战后一直空着，镇政府上个月决定把它改成图书馆，居民们自己动手搬书。" * 5),
    (
        "옛 급수탑이 봄에 도서관으로 바뀐다",
        "급수탑은 오랫동안 비어 있었지만 시는 지난달 이곳을 도서관으로 바꾸기로 했다." * 6,
    ),
    (
        "Старая водонапорная башня станет библиотекой",
        "Башня пустовала, но в мае совет решил открыть в ней читальню. " * 8,
    ),
]


@pytest.mark.parametrize(("title", "text"), STORIES_WITHOUT_ADDRESS)
def test_a_story_without_an_address_beside_many_headlines(title: str, text: str) -> None:
    rail = "".join(f"<li>{link(at, f'{title} {at}')}</li>" for at in range(30))
    html = f"<title>{title} - Vale</title><h1>{title}</h1><div>{text}</div><div><ul>{rail}</ul></div>"
    assert parse_page(html.encode(), url=None).page_type == "article"
    front = f"<title>Vale</title><h1>Vale</h1><p>{text[:70]}</p><div><ul>{rail}</ul></div>"
    assert parse_page(front.encode(), url=None).page_type == "listing"
