"""Feeds and sitemaps: lists of headlines that were never a page.

RSS, RDF and Atom are read by feedparser; JSON Feed and sitemaps, including Google's news sitemaps, are simple enough to
be read here. Documents come from strangers: the DOCTYPE is cut away before any XML parser sees it, so that no entity
can be defined, let alone expand.
"""

import io
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError, iterparse

import feedparser
import msgspec

from services.parser.fields.dates import DateHabits, habits_of, read_moment
from services.parser.fields.title_text import clean_title
from services.parser.language.identification import detect_language, normalise_language
from services.parser.version import PARSER_VERSION
from shared.failures import GiveUp
from shared.parsed_page import FeedLink, Headline, PageType, ParsedPage

# What the sitemap protocol allows in one file; feeds are far shorter.
MOST_ENTRIES = 50_000
# An entry without a title is told by the beginning of its text.
LONGEST_SUBSTITUTE = 200
# Where the root element must have begun.
LONGEST_PROLOG = 20_000

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>))", re.S | re.I)
_ROOT = re.compile(r"\s*<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex)[\s>]", re.I)
_SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
_JSON_FEED = re.compile(r'\s*\{.{0,2000}"version"\s*:\s*"https?://(?:www\.)?jsonfeed\.org/', re.S)


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What feeds and sitemaps say of one story."""

    text: str
    url: str | None
    published_at: str | None
    language: str | None = None


class _Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed in any format."""

    title: str | None = None
    language: str | None = None
    home: str | None = None
    entries: list[_Entry] = []
    sitemaps: list[FeedLink] = []


# What feedparser's tolerant reader lets escape on broken feeds, such as for a reference to a lone surrogate.
FEEDPARSER_FAILURES = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


def parse_feed(text: str, url: str | None) -> ParsedPage | None:
    """The headlines of a feed or sitemap; None for a document that is neither."""
    if _JSON_FEED.match(text):
        feed = _read_json(text, url)
        return _page(feed, "feed", url) if feed else None
    root, text = _root_of(text)
    if root in _SITEMAP_ROOTS:
        return _page(_read_sitemap(text, url), "sitemap", url)
    return _page(_read_xml(text, url), "feed", url) if root else None


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


def _page(feed: _Feed, page_type: PageType, url: str | None) -> ParsedPage:
    language = normalise_language(feed.language)
    headlines = [
        Headline(
            kind="feed",
            label=feed.title,
            position=position,
            text=entry.text,
            url=entry.url,
            language=_language_of(entry, language),
            published_at=entry.published_at,
        )
        for position, entry in enumerate(feed.entries, start=1)
    ]
    return ParsedPage(
        url=url,
        page_type=page_type,
        language=language,
        headlines=headlines,
        feeds=feed.sitemaps,
        parser_version=PARSER_VERSION,
    )


def _language_of(entry: _Entry, language: str | None) -> str | None:
    if entry.language:
        return normalise_language(entry.language)
    return language if entry.text == entry.url else detect_language(entry.text, language)


def _read_xml(text: str, url: str | None) -> _Feed:
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
            entries.append(_Entry(text=title, url=item.get("link"), published_at=moment))
    return _Feed(title=_line(parsed.feed.get("title")) or None, language=language, entries=entries)


def _read_json(text: str, url: str | None) -> _Feed | None:
    try:
        document: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None
    items = document.get("items")
    habits = DateHabits()
    entries = []
    for item in items[:MOST_ENTRIES] if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        title = _line(item.get("title")) or _line(item.get("summary") or item.get("content_text"))[:LONGEST_SUBSTITUTE]
        address = item.get("url") or item.get("external_url")
        published = item.get("date_published")
        if title:
            entries.append(
                _Entry(
                    text=title,
                    url=_absolute(address, url) if isinstance(address, str) else None,
                    published_at=read_moment(published, habits) if isinstance(published, str) else None,
                    language=item.get("language") if isinstance(item.get("language"), str) else None,
                )
            )
    language = document.get("language")
    return _Feed(
        title=_line(document.get("title")) or None,
        language=language if isinstance(language, str) else None,
        entries=entries,
    )


def _line(value: object) -> str:
    return clean_title(value) if isinstance(value, str) else ""


def _read_sitemap(text: str, url: str | None) -> _Feed:
    """Pages with their news titles, and the sitemaps of an index; a story without a title is told by its address."""
    entries: list[_Entry] = []
    sitemaps: list[FeedLink] = []
    name: str | None = None
    for element in _elements(text):
        tag = _local(element.tag)
        if tag not in {"url", "sitemap"}:
            continue
        # Only its own fields and those of its news: an image has a <loc> and a <title>, too.
        news = next((child for child in element if _local(child.tag) == "news"), ())
        fields = _texts((*element, *news))
        paper = _texts(next((child for child in news if _local(child.tag) == "publication"), ()))
        element.clear()
        if not fields.get("loc"):
            continue
        address = _absolute(fields["loc"], url)
        moment = read_moment(fields.get("publication_date") or fields.get("lastmod"), DateHabits())
        if tag == "sitemap":
            sitemaps.append(FeedLink(url=address, modified_at=moment))
        else:
            text_shown = clean_title(fields.get("title") or "") or address
            language = paper.get("language")
            entries.append(_Entry(text=text_shown, url=address, published_at=moment, language=language))
            name = name or paper.get("name")
        if len(entries) + len(sitemaps) >= MOST_ENTRIES:
            break
    return _Feed(title=name, entries=entries, sitemaps=sitemaps)


def _texts(elements: Iterable[Element]) -> dict[str, str]:
    """Names of elements -> their texts."""
    return {_local(element.tag): (element.text or "").strip() for element in elements}


def _absolute(address: str, url: str | None) -> str:
    """The protocol asks for whole addresses; some sites write paths."""
    try:
        return urljoin(url or "", address)
    except ValueError:
        return address


def _elements(text: str) -> Iterable[Element]:
    """Elements as they close; of a document that breaks off, those before the break."""
    without_encoding = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    with suppress(ParseError):  # raised when the events before the break have been read
        for _, element in iterparse(io.BytesIO(without_encoding.encode("utf-8", "replace"))):
            yield element


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
