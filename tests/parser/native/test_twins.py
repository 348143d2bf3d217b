"""The compiled functions give the same as their twins in Python, to the last bit: outlines, facts and scores.

They are skipped where the module was not built, unless DEPECHE_NATIVE=1 says that it must be there, as in .ci/run.
"""

import os
from itertools import product
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from benchmarks.mutations import mutate
from services.parser import native
from services.parser.body.evidence import score_blocks, score_blocks_in_python
from services.parser.outline import outline as outlines
from services.parser.outline.decode import (
    as_utf8,
    as_utf8_in_python,
    has_control_bytes,
    has_control_bytes_in_python,
)
from services.parser.outline.nesting import (
    count_tags,
    count_tags_in_python,
    formats_without_end,
    formats_without_end_in_python,
)
from services.parser.outline.outline import MOST_ELEMENTS, Outline, flat, walk, walk_in_python
from services.parser.outline.title_element import find_title_element

pytestmark = pytest.mark.skipif(
    not native.used() and os.environ.get("DEPECHE_NATIVE") != "1",
    reason=f"the compiled part of the parser is not used: {native.why_not()} (make native builds it)",
)

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/source.html"))
BODIES = [page.read_bytes() for page in GOLDEN]
MANY = 60_000
HOSTILE = {
    "no element": b"",
    "nothing but text": b"words",
    "deep": b"<div>" * MANY + b"deep",
    "deep inline": b"<div><span>" * 400 + b"deep" + b"<i><b>" * 3000 + b"x",
    "too many elements": b"<p>a" * (MOST_ELEMENTS + 10),
    "too many at an end": b"<div>" + b"<p>a</p>" * (MOST_ELEMENTS - 4) + b"<ul><li><a href=/x>b</a></li></ul>" * 3,
    "many attributes": b"<div " + b" ".join(b"a%d=%d" % (n, n) for n in range(1500)) + b" class=k>x</div>",
    "many names of attributes": b"".join(b"<p data-%d=a id=b%d>t</p>" % (n, n) for n in range(3000)),
    "many names of tags": b"".join(b"<x-%d class=C%d>t</x-%d>" % (n, n, n) for n in range(5000)),
    "a long hint": b"<div class='" + b"Word " * 100_000 + b"'>x</div>",
    "a long text": b"<p>" + "Zeile \u00e4 \U0001f600\n ".encode() * 200_000,
    "broken bytes": b"<p class='\xff\xfeA' id=\xc3\x28>\xf0\x90 text \xed\xa0\x80</p><a href='#\xff'>1</a>",
    "half a document": b"<!doctype html><html lang=en><body class=A><a href=",
    "white space alone": b"<p> \t</p>\n<div>\x0b\x0c</div>\x1c<p>\xc2\xa0\xe3\x80\x80",
    "frames": b"<html><frameset cols=1><frame src=a></frameset></html> text",
    "links in links": b"<a href=/x>a<div><a href=#1>1</a>b</div>c</a>" * 300,
    "foreign": b"<svg><a xlink:href=#x>1</a><foreignObject><p class=Q>x</p></foreignObject></svg><math><mi>y</math>",
    "tables": b"<table>" * 500 + b"<tr><td hidden>x" * 500,
}


def both(html: bytes) -> tuple[Outline, Outline]:
    """The outlines that the two walks make of one tree."""
    root = LexborHTMLParser(html, options=outlines._WITHOUT_EVENTS).root
    made = Outline(), Outline()
    if root is not None:
        walk_in_python(root, made[0])
        walk(root, made[1])
    return made


def assert_alike(html: bytes) -> None:
    """That the twins make the same of the page."""
    assert has_control_bytes(html) == has_control_bytes_in_python(html)
    assert formats_without_end(html) == formats_without_end_in_python(html)
    assert count_tags(html) == count_tags_in_python(html)
    strict, known = as_utf8(html), as_utf8_in_python(html)
    assert (strict and (strict.utf8, strict.text)) == (known and (known.utf8, known.text))
    mine, compiled = both(outlines.limit_nesting(outlines.limit_attributes(html)))
    assert flat(mine) == flat(compiled)
    title = find_title_element(compiled)
    for each in {None, title}:
        assert score_blocks_in_python(compiled, each) == score_blocks(compiled, each)


def test_all_of_it_runs_compiled() -> None:
    assert sorted(native.used()) == ["UTF-8", "blocks", "control bytes", "formatting", "tags", "walk"]
    assert native.why_not() == ""


def test_every_sequence_of_two_bytes_and_its_ends() -> None:
    for first, second in product(range(0x80, 0x100), range(0x100)):
        for end in (b"", b"\x80", b"\x80\x80", b"\xbf\xbf", b"a\x80", b"\xbf\xbf\xbf"):
            body = bytes((first, second)) + end
            strict = as_utf8(body)
            known = as_utf8_in_python(body)
            assert (strict and strict.text) == (known and known.text), body


@pytest.mark.parametrize("page", GOLDEN, ids=lambda page: page.parent.name)
def test_golden_pages(page: Path) -> None:
    assert_alike(page.read_bytes())


@pytest.mark.parametrize("seed", range(0, 400, 20))
def test_broken_pages(seed: int) -> None:
    for number in range(seed, seed + 20):
        assert_alike(mutate(BODIES[number % len(BODIES)], BODIES[number * 7 % len(BODIES)], number))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages(name: str) -> None:
    assert_alike(HOSTILE[name])


def test_a_node_is_there_as_long_as_its_element() -> None:
    root = LexborHTMLParser("<body><p class=a data-x>one<b>two</b></p>").root
    outline = Outline()
    walk(root, outline)
    del root
    element = outline.tagged("p")[0]
    del outline
    assert element.attrs == {"class": "a", "data-x": None}
    assert element.node.html == '<p class="a" data-x="">one<b>two</b></p>'


def test_an_index_without_an_element_is_refused() -> None:
    _, outline = both(b"<p>x</p>")
    for index in (-1, len(outline.elements)):
        with pytest.raises(IndexError):
            outline.elements[0].nodes.node(index)
        with pytest.raises(IndexError):
            outline.elements[0].nodes.attributes(index)


def test_an_outline_that_is_none_is_refused() -> None:
    _, outline = both(b"<div><p>some text of a page</p></div>")
    outline.elements.reverse()
    with pytest.raises(ValueError, match="document order"):
        score_blocks(outline, None)
    outline.elements.append("no element")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="another class"):
        score_blocks(outline, None)


def test_what_a_rule_raises_ends_the_walk() -> None:
    root = LexborHTMLParser("<p>x<meta name=a content=b>y</p>").root
    outline = Outline()
    outline.metas = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        walk(root, outline)
