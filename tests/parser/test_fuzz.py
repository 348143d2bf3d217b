"""Any bytes give a result or a GiveUp: broken pages, and structures that no editor would make."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.mutations import mutate
from cli.sample_site.catalogue import sample_pages
from services.parser.page import parse_page
from shared.failures import GiveUp
from shared.parsed_page import ParsedPage

PAGES = [page.file.read_bytes() for page in sample_pages()]
TAGS = (
    "p div span a b h1 h2 h3 ul li ol table tr td article main nav footer header aside section figure figcaption "
    "blockquote time marquee br img iframe form select option button template svg script style noscript video math pre"
)
TEXTS = st.text(max_size=200)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["class", "id", "href", "src", "datetime", "itemprop", "role", "lang", "dir", "title", "rel"]),
    st.one_of(TEXTS, st.sampled_from(["ticker", "byline", "author", "/a/b-c-d-e", "http://[", "2025-05-08", "99999"])),
    max_size=4,
)


def parse_safely(body: bytes, url: str | None) -> ParsedPage | None:
    """The result, which must survive being sent; None when the page was given up."""
    try:
        page = parse_page(body, url=url)
    except GiveUp:
        return None
    assert msgspec.json.decode(msgspec.json.encode(page), type=ParsedPage) == page
    return page


@pytest.mark.parametrize("seed", range(300))
def test_a_broken_page_is_read_or_given_up(seed: int) -> None:
    body = mutate(PAGES[seed % len(PAGES)], PAGES[seed * 7 % len(PAGES)], seed)
    parse_safely(body, "https://news.example/2025/05/08/story.html")


def element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An element that may not be closed, with any children."""

    def build(tag: str, attributes: dict[str, str], inside: list[str], closed: bool) -> str:
        inner = " ".join(f'{name}="{value}"' for name, value in attributes.items())
        return f"<{tag} {inner}>{''.join(inside)}" + (f"</{tag}>" if closed else "")

    return st.builds(build, st.sampled_from(TAGS.split()), ATTRIBUTES, st.lists(children, max_size=5), st.booleans())


@settings(max_examples=300)
@given(st.recursive(TEXTS, element, max_leaves=40), st.sampled_from([None, "https://news.example/", "//[", "mailto:x"]))
def test_any_structure_is_read_or_given_up(html: str, url: str | None) -> None:
    parse_safely(html.encode("utf-8", "surrogatepass"), url)


@settings(max_examples=300)
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_given_up(body: bytes) -> None:
    parse_safely(body, None)
