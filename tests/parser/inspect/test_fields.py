"""Why is this author missing, and why that date? Every field has its reason, and so has what was passed over."""

import datetime as dt

import pytest

from services.parser.inspect.fields import Field
from services.parser.inspect.inspection import inspect_page
from services.parser.site_rules.rules import SiteRule
from shared.parsed_page import Article

VISIT = dt.datetime(2025, 3, 6, tzinfo=dt.UTC)
TEXTS = {
    "nl": "De veerpont vaart weer tussen de kade en het eiland, zes jaar nadat de laatste boot aan een museum werd "
    "verkocht, en zo'n vierhonderd mensen stonden in de regen om haar te zien vertrekken. ",
    "tr": "Rıhtım ile ada arasındaki vapur, son tekne bir müzeye satıldıktan altı yıl sonra salı günü yeniden "
    "sefere başladı ve yaklaşık dört yüz kişi yağmurda onun kalkışını izledi. ",
    "el": "Το πλοίο ανάμεσα στην προβλήτα και το νησί ξαναγύρισε την Τρίτη, έξι χρόνια αφότου το τελευταίο σκάφος "
    "πουλήθηκε σε μουσείο, και τετρακόσιοι άνθρωποι στάθηκαν στη βροχή για να το δουν. ",
}
TITLES = {
    "nl": "Veerpont vaart weer naar het eiland",
    "tr": "Vapur adaya yeniden sefer yapıyor",
    "el": "Το πλοίο γυρίζει στο νησί",
}


def fields_of(
    html: str, url: str = "https://kade.example/nieuws/veerpont", rule: SiteRule | None = None
) -> dict[str, Field]:
    inspection = inspect_page(html.encode(), url=url, visited_at=VISIT, rule=rule)
    return {field.name: field for field in inspection.fields}


def page(language: str = "nl", *, head: str = "", above: str = "", below: str = "") -> str:
    paragraphs = "".join(f"<p>{TEXTS[language]}{TEXTS[language]}</p>" for _ in range(3))
    return (
        f'<!doctype html><html lang="{language}"><head><title>{TITLES[language]} | De Kade</title>'
        f'<meta property="og:site_name" content="De Kade">{head}</head><body><main><article>'
        f"<h1>{TITLES[language]}</h1>{above}{paragraphs}</article>{below}</main></body></html>"
    )


def passed_over(field: Field) -> dict[str, str]:
    return {claim.value: claim.why for claim in field.passed_over}


def test_every_field_of_an_article_is_shown_with_a_reason() -> None:
    fields = fields_of(page())
    flags = {"truncated", "paywalled", "consent_wall", "live_blog", "next_page_url"}
    assert set(Article.__struct_fields__) - {"blocks", "provenance"} - flags <= fields.keys()
    assert all(field.why for field in fields.values())
    assert fields["authors"].values == []
    assert fields["title"].sources == [f"<title> ({TITLES['nl']} | De Kade)", "the heading <h1>"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("De Kade", "the publisher itself"),
        ("Redactie", "an organisation or a desk, and no person"),
        ("https://kade.example/auteurs/12", "not written like the name of a person"),
        ("Reporter", "a role, without the name of whoever has it"),
    ],
)
def test_an_author_field_without_a_person_says_why(value: str, why: str) -> None:
    """An organisation signs where nobody else does, so a byline names a person here."""
    byline = '<p class="byline">Door Sanne Verhoef</p>'
    field = fields_of(page(head=f'<meta name="author" content="{value}">', above=byline))["authors"]
    assert field.values == ["Sanne Verhoef"]
    assert field.why == "a byline beside the headline or below the text"
    assert passed_over(field)[value].startswith(why)


def test_a_line_that_nobody_calls_a_byline_is_named_where_the_author_is_missing() -> None:
    field = fields_of(page("tr", above="<p>Deniz Aksoy yerinden bildirdi, sayfa 4</p>"))["authors"]
    assert field.values == []
    assert any("Deniz Aksoy" in value and "no word such as by" in why for value, why in passed_over(field).items())


def test_names_of_comments_and_of_other_articles_are_passed_over_as_such() -> None:
    comments = "".join(
        f'<div class="comment"><span class="comment-author">{name}</span><time datetime="2025-03-05">5 maart</time>'
        f"<p>{TEXTS['nl']}</p></div>"
        for name in ("Piet Kramer", "Els de Boer")
    )
    other = """<script type="application/ld+json">[{"@type": "NewsArticle", "headline": "Molen verkocht",
    "url": "https://kade.example/molen", "author": {"@type": "Person", "name": "Joost Mulder"},
    "datePublished": "2025-03-01"}, {"@type": "NewsArticle", "headline": "Veerpont vaart weer naar het eiland",
    "author": {"@type": "Person", "name": "Sanne Verhoef"}, "datePublished": "2025-03-04T08:00:00+01:00"}]</script>"""
    fields = fields_of(page(head=other, below=f'<section id="comments" class="comments-area">{comments}</section>'))
    names, dates = passed_over(fields["authors"]), passed_over(fields["published_at"])
    assert fields["authors"].values == ["Sanne Verhoef"]
    assert names["Joost Mulder"] == "of another article in the page's data: Molen verkocht"
    assert names["Piet Kramer"] == "in a part that the page calls comments"
    assert dates["2025-03-01"] == "of another article in the page's data: Molen verkocht"
    assert dates["2025-03-05"] == "in a part that the page calls comments"
    assert any("comments" in why for why in passed_over(fields["text"]).values())


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2025-08-01T10:00:00+02:00", "more than two days after the visit, so it is no publication"),
        ("gisteren", "no date that can be read"),
    ],
)
def test_a_date_that_is_not_believed_says_why(value: str, why: str) -> None:
    head = f'<meta property="article:published_time" content="{value}">'
    field = fields_of(page(head=head, above='<p class="date">Dinsdag 4 maart 2025</p>'))["published_at"]
    assert (field.values, field.why) == (["2025-03-04"], "the visible page, between the headline and the text")
    assert passed_over(field) == {value: why}


def test_a_date_of_the_visible_page_after_the_visit_is_named() -> None:
    field = fields_of(page("tr", above='<p class="date">12 Ağustos 2025</p>'))["published_at"]
    assert field.values == []
    assert passed_over(field) == {"2025-08-12": "more than two days after the visit, so it is no publication"}


def test_an_earlier_date_beside_the_headline_is_right_and_says_so() -> None:
    head = '<meta name="date" content="2025-03-05T10:00:00"><meta name="last-modified" content="2025-03-05T10:00:00">'
    field = fields_of(page("el", head=head, above="<time datetime='2025-03-02'>2 Μαρτίου 2025</time>"))["published_at"]
    assert (field.values, field.why) == (
        ["2025-03-02"],
        "beside the headline; the head's later date may be that of the file",
    )
    assert passed_over(field) == {
        "2025-03-05T10:00:00": "later than the date beside the headline; it may be that of the file"
    }


def test_the_date_of_a_change_is_told_from_that_of_the_publication() -> None:
    above = '<p class="date">4 Mart 2025</p><p class="date">Güncelleme: 5 Mart 2025</p>'
    fields = fields_of(page("tr", above=above))
    assert fields["published_at"].values == ["2025-03-04"]
    assert passed_over(fields["published_at"]) == {"2025-03-05": "said to be a change, which is no publication"}
    assert (fields["modified_at"].values, fields["modified_at"].why) == (["2025-03-05"], "the visible page")


def test_a_day_in_the_address_is_the_last_resort_and_says_so() -> None:
    field = fields_of(page(), url="https://kade.example/2025/03/04/veerpont")["published_at"]
    assert (field.values, field.sources) == (["2025-03-04"], ["the address"])
    assert field.why == "the day in the page's address; nothing else says when"


def test_a_rewritten_title_and_the_name_of_the_site_are_passed_over() -> None:
    head = (
        '<meta property="og:title" content="Zo kom je weer op het eiland"><meta name="twitter:title" content="De Kade">'
    )
    field = fields_of(page(head=head))["title"]
    assert passed_over(field) == {
        "Zo kom je weer op het eiland": "the heading that readers see comes first",
        "De Kade": "the name of the site",
    }


def test_what_a_site_rule_selects_is_named_as_the_reason() -> None:
    rule = SiteRule(site="kade.example", seen=dt.date(2025, 3, 4), author=".van", date=".dag")
    above = '<div class="van">Sanne Verhoef</div><div class="dag">3 maart 2025</div>'
    fields = fields_of(page(above=above), rule=rule)
    assert fields["authors"].why == fields["published_at"].why == "the site rule selects it"


def test_publishers_are_believed_in_order() -> None:
    head = """<script type="application/ld+json">{"@type": "NewsArticle",
    "headline": "Veerpont vaart weer naar het eiland",
    "publisher": {"@type": "Organization", "name": "Uitgeverij Kade bv"}}</script>"""
    field = fields_of(page(head=head))["publisher"]
    assert (field.values, field.sources) == (["Uitgeverij Kade bv"], ["JSON-LD publisher"])
    assert passed_over(field) == {"De Kade": "another claim is believed first"}


def test_a_language_that_the_text_is_not_in_is_passed_over() -> None:
    field = fields_of(page("el").replace('lang="el"', 'lang="en"'))["language"]
    assert (field.values, field.why) == (["el"], "the text's letters and words")
    assert passed_over(field) == {"en": "the text is not in it"}


def test_a_page_that_is_said_to_be_paid_but_has_its_whole_text() -> None:
    head = '<meta property="article:content_tier" content="metered">'
    field = fields_of(page(head=head).replace("</article>", f"<p>{TEXTS['nl'] * 8}</p></article>"))["paywalled"]
    assert field.values == []
    assert passed_over(field) == {"metered": "the text is long enough to be all of the story, and ends like one"}


def test_a_story_cut_into_pages_names_where_it_goes_on() -> None:
    below = '<nav class="pagination"><span>1</span> <a href="?page=2">2</a> <a href="?page=3">3</a></nav>'
    fields = fields_of(page(below=below))
    assert fields["truncated"].why == "the story goes on at another address"
    assert fields["next_page_url"].values == ["https://kade.example/nieuws/veerpont?page=2"]


def test_a_lead_says_what_makes_it_one() -> None:
    lead = '<p class="intro">Na zes jaar is de veerpont terug, en de eerste boten waren vol met eilanders.</p>'
    assert fields_of(page(above=lead))["lead"].why == "the page calls its box a lead, a summary or the like"
    assert fields_of(page())["lead"].why.startswith("the first paragraph is plain text")


def test_a_page_without_an_article_says_why() -> None:
    links = "".join(
        f'<li><a href="/nieuws/verhaal-nummer-{n}-over-de-kade">Verhaal {n} over de kade en het eiland</a></li>'
        for n in range(9)
    )
    field = fields_of(f"<html lang=nl><body><ul>{links}</ul></body></html>", url="https://kade.example/")["article"]
    assert field.values == []
    assert field.why == "no text of the page reads like an article, and its head describes none"


def test_a_page_that_bars_the_way_says_which_wall_it_is() -> None:
    wall = """<html lang="en"><head><title>Just a moment...</title><meta name="robots" content="noindex"></head><body>
    <h1>Verify you are human</h1><p>kade.example needs to check the security of your connection. Complete the captcha
    to verify that you are a human and not a robot.</p></body></html>"""
    assert fields_of(wall)["article"].why == "the page only bars the way to its story: challenge"
