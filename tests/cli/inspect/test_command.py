"""`depeche inspect`: where the report goes, what it shows, and that a page cannot speak through it."""

import base64
import gzip
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from cli.inspect.report import report
from cli.inspect.rows import DROPPED
from cli.sample_site.catalogue import sample_pages
from services.parser.inspect.inspection import inspect_page
from services.parser.inspect.reasons import Reason
from tests.cli.conftest import Run
from tests.cli.hostile import HOSTILE
from tests.support.site import Site

URL = "https://news.example/2026/05/04/harbour-opens-after-nine-years"
PAGE = b"""<!doctype html><html lang="en"><head><title>Harbour opens after nine years</title></head><body>
<nav><a href="/">Home</a></nav><article><h1>Harbour opens after nine years</h1>
<p>The new harbour has opened after nine years of work, the port authority said on Thursday morning, and the first
ships came in at noon, while many people stood at the pier to see them, in spite of the rain.</p>
<p>The works had begun with a storm and a law suit, and for two winters nothing was built at all. The authority expects
four hundred ships a year, the half of them with timber, and a ferry to the island from the spring.</p>
</article></body></html>"""
ALLOWED_TAGS = frozenset(
    [
        *("html", "head", "meta", "title", "style", "body", "header", "main", "aside", "section", "div", "p", "span"),
        *("h1", "h2", "h3", "b", "code", "a", "ul", "ol", "li", "dl", "dt", "dd", "label", "input", "svg", "rect"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    ]
)
ALLOWED_ATTRIBUTES = frozenset(
    [
        *("lang", "dir", "class", "id", "role", "aria-label", "href", "target", "rel", "type", "checked", "scope"),
        *("x", "width", "height", "http-equiv", "content", "name", "charset"),
    ]
)
# Text on its ground, in pairs of custom properties.
INKS = ("article", "field", "dropped", *(f"list{n}" for n in range(1, 7)))
PAIRS = [
    *((f"{name}-ink", ground) for name in INKS for ground in (f"{name}-tint", "paper")),
    *(("text", ground) for ground in ("paper", "panel", "article-tint", "field-tint", "dropped-tint")),
    *((text, f"list{n}-tint") for text in ("text", "muted", "link") for n in range(1, 7)),
    *((text, "article-tint") for text in ("muted", "link")),
    *((text, ground) for text in ("muted", "link") for ground in ("paper", "panel", "dropped-tint", "field-tint")),
]
AA_TEXT = 4.5


class Elements(HTMLParser):
    """What a document consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def report_on(page: bytes, url: str | None = URL) -> str:
    return report(inspect_page(page, url=url), "page.html")


def text_in(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.parametrize("name", ["page.html", "page.html.gz"])
def test_the_report_stands_beside_the_page_and_its_path_is_said(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / name).write_bytes(gzip.compress(PAGE) if name.endswith(".gz") else PAGE)
    ran = run("inspect", f"saved/{name}", "--url", URL)
    assert (ran.status, ran.out) == (0, "")
    assert "wrote saved/page.inspect.html (article: 2 blocks" in ran.err
    assert "Harbour opens" in (tmp_path / "saved" / "page.inspect.html").read_text("utf-8")


def test_standard_input_to_standard_output(run: Run) -> None:
    ran = run("inspect", "-", "-o", "-", "--url", URL, stdin=PAGE)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == report(inspect_page(PAGE, url=URL), "standard input")


def test_a_web_address(run: Run, monkeypatch: pytest.MonkeyPatch, site: Site, tmp_path: Path) -> None:
    monkeypatch.setenv("DEPECHE_ALLOW_NETWORKS", "127.0.0.0/8")
    site.serve("/harbour", PAGE)
    assert run("inspect", site.url("/harbour")).status == 0
    assert site.url("/harbour") in (tmp_path / "inspect.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["none.html"], "Cannot read none.html"),
        (["empty.html"], "empty.html: The response has no content"),
        (["page.html", "-o", "page.html"], "page.html is the page itself"),
        (["page.html", "-o", "nowhere/report.html"], "Cannot write nowhere/report.html"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    (tmp_path / "empty.html").write_bytes(b"")
    ran = run("inspect", *arguments)
    assert ran.status == 2
    assert complaint in ran.err
    assert "Traceback" not in ran.err
    assert (tmp_path / "page.html").read_bytes() == PAGE


@pytest.mark.parametrize("page", sample_pages(), ids=lambda page: page.path)
def test_reports_are_well_formed_and_hold_all_that_was_found(page: object) -> None:
    body = page.file.read_bytes()  # type: ignore[attr-defined]
    inspection = inspect_page(body, url=URL)
    html = report(inspection, "page")
    assert len(re.findall(r'class="list list\d"', html)) == len(inspection.lists)
    shown = text_in(html).replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
    for part in inspection.parts:
        assert part.text in shown
    for line in inspection.page.headlines:
        assert line.text in shown
    opened = re.findall(r"<([a-z0-9]+)[ >]", html)
    closed = re.findall(r"</([a-z0-9]+)>", html)
    assert sorted(tag for tag in opened if tag not in {"meta", "input"}) == sorted(closed)


def test_the_legend_counts() -> None:
    html = text_in(report_on(PAGE))
    article = inspect_page(PAGE, url=URL).page.article
    assert article is not None
    characters = sum(len(block.text) for block in article.blocks)
    assert f"Article 2 blocks, {characters} characters" in html
    assert "Headline lists 0 lists, 0 characters" in html
    assert "Dropped 1 part, 4 characters" in html


def test_a_page_is_nothing_but_text_in_its_report() -> None:
    html = report_on(HOSTILE.encode(), "https://hostile.example/2026/01/02/story-of-a-page")
    for tag, attributes in Elements(html).found:
        assert tag in ALLOWED_TAGS
        assert attributes.keys() <= ALLOWED_ATTRIBUTES
        assert tag == "meta" or "http-equiv" not in attributes
        if "href" in attributes:
            assert attributes["href"].startswith(("http://", "https://"))
            assert attributes["rel"] == "noopener noreferrer"
    assert text_in(html).count("pwned()") > 3  # it is all there to read


def test_the_policy_admits_the_style_sheet_alone() -> None:
    html = report_on(PAGE)
    metas = [attributes for tag, attributes in Elements(html).found if tag == "meta"]
    [policy] = [meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy"]
    style = html[html.index("<style>") + len("<style>") : html.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert {"name": "referrer", "content": "no-referrer"} in metas
    assert not re.search(r"url\(|@import", style)


def test_text_finds_its_own_direction_and_names_its_language() -> None:
    arabic = next(page for page in sample_pages() if page.path.startswith("/ar/society/"))
    html = report_on(arabic.file.read_bytes())
    assert re.search(r'<div class="what" lang="ar"><p dir="auto">', html)


def test_a_feed_has_its_entries_and_no_text() -> None:
    feed = next(page for page in sample_pages() if page.path == "/feed.xml")
    html = report_on(feed.file.read_bytes())
    assert "A feed has no text beside its entries." in html
    assert 'class="list list1"' in html


def test_every_reason_has_a_name() -> None:
    assert set(get_args(Reason)) == DROPPED.keys()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(dark: bool) -> None:
    style = report_on(PAGE)
    blocks = re.findall(r":root \{(.*?)\n *\}", style, re.S)
    colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", blocks[1 if dark else 0]))
    assert len(colours) == 24
    weak = {pair: ratio for pair in PAIRS if (ratio := contrast(*(colours[name] for name in pair))) < AA_TEXT}
    assert not weak


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
