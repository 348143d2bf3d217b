"""Facts of the article: the head's claims against the visible page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.body.article import Region
from services.parser.documents.mirror_page import parse_mirror_page
from services.parser.fields.facts import Fields, complete_fields
from services.parser.fields.metadata import read_metadata
from services.parser.outline.outline import outline_of
from tests.support.steps import steps

URL = "https://www.beacon.example.co.uk/news/harbour"
TEXT = (
    "<p>The region started work on the harbour on Tuesday, and it will take three years until the quay is open.</p>" * 4
)
# So many lines of Python take a second.
MOST_STEPS = 5_000_000


def facts(
    before: str = "", *, head: str = "", after: str = "", above: str = "", url: str = URL, text: str = TEXT
) -> Fields:
    html = f"""<html lang="en"><head><title>The harbour grows</title>{head}</head><body>
    <header><div class="clock">Tuesday 24 November 2026</div></header><main>{above}<h1>The harbour grows</h1>{before}
    <div id="text">{text}</div>{after}</main><footer>© 2019 The Beacon</footer></body></html>"""
    outline = outline_of(html)
    box = next(e for e in outline.elements if e.attrs.get("id") == "text")
    region = Region(title_element=outline.tagged("h1")[0], first=box.index + 1, last=box.end - 1)
    return complete_fields(outline, read_metadata(outline, url), region)


LD = '<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "The harbour grows", {}}}</script>'


@pytest.mark.parametrize(
    "byline",
    [
        "<p>By Anne Larkin</p>",
        '<div class="byline">Anne Larkin</div>',
        '<a href="/authors/anne-larkin">Anne Larkin</a>',
        '<a rel="author" href="/x">Anne Larkin</a>',
        '<div class="author"><span>By</span><div>Anne Larkin</div><div>Harbour correspondent</div></div>',
        '<address>Anne Larkin, <a href="mailto:a@beacon.example">a@beacon.example</a></address>',
        '<figure class="author">Jo Davis</figure><p>By Anne Larkin</p>',
        '<div class="share author">Share This Now</div><p class="author">By Anne Larkin | 3 min read</p>',
    ],
)
def test_the_visible_byline(byline: str) -> None:
    assert facts(byline).authors == ["Anne Larkin"]
    assert facts(after=byline).authors == ["Anne Larkin"]


def test_several_authors_in_boxes_of_their_own() -> None:
    page = facts('<a rel="author" href="/a">Anne Larkin</a> and <a rel="author" href="/b">Jo Davis</a>')
    assert page.authors == ["Anne Larkin", "Jo Davis"]


def test_editors_and_photographers_are_no_authors() -> None:
    page = facts('<a rel="author" href="/a">Anne Larkin</a><p>Edited by <a rel="author" href="/b">Jo Davis</a></p>')
    assert page.authors == ["Anne Larkin"]


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="byline"><a href="/x">Anne Larkin</a><a href="https://t.example">Twitter</a><b>Writer</b></div>',
        '<div class="byline"><a href="/x">Anne Larkin</a> <i>Port Valmer</i> <i>3 May 2024, 20:10 h</i></div>',
        '<div class="byline"><p>Written by Anne Larkin</p><p>Researched by Jo Davis</p></div>',
    ],
)
def test_a_name_among_other_parts_of_a_box(byline: str) -> None:
    assert facts(byline).authors == ["Anne Larkin"]


def test_a_name_that_shares_its_line_with_the_date() -> None:
    assert facts("<div><span>Anne Larkin</span> | 3 May 2024</div>").authors == ["Anne Larkin"]
    assert facts("<div>Harbour works | 3 May 2024</div>").authors == []
    assert facts("<h2>Anne Larkin 3 May 2024</h2>").authors == []


def test_desks_and_pen_names_sign_where_no_person_does() -> None:
    assert facts("<p>By the Larder Team</p>").authors == ["the Larder Team"]
    assert facts('<a rel="author" href="/x">larkin</a>').authors == ["larkin"]
    assert facts(after="<p>Posted by larkin on 3 May</p>").authors == ["larkin"]
    assert facts(after="<p>By the numbers</p>").authors == []


@pytest.mark.parametrize(
    "line",
    [
        "<p>Opinion | 3 May 2024 | Anne Larkin | 2 comments</p>",
        "<p>3 May 2024, 13:10 h – Anne Larkin</p>",
        "<p>Posted on 3 May 2024 by Anne Larkin</p>",
        "<ul><li>Opinion</li><li>3 May 2024</li><li>Anne Larkin</li></ul>",
    ],
)
def test_a_name_behind_the_date(line: str) -> None:
    assert facts(line).authors == ["Anne Larkin"]
    assert facts(above=line).authors == ["Anne Larkin"]


def test_a_name_in_a_table_of_dates_is_no_author() -> None:
    assert facts("<table><tr><td>3 May 2024 | Anne Larkin</td></tr></table>").authors == []


def test_a_link_beside_the_date_is_a_section() -> None:
    assert facts('<p>3 May 2024 | <a href="/harbour-works">Harbour Works</a></p>').authors == []


def test_names_that_open_or_close_the_text() -> None:
    assert facts(text=f"<p><strong>Anne Larkin / Jo Davis</strong></p>{TEXT}").authors == ["Anne Larkin", "Jo Davis"]
    assert facts(text=f"{TEXT}<p><em>Anne Larkin</em></p>").authors == ["Anne Larkin"]
    assert facts(text=f"{TEXT}<p>Anne Larkin</p>").authors == []
    assert facts(text=f'<p><b><a href="/x">Anne Larkin</a></b></p>{TEXT}').authors == []
    assert facts(text=f"{TEXT}<p><b>Port Valmer</b></p>{TEXT}").authors == []


def test_who_signs_by_the_class_of_the_box() -> None:
    assert facts('<p class="author-name">Team Harbour</p>').authors == ["Team Harbour"]
    assert facts('<div class="username"><a href="/u/larkin">larkin</a></div>').authors == ["larkin"]


def test_an_author_box_far_from_the_first_is_another_articles() -> None:
    others = "<p>x</p>" * 60
    page = facts(
        after=f'{others}<p class="author">Anne Larkin</p>{others}<p class="author">Jo Davis</p>',
        url="https://b.example/x",
    )
    assert page.authors == ["Anne Larkin"]


def test_people_of_the_head_come_first_where_the_page_shows_them_or_nobody() -> None:
    head = LD.format('"author": {"name": "Jo Davis"}')
    assert facts(head=head).authors == ["Jo Davis"]
    assert facts("<p>By Anne Larkin</p><p>Desk: Jo Davis</p>", head=head).authors == ["Jo Davis"]
    assert facts("<p>By Jo Davis, Anne Larkin</p>", head=head).authors == ["Jo Davis"]
    assert facts("<p>By Larkin</p>", head=head).authors == ["Jo Davis"]


@pytest.mark.parametrize("author", ["Jo Davis", "Jo"])
def test_a_byline_that_names_others_is_right(author: str) -> None:
    head = LD.format(f'"author": {{"name": "{author}"}}')
    assert facts("<p>By Anne Larkin</p>", head=head).authors == ["Anne Larkin"]


@pytest.mark.parametrize("author", ["Beacon", "news desk", "admin", "a.larkin"])
def test_a_shown_person_wins_over_desks_and_user_names(author: str) -> None:
    head = LD.format(f'"author": {{"name": "{author}"}}, "publisher": {{"name": "The Beacon"}}')
    assert facts("<p>By Anne Larkin</p>", head=head).authors == ["Anne Larkin"]
    assert facts(head=head).authors == ([] if author in ("Beacon", "admin") else [author])


def test_an_agency_signs() -> None:
    assert facts("<p>By Anne Larkin</p>", head=LD.format('"author": {"name": "Reuters"}')).authors == ["Reuters"]


def test_first_names_are_completed() -> None:
    assert facts("<p>By Anne Larkin</p>", head='<meta name="author" content="Anne">').authors == ["Anne Larkin"]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ('<time datetime="2024-05-03T10:12:13Z">3 May</time>', "2024-05-03T10:12:13+00:00"),
        ("<time>3 May 2024</time>", "2024-05-03"),
        ('<p class="date"><time datetime="2024-05-03T10:12+02:00">3 May 2024</time></p>', "2024-05-03T10:12:00+02:00"),
        ('<span class="date">03/05/2024 10:12</span>', "2024-05-03T10:12:00"),
        ("<p>By Anne Larkin, 3 May 2024</p>", "2024-05-03"),
        ("<p>Updated 4 May 2024</p><p>Published 3 May 2024</p>", "2024-05-03"),
        ('<time class="updated" datetime="2024-05-04">x</time><time datetime="2024-05-03">x</time>', "2024-05-03"),
        ('<p>Last updated: <time datetime="2024-05-04">x</time></p>', "2024-05-04"),
        ("<p>5 min read</p><p>3 May 2024</p>", "2024-05-03"),
        ("", None),
    ],
)
def test_the_visible_date(shown: str, expected: str | None) -> None:
    assert facts(shown).published_at == expected
    assert facts(above=shown).published_at == expected


def test_published_and_modified() -> None:
    page = facts("<p>Published 3 May 2024 10:00 | Updated 4 May 2024 11:00</p>")
    assert (page.published_at, page.modified_at) == ("2024-05-03T10:00:00", "2024-05-04T11:00:00")


@pytest.mark.parametrize(
    ("published", "modified"),
    [
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03T10:12:13", "2024-05-03T10:12:13"),
        ("2024-05-03T10:12:13+00:00", "2024-05-03T10:12:12+00:00"),
    ],
)
def test_an_earlier_date_beside_the_headline_where_the_head_speaks_of_the_file(published: str, modified: str) -> None:
    head = LD.format(f'"datePublished": "{published}", "dateModified": "{modified}"')
    assert facts("<p>12 April 2023</p>", head=head).published_at == "2023-04-12"
    assert facts("<p>12 June 2024</p>", head=head).published_at == published
    assert facts(head=head).published_at == published


def test_a_newsroom_that_changed_nothing_since() -> None:
    head = LD.format('"datePublished": "2024-05-03T10:12:13+02:00", "dateModified": "2024-05-03T10:12:13+02:00"')
    assert facts("<p>12 April 2023</p>", head=head).published_at == "2024-05-03T10:12:13+02:00"


def test_dates_of_the_head_come_first() -> None:
    head = LD.format('"datePublished": "2024-05-02", "dateModified": "2024-05-05"')
    page = facts("<time datetime='2024-05-03'>x</time>", head=head)
    assert (page.published_at, page.modified_at) == ("2024-05-02", "2024-05-05")


def test_the_address_comes_after_the_page() -> None:
    dated = "https://www.beacon.example.co.uk/2024/05/01/harbour"
    assert facts("<time datetime='2024-05-03'>x</time>", url=dated).published_at == "2024-05-03"
    assert facts(url=dated).published_at == "2024-05-01"


def test_the_clock_of_the_header_is_no_date() -> None:
    assert facts().published_at is None


def test_dates_of_other_stories_are_not_the_articles() -> None:
    rail = (
        "<div class='related'>"
        + "<p>x</p>" * 60
        + "<div class='related-item'><time class='related'>1 May 2024</time></div></div>"
    )
    assert facts(after=rail).published_at is None


def test_kicker() -> None:
    assert facts(above='<span class="kicker">Town</span>').kicker == "Town"
    assert facts().kicker is None


def test_without_an_article_the_heading_is_the_place() -> None:
    outline = outline_of("<h1>Notes of the town</h1><p>By Anne Larkin, 3 May 2024</p>")
    page = complete_fields(outline, read_metadata(outline, None), None)
    assert (page.title, page.authors, page.published_at) == ("Notes of the town", ["Anne Larkin"], "2024-05-03")


def test_an_empty_page_has_no_facts() -> None:
    outline = outline_of("")
    assert complete_fields(outline, read_metadata(outline, None), None) == Fields()


@pytest.mark.parametrize(
    "opening",
    [
        "<div class='author date'>",
        "<time class='x'>",
        "<a rel='author' href='/author/x'>",
        "<span itemprop='author'>",
        "<h1>",
        "<p>",
    ],
)
def test_deep_nesting_costs_little(opening: str) -> None:
    outline = outline_of("<h1>Notes of the town</h1>" + opening * 20_000 + "Published in 2024")
    metadata = read_metadata(outline, None)
    assert steps(lambda: complete_fields(outline, metadata, None)) < MOST_STEPS
    assert steps(lambda: parse_mirror_page(outline, metadata, None)) < MOST_STEPS


@given(st.text(alphabet="<>/=\"' abcdiptmeh1&;2024-.\n"))
def test_any_page_has_facts(text: str) -> None:
    outline = outline_of(text)
    complete_fields(outline, read_metadata(outline, text), None)


def test_the_day_that_readers_see() -> None:
    head = LD.format('"datePublished": "2024-05-03T02:30:00Z"')
    assert facts("<p>May 2, 2024 10:30 pm</p>", head=head).published_at == "2024-05-02T22:30:00-04:00"
    assert facts("<p>2 May 2024</p>", head=head).published_at == "2024-05-02T23:30:00-03:00"
    assert facts("", head=head).published_at == "2024-05-03T02:30:00+00:00"


def test_the_publisher_of_json_ld_is_no_author() -> None:
    head = LD.format(
        '"author": {{"name": "The Beacon"}}, "publisher": {{"name": "The Beacon"}}'.replace("{{", "{").replace(
            "}}", "}"
        )
    )
    assert facts(head=head).authors == []
    assert facts("<p>By Anne Larkin</p>", head=head).authors == ["Anne Larkin"]
    assert facts(head=f'{head}<meta name="author" content="The Beacon">').authors == ["The Beacon"]


def test_a_reporter_signs_below_a_text_without_capitals() -> None:
    assert facts(after="<p>이바다 기자 bada@sinmun.example</p>").authors == ["이바다"]
    assert facts(after="<div>（記者 山田太郎）</div>").authors == ["山田太郎"]


def test_of_all_who_worked_for_a_page_its_writers() -> None:
    head = '<meta name="author" content="Anne Larkin, Jo Davis, Pat Reed">'
    byline = "<div>Written by Anne Larkin</div><div>Photographed by Jo Davis; Styled by Pat Reed</div>"
    assert facts(byline, head=head).authors == ["Anne Larkin"]
    assert facts(head=head).authors == ["Anne Larkin", "Jo Davis", "Pat Reed"]


@pytest.mark.parametrize(
    "rail",
    [
        '<aside><h3>Lisäksi</h3><a href="/b">Toinen juttu</a> <time datetime="2026-02-20">20.2.2026</time></aside>',
        '<div class="related"><a href="/b">Muu juttu</a><span class="author">Pekka Saari</span><i>20.2.2026</i></div>',
        "<footer>© 2026 Majakka, 20.2.2026</footer>",
    ],
)
def test_neighbours_behind_the_text_give_neither_author_nor_date(rail: str) -> None:
    found = facts(after=rail)
    assert (found.authors, found.published_at) == ([], None)


def test_an_agency_signs_where_nobody_else_does() -> None:
    assert facts('<p class="byline">Reuters à Brest</p>').authors == ["Reuters"]
    assert facts("<p>AFP, Manila</p>").authors == ["AFP"]
    assert facts("<p>Efe | 3 May 2024</p>").authors == ["Efe"]
    assert facts("<p>AFP</p>").authors == []
    assert facts('<p>By Anne Larkin</p><p class="source">AFP</p>').authors == ["Anne Larkin"]


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        ("2026年2月12日 公開 / 2026年2月13日 更新", "2026-02-12", "2026-02-13"),
        ("2026.02.12 입력 | 2026.02.13 수정", "2026-02-12", "2026-02-13"),
        ("2026-02-12 更新時間：2026-02-13", "2026-02-12", "2026-02-13"),
        ("12 फरवरी 2026 को प्रकाशित | 13 फरवरी 2026 को अपडेट", "2026-02-12", "2026-02-13"),
        ("12.02.2026 tarihinde yayınlandı, 13.02.2026 tarihinde güncellendi.", "2026-02-12", "2026-02-13"),
        ("Stand: 13. Februar 2026. Erschienen am 12. Februar 2026", "2026-02-12", "2026-02-13"),
    ],
)
def test_what_stands_before_or_behind_a_date_says_what_it_is(line: str, published: str, modified: str) -> None:
    found = facts(f'<p class="d">{line}</p>')
    assert (found.published_at, found.modified_at) == (published, modified)
