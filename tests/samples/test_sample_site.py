"""The sample site is consistent with itself, whatever any parser makes of it."""

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from cli.sample_site.catalogue import EXPECTED_FOLDER, SamplePage, sample_pages, served_files

PAGES = sample_pages()
SERVED = served_files()
HTML_PAGES = [page for page in PAGES if page.file.suffix == ".html"]
LANGUAGES = ("fr", "ar", "en", "es")
VOID_TAGS = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
UNREAD_TAGS = frozenset({"script", "style", "title"})

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
each_html_page = pytest.mark.parametrize("page", HTML_PAGES, ids=lambda page: page.path)


@each_page
def test_every_page_has_an_expected_file(page: SamplePage) -> None:
    assert page.expected["page_type"] in {"article", "listing", "feed", "sitemap"}


def test_every_expected_file_has_a_page() -> None:
    assert sorted(EXPECTED_FOLDER.rglob("*.json")) == sorted(page.expected_file for page in PAGES)


def test_there_are_enough_articles_in_each_language() -> None:
    languages = Counter(page.expected["language"] for page in HTML_PAGES if page.expected["article"])
    assert languages.total() >= 18
    assert all(languages[language] >= 4 for language in LANGUAGES)


@pytest.mark.parametrize("kind", ["ticker", "latest", "trending", "most_read", "related", "front", "feed"])
def test_every_kind_of_list_stands_on_two_pages(kind: str) -> None:
    assert sum(any(one["kind"] == kind for one in page.expected["lists"]) for page in PAGES) >= 2


def test_no_two_pages_share_a_title() -> None:
    titles = [page.expected["article"]["title"] for page in PAGES if page.expected["article"]]
    titles += [read(page).title for page in HTML_PAGES]
    assert [title for title, count in Counter(titles).items() if count > 1] == []


@each_html_page
def test_tags_are_closed_in_the_order_in_which_they_were_opened(page: SamplePage) -> None:
    assert read(page).faults == []


@each_html_page
def test_every_internal_link_leads_to_a_file(page: SamplePage) -> None:
    links = [link for link in read(page).links if not urlsplit(link).scheme and not link.startswith("#")]
    assert links
    assert [link for link in links if urlsplit(link).path not in SERVED] == []


@each_html_page
def test_a_link_to_a_fragment_has_a_target(page: SamplePage) -> None:
    markup = read(page)
    assert [link for link in markup.links if link.startswith("#") and link[1:] not in markup.ids] == []


@each_html_page
def test_external_links_are_of_the_reserved_domain(page: SamplePage) -> None:
    hosts = {urlsplit(link).hostname for link in read(page).links + read(page).sources if urlsplit(link).hostname}
    assert all(host.endswith(".example") for host in hosts if host)


def test_the_front_page_links_to_every_article() -> None:
    front = next(page for page in PAGES if page.path == "/")
    articles = {page.path for page in PAGES if page.expected["page_type"] == "article"}
    assert articles - set(read(front).links) == set()


@each_page
def test_expected_headlines_stand_in_the_page(page: SamplePage) -> None:
    text = text_of(page)
    for headlines in page.expected["lists"]:
        assert headlines["label"] is None or fold(headlines["label"]).casefold() in text.casefold()
        assert [one["text"] for one in headlines["headlines"] if fold(one["text"]) not in text] == []


@each_page
def test_expected_links_lead_to_a_file_and_stand_in_the_page(page: SamplePage) -> None:
    source = decode(page.file)
    for headlines in page.expected["lists"]:
        for one in headlines["headlines"]:
            assert one["url"] is None or (one["url"] in SERVED and one["url"] in source)


@each_page
def test_headlines_are_listed_once_a_kind(page: SamplePage) -> None:
    texts = Counter((some["kind"], one["text"]) for some in page.expected["lists"] for one in some["headlines"])
    assert [key for key, count in texts.items() if count > 1] == []


@each_page
def test_the_expected_article_stands_in_the_page(page: SamplePage) -> None:
    article, text = page.expected["article"], text_of(page)
    if article is None:
        assert page.expected["page_type"] != "article"
        return
    assert 6 <= len(article["paragraphs"]) <= 12
    own = [article["title"], article["lead"], *article["authors"], *article["paragraphs"], *article["subheads"]]
    assert [one for one in own + article["must_contain"] if fold(one) not in text] == []


@each_page
def test_what_must_stay_out_is_on_the_page_but_not_in_the_article(page: SamplePage) -> None:
    article, text = page.expected["article"], text_of(page)
    if article is None:
        return
    body = fold(" ".join([article["lead"], *article["paragraphs"], *article["subheads"], *article["must_contain"]]))
    assert article["must_not_contain"]
    assert [one for one in article["must_not_contain"] if fold(one) not in text or fold(one) in body] == []


def test_pages_are_in_utf_8_but_for_two_old_ones() -> None:
    old = {page.path: charset_of(page.file.read_bytes()) for page in PAGES}
    assert sorted(charset for charset in old.values() if charset != "utf-8") == ["windows-1252", "windows-1256"]


class Markup(HTMLParser):
    """What a reader could see of a page (text, tool tips), and what its tags say."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.tool_tips: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.ids: set[str] = set()
        self.faults: list[str] = []
        self.title = ""
        self._open: list[str] = []
        self.feed(source)
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID_TAGS:
            self._open.append(tag)
        if tag == "br":
            self.pieces.append("\n")
        if tag in {"a", "link"}:
            self.links.append(values["href"])
        if "src" in values:
            self.sources.append(values["src"])
        self.ids.add(values.get("id", ""))
        self.tool_tips.append(values.get("title", ""))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in VOID_TAGS:
            self.faults.append(f"</{tag}> at {self.getpos()} closes <{self._open[-1] if self._open else None}>")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data
        if not UNREAD_TAGS.intersection(self._open):
            self.pieces.append(data)


def read(page: SamplePage) -> Markup:
    return Markup(decode(page.file))


def text_of(page: SamplePage) -> str:
    if page.file.suffix == ".html":
        markup = read(page)
        return fold("".join(markup.pieces) + "\n" + "\n".join(markup.tool_tips))
    if page.file.suffix == ".xml":
        # Titles of type html are escaped twice.
        text = "\n".join(ElementTree.fromstring(page.file.read_bytes()).itertext())
        return fold(text.replace("&amp;", "&"))
    return fold(decode(page.file))


def decode(file: Path) -> str:
    body = file.read_bytes()
    return body.decode(charset_of(body))


def charset_of(body: bytes) -> str:
    declared = re.search(rb"charset=[\"']?([\w-]+)", body)
    return declared[1].decode("ascii").lower() if declared else "utf-8"


def fold(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
