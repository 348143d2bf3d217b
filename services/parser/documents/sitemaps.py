"""Sitemaps, with the news titles that Google's extension gives, and indexes of sitemaps."""

import io
import re
from collections.abc import Iterable
from contextlib import suppress
from xml.etree.ElementTree import Element, ParseError, iterparse

from services.parser.documents.entries import MOST_ENTRIES, Entry, EntryList
from services.parser.fields.dates import DateHabits, read_moment
from services.parser.fields.title_text import clean_title
from services.parser.outline.addresses import absolute_url
from shared.parsed_page import FeedLink

SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})


def read_sitemap(text: str, url: str | None) -> EntryList:
    """Pages with their news titles, and the sitemaps of an index. The text has no DOCTYPE."""
    entries: list[Entry] = []
    sitemaps: list[FeedLink] = []
    name: str | None = None
    for element in _elements(text):
        tag = _local(element.tag)
        if tag not in {"url", "sitemap"}:
            continue
        page, paper = _page_and_paper(element)
        element.clear()
        address = absolute_url(page.get("loc"), url)  # the protocol asks for whole addresses; some sites write paths
        if address is None:
            continue
        if tag == "sitemap":
            sitemaps.append(FeedLink(url=address, modified_at=_moment(page)))
        else:
            entries.append(_entry(page, paper, address))
            name = name or paper.get("name")
        if len(entries) + len(sitemaps) >= MOST_ENTRIES:
            break
    return EntryList(title=name, entries=entries, sitemaps=sitemaps)


def _page_and_paper(element: Element) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of a page's own fields and those of its news: an image has a <loc> and a <title>, too."""
    news = next((child for child in element if _local(child.tag) == "news"), ())
    paper = next((child for child in news if _local(child.tag) == "publication"), ())
    return _texts((*element, *news)), _texts(paper)


def _entry(page: dict[str, str], paper: dict[str, str], address: str) -> Entry:
    """A story without a title is told by its address."""
    return Entry(
        text=clean_title(page.get("title") or "") or address,
        url=address,
        published_at=_moment(page),
        language=paper.get("language"),
    )


def _moment(page: dict[str, str]) -> str | None:
    return read_moment(page.get("publication_date") or page.get("lastmod"), DateHabits())


def _texts(elements: Iterable[Element]) -> dict[str, str]:
    """Names of elements -> their texts."""
    return {_local(element.tag): (element.text or "").strip() for element in elements}


def _elements(text: str) -> Iterable[Element]:
    """Elements as they close; of a document that breaks off, those before the break."""
    without_encoding = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    with suppress(ParseError):  # raised when the events before the break have been read
        for _, element in iterparse(io.BytesIO(without_encoding.encode("utf-8", "replace"))):
            yield element


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
