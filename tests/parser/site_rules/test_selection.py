"""What a rule changes on a page, and what it cannot harm."""

from pathlib import Path

import pytest

from services.parser.page import parse_page
from services.parser.site_rules.rules import SiteRule, SiteRules, read_rules
from shared.parsed_page import Article, ParsedPage

FOLDER = Path(__file__).parents[1] / "rules"
FERRY = "https://www.gazette.example/news/ferry-timetable-changes-2210.html"
MILL = "https://lacigogne.example/pays/le-moulin-tourne-a-nouveau"
RULES = SiteRules(read_rules(FOLDER / "site_rules.toml"))


def saved(name: str) -> bytes:
    return (FOLDER / f"{name}.html").read_bytes()


def read(body: bytes, url: str, *, stale: list[str] | None = None) -> ParsedPage:
    return parse_page(body, url=url, rule=RULES.rule_for(url), on_stale=(stale if stale is not None else []).extend)


def article_of(page: ParsedPage) -> Article:
    assert page.article is not None
    return page.article


def changed(page: bytes, url: str, **keys: str | None) -> tuple[ParsedPage, list[str]]:
    """The page as read with other keys in its rule, and the keys that were of no use."""
    stale: list[str] = []
    rule = RULES.rule_for(url)
    assert rule is not None
    rule = SiteRule.model_validate({**rule.model_dump(), **keys})
    return parse_page(page, url=url, rule=rule, on_stale=stale.extend), stale


def test_all_that_is_selected_is_taken_as_it_stands() -> None:
    stale: list[str] = []
    article = article_of(read(saved("gazette.example"), FERRY, stale=stale))
    assert article.title == "Night ferry to keep its Sunday crossing"
    assert article.authors == ["Orla Penhallow", "Tobias Quill"]
    assert article.published_at == "2026-10-05T07:15:00"
    assert [block.text[:14] for block in article.blocks] == [
        "The night ferr",
        "The earlier pl",
        "The first boat",
        "Tickets that h",
    ]
    assert stale == []


def test_without_the_rule_the_page_is_read_otherwise() -> None:
    assert (
        article_of(parse_page(saved("gazette.example"), url=FERRY)).title != "Night ferry to keep its Sunday crossing"
    )


def test_elements_that_are_selected_one_by_one_keep_what_they_are() -> None:
    article = article_of(read(saved("lacigogne.example"), MILL))
    assert [block.type for block in article.blocks] == ["paragraph", "heading", "paragraph", "paragraph"]
    assert "lettre sur le patrimoine" not in article.text
    assert article.text.startswith("Après onze ans de silence")


def test_what_a_rule_leaves_out_is_found_as_on_any_other_page() -> None:
    article = article_of(read(saved("lacigogne.example"), MILL))
    assert article.title == "Le moulin de Valbrume tourne à nouveau"
    assert article.language == "fr"


def test_a_meta_element_says_its_content_and_a_time_its_moment() -> None:
    article = article_of(read(saved("lacigogne.example"), MILL))
    assert article.authors == ["Maëlle Darrigrand"]
    assert article.published_at == "2026-10-11T06:30:00+02:00"


def test_a_ticker_of_links_has_their_addresses_and_the_kind_that_the_rule_says() -> None:
    headlines = read(saved("gazette.example"), FERRY).headlines
    assert [(line.kind, line.position, line.text) for line in headlines] == [
        ("latest", 1, "Lighthouse lamp to be replaced before winter"),
        ("latest", 2, "School roof repairs run into a third week"),
        ("latest", 3, "Harbour fees stay where they are"),
    ]
    assert headlines[0].url == "https://www.gazette.example/news/lighthouse-lamp-2214.html"


def test_a_ticker_of_texts_has_none() -> None:
    headlines = read(saved("lacigogne.example"), MILL).headlines
    assert [(line.kind, line.text, line.url) for line in headlines] == [
        ("ticker", "Crue : la passerelle de Valbrume fermée jusqu'à jeudi", None),
        ("ticker", "Fête des vendanges : cinq mille visiteurs attendus", None),
    ]


def test_a_ticker_line_has_the_moment_beside_it_and_knows_the_page_itself() -> None:
    time = "<time datetime=2026-10-05T09:00+01:00>9:00</time>"
    line = f"<div class=w>{time} <a href={FERRY}#top>Night ferry</a></div>"
    body = saved("gazette.example").replace(b'<div id="wire">', b'<div id="wire">' + line.encode())
    first = read(body, FERRY).headlines[0]
    assert (first.text, first.published_at, first.is_self) == ("Night ferry", "2026-10-05T09:00:00+01:00", True)


def test_selected_lines_replace_the_lists_of_their_kind_and_their_doubles_in_others() -> None:
    stories = [
        ("Lighthouse lamp to be replaced before winter", "lighthouse-lamp-2214"),
        ("Bakery wins county prize", "b-2199"),
        ("New bridge opens on Thursday morning", "bridge-2198"),
        ("Choir looks for new voices in town", "c-2197"),
    ]
    items = "".join(f'<li><a href="/news/{slug}.html">{text}</a></li>' for text, slug in stories)
    for label, kind in (("Most read", "most_read"), ("Latest news", "latest")):
        box = f'<section class="box"><h2>{label}</h2><ol>{items}</ol></section></body>'
        body = saved("gazette.example").replace(b"</body>", box.encode())
        assert kind in {line.kind for line in parse_page(body, url=FERRY).headlines}
        others = [line.text for line in read(body, FERRY).headlines[3:]]
        assert others == ([text for text, _ in stories[1:]] if kind == "most_read" else [])


def test_lists_of_headlines_inside_the_body_are_no_text() -> None:
    items = "".join(
        f'<li><a href="/news/story-about-the-harbour-{n}.html">Another long story about the harbour, part {n}</a></li>'
        for n in range(4)
    )
    box = f'<div class="txt"><div class="related"><h3>Read also</h3><ul>{items}</ul></div>'
    page = read(saved("gazette.example").replace(b'<div class="txt">', box.encode()), FERRY)
    assert [line.kind for line in page.headlines[3:]] == ["related"] * 4
    assert "Another long story" not in article_of(page).text


def test_title_byline_and_date_inside_the_body_are_no_text() -> None:
    body = saved("gazette.example").replace(b"Story: ", b"By ").replace(b", picture desk: Ada Fenn", b"")
    page, stale = changed(body, FERRY, body="div.col", author="div.by")
    assert article_of(page).authors == ["Orla Penhallow", "Tobias Quill"]
    assert article_of(page).text.startswith("The night ferry between")
    assert stale == []


@pytest.mark.parametrize("key", ["body", "ticker", "title", "author", "date"])
def test_a_selector_that_selects_nothing_leaves_the_field_to_the_general_extraction(key: str) -> None:
    page, stale = changed(saved("gazette.example"), FERRY, **{key: ".of-last-year"})
    general = parse_page(saved("gazette.example"), url=FERRY)
    assert stale == [key]
    assert page.headlines == general.headlines
    article, other = article_of(page), article_of(general)
    values = {"title": article.title, "author": article.authors, "date": article.published_at, "ticker": page.headlines}
    others = {"title": other.title, "author": other.authors, "date": other.published_at, "ticker": general.headlines}
    if key == "body":
        assert article.text.startswith("The night ferry between")
    else:
        assert values[key] == others[key]


def test_a_selector_of_something_useless_counts_as_one_of_nothing() -> None:
    page, stale = changed(saved("gazette.example"), FERRY, date="div.hl", title="script", author="style")
    assert stale == ["title", "author", "date"]
    assert article_of(page).published_at == "2026-10-05T07:15:00"


@pytest.mark.parametrize("keys", [{"drop": "div.col"}, {"ticker": "div.col", "body": None}, {"drop": "*"}])
def test_a_rule_that_would_cost_the_page_its_article_is_not_applied(keys: dict[str, str | None]) -> None:
    page, stale = changed(saved("gazette.example"), FERRY, **keys)
    assert page == parse_page(saved("gazette.example"), url=FERRY)
    assert set(keys) - {"body"} <= set(stale)


def test_what_is_dropped_twice_over_is_dropped_once() -> None:
    page, _ = changed(saved("gazette.example"), FERRY, drop="div.poll, .poll, .poll p, p.poll-result, .poll-result")
    assert article_of(page) == article_of(read(saved("gazette.example"), FERRY))
