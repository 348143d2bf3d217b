"""A tag with many thousand attributes is cut; long scripts and pictures are left alone."""

import pytest

from services.parser.outline.long_tags import FEW_ATTRIBUTES, LONGEST_TAG, limit_attributes
from services.parser.page import parse_page

MANY = b" ".join(b"a%d=%d" % (number, number) for number in range(50_000))


@pytest.mark.parametrize(
    "within",
    [b"<p>short</p>" * 20_000, b"<img src='data:image/png;base64," + b"A" * 200_000 + b"'>", b"x " * 100_000],
    ids=["tags", "picture", "text"],
)
def test_what_is_long_for_another_reason_is_left_alone(within: bytes) -> None:
    page = b"<html><body>" + within + b"</body></html>"
    assert limit_attributes(page) == page


def test_a_script_is_left_alone() -> None:
    page = b"<p>One</p><script>if (a <b) { " + MANY + b" }</script><p>Two</p>"
    assert len(page) > LONGEST_TAG
    assert limit_attributes(page) == page


@pytest.mark.parametrize("end", [b">after</div><p>The end</p>", b""])
def test_a_tag_with_many_thousand_attributes_keeps_the_first_of_them(end: bytes) -> None:
    page = b"<p>One</p><div id=box " + MANY + end
    cut = limit_attributes(page)
    assert cut.startswith(b"<p>One</p><div id=box a0=0 a1=1 ")
    assert cut.endswith(end)
    assert len(cut.split()) <= FEW_ATTRIBUTES + 10


def test_such_a_page_is_read() -> None:
    prose = b"<p>The harbour has opened again after a winter of works on its two long piers.</p>" * 6
    page = b"<html><body><h1>Harbour opens</h1><div " + MANY + b">" + prose + b"</div></body></html>"
    article = parse_page(page, url="https://news.example/2025/harbour-opens-again").article
    assert article is not None
    assert article.text.count("winter of works") == 6
