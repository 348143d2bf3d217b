"""What feeds and sitemaps have in common: entries that become the headlines of a page without an article."""

import re
from urllib.parse import urljoin, urlsplit

import msgspec

from services.parser.language.identification import detect_language, normalise_language
from services.parser.version import PARSER_VERSION
from shared.parsed_page import FeedFaults, FeedLink, Headline, PageType, ParsedPage

# What the sitemap protocol allows in one file; feeds are far shorter.
MOST_ENTRIES = 50_000

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]", re.I)
_PLAIN_ADDRESS = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?:/(?!\.)[^\s/?#\[\]]*)*(?:[?#][^\s\[\]]*)?")
# What people write for an address: `www.a.example/1`, `https:/a.example`, `http://https://a.example`, `<a href="…">`.
_WITHOUT_SCHEME = re.compile(r"www\.[\w-]+\.[\w.-]+(?:[/?#]|\Z)", re.I)
_BROKEN_SCHEME = re.compile(r"(?:https?:/*)*?(https?):/*(?=[\w\[])(?!https?:/)", re.I)
_WITHIN_MARKUP = re.compile(r"""https?://[^\s"'<>\]]+""", re.I)
_UNSEEN = "\u200b\u200e\u200f\ufeff\u00a0"
_LINE_BREAKS = re.compile(r"[\n\r\t]+\s*")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d+(?:/|$))")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed or a sitemap says of one story."""

    text: str
    url: str | None
    published_at: str | None
    language: str | None = None


class EntryList(msgspec.Struct, frozen=True, kw_only=True):
    """A feed in any format, or a sitemap."""

    title: str | None = None
    language: str | None = None
    entries: list[Entry] = []
    sitemaps: list[FeedLink] = []
    faults: FeedFaults | None = None


def page_of(feed: EntryList, page_type: PageType, url: str | None) -> ParsedPage:
    """The page whose headlines are the entries."""
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
        faults=feed.faults or msgspec.UNSET,
        parser_version=PARSER_VERSION,
    )


def _language_of(entry: Entry, language: str | None) -> str | None:
    if entry.language:
        return normalise_language(entry.language)
    return language if entry.text == entry.url else detect_language(entry.text, language)


def is_web_address(text: str) -> bool:
    """Whether this is a whole address that a browser would open: no `tag:`, no `at:`, no path."""
    return _WEB_ADDRESS.match(text) is not None and " " not in text


def whole_address(written: str, base: str | None) -> str | None:
    """The address in full, or None for what is none: the formats ask for that, but some sites write paths.

    Without a base, a path remains a path.
    """
    # As browsers do: line breaks and tabs within an address are none of it, and a space is written %20.
    address = _LINE_BREAKS.sub("", written.strip()).replace(" ", "%20").replace("&amp;", "&")
    if not address.isascii():
        address = address.strip(_UNSEEN)
    if not address:
        return None
    if _PLAIN_ADDRESS.fullmatch(address):  # nearly all, and joining takes ten times as long
        return address
    try:
        whole = urljoin(base or "", _mended(address, base))
        return whole if is_web_address(whole) or (not base and not _SCHEME.match(whole)) else None
    except ValueError:
        return None


def _mended(address: str, base: str | None) -> str:
    """The address that is meant where its beginning is broken, or where it stands in markup or in quotes."""
    address = address.strip("\"'")
    if "<" in address and (within := _WITHIN_MARKUP.search(address)):
        return within[0]
    if scheme := _BROKEN_SCHEME.match(address):
        return f"{scheme[1].lower()}://{address[scheme.end() :]}"
    host = urlsplit(base).netloc if base else ""
    if _WITHOUT_SCHEME.match(address) or (host and "." in host and address.lower().startswith(f"{host.lower()}/")):
        return f"https://{address}"
    return address


def is_absolute(base: str) -> bool:
    """Whether relative addresses can be made whole by this one."""
    try:
        return is_web_address(base) and bool(urlsplit(base).hostname)
    except ValueError:
        return False
