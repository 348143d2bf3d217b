"""A press mirror's page as HTML gives the rows of its text dump, whatever the template."""

import pytest

from services.parser.documents.mirror_page import parse_mirror_page
from services.parser.fields.metadata import read_metadata
from services.parser.outline.outline import outline_of
from shared.parsed_page import ParsedPage

URL = "https://www.miroir.example/fr/phare/123"
TITLE = "Valmer : le port s'agrandit, les pêcheurs applaudissent"
TICKER = [
    "Budget : le conseil municipal de Valmer vote une hausse de 3,5%",
    "Mode : le boubou",
    "Heavy rains and strong winds expected in the north from Tuesday to Thursday",
]
BODY = [
    "Le port de Valmer s'agrandit. La région a lancé mardi un vaste chantier qui doit durer trois ans.",
    "Le coût des travaux est estimé à 40 millions d'euros, a indiqué le président de la région devant la presse.",
    "Un chantier attendu",
    "Les pêcheurs réclamaient depuis longtemps un quai plus long, a rappelé leur porte-parole, Anne Lartigue, hier.",
    "Mehdi Larbi / Le Phare du Littoral",
]
NOTICE = "Merci d'avoir signalé!<br>Cette image sera automatiquement bloquée après qu'elle soit signalée."
SPACES = "&nbsp;" * 4
LINKS = SPACES.join(f'<a href="/fr/autre/{n}">{text}</a>' for n, text in enumerate(TICKER)) + SPACES

SPANS = f"""<html lang="fr"><head><title>Miroir : {TITLE}</title></head><body>
<div><a href="/">Miroir</a> <a href="/fr">Français</a></div><div id="strip">{LINKS}</div><div>{NOTICE}</div>
<span class="articletitle">{TITLE}</span>
<span class="articlenewspaper">Publié dans <a href="/fr/phare">Le Phare</a> le 08 - 05 - 2025</span>
{"".join(f'<span class="articlecontent">{line}<br></span>' for line in BODY)}
<a href="https://phare.example/port">Cliquez ici pour lire l'article depuis sa source.</a>
<div><a href="/fr/contact">Contactez-nous pour toute question sur ce site</a></div></body></html>"""
UNMARKED = f"""<html lang="fr"><body><table><tr><td><marquee><ul>
{"".join(f'<li><a href="/fr/autre/{n}">{text}</a></li>' for n, text in enumerate(TICKER))}
</ul></marquee></td></tr></table>
<p>{NOTICE}</p><h1>{TITLE}</h1><p>Publié dans Le Phare le 08 - 05 - 2025</p>
{"".join(f"<p>{line}</p>" for line in BODY)}
<p><a href="https://phare.example/port">Cliquez ici pour lire l'article depuis sa source.</a></p>
<p>Contactez-nous pour toute question sur ce site.</p></body></html>"""


def read(html: str) -> ParsedPage | None:
    outline = outline_of(html)
    return parse_mirror_page(outline, read_metadata(outline, URL), URL)


@pytest.mark.parametrize("html", [SPANS, UNMARKED], ids=["spans", "unmarked"])
def test_the_rows_of_the_dump(html: str) -> None:
    page = read(html)
    assert page is not None
    article = page.article
    assert article is not None
    assert [(h.text, h.url, h.kind) for h in page.headlines] == [
        (text, f"https://www.miroir.example/fr/autre/{n}", "ticker") for n, text in enumerate(TICKER)
    ]
    assert [h.language for h in page.headlines] == ["fr", "fr", "en"]
    assert (article.title, article.publisher, article.published_at) == (TITLE, "Le Phare", "2025-05-08")
    assert (article.authors, article.source_url) == (["Mehdi Larbi"], "https://phare.example/port")
    assert article.text == "\n".join(BODY[:-1])
    assert [block.type for block in article.blocks] == ["paragraph", "heading", "paragraph"]


def test_a_ticker_without_links() -> None:
    page = read(SPANS.replace(LINKS, SPACES.join(TICKER) + SPACES * 2))
    assert page is not None
    assert [(h.text, h.url) for h in page.headlines] == [(text, None) for text in TICKER]


def test_no_ticker() -> None:
    page = read(SPANS.replace(LINKS, ""))
    assert page is not None
    assert page.headlines == []


def test_an_arabic_page() -> None:
    page = read(
        '<div><span class="articletitle">ميناء المدينة يتوسع والصيادون يرحبون</span>'
        '<span class="articlenewspaper">نشر في <a href="/fanar">الفنار</a> يوم 08 - 05 - 2025</span>'
        '<span class="articlecontent">أعلنت الجهة يوم الثلاثاء عن إطلاق ورش كبير لتوسيع الميناء.'
        "<br>بقلم: محمد العربي</span></div>"
    )
    assert page is not None
    assert page.article is not None
    assert (page.article.publisher, page.article.authors, page.language) == ("الفنار", ["محمد العربي"], "ar")


@pytest.mark.parametrize(
    "html",
    [
        "", "<p>Publié dans la précipitation, le rapport fait débat depuis le 08 - 05 - 2025 au matin</p>",
        "<p>Published in 2025</p><h1>x</h1>", '<span class="articlenewspaper">x</span>',
    ],
)  # fmt: skip
def test_every_other_page_is_left_alone(html: str) -> None:
    assert read(html) is None
