"""Which reader gave each field, on pages that say a field in one way or another."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from services.parser.fields.provenance import FIELDS, READERS
from services.parser.page import parse_page
from services.parser.site_rules.rules import SiteRule
from shared.parsed_page import Article
from tests.support.documented import ROOT

URL = "https://www.beacon.example/2025/05/08/harbour-grows.html"
TITLE = "Harbour grows after long wait"
TEXT = "".join(
    f"<p>The council said on {day} that the harbour will grow by three quays before the end of the year, and that the "
    "ships from the north may then land there again, as they did before the storm.</p>"
    for day in ("Monday", "Tuesday", "Wednesday")
)
GOLDEN = sorted(Path("tests/parser/golden").glob("*/source.html"))


def read(head: str = "", *, above: str = "", url: str = URL, rule: SiteRule | None = None) -> Article:
    body = f"<h1>{TITLE}</h1>{above}{TEXT}"
    html = f'<!doctype html><html lang="en"><head>{head}</head><body><article>{body}</article></body></html>'
    article = parse_page(html.encode(), url=url, rule=rule).article
    assert article is not None
    return article


def json_ld(**facts: object) -> str:
    node = {"@type": "NewsArticle", "headline": TITLE, "url": URL, **facts}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


CASES = [
    (json_ld(datePublished="2025-05-07T10:00:00Z"), "", "published_at", "json-ld"),
    (meta("article:published_time", "2025-05-07T10:00:00Z"), "", "published_at", "opengraph"),
    (meta("parsely-pub-date", "2025-05-07T10:00:00Z"), "", "published_at", "meta"),
    (meta("article:published_time", "soon") + meta("pubdate", "2025-05-07"), "", "published_at", "meta"),
    ("", '<time datetime="2025-05-07">7 May 2025</time>', "published_at", "page"),
    ("", "", "published_at", "url"),
    (json_ld(dateModified="2025-05-08T10:00:00Z"), "", "modified_at", "json-ld"),
    (meta("og:updated_time", "2025-05-08T10:00:00Z"), "", "modified_at", "opengraph"),
    (meta("lastmod", "2025-05-08T10:00:00Z"), "", "modified_at", "meta"),
    (json_ld(author={"@type": "Person", "name": "Ada Quill"}), "", "authors", "json-ld"),
    (meta("author", "Ada Quill"), "", "authors", "meta"),
    (meta("article:author", "Ada Quill"), "", "authors", "opengraph"),
    ("", '<p class="byline">By Ada Quill</p>', "authors", "byline"),
    (meta("author", "Bo Stone"), '<p class="byline">By Ada Quill</p>', "authors", "byline"),
    (json_ld(publisher={"@type": "Organization", "name": "The Beacon"}), "", "publisher", "json-ld"),
    (meta("og:site_name", "The Beacon"), "", "publisher", "opengraph"),
    (meta("dc.publisher", "The Beacon"), "", "publisher", "meta"),
    (meta("article:section", "Town"), "", "section", "opengraph"),
    (json_ld(articleSection="Town"), "", "section", "json-ld"),
    (meta("article:tag", "harbour"), "", "tags", "opengraph"),
    (json_ld(keywords=["harbour", "quay"]), "", "tags", "json-ld"),
    (meta("keywords", "harbour, quay"), "", "tags", "meta"),
    (json_ld(image="https://www.beacon.example/a.jpg"), "", "images", "json-ld"),
    (meta("og:image", "https://www.beacon.example/a.jpg"), "", "images", "opengraph"),
    (meta("og:image", "/a.jpg"), "", "images", "opengraph"),
    ("", '<figure><img src="/a.jpg" alt="A quay"><figcaption>The quay</figcaption></figure>', "images", "body"),
    (f'<link rel="canonical" href="{URL}">', "", "canonical_url", "link"),
    (meta("og:url", URL), "", "canonical_url", "opengraph"),
    (meta("original-source", "https://agency.example/x"), "", "source_url", "meta"),
    (f"<title>{TITLE}</title>", "", "title", "heading"),
    ("", "", "language", "html"),
    ("", "", "text", "body"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "above", "field", "reader"), CASES)
def test_a_field_names_its_reader(head: str, above: str, field: str, reader: str) -> None:
    assert read(head, above=above).provenance[field] == reader


TITLES = [
    (meta("og:title", f"{TITLE} today"), "opengraph"),
    (meta("twitter:title", f"{TITLE} today"), "meta"),
    (f"<title>{TITLE} today | The Beacon</title>", "title-element"),
    (json_ld(headline=f"{TITLE} today"), "json-ld"),
]


@pytest.mark.parametrize(("head", "reader"), TITLES)
def test_a_title_that_no_heading_shows_is_of_the_head(head: str, reader: str) -> None:
    html = f'<html lang="en"><head>{head}</head><body><article>{TEXT}</article></body></html>'
    article = parse_page(html.encode(), url=URL).article
    assert article is not None
    assert article.title is not None
    assert article.provenance["title"] == reader


def test_a_language_that_the_page_does_not_name_is_of_the_text() -> None:
    html = f"<html><body><article><h1>{TITLE}</h1>{TEXT}</article></body></html>"
    article = parse_page(html.encode(), url=URL).article
    assert article is not None
    assert (article.language, article.provenance["language"]) == ("en", "text")


def test_what_a_site_rule_selects_is_the_rules() -> None:
    rule = SiteRule(
        site="www.beacon.example", seen=dt.date(2025, 5, 8), title="h1", author=".who", date="time", body="article p"
    )
    article = read(above='<i class="who">Ada Quill</i><time datetime="2025-05-07">x</time>', rule=rule)
    assert article.authors == ["Ada Quill"]
    assert {article.provenance[name] for name in ("title", "authors", "published_at", "text")} == {"site-rule"}


def test_a_text_document_is_read_line_by_line() -> None:
    text = f"{TITLE}\nBy Ada Quill\n\n" + "\n\n".join(re.findall("<p>(.*?)</p>", TEXT))
    article = parse_page(text.encode(), url="https://www.beacon.example/a.txt", content_type="text/plain").article
    assert article is not None
    assert article.provenance == {
        "title": "lines",
        "lead": "lines",
        "authors": "lines",
        "text": "lines",
        "language": "text",
    }


@pytest.mark.parametrize("source", GOLDEN, ids=[source.parent.name for source in GOLDEN])
def test_every_field_that_has_a_value_has_a_reader(source: Path) -> None:
    page = parse_page(source.read_bytes(), url=URL)
    if page.article is not None:
        there = {name for name in FIELDS if getattr(page.article, name)}
        there |= {"canonical_url"} if page.canonical_url else set()
        assert set(page.article.provenance) == there
        assert set(page.article.provenance.values()) <= set(READERS)


def test_the_documentation_names_every_reader() -> None:
    table = (
        (ROOT / "docs" / "reading.md")
        .read_text("utf-8")
        .partition("<!-- readers -->")[2]
        .partition("<!-- /readers -->")[0]
    )
    assert tuple(re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)) == READERS
