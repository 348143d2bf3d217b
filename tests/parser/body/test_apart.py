"""Parts of the page that are not the article's stay out; what a reader opens stays in."""

import pytest

from services.parser.page import parse_page

STORY = (
    "<p>Der Gemeinderat von Moosried hat am Dienstag beschlossen, die alte Mühle am Bach zu kaufen.</p>"
    "<p>Der Umbau kostet nach einer Schätzung der Verwaltung rund zwei Millionen Taler und dauert bis zum Herbst.</p>"
)
OTHER = "Wer einen Garten hat, der weiß, dass die Schnecken in diesem nassen Jahr alles fressen, was wächst."
REMARK = '<div class="b"><b>{}</b> <span>vor {} Tagen</span><p>' + OTHER + '</p><a href="#">Antworten</a></div>'


def text_of(page: str) -> str:
    html = f"<html lang=de><body><main><article><h1>Rat kauft alte Mühle</h1>{page}</main></body></html>"
    article = parse_page(html.encode(), url="https://bote.example/muehle.html").article
    assert article is not None
    return article.text


@pytest.mark.parametrize(
    "part",
    [
        f"<dialog><p>{OTHER}</p><p>{OTHER}</p></dialog>",
        f"<div hidden><h3>Hinweis</h3><p>{OTHER}</p></div>",
        f'<div style="display: none"><p>{OTHER}</p></div>',
        f'<section><span>Bezahlte Anzeige</span><p>{OTHER}</p><a href="/x">Zur Aktion</a></section>',
        f"<section class=leser><h3>3 Leserkommentare</h3><p>{OTHER}</p><p>{OTHER}</p></section>",
        "".join(REMARK.format(name, n) for n, name in enumerate(("wurzel3", "Bachfee", "alter_muck"), 2)),
    ],
)
def test_other_parts_stay_out(part: str) -> None:
    text = text_of(f"{STORY}</article>{part}")
    assert "Schnecken" not in text
    assert "bis zum Herbst." in text


def test_what_a_click_opens_stays_in() -> None:
    part = f'<button aria-controls="m">Mehr</button><div id="m" hidden><p>{OTHER}</p></div>'
    assert "Schnecken" in text_of(f"{STORY}{part}</article>")


@pytest.mark.parametrize(
    "remark",
    [
        '<div class="u-comment h-cite"><a class="p-author">{}</a> '
        '<time datetime="2025-11-2{}">gestern</time><p>{}</p></div>',
        '<li itemscope itemtype="http://schema.org/Comment"><b itemprop="author">{}</b>'
        '<time itemprop="dateCreated" datetime="2025-11-2{}">gestern</time><p>{}</p></li>',
        '<div itemscope itemtype="https://schema.org/Comment"><meta itemprop="author" content="{}">'
        '<meta itemprop="datePublished" content="2025-11-2{}"><p>{}</p></div>',
        '<div typeof="schema:Comment"><b property="author">{}</b> <i class="date">2{}.11.2025</i><p>{}</p></div>',
        '<article class="comment"><b class="author">{}</b> <i class="date">2{}.11.2025</i><p>{}</p></article>',
    ],
)
def test_who_comments_is_no_author(remark: str) -> None:
    remarks = "".join(remark.format(name, n, OTHER) for n, name in enumerate(("wurzel3", "Bachfee", "alter_muck"), 2))
    html = f"<html lang=de><body><main><article><h1>Rat kauft alte Mühle</h1>{STORY}</article>{remarks}</main>"
    article = parse_page(html.encode(), url="https://bote.example/muehle.html").article
    assert article is not None
    assert (article.authors, article.published_at) == ([], None)
    assert "Schnecken" not in article.text
