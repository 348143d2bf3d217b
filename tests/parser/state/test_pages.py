"""Whatever wrote a story into a page's scripts, it is read whole, once, in its order and without its neighbours."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage
from tests.parser.state.pages import BLOCKS, FRAMEWORKS, MARKUP, NEIGHBOUR, PARAGRAPHS, TITLE, URL, data, page, story

OPENING = f"<main><article><h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p><div>…</div></article></main>"


def lines_of(read: ParsedPage) -> list[str]:
    assert read.article is not None
    return read.article.text.split("\n")


@pytest.mark.parametrize("scripts", FRAMEWORKS.values(), ids=FRAMEWORKS)
@pytest.mark.parametrize("shown", ["<div></div>", OPENING], ids=["nothing shown", "opening shown"])
def test_the_story_of_a_framework(scripts: str, shown: str) -> None:
    assert lines_of(parse_page(page(scripts, shown), url=URL)) == PARAGRAPHS


@pytest.mark.parametrize("body", BLOCKS.values(), ids=BLOCKS)
def test_the_blocks_of_a_content_system(body: object) -> None:
    assert lines_of(parse_page(page(data({"doc": story(content=body)})), url=URL)) == PARAGRAPHS


def test_fields_that_the_head_lacks_come_from_the_story() -> None:
    whole = page(data({"doc": story(body=MARKUP, publishedAt="2025-11-24T08:15:00+01:00")}))
    article = parse_page(whole, url=URL).article
    assert article is not None
    assert (article.title, article.authors, article.published_at) == (TITLE, ["Hanna Lis"], "2025-11-24T08:15:00+01:00")


def test_the_number_in_the_address_finds_the_story_of_a_page_without_a_title() -> None:
    shell = page(data({"doc": story(body=MARKUP), "next": NEIGHBOUR})).replace(TITLE.encode(), b"")
    whole = shell.replace(b'"title": ""', f'"title": "{TITLE}"'.encode())
    read = parse_page(whole, url="https://zatoka.example/news/4821937")
    assert lines_of(read) == PARAGRAPHS
    assert read.article is not None
    assert read.article.title == TITLE


def test_a_neighbour_is_not_the_story() -> None:
    read = parse_page(page(data({"related": [NEIGHBOUR] * 4})), url=URL)
    assert read.article is None or not read.article.text


def test_a_text_held_back_for_subscribers_is_left_alone() -> None:
    locked = data({"doc": story(body=MARKUP)}) + '<meta property="article:content_tier" content="locked">'
    read = parse_page(page(locked, OPENING), url=URL)
    assert PARAGRAPHS[1] not in lines_of(read)


def test_a_page_with_its_text_keeps_the_text_of_its_markup() -> None:
    longer = [f"{paragraph} Tak to widzą w zatoce." for paragraph in PARAGRAPHS]
    shown = f"<article><h1>{TITLE}</h1>{''.join(f'<p>{p}</p>' for p in longer)}</article>"
    assert lines_of(parse_page(page(data({"doc": story(body=MARKUP)}), shown), url=URL)) == longer
