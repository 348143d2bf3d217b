"""The whole pipeline on golden pages (a folder each: source.html, expected.json) and on hostile input.

expected.json gives the fields to compare; a block is written "type: text", an embed "embed: url", an image "image".
`headline_texts` are the texts of the headlines, `moments` the times of a live blog's entries,
`tables` the captions and rows of the tables.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.parser.page import parse_page
from shared.failures import GiveUp
from shared.parsed_page import Block, ParsedPage
from tests.support.steps import assert_linear

GOLDEN = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir())
PROSE = "The council met on Tuesday and agreed, after four hours, on a budget that nobody liked very much. "


def shown(block: Block) -> str:
    if block.type == "image":
        return "image"
    return f"{block.type}: {block.url if block.type == 'embed' else block.text}"


def comparable(page: ParsedPage) -> dict[str, Any]:
    found = msgspec.to_builtins(page)
    article = found.pop("article")
    found["wall"] = found.get("wall")
    found["headline_texts"] = [headline.text for headline in page.headlines]
    found["headline_count"] = len(page.headlines)
    if page.article is None or article is None:
        return {**found, "article": None}
    moments = [block.published_at for block in page.article.blocks if block.published_at]
    tables = [{"caption": block.caption, "rows": block.rows} for block in page.article.blocks if block.rows]
    blocks = [shown(block) for block in page.article.blocks]
    return {**found, **article, "blocks": blocks, "moments": moments, "tables": tables}


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_golden_page(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    url = expected.pop("url", "https://quay-courier.example/2025/03/04/story")
    found = comparable(parse_page((folder / "source.html").read_bytes(), url=url))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_text_is_the_lead_and_the_blocks_without_the_title(folder: Path) -> None:
    article = parse_page((folder / "source.html").read_bytes(), url=None).article
    if article is None:
        return
    lines = article.text.split("\n")
    assert article.title not in lines
    assert lines[0] == (article.lead or next(block.text for block in article.blocks if block.text).split("\n")[0])


def test_feeds_and_plain_text_take_their_own_way() -> None:
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><title>One story that happened</title><link>https://a.example/1</link></item></channel></rss>'
    assert parse_page(feed, url="https://a.example/feed").page_type == "feed"
    assert parse_page((PROSE * 8).encode(), url=None, content_type="text/plain").page_type in {"article", "other"}


def test_binary_input_is_given_up() -> None:
    with pytest.raises(GiveUp):
        parse_page(b"%PDF-1.4 whatever", url="https://a.example/a.pdf")


def test_a_page_that_is_a_consent_banner_says_so() -> None:
    notice = "We and our 812 partners use cookies and need your consent to process your data for advertising. "
    page = parse_page(f"<h1>Your privacy</h1><p>{notice * 3}</p><p>{notice * 2}</p>".encode(), url=None)
    assert page.article is None or page.article.consent_wall


@pytest.mark.parametrize(
    ("size", "html"),
    [
        (100_000, lambda size: "<div>" * size + f"<p>{PROSE * 9}</p>"),
        (300_000, lambda size: "<b>" * size),
        (300_000, lambda size: "<p>" * size),
        (50_000, lambda size: "<li><a href=/x>" * size),
        (50_000, lambda size: "<table><tr><td>" * size + PROSE),
        (
            50_000,
            lambda size: "".join(
                f"<li><a href=/story/{n}>Something happened in town, number {n}</a></li>" for n in range(size)
            ),
        ),
        (5_000, lambda size: "<h1>T</h1>" + f"<p>{PROSE}\x00</p>" * size),
        (100_000, lambda size: "<a" * size),
        (100_000, lambda size: "<!--" * size),
        (200_000, lambda size: "&amp;" * size),
    ],
    ids=["deep", "formatting", "paragraphs", "items", "tables", "links", "nuls", "tag soup", "comments", "entities"],
)
def test_hostile_pages_end_in_time(size: int, html: Callable[[int], str]) -> None:
    def work(size: int) -> Callable[[], object]:
        page = html(size).encode()
        return lambda: parse_page(page, url="https://a.example/story")

    work(size)()
    assert_linear(work, size // 100)


HEAD_ONLY = """<html lang="fr"><head><title>Le port s'agrandit</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2024-05-03T10:12:13+02:00">
<meta name="author" content="Anne Lartigue"></head><body><div id="app"></div></body></html>"""


def test_an_article_without_text_keeps_what_its_head_says() -> None:
    page = parse_page(HEAD_ONLY.encode(), url="https://a.example/port/agrandissement-du-port")
    assert page.article is not None
    assert (page.article.title, page.article.authors) == ("Le port s'agrandit", ["Anne Lartigue"])
    assert page.article.published_at == "2024-05-03T10:12:13+02:00"
    assert (page.article.text, page.article.truncated, page.language) == ("", True, "fr")


def test_a_home_page_without_text_is_no_article() -> None:
    assert parse_page(HEAD_ONLY.encode(), url="https://a.example/").article is None
    undated = HEAD_ONLY.replace("article:published_time", "x")
    assert parse_page(undated.encode(), url="https://a.example/port/agrandissement-du-port").article is None
