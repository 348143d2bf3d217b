"""Feeds: lists of headlines that were never a page.

RSS, RDF and Atom are read by feedparser; JSON Feed is simple enough to be read here, sitemaps in sitemaps.py. Documents
come from strangers: the DOCTYPE is cut away before any XML parser sees it, so that no entity can be defined, let alone
expand.
"""

import io
import re
from typing import Any

import feedparser
import msgspec

from services.parser.documents.entries import MOST_ENTRIES, Entry, EntryList, page_of
from services.parser.documents.sitemaps import SITEMAP_ROOTS, read_sitemap
from services.parser.fields.dates import DateHabits, habits_of, read_moment
from services.parser.fields.title_text import clean_title
from services.parser.language.identification import normalise_language
from services.parser.outline.addresses import absolute_url
from shared.failures import GiveUp
from shared.parsed_page import ParsedPage

# An entry without a title is told by the beginning of its text.
LONGEST_SUBSTITUTE = 200
# Where the root element must have begun.
LONGEST_PROLOG = 20_000

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>))", re.S | re.I)
_ROOT = re.compile(r"\s*<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex)[\s>]", re.I)
_JSON_FEED = re.compile(r'\s*\{.{0,2000}"version"\s*:\s*"https?://(?:www\.)?jsonfeed\.org/', re.S)

# What feedparser's tolerant reader lets escape on broken feeds, such as for a reference to a lone surrogate.
FEEDPARSER_FAILURES = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


def parse_feed(text: str, url: str | None) -> ParsedPage | None:
    """The headlines of a feed or sitemap; None for a document that is neither."""
    if _JSON_FEED.match(text):
        feed = _read_json(text, url)
        return page_of(feed, "feed", url) if feed else None
    root, text = _root_of(text)
    if root in SITEMAP_ROOTS:
        return page_of(read_sitemap(text, url), "sitemap", url)
    return page_of(_read_xml(text, url), "feed", url) if root else None


def _root_of(text: str) -> tuple[str | None, str]:
    """The root element's name, if it is one of ours, and the text without its DOCTYPE."""
    text = text.lstrip("\ufeff")
    at = 0
    doctypes: list[tuple[int, int]] = []
    while at < LONGEST_PROLOG and (prolog := _PROLOG.match(text, at)):
        if prolog["doctype"]:
            doctypes.append(prolog.span("doctype"))
        at = prolog.end()
    root = _ROOT.match(text, at)
    if root is None:
        return None, text
    for start, end in reversed(doctypes):
        text = text[:start] + text[end:]
    return root[1].lower(), text


def _read_xml(text: str, url: str | None) -> EntryList:
    """RSS, RDF, Atom. Read from bytes with our own encoding, because feedparser would fetch a string that is a URL."""
    headers = {"content-type": "application/xml; charset=utf-8", **({"content-location": url} if url else {})}
    try:
        parsed = feedparser.parse(io.BytesIO(text.encode("utf-8", "replace")), response_headers=headers)
    except FEEDPARSER_FAILURES as error:
        raise GiveUp("bad_feed", f"the feed is too broken to be read ({type(error).__name__}: {error})") from error
    language = parsed.feed.get("language")
    habits = habits_of(normalise_language(language), language, None)
    entries = []
    for item in parsed.entries[:MOST_ENTRIES]:
        title = _line(item.get("title")) or _line(item.get("summary"))[:LONGEST_SUBSTITUTE]
        if title:
            moment = read_moment(item.get("published") or item.get("updated"), habits)
            entries.append(Entry(text=title, url=item.get("link"), published_at=moment))
    return EntryList(title=_line(parsed.feed.get("title")) or None, language=language, entries=entries)


def _read_json(text: str, url: str | None) -> EntryList | None:
    try:
        document: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None
    items, language = document.get("items"), document.get("language")
    known = items[:MOST_ENTRIES] if isinstance(items, list) else []
    return EntryList(
        title=_line(document.get("title")) or None,
        language=language if isinstance(language, str) else None,
        entries=[entry for item in known if isinstance(item, dict) and (entry := _json_entry(item, url))],
    )


def _json_entry(item: dict[str, Any], url: str | None) -> Entry | None:
    """None for an item without words."""
    title = _line(item.get("title")) or _line(item.get("summary") or item.get("content_text"))[:LONGEST_SUBSTITUTE]
    if not title:
        return None
    address, published = item.get("url") or item.get("external_url"), item.get("date_published")
    language = item.get("language")
    return Entry(
        text=title,
        url=absolute_url(address, url) if isinstance(address, str) else None,
        published_at=read_moment(published, DateHabits()) if isinstance(published, str) else None,
        language=language if isinstance(language, str) else None,
    )


def _line(value: object) -> str:
    return clean_title(value) if isinstance(value, str) else ""
