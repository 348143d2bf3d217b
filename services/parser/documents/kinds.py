"""Is this document a feed or a sitemap, and of which kind? Told by its root element, not by its label."""

import re
from datetime import datetime

from services.parser.documents.entries import page_of
from services.parser.documents.feeds import read_feed
from services.parser.documents.json_feed import is_json, read_json_feed
from services.parser.documents.json_text import may_be_json
from services.parser.documents.sitemaps import read_sitemap, read_text_sitemap
from services.parser.version import PARSER_VERSION
from shared.parsed_page import ParsedPage

# Where the root element must have begun.
LONGEST_PROLOG = 20_000
# A script's warnings before the XML are shorter.
LONGEST_JUNK = 4000

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>)", re.S | re.I)
_ROOT = re.compile(
    r"\s*<(?:[\w-]+:)?(?P<name>rss|feed|rdf|urlset|sitemapindex|channel|entry|item|url|sitemap)(?=[\s/>])[^<>]*>", re.I
)
_ROOT_IN_JUNK = re.compile(
    r"<(?P<written>(?:[\w-]+:)?(?P<name>rss|feed|rdf|urlset|sitemapindex))(?=[\s/>])[^<>]*>", re.I
)
_NO_WORDS = re.compile(r"[\s\d\x00a-fA-F]{0,40}")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|title|script|main|article)\b", re.I)
# How nearly all pages begin, in UTF-8: only the document type stands before a tag that no feed begins with. Where
# another prolog or another space does, the text is looked at.
_SURELY_HTML = re.compile(rb"[ \t\r\n]{0,100}(?:<!doctype[^\[>]*>[ \t\r\n]*)?<(?:html|head|body)[ \t\r\n>]", re.I)
# What an entry without its feed, and a channel without its <rss>, must have to be taken for one.
_LOC = re.compile(r"<(?:\w+:)?loc\b", re.I)
_SIGNS = {
    "entry": re.compile(r"www\.w3\.org/2005/Atom"),
    "channel": re.compile(r"<(?:\w+:)?item\b", re.I),
    "item": re.compile(r"<(?:\w+:)?(?:link|guid)\b", re.I),
    "url": _LOC,
    "sitemap": _LOC,
}
_OF_SITEMAPS = frozenset({"urlset", "sitemapindex", "url", "sitemap"})


def parse_feed(text: str, url: str | None, visited_at: datetime | None = None) -> ParsedPage | None:
    """The headlines of a feed or sitemap, nothing of other JSON; None for a document that is neither."""
    text = text.lstrip("\ufeff")
    if is_json(text):
        feed = read_json_feed(text, url, visited_at)
        other = ParsedPage(url=url, page_type="other", parser_version=PARSER_VERSION)
        return page_of(feed, "feed", url) if feed else other
    if root := _root_of(text):
        if root["name"].lower() in _OF_SITEMAPS:
            return page_of(read_sitemap(text, root.start(), url, visited_at), "sitemap", url)
        return page_of(read_feed(text, root.start(), url, visited_at), "feed", url)
    listed = read_text_sitemap(text, url, visited_at) if "<" not in text[:LONGEST_JUNK] else None
    return page_of(listed, "sitemap", url) if listed else None


def is_surely_html(utf8: bytes) -> bool:
    """Whether a document begins so that `parse_feed` would return None. False says nothing."""
    return _SURELY_HTML.match(utf8) is not None and not may_be_json(utf8)


def _root_of(text: str) -> re.Match[str] | None:
    """The tag of the root element, if it is one of ours, behind a prolog or what a broken script wrote."""
    at = 0
    while at < LONGEST_PROLOG and (prolog := _PROLOG.match(text, at)):
        at = prolog.end()
    root = _ROOT.match(text, at)
    if root:
        sign = _SIGNS.get(root["name"].lower())
        return root if sign is None or sign.search(text, root.start()) else None
    if _HTML.match(text, at):
        return None
    root = _ROOT_IN_JUNK.search(text, at, at + LONGEST_JUNK)
    if root is None or _HTML.search(text, 0, root.start()):
        return None
    return root if text.rstrip().endswith(">") or _is_whole_line(text, root) else None


def _is_whole_line(text: str, root: re.Match[str]) -> bool:
    """Whether the root begins a line, and no words follow its end: the lengths of chunks may, and a cut has no end."""
    if not text[: root.start()].rstrip(" \t").endswith(("\n", "\r", ">")):
        return False
    end = text.rfind(f"</{root['written']}")
    return end < 0 or _NO_WORDS.fullmatch(text, text.find(">", end) + 1) is not None
