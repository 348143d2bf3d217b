"""Text as a reader reads it: tables, line breaks, marks, shadow roots, live blogs and pictures."""

from services.parser.body.sources import largest_source, sources_of
from services.parser.page import parse_page
from shared.parsed_page import Article

_TEXT = (
    "Die Hafenbehörde von Kesselbucht teilte am Montag mit, dass das neue Terminal erst im März öffnen werde.",
    "Ingenieure stellten fest, dass sich die Ufermauer unter dem alten Zollhaus um elf Zentimeter bewegt hatte.",
    "Die Bewohner der Unterstadt, die das Becken auf einem Ponton queren, erfuhren, dass das Boot weiter fahre.",
    "Die Verzögerung kostet nach einem Bericht, den der Ausschuss am Donnerstag berät, rund vier Millionen Kronen.",
)
_WHOLE = "".join(f"<p>{text}</p>" for text in _TEXT)


def _article(body: str, head: str = "") -> Article:
    page = f"<html lang=de><head><meta charset=utf-8><title>Rat kauft Kino</title>{head}</head><body><article>"
    page += f"<h1>Rat kauft das alte Kino</h1>{body}</article></body></html>"
    article = parse_page(page.encode(), url="https://kurier.example/n/2025/1/kino.html").article
    assert article is not None
    return article


def test_a_bold_line_before_a_line_break_is_a_heading() -> None:
    blocks = _article(f"<p>{_TEXT[0]}<br><b>Neuer Plan</b><br>{_TEXT[1]}</p><p>{_TEXT[2]}</p><p>{_TEXT[3]}</p>").blocks
    assert [(block.type, block.text) for block in blocks[:3]] == [
        ("paragraph", _TEXT[0]),
        ("heading", "Neuer Plan"),
        ("paragraph", _TEXT[1]),
    ]


def test_two_tables_stay_two_and_spans_are_filled() -> None:
    first = "<table><caption>Stimmen</caption><tr><th>Ort<th colspan=2>Liste</tr><tr><td>Tarn<td>1<td>2</tr></table>"
    second = "<table><tr><td rowspan=2>Esk<td>a</tr><tr><td>b</tr></table>"
    tables = [block for block in _article(f"{_WHOLE}{first}{second}{_WHOLE[:400]}").blocks if block.type == "table"]
    assert [table.rows for table in tables] == [
        [["Ort", "Liste", "Liste"], ["Tarn", "1", "2"]],
        [["Esk", "a"], ["Esk", "b"]],
    ]
    assert tables[0].caption == "Stimmen"
    assert tables[0].text == "Ort | Liste\nTarn | 1 | 2"


def test_marks_of_footnotes_are_not_glued_to_words() -> None:
    text = _article(f"<p>Um 1846<sup>1</sup> maß er<sup><a href='#f'>2</a></sup> 9 m<sup>2</sup>.</p>{_WHOLE}").text
    assert "Um 1846¹ maß er 9 m²." in text


def test_shadow_roots_are_read_and_noscript_where_nothing_else_is() -> None:
    assert _TEXT[3] in _article(f"<x-a><template shadowrootmode=open>{_WHOLE}</template></x-a>").text
    assert _TEXT[3] in _article(f"<noscript>{_WHOLE}</noscript>").text
    assert _article(f"{_WHOLE}<noscript>{_WHOLE}</noscript>").text.count(_TEXT[3]) == 1


def test_entries_of_a_live_blog_have_the_moments_of_their_attributes() -> None:
    entries = zip((1764006120, 1764002000), _TEXT, strict=False)
    posts = "".join(f"<div data-timestamp={at}><h3>Neues</h3><p>{text}</p></div>" for at, text in entries)
    article = _article(f"<div class=live-blog>{posts}</div>")
    assert article.live_blog
    moments = [block.published_at for block in article.blocks if block.published_at]
    assert moments == ["2025-11-24T17:42:00+00:00", "2025-11-24T16:33:20+00:00"]


def test_sources_by_the_algorithm_of_the_standard() -> None:
    assert sources_of("a,b.jpg 1x,c.jpg, d.jpg 2.5x") == [("a,b.jpg", 1.0), ("c.jpg", 1.0), ("d.jpg", 2.5)]
    assert largest_source({"src": "data:x", "srcset": "w_4,c/l.jpg 400w, w_9,c/l.jpg 900w"}) == "w_9,c/l.jpg"
    assert largest_source({"src": "/1x1.gif", "data-src": "/turm.jpg"}) == "/turm.jpg"
    assert largest_source({"src": "/blank.gif"}) is None


def test_relative_pictures_go_by_the_base() -> None:
    picture = "<figure><img src='i/lampe.jpg' width=900></figure>"
    images = _article(f"<p>{_TEXT[0]}</p>{picture}{_WHOLE}", "<base href='https://bilder.example/x/'>").images
    assert [image.url for image in images] == ["https://bilder.example/x/i/lampe.jpg"]
