"""The body: what belongs to it, what does not, and in which blocks it is given."""

import pytest

from services.parser.body.article import Body, read_body
from services.parser.body.boilerplate import is_foreign, is_unwanted_line
from services.parser.body.context import Guide
from services.parser.body.images import image_of
from services.parser.body.pieces import cut_pieces
from services.parser.outline.outline import outline_of

FIRST = "The ferry to the island has been cancelled because of the storm, the harbour office said on Monday morning."
SECOND = "About two hundred passengers are waiting in the terminal. The next crossing is planned for Tuesday at noon."
THIRD = "It is the fourth time this winter that the crossing could not take place, and the season has only begun."


def body_of(html: str, **guide: object) -> Body:
    body = read_body(outline_of(html), Guide(**guide))  # type: ignore[arg-type]
    assert body is not None
    return body


def test_a_page_of_links_has_no_body() -> None:
    links = "".join(f"<li><a href=/{n}>A headline of some length, number {n}</a></li>" for n in range(30))
    assert read_body(outline_of(f"<ul>{links}</ul>"), Guide()) is None


def test_the_title_is_not_repeated_in_the_text() -> None:
    body = body_of(
        f"<h1>Ferry cancelled</h1><article><h2>Ferry cancelled</h2><p>{FIRST}<p>{SECOND}<p>{THIRD}</article>"
    )
    assert body.text.split("\n") == [FIRST, SECOND, THIRD]


def test_claimed_headlines_stay_out() -> None:
    html = (
        f"<h1>Ferry cancelled</h1><article><p>{FIRST}</p><p>{SECOND}</p>"
        "<ul><li id=x><a href=/a>Storm warning for the coast extended until Friday evening.</a></li></ul>"
        f"<p>{THIRD}</p></article>"
    )
    item = next(e for e in outline_of(html).elements if e.attrs.get("id") == "x")
    body = body_of(html, claimed=frozenset(range(item.index, item.end)))
    assert body.text.split("\n") == [FIRST, SECOND, THIRD]


def test_a_claimed_link_within_a_sentence_stays() -> None:
    linked = f"{SECOND} <a href=/a>More on the storm</a> is known."
    html = f"<h1>Ferry</h1><article><p>{FIRST}</p><p>{linked}</p><p>{THIRD}</p></article>"
    link = next(e for e in outline_of(html).elements if e.tag == "a")
    assert f"{SECOND} More on the storm is known." in body_of(html, claimed=frozenset([link.index])).text


def test_two_breaks_part_paragraphs_and_one_does_not() -> None:
    outline = outline_of(f"<div id=x>{FIRST}<br>{SECOND}<br> <br>{THIRD}</div>")
    box = next(e for e in outline.elements if e.attrs.get("id") == "x")
    pieces = cut_pieces(outline, box, box, lambda _: False)
    assert [piece.text for piece in pieces] == [f"{FIRST} {SECOND}", THIRD]


def test_paragraphs_in_inline_elements_are_parted() -> None:
    outline = outline_of(f"<div id=x><span>{FIRST}</span><span>{SECOND}</span> <b>{THIRD}</b></div>")
    box = next(e for e in outline.elements if e.attrs.get("id") == "x")
    pieces = cut_pieces(outline, box, box, lambda _: False)
    assert [piece.text for piece in pieces] == [FIRST, f"{SECOND} {THIRD}"]


def test_an_empty_element_called_a_break_is_one() -> None:
    outline = outline_of(f"<div id=x>{FIRST}<span class='x br'></span><span class=br></span>{SECOND}</div>")
    box = next(e for e in outline.elements if e.attrs.get("id") == "x")
    assert [piece.text for piece in cut_pieces(outline, box, box, lambda _: False)] == [FIRST, SECOND]


def test_text_between_blocks_is_not_lost() -> None:
    outline = outline_of("<div id=x>one<p>two</p>three<ul><li>four</li></ul>five</div>")
    box = next(e for e in outline.elements if e.attrs.get("id") == "x")
    pieces = cut_pieces(outline, box, box, lambda _: False)
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("paragraph", "one"), ("paragraph", "two"), ("paragraph", "three"), ("item", "four"), ("paragraph", "five"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "html",
    [
        '<figure><img src="/a.jpg" alt="A pier"><figcaption>The pier at dawn (Photo: Ada Quill)</figcaption></figure>',
        '<figure><img data-src="/a.jpg" src="data:image/gif;base64,R0" alt="A pier"><figcaption>The pier at dawn'
        '<span class="credit">Photo: Ada Quill</span></figcaption></figure>',
    ],
)
def test_a_figure_gives_address_caption_credit_and_alt(html: str) -> None:
    outline = outline_of(html)
    image = image_of(outline, outline.tagged("figure")[0])
    assert image is not None
    assert (image.url, image.caption, image.alt) == ("/a.jpg", "The pier at dawn", "A pier")
    assert image.credit is not None
    assert image.credit.endswith("Ada Quill")


def test_icons_are_no_pictures() -> None:
    outline = outline_of('<img src="/i.png" width=24><img src="/logo.svg"><img src="data:image/gif;base64,R0">')
    assert [image_of(outline, picture) for picture in outline.tagged("img")] == [None, None, None]


@pytest.mark.parametrize("hint", ["newsletter-box", "share-bar", "related-articles", "ad", "comments", "author"])
def test_parts_that_name_themselves_foreign(hint: str) -> None:
    assert is_foreign("div", hint)


@pytest.mark.parametrize(
    "hint", ["article-body", "story-text paragraph", "content", "headline", "body-text has-sidebar"]
)
def test_parts_that_may_be_article(hint: str) -> None:
    assert not is_foreign("div", hint)


@pytest.mark.parametrize(
    "line",
    ["Read also: Storm warning", "Lire aussi : Tempête", "Lesen Sie auch", "اقرأ أيضا", "© 2024 Dale Post", "ANZEIGE"],
)
def test_unwanted_lines(line: str) -> None:
    assert is_unwanted_line(line)


def test_a_paragraph_that_begins_alike_is_wanted() -> None:
    assert not is_unwanted_line("Advertisement spending fell last year, " + FIRST * 2)


def test_a_bold_line_between_breaks_is_a_heading() -> None:
    html = f"<h1>Ferry</h1><div><p>{FIRST}<br><br>{SECOND}<br><br><b>The season</b><br><br>{THIRD}</p></div>"
    blocks = body_of(html).blocks
    assert [(block.type, block.text) for block in blocks] == [
        ("paragraph", FIRST), ("paragraph", SECOND), ("heading", "The season"), ("paragraph", THIRD),
    ]  # fmt: skip


def test_one_bold_paragraph_before_plain_ones_is_the_lead() -> None:
    plain = "".join(f"<p>{text}</p>" for text in (SECOND, THIRD, SECOND[:60] + THIRD))
    assert body_of(f"<h1>Ferry</h1><article><p><b>{FIRST}</b></p>{plain}</article>").lead == FIRST


def test_a_lead_may_say_more_than_a_cut_description() -> None:
    html = f"<h1>Ferry</h1><div><div>{FIRST} {SECOND}</div><p>{THIRD}</p><p>{SECOND}</p></div>"
    assert body_of(html, description=f"{FIRST[:70]}…").lead == f"{FIRST} {SECOND}"


def test_who_is_quoted_stays_with_the_quotation() -> None:
    quote = (
        f"<figure><blockquote><p>{SECOND}</p></blockquote><figcaption>Ada Quill, harbour pilot</figcaption></figure>"
    )
    text = body_of(f"<h1>Ferry</h1><article><p>{FIRST}</p>{quote}<p>{THIRD}</p><p>{FIRST[:70]}.</p></article>").text
    assert "Ada Quill, harbour pilot" in text.split("\n")


@pytest.mark.parametrize(
    "line",
    [
        "3 Min Lesezeit", "Player wird geladen", "12 Kommentare", "Suscríbete al boletín", "Lee también: otra",
        "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden.",
    ],
)  # fmt: skip
def test_what_pages_say_of_themselves_is_unwanted(line: str) -> None:
    assert is_unwanted_line(line)


def test_a_sentence_on_consent_is_wanted() -> None:
    assert not is_unwanted_line("The third witness said that she had not given her consent to the operation.")


def test_bold_within_bold_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each nested element's text was read anew, so that 128 KB of open <b> took seconds."""
    outline = outline_of("<body><p>" + "<b>word " * 300 + f"</p><p>{FIRST}</p><p>{SECOND}</p></body>")
    reads: list[int] = []
    text_of = type(outline).text_of
    monkeypatch.setattr(
        type(outline), "text_of", lambda self, element: reads.append(element.index) or text_of(self, element)
    )
    (body,) = outline.tagged("body")
    cut_pieces(outline, body, body, lambda _: False)
    assert len(reads) < 50
