"""Text documents: dumps of a press mirror's pages in three languages, and other text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.documents.plain_text import parse_plain_text

FRENCH_TICKER = [
    "Budget : le conseil municipal de Valmer vote une hausse de 3,5%",
    "CAN 2031 : les qualifications débutent en mars",
    "Sáhara: En el Consejo de Seguridad, el embajador reitera su apoyo a la solución propuesta",
    "Heavy rains and strong winds expected in the north from Tuesday to Thursday",
    "Film : «La Vague», à la conquête des salles",
]
FRENCH_BODY = """\
Le port de Valmer s'agrandit. La région a lancé mardi un vaste chantier qui doit durer trois ans.
Le coût des travaux est estimé à 40 millions d'euros, a indiqué le président de la région devant la presse.
Un chantier attendu
Les pêcheurs réclamaient depuis longtemps un quai plus long, a rappelé leur porte-parole, Anne Lartigue, hier soir.
"""
FRENCH = """\
{ticker}




Merci d'avoir signalé!
Cette image sera automatiquement bloquée après qu'elle soit signalée par plusieurs personnes.



Valmer : le port s'agrandit, les pêcheurs applaudissent
Publié dans Le Phare le 08 - 05 - 2025

{body}Mehdi Larbi / Le Phare du Littoral


Cliquez ici pour lire l'article depuis sa source."""
ARABIC = """\
{ticker}

شكرا على الإبلاغ!
سيتم حجب هذه الصورة تلقائيا عندما يتم الإبلاغ عنها من طرف عدة أشخاص.

ميناء المدينة يتوسع والصيادون يرحبون بالمشروع الجديد
نشر في الفنار يوم 08 - 05 - 2025

أعلنت الجهة يوم الثلاثاء عن إطلاق ورش كبير لتوسيع الميناء، سيدوم ثلاث سنوات حسب بلاغ رسمي.
وقال رئيس الجهة إن كلفة الأشغال تقدر بأربعين مليون درهم، وإن المشروع سيوفر مئات فرص الشغل.
بقلم: محمد العربي

انقر هنا لقراءة الخبر من مصدره."""
ENGLISH = """\
{ticker}

Thank you for reporting!
This image will be automatically blocked when it is reported by several people.

Valmer harbour grows and fishermen applaud
Published in The Beacon on 08 - 05 - 2025

The region started work on the harbour on Tuesday. It will take three years and cost forty million.
Fishermen had asked for a longer quay for many years, their speaker said in the evening.
By Anne Larkin

Click here to read the story from its source."""

NBSP = "\u00a0" * 4


def french(ticker: str, body: str = FRENCH_BODY) -> str:
    return FRENCH.format(ticker=ticker, body=body)


@pytest.mark.parametrize("edge", [NBSP, "\u00a0\u00a0", "\t", "    ", " \u00a0 \u00a0 ", "  "])
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_ticker_of_any_length_and_separator(edge: str, count: int) -> None:
    page = parse_plain_text(french("".join(text + edge for text in FRENCH_TICKER[:count])), "https://mirror.example/1")
    assert [h.text for h in page.headlines] == FRENCH_TICKER[:count]
    assert {h.kind for h in page.headlines} <= {"ticker"}
    assert [h.position for h in page.headlines] == list(range(1, count + 1))
    assert page.article is not None
    assert page.article.title == "Valmer : le port s'agrandit, les pêcheurs applaudissent"
    assert not any(text in page.article.text for text in FRENCH_TICKER)


def test_empty_slots_are_no_headlines() -> None:
    ticker = FRENCH_TICKER[0] + NBSP + NBSP + FRENCH_TICKER[1] + NBSP + NBSP + NBSP + FRENCH_TICKER[2] + NBSP
    page = parse_plain_text(french(NBSP + ticker), None)
    assert [h.text for h in page.headlines] == FRENCH_TICKER[:3]


def test_every_headline_has_its_own_language_and_no_address() -> None:
    page = parse_plain_text(french(NBSP.join(FRENCH_TICKER)), None)
    assert [h.language for h in page.headlines] == ["fr", "fr", "es", "en", "fr"]
    assert {h.url for h in page.headlines} == {None}


def test_the_article_of_a_french_dump() -> None:
    page = parse_plain_text(french(NBSP.join(FRENCH_TICKER)), None)
    article = page.article
    assert article is not None
    assert (page.page_type, page.language, article.language) == ("article", "fr", "fr")
    assert (article.publisher, article.published_at, article.authors) == ("Le Phare", "2025-05-08", ["Mehdi Larbi"])
    assert article.lead == FRENCH_BODY.splitlines()[0]
    assert [block.type for block in article.blocks] == ["paragraph", "heading", "paragraph"]
    assert article.text == FRENCH_BODY.strip()


def test_an_arabic_dump() -> None:
    ticker = ["انطلاق الدورة الجديدة للبرلمان يوم الجمعة", "Valmer : le port s'agrandit enfin, dit la mairie"]
    page = parse_plain_text(ARABIC.format(ticker=NBSP.join(ticker)), None)
    article = page.article
    assert article is not None
    assert [(h.text, h.language) for h in page.headlines] == [(ticker[0], "ar"), (ticker[1], "fr")]
    assert (article.title, article.language) == ("ميناء المدينة يتوسع والصيادون يرحبون بالمشروع الجديد", "ar")
    assert (article.publisher, article.published_at, article.authors) == ("الفنار", "2025-05-08", ["محمد العربي"])
    assert article.text.startswith("أعلنت الجهة")
    assert article.text.endswith("فرص الشغل.")


def test_an_english_dump_without_a_ticker() -> None:
    page = parse_plain_text(ENGLISH.format(ticker=""), None)
    article = page.article
    assert article is not None
    assert page.headlines == []
    assert (article.title, article.publisher) == ("Valmer harbour grows and fishermen applaud", "The Beacon")
    assert (article.published_at, article.authors, article.language) == ("2025-05-08", ["Anne Larkin"], "en")
    assert "reported" not in article.text
    assert article.text.endswith("in the evening.")


def test_an_impossible_date_is_no_date() -> None:
    page = parse_plain_text(french("").replace("08 - 05 - 2025", "31 - 02 - 2025"), None)
    assert page.article is not None
    assert (page.article.publisher, page.article.published_at) == ("Le Phare", None)


def test_the_own_headline_in_the_ticker_is_marked() -> None:
    own = "Valmer : le port s'agrandit, les pêcheurs applaudissent"
    page = parse_plain_text(french(NBSP.join([FRENCH_TICKER[0], own])), None)
    assert [h.is_self for h in page.headlines] == [False, True]


def test_other_text_with_title_byline_and_date() -> None:
    text = f"""Harbour grows at Valmer

By Anne Larkin
5 May 2025

{"The region started work on the harbour on Tuesday, and it will take three years. " * 3}

{"Fishermen had asked for a longer quay for many years, their speaker said. " * 3}
"""
    page = parse_plain_text(text, None)
    article = page.article
    assert article is not None
    assert (article.title, article.authors) == ("Harbour grows at Valmer", ["Anne Larkin"])
    assert article.published_at == "2025-05-05"
    assert len(article.blocks) == 1
    assert article.text.count("\n") == 1


def test_lines_wrapped_by_hand_are_joined() -> None:
    wrapped = """Harbour grows at Valmer

The region started work on the harbour on Tuesday, and the minister
said in a speech that it will take three years until the new quay can
be used by the larger vessels of the fleet.

Fishermen had asked for a longer quay for many years, their speaker
said, because the boats had to wait outside for hours when the catch
was good and the weather was not.
"""
    article = parse_plain_text(wrapped, None).article
    assert article is not None
    assert article.lead is not None
    assert article.lead.endswith("of the fleet.")
    assert len(article.blocks) == 1


@pytest.mark.parametrize(
    "text", ["", "\n\n", "name;price\nbolt;3\nnut;4\n" * 40, "User-agent: *\nDisallow: /x\n", "Hello."]
)
def test_text_that_is_no_article(text: str) -> None:
    page = parse_plain_text(text, None)
    assert (page.page_type, page.article, page.headlines) == ("other", None, [])


def test_nothing_but_a_ticker_is_a_listing() -> None:
    page = parse_plain_text(NBSP.join(FRENCH_TICKER), None)
    assert page.page_type == "listing"
    assert [h.text for h in page.headlines] == FRENCH_TICKER


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert parse_plain_text(text, None).page_type in {"article", "listing", "other"}
    assert parse_plain_text(french(text, text), None).article is not None


def test_notice_and_closing_line_are_known_by_their_place() -> None:
    dump = french(NBSP.join(FRENCH_TICKER)).replace("Merci d'avoir signalé!", "Image signalée.")
    dump = dump.replace("Cette image sera automatiquement bloquée", "Elle disparaîtra")
    dump = dump.replace("Cliquez ici pour lire l'article depuis sa source.", "À lire chez son éditeur.")
    page = parse_plain_text(dump, None)
    assert [h.text for h in page.headlines] == FRENCH_TICKER
    assert page.article is not None
    assert page.article.authors == ["Mehdi Larbi"]
    assert page.article.text == FRENCH_BODY.strip()


def test_paragraphs_held_apart_by_blank_lines_have_no_closing_line() -> None:
    body = FRENCH_BODY.replace("\n", "\n\n")
    dump = french("", body).partition("Mehdi Larbi")[0]
    page = parse_plain_text(dump, None)
    assert page.article is not None
    assert page.article.text.endswith("hier soir.")
