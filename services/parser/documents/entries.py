"""What feeds and sitemaps have in common: entries that become the headlines of a page without an article."""

import msgspec

from services.parser.language.identification import detect_language, normalise_language
from services.parser.version import PARSER_VERSION
from shared.parsed_page import FeedLink, Headline, PageType, ParsedPage

# What the sitemap protocol allows in one file; feeds are far shorter.
MOST_ENTRIES = 50_000


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
        parser_version=PARSER_VERSION,
    )


def _language_of(entry: Entry, language: str | None) -> str | None:
    if entry.language:
        return normalise_language(entry.language)
    return language if entry.text == entry.url else detect_language(entry.text, language)
