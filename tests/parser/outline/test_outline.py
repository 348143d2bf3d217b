"""The outline: one walk, flat lists, counts that add up."""

from hypothesis import given
from hypothesis import strategies as st

from services.parser.outline.outline import MOST_ELEMENTS, Element, outline_of


def by_id(html: str, wanted: str) -> tuple[Element, str]:
    outline = outline_of(html)
    element = next(e for e in outline.elements if e.attrs.get("id") == wanted)
    return element, outline.text_of(element)


def test_text_collapses_white_space_and_breaks_at_blocks() -> None:
    _, text = by_id("<div id=x>One<br>two <b>th</b>ree<p>four</p>\u00a0 five</div>", "x")
    assert text == "One two three four five"


def test_inline_elements_do_not_split_words() -> None:
    _, text = by_id("<p id=x>T<span>he</span> <a href=/>en<i>d</i></a></p>", "x")
    assert text == "The end"


def test_counts_characters_and_those_in_links() -> None:
    element, _ = by_id("<div id=x>abc <a href=/1>de <b>f</b></a><p>gh</p></div>", "x")
    assert (element.chars, element.link_chars) == (8, 3)


def test_scripts_styles_and_templates_are_not_text() -> None:
    unseen = "<script>b</script><style>c</style><noscript>d</noscript><template>e</template><svg><text>f</text></svg>"
    assert by_id(f"<div id=x>a{unseen}</div>", "x")[1] == "a"


def test_subtree_is_a_slice() -> None:
    outline = outline_of("<div id=x><ul><li>a</li><li>b</li></ul><p>c</p></div><p>d</p>")
    box = next(e for e in outline.elements if e.attrs.get("id") == "x")
    assert [e.tag for e in outline.subtree(box)] == ["ul", "li", "li", "p"]
    assert [e.tag for e in outline.children(box)] == ["ul", "p"]
    assert all(e.inside(box) for e in outline.subtree(box))


def test_head_is_kept_apart() -> None:
    outline = outline_of(
        "<html lang=de><head><title> A \n B </title><meta name=author content=C><link rel=canonical href=/d>"
        '<script type="application/ld+json">{"a": 1}</script><script>{"b": 2}</script></head><body>e</body></html>'
    )
    assert outline.title == "A B"
    assert outline.html_lang == "de"
    assert outline.metas == [{"name": "author", "content": "C"}]
    assert outline.links == [{"rel": "canonical", "href": "/d"}]
    assert outline.json_ld == ['{"a": 1}']


def test_hint_joins_what_names_an_element() -> None:
    element, _ = by_id('<div class="Article-Body wide" id=x data-testid="Story" data-other="no">a</div>', "x")
    assert element.hint == "article-body wide x story"


def test_hidden_is_inherited() -> None:
    outline = outline_of('<div style="display: none"><p>a</p></div><p hidden>b</p><p>c</p>')
    assert [p.hidden for p in outline.tagged("p")] == [True, True, False]


def test_nesting_of_any_depth() -> None:
    outline = outline_of("<div>" * 100_000 + "deep" + "</div>" * 99_000 + "<p>after</p>")
    assert outline.text_of(outline.elements[0]) == "deep after"
    assert max(e.depth for e in outline.elements) < 600


def test_a_page_without_end_is_read_up_to_a_limit() -> None:
    outline = outline_of("<div>" + "<p><b>text</b>" * MOST_ELEMENTS + "</div>")
    assert len(outline.elements) == MOST_ELEMENTS + 1
    assert all(element.index < element.end <= len(outline.elements) for element in outline.elements)
    assert outline.text_of(outline.elements[0]).startswith("text text")


def test_attributes_of_any_element_can_be_asked_for() -> None:
    outline = outline_of("<p title=a><a href=b>text</a><amp-img src=c></amp-img></p>")
    assert [outline.tagged(tag)[0].attrs for tag in ("p", "a", "amp-img")] == [
        {"title": "a"},
        {"href": "b"},
        {"src": "c"},
    ]


@given(st.text())
def test_any_text_survives(text: str) -> None:
    outline = outline_of(text.encode("utf-8", "replace").decode())
    for element in outline.elements:
        assert element.index < element.end <= len(outline.elements)
        assert 0 <= element.link_chars <= element.chars
