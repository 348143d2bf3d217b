"""Feeds: lists of headlines that were never a page. RSS from 0.9 to 2.0, RDF, Atom 0.3 and 1.0, CDF.

The formats name the same few things differently and are mixed in practice, so one reader looks for all the names.
What a document is, is decided in kinds.py.
"""

import base64
import binascii
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

import msgspec

from services.parser.documents.entries import (
    MOST_ENTRIES,
    Entry,
    EntryList,
    is_absolute,
    is_web_address,
    whole_address,
)
from services.parser.documents.markup import Element, Markup
from services.parser.documents.moments import read_feed_moment
from services.parser.documents.words import first_words, picture_in, title_words
from services.parser.fields.dates import DateHabits, habits_of
from services.parser.language.identification import normalise_language

RECORDS = frozenset({"item", "entry"})
_TITLES = ("title", "dc:title", "media:title", "itunes:title")
_ORIGINS = ("feedburner:origlink", "pheedo:origlink")
# An Atom entry without an alternate is told by itself, or by what it is about.
_RELATIONS = ("self", "related", "via")
_TEXTS = (
    "description", "summary", "content:encoded", "content", "dc:description", "media:description", "itunes:summary",
    "xhtml:body", "xhtml:div", "abstract",
)  # fmt: skip
# The first of these that can be read is the time of a story; those of a change come last.
_TIMES = (
    "pubdate", "published", "dcterms:issued", "issued", "dc:date", "dcterms:created", "created", "date", "dcterms:date",
    "updated", "modified", "dcterms:modified", "dc:modified",
)  # fmt: skip
_NAMES = frozenset({"id", "guid", "dc:identifier"})
_HTML_TYPES = frozenset({"", "text/html", "html", "application/xhtml+xml"})
_BYTES = "application/octet-stream"
_PLAIN_TYPES = frozenset({"text", "text/plain"})


class _Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What all entries share: the feed's address, its site's, and how its dates are read."""

    address: str
    site: str
    habits: DateHabits

    def base_of(self, element: Element) -> str:
        """What relative addresses there are relative to: in RSS, the site, unless the document says otherwise."""
        return self.site if self.site and element.base == self.address else element.base


def read_feed(text: str, start: int, url: str | None, visited_at: datetime | None = None) -> EntryList:
    """The entries of a feed whose root element begins at `start`."""
    markup = Markup(text, start=start, records=RECORDS, base=url or "")
    # A record that the end of the document cuts counts when it has its address.
    items = [(item, markup.cut) for item in islice(markup, MOST_ENTRIES)]
    head = _head(markup.root)
    language = _text(head, "language", "dc:language") or _language_attribute(markup.root, head) or None
    habits = habits_of(normalise_language(language), language, urlsplit(url or "").hostname, visited_at)
    feed = _Feed(address=url or "", site=_site(head), habits=habits)
    read = [entry for item, cut in items if (entry := _entry(item, feed)) and (entry.url or not cut)]
    stopped = len(text) if markup.cut else markup.at if len(items) == MOST_ENTRIES and markup.has_more() else None
    return EntryList(
        title=_title(head) or None,
        language=language,
        entries=read,
        faults=markup.faults.report(entries=len(read), passed_over=len(items) - len(read), stopped_at=stopped),
    )


def _head(root: Element) -> Element:
    """The element that has the feed's own title and language."""
    document = root.first("rss", "feed", "rdf:rdf", "channel") or root
    return document.first("channel") or document


def _language_attribute(*elements: Element) -> str:
    within = [child for child in elements[0].children if isinstance(child, Element)]
    return next((tag for element in (*elements, *within) if (tag := element.attribute("xml:lang"))), "")


def _site(head: Element) -> str:
    """The address of the site whose feed this is, which is what relative addresses in RSS mean; or nothing."""
    found = [link.text.strip() for link in head.all("link")] + [head.attribute("base")]
    return next((address for address in found if is_absolute(address)), "")


def _entry(item: Element, feed: _Feed) -> Entry | None:
    """None for an item that says nothing."""
    url = _address(item, feed)
    words = _title(item) or _beginning(item) or url or _picture(item, feed)
    return Entry(text=words, url=url, published_at=_moment(item, feed.habits)) if words else None


def _title(element: Element) -> str:
    for title in element.all(*_TITLES):
        written = _content(title)
        plain = title.elements > 0 or title.attribute("type").lower() in _PLAIN_TYPES
        if words := title_words(written, plain=plain):
            return words
    group = element.first("media:group")
    return _title(group) if group else ""


def _beginning(item: Element) -> str:
    return next((words for text in item.all(*_TEXTS) if (words := first_words(_content(text)))), "")


def _content(element: Element) -> str:
    """The text of an element, which Atom 0.3 may write in base64, and Atom 1.0 does where it is said to be no text."""
    if element.raw and (element.attribute("mode") == "base64" or element.attribute("type") == _BYTES):
        try:
            return base64.b64decode(element.text).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return ""
    return element.text


def _address(item: Element, feed: _Feed) -> str | None:
    """Where the story stands: what a feed's proxy says of it, its link, or its name if that is an address."""
    found = (whole_address(written, feed.base_of(element)) for written, element in _addresses(item))
    return next((address for address in found if address), None)


def _addresses(item: Element) -> list[tuple[str, Element]]:
    """What may be the address, best first."""
    links = item.all("link")
    alternates = [link for link in links if _is_alternate(link)]
    pages = [link for link in alternates if link.attribute("type").lower() in _HTML_TYPES]
    others = [link for link in alternates if link not in pages]
    found = [(origin.text, origin) for origin in item.all(*_ORIGINS)]
    found += [(link.attribute("href") or link.text or link.attribute("rdf:resource"), link) for link in pages + others]
    found += [(guid.text, guid) for guid in item.all("guid") if guid.attribute("ispermalink").lower() != "false"]
    found += [(item.attribute("href"), item), (item.attribute("rdf:about"), item)]
    found += [(content.attribute("src"), content) for content in item.all("content")]
    found += [(name.text, name) for name in item.all("id", "guid", "dc:identifier")]
    found = [
        (written, element)
        for written, element in found
        if element.name not in _NAMES or _may_be_address(written.strip(), element)
    ]
    found += [(link.attribute("href"), link) for relation in _RELATIONS for link in links if _is_for(link, relation)]
    return found + [(text.text, text) for text in item.all("description") if is_web_address(text.text.strip())]


def _may_be_address(name: str, element: Element) -> bool:
    """Whether a name of a story says where it stands: a whole address does, and so does a path in a permanent link."""
    permanent = element.attribute("ispermalink").lower() != "false"
    return is_web_address(name) or (permanent and name.startswith("/") and " " not in name)


def _is_for(link: Element, relation: str) -> bool:
    return link.attribute("rel").lower() == relation and link.attribute("type").lower() in _HTML_TYPES


def _is_alternate(link: Element) -> bool:
    return not link.raw or link.attribute("rel").lower().rpartition("/")[2] in {"", "alternate"}


def _picture(item: Element, feed: _Feed) -> str:
    """The address of a picture or a recording that is all there is."""
    for media in item.all("enclosure", "media:content", "media:thumbnail", "link"):
        if address := whole_address(media.attribute("url") or media.attribute("href"), feed.base_of(media)):
            return address
    shown = ((picture_in(_content(text)), text) for text in item.all(*_TEXTS))
    return next((whole for src, text in shown if src and (whole := whole_address(src, feed.base_of(text)))), "")


def _moment(item: Element, habits: DateHabits) -> str | None:
    texts = [element.text for element in item.all(*_TIMES)] + [item.attribute("lastmod")]
    return next((moment for text in texts if (moment := read_feed_moment(text, habits))), None)


def _text(element: Element, *names: str) -> str:
    found = element.first(*names)
    return found.text.strip() if found else ""
