"""What became of each piece of a page, and why: nothing lost, nothing twice, and reasons that hold."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.sample_site.catalogue import sample_pages
from services.parser.fields.claims import PassedOver
from services.parser.inspect.fields import SCRIPTS
from services.parser.inspect.inspection import Inspection, Part, inspect_page
from services.parser.outline.decode import decode_page
from services.parser.outline.outline import outline_of
from services.parser.page import parse_page
from services.parser.site_rules.rules import SiteRule
from shared.failures import GiveUp
from shared.parsed_page import Article

URL = "https://quay-courier.example/2025/03/04/ferry-service-returns-to-the-eastern-quay"
GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/source.html"))
SAMPLES = [page.file for page in sample_pages()]
PAGE = """<!doctype html><html lang="en"><head><title>Ferry service returns to the eastern quay</title>
<meta name="author" content="Oona Marsh"><meta property="article:published_time" content="2025-03-04T08:00:00Z">
<meta property="og:description" content="After six years the ferry is back, and the first boats were full."></head>
<body>
<nav class="main-menu"><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<div style="display:none">Please switch on scripts to read this site</div>
<div class="breaking-ticker"><span>Breaking</span>
<a href="/2025/03/04/harbour-wall-closed-after-night-storm">Harbour wall closed after the night storm</a>
<a href="/2025/03/04/council-votes-on-the-new-bridge-plan">Council votes on the new bridge plan today</a></div>
<main><article><p class="kicker">Harbour</p><h1>Ferry service returns to the eastern quay</h1>
<p class="byline">By Oona Marsh, 4 March 2025</p>
<figure><img src="/boat.jpg" width="900"><figcaption>The Kittiwake at noon.</figcaption></figure>
<p class="standfirst">After six years the ferry is back, and the first boats were full.</p>
<p>The ferry between the eastern quay and the island returned on Tuesday, six years after the last boat had been sold
to a museum, and some four hundred people stood in the rain to see it leave.</p>
<h2>A timetable for islanders</h2>
<p>There are nine crossings a day, the harbour master said, and the first one is early enough for those who work on
the mainland. Tickets cost three pounds, and islanders travel for half of that.</p>
<ul><li>The first boat leaves at six in the morning.</li><li>The last boat returns at eleven at night.</li></ul>
<p>Read also: <a href="/2025/03/01/what-the-old-ferry-is-doing">What the old ferry is doing in its museum</a></p>
<p>The council has paid for three years. After that, the boat must earn its keep, and not everybody on the quay
believes that it will, as several of those who had waited for an hour told this newspaper.</p>
</article></main>
<aside class="most-read"><h3>Most read</h3><ol>
<li>1. <a href="/2025/03/03/baker-of-mill-lane-retires-at-ninety">Baker of Mill Lane retires at ninety</a></li>
<li>2. <a href="/2025/03/03/school-choir-wins-the-county-prize">School choir wins the county prize again</a></li>
<li>3. <a href="/2025/03/02/two-seals-born-under-the-pier">Two seals are born under the old pier</a></li></ol></aside>
<footer class="site-footer">Imprint and contact</footer></body></html>"""


def inspected(html: str, rule: SiteRule | None = None) -> Inspection:
    return inspect_page(html.encode(), url=URL, rule=rule)


def letters(*texts: str) -> str:
    return "".join("".join(texts).split())


def parts_of(inspection: Inspection, role: str) -> list[Part]:
    return [part for part in inspection.parts if part.note.role == role]


def reason_for(inspection: Inspection, text: str) -> str:
    [part] = [part for part in inspection.parts if text in part.text]
    assert part.note.role == "dropped"
    assert part.note.why
    return part.note.kind


@pytest.mark.parametrize("file", [*GOLDEN, *SAMPLES], ids=lambda path: "-".join(path.parts[-3:]))
def test_every_letter_of_the_page_and_every_piece_of_the_result_is_there_once(file: Path) -> None:
    body = file.read_bytes()
    inspection = inspect_page(body, url=URL)
    assert inspection.page == parse_page(body, url=URL)
    if inspection.page.page_type in {"feed", "sitemap"}:
        assert inspection.parts == []
    elif file.suffix == ".html":
        with_text = [part.text for part in inspection.parts if part.url is None and part.note.where != SCRIPTS]
        assert letters(*with_text) == letters(*outline_of(decode_page(body)).runs)
    article = inspection.page.article or Article()
    shown = [part.text for part in parts_of(inspection, "article") if part.note.kind not in {"image", "embed"}]
    assert sorted(letters(*shown)) == sorted(letters(article.text.replace(" | ", " ")))
    blocks = {part.note.block for part in parts_of(inspection, "article")}
    assert blocks == set(range(0 if article.lead else 1, len(article.blocks) + 1))
    assert [line for report in inspection.lists for line in report.headlines] == inspection.page.headlines
    for report in inspection.lists if inspection.parts else []:
        shown = [part for part in parts_of(inspection, "headline") if part.note.list_number == report.number]
        positions = [part.note.position for part in shown] + report.unseen + report.in_article
        assert sorted(positions) == [line.position for line in report.headlines]
        for part in shown:
            assert report.headlines[(part.note.position or 0) - 1].text.startswith(part.text.rstrip(" .…"))


def test_the_article_is_cut_as_its_blocks_are() -> None:
    inspection = inspected(PAGE)
    kinds = [(part.note.block, part.note.kind) for part in parts_of(inspection, "article")]
    assert kinds == [
        *[(1, "image"), (1, "image"), (0, "lead"), (2, "paragraph"), (3, "heading"), (4, "paragraph"), (5, "list")],
        *[(5, "list"), (6, "paragraph")],
    ]
    assert all((part.note.score or 1.0) > 0 for part in parts_of(inspection, "article"))


def test_lines_that_say_what_the_fields_say_are_told_apart() -> None:
    said = {part.note.kind: part.text for part in parts_of(inspected(PAGE), "field")}
    assert said["title"] == "Ferry service returns to the eastern quay"
    assert said["author"] == "By Oona Marsh, 4 March 2025"


def test_each_list_is_found_with_its_label_and_what_is_beside_its_headlines() -> None:
    inspection = inspected(PAGE)
    reports = {report.kind: report for report in inspection.lists}
    assert reports.keys() == {"ticker", "related", "most_read"}
    assert reports["most_read"].why == "its label says so"
    assert reports["ticker"].why == "so its box is called: div.breaking-ticker"
    labels = {part.note.kind: part.text for part in parts_of(inspection, "label")}
    assert labels["most_read"] == "Most read"
    beside = [part.text for part in parts_of(inspection, "beside") if part.note.kind == "most_read"]
    assert beside == ["1.", "2.", "3."]


def test_what_is_dropped_has_its_reason_and_the_box_that_gave_it() -> None:
    inspection = inspected(PAGE)
    assert reason_for(inspection, "Sport") == "menu"
    assert reason_for(inspection, "Imprint") == "footer"
    assert reason_for(inspection, "Please switch on") == "hidden"
    [menu] = [part for part in inspection.parts if "Sport" in part.text]
    assert menu.note.where == "nav.main-menu"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("<p>Advertisement</p>", "pointer"),
        ("<p>Ferry service returns to the eastern quay</p>", "repeated"),
        ("<p>04.03.2019 08:15</p>", "date"),
        ('<div class="related-box">Our letter on Sundays</div>', "aside"),
        ('<div class="comments">Lovely boat, that one</div>', "notice"),
    ],
)
def test_the_reason_is_the_most_telling_sign(line: str, reason: str) -> None:
    text = line.partition(">")[2].partition("<")[0]
    page = PAGE.replace("</article>", f"</article>{line}")
    dropped = [part for part in parts_of(inspected(page), "dropped") if part.text == text]
    assert [part.note.kind for part in dropped] == [reason]


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (f'<section id="comments"><p>{"Eine Brücke wäre besser, sagt hier jeder. " * 3}</p></section>', "comments"),
        (f'<div><p>Anzeige</p><p>{"Wolle, jetzt im Laden. " * 3}</p><a href="/x">Los</a></div>', "advertisement"),
        ('<form><p>Der Brief am Morgen</p><input type="email"></form>', "sign_up"),
        (f"<dialog open><p>{'Wir achten auf Ihre Daten und auf die der anderen. ' * 3}</p></dialog>", "hidden"),
    ],
)
def test_what_was_set_apart_as_a_whole_says_what_it_is(part: str, reason: str) -> None:
    inspection = inspected(PAGE.replace("</article>", f"{part}</article>"))
    text = part.partition("<p>")[2].partition("<")[0].strip()
    [found] = [part for part in parts_of(inspection, "dropped") if part.text == text]
    assert found.note.kind == reason
    assert found.note.where


def test_a_copy_of_a_list_is_called_one() -> None:
    ticker = PAGE[PAGE.index('<div class="breaking-ticker">') : PAGE.index("<main>")]
    inspection = inspected(PAGE.replace("<main>", f"{ticker}<main>"))
    copies = [part.text for part in parts_of(inspection, "dropped") if part.note.kind == "copy"]
    assert "Council votes on the new bridge plan today" in copies
    assert len(parts_of(inspection, "headline")) == len(inspection.page.headlines)


def test_two_lists_that_share_stories_are_each_found_in_their_place() -> None:
    shared = '<li><a href="/2025/03/03/school-choir-wins-the-county-prize">School choir wins the county prize again</a>'
    first = '<li><a href="/2025/03/04/a-mill-is-sold-in-the-valley">A mill is sold in the valley</a>'
    latest = f"<section><h3>Latest news</h3><ul>{first}{shared}</ul></section>"
    inspection = inspected(PAGE.replace("</main>", f"</main>{latest}"))
    at = [(part.note.kind, part.text) for part in parts_of(inspection, "headline") if "choir" in part.text]
    assert at == [("latest", "School choir wins the county prize again"), ("most_read", at[0][1])]


def test_a_headline_that_only_an_attribute_says_is_not_looked_for_in_vain() -> None:
    link = '<a href="/2025/03/01/night-of-the-lanterns" title="Night of the lanterns draws a crowd">'
    picture = f'<li>{link}<img src="/l.jpg"></a>'
    inspection = inspected(PAGE.replace("</ol></aside>", f"{picture}</ol></aside>"))
    assert [report.unseen for report in inspection.lists if report.kind == "most_read"] == [[4]]


def test_fields_name_the_sources_that_agree() -> None:
    sources = {field.name: field.sources for field in inspected(PAGE).fields}
    assert sources["title"] == ["<title>", "the heading <h1>"]
    assert sources["authors"] == [
        "meta author",
        "the page, between the headline and the text (By Oona Marsh, 4 March 2025)",
    ]
    assert sources["published_at"] == [
        "meta article:published_time (2025-03-04T08:00:00Z)",
        "the page, between the headline and the text: By Oona Marsh, 4 March 2025 (2025-03-04)",
        "the address (2025-03-04)",
    ]
    assert sources["lead"] == ["meta og:description"]
    assert sources["language"] == ["<html lang>"]
    assert "truncated" not in sources


def test_an_address_that_is_not_believed_is_shown_with_the_reason() -> None:
    page = PAGE.replace("</head>", '<link rel="canonical" href="/"></head>')
    assert page != PAGE
    (field,) = (field for field in inspected(page).fields if field.name == "canonical_url")
    passed = PassedOver(said_by="<link rel=canonical>", value="/", why="a front page")
    assert (field.values, field.passed_over) == ([], [passed])


def test_a_wall_is_among_the_fields() -> None:
    wall = PAGE.replace("</article>", '<div class="paywall">Subscribe to continue reading this story</div></article>')
    fields = {field.name: field for field in inspected(wall).fields}
    assert fields["truncated"].why == fields["paywalled"].why == "a wall stands right behind the text"


def test_a_page_without_an_article_says_so() -> None:
    inspection = inspected("<html><body><p>Nothing is here yet</p></body></html>")
    assert inspection.page.page_type == "other"
    assert reason_for(inspection, "Nothing is here") == "no_article"


def test_a_site_rule_is_named_as_the_reason() -> None:
    rule = SiteRule(site="quay-courier.example", seen=dt.date(2025, 3, 4), body="article", ticker="aside li")
    inspection = inspected(PAGE, rule)
    assert inspection.page == parse_page(PAGE.encode(), url=URL, rule=rule)
    assert inspection.lists[0].why == "the site rule selects it"
    assert letters(*(part.text for part in inspection.parts if part.url is None)) == letters(*outline_of(PAGE).runs)


def test_plain_text_is_shown_line_by_line() -> None:
    prose = "The council met on Tuesday and agreed, after four hours, on a budget that nobody liked very much. " * 3
    text = f"Council agrees on a budget\n\n{prose}\n\n{prose}\n"
    inspection = inspect_page(text.encode(), url=None, content_type="text/plain")
    assert [part.note.kind for part in inspection.parts] == ["title", "lead", "paragraph"]


def test_only_what_is_no_page_is_given_up() -> None:
    with pytest.raises(GiveUp):
        inspect_page(b"", url=None)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<a href=/2025/a-b-c-d>", "</a>", "<b>", "<li>", "<br>", " x ", "Ay Bee Cee Dee Ee. "]
        )
    )
)
def test_no_markup_loses_a_letter(pieces: list[str]) -> None:
    html = "<html><body>" + "".join(pieces) + "</body></html>"
    assert letters(*(part.text for part in inspected(html).parts)) == letters(*outline_of(html).runs)
