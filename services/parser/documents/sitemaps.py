"""Sitemaps, with the news titles that Google's extension gives, and indexes of sitemaps; in XML or as plain text."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from services.parser.documents.entries import MOST_ENTRIES, Entry, EntryList, is_web_address, whole_address
from services.parser.documents.faults import Faults
from services.parser.documents.markup import Element, Markup
from services.parser.documents.moments import read_feed_moment
from services.parser.documents.words import title_words
from services.parser.fields.dates import DateHabits, habits_of
from services.parser.language.identification import normalise_language
from shared.parsed_page import FeedLink

RECORDS = frozenset({"url", "sitemap"})
# Of a plain text's lines, so many are addresses where it is a sitemap; one that is called so may have more of others.
LEAST_ADDRESSES = 0.9
LEAST_ADDRESSES_OF_SITEMAP = 0.5
# Where it is read what a plain text is.
SAMPLE = 10_000

_SITEMAP_NAME = re.compile(r"sitemap|\.txt$", re.I)


def read_sitemap(text: str, start: int, url: str | None, visited_at: datetime | None = None) -> EntryList:
    """Pages with their news titles, and the sitemaps of an index, of a document whose root begins at `start`.

    A story without a title is told by its address.
    """
    entries: list[Entry] = []
    sitemaps: list[FeedLink] = []
    name: str | None = None
    passed_over, stopped_at = 0, None
    habits = _Habits(url, visited_at)
    markup = Markup(text, start=start, records=RECORDS, base=url or "")
    for record in markup:
        page = _texts(record)
        address = whole_address(page.get("loc", ""), record.base)
        if address is None:
            passed_over += 1
        elif record.name == "sitemap":
            sitemaps.append(FeedLink(url=address, modified_at=_moment(page, habits.of(None))))
        else:
            paper = _paper(record)
            name = name or paper.get("name")
            language = paper.get("language")
            words = title_words(page.get("title", "")) or _title_of_video(record) or address
            moment = _moment(page, habits.of(language))
            entries.append(Entry(text=words, url=address, published_at=moment, language=language))
        if len(entries) + len(sitemaps) >= MOST_ENTRIES:
            stopped_at = markup.at if markup.has_more() else None
            break
    return EntryList(
        title=name,
        entries=entries,
        sitemaps=sitemaps,
        faults=markup.faults.report(
            entries=len(entries) + len(sitemaps),
            passed_over=passed_over,
            stopped_at=len(text) if markup.cut else stopped_at,
        ),
    )


class _Habits:
    """How dates are read in each language of the papers whose pages the sitemap names."""

    def __init__(self, url: str | None, visited_at: datetime | None) -> None:
        self._host, self._visited_at = urlsplit(url or "").hostname, visited_at
        self._known: dict[str | None, DateHabits] = {}

    def of(self, tag: str | None) -> DateHabits:
        if tag not in self._known:
            self._known[tag] = habits_of(normalise_language(tag), tag, self._host, self._visited_at)
        return self._known[tag]


def _texts(record: Element) -> dict[str, str]:
    """Names -> the texts of a page's own fields and those of its news: an image has a <loc> and a <title>, too."""
    found: dict[str, str] = {}
    for part in (record, *record.all("news:news", "news")):
        for child in part.children:
            if isinstance(child, Element) and (not child.elements or child.name == "loc"):
                found[child.name.rpartition(":")[2]] = child.text.strip()
    return found


def _title_of_video(record: Element) -> str:
    """The title of a page's only video is the page's."""
    videos = record.all("video:video")
    title = videos[0].first("video:title") if len(videos) == 1 else None
    return title_words(title.text) if title else ""


def _paper(record: Element) -> dict[str, str]:
    news = record.first("news:news", "news") or record
    paper = news.first("news:publication", "publication")
    return _texts(paper) if paper else {}


def _moment(page: dict[str, str], habits: DateHabits) -> str | None:
    return read_feed_moment(page.get("publication_date"), habits) or read_feed_moment(page.get("lastmod"), habits)


def read_text_sitemap(text: str, url: str | None, visited_at: datetime | None = None) -> EntryList | None:
    """The protocol's other form, an address a line, with its date behind a tab in some; None for another text."""
    least = LEAST_ADDRESSES_OF_SITEMAP if _is_called_sitemap(url) else LEAST_ADDRESSES
    if least == LEAST_ADDRESSES and text.lstrip()[:4].lower() != "http":
        return None
    lines = [line for line in map(str.strip, text[:SAMPLE].splitlines()) if line]
    addresses = sum(map(is_web_address, lines))
    if not addresses or addresses < least * len(lines) or (len(lines) == 1 and least == LEAST_ADDRESSES):
        return None
    faults, at = Faults(text), 0
    entries: list[Entry] = []
    habits = _Habits(url, visited_at).of(None)
    for line in text.splitlines(keepends=True):
        address, _, rest = line.strip().partition("\t")
        if is_web_address(address) and len(entries) < MOST_ENTRIES:
            entries.append(Entry(text=address, url=address, published_at=read_feed_moment(rest, habits)))
        elif address:
            faults.mend(at, "a line without an address")
        at += len(line)
    return EntryList(entries=entries, faults=faults.report(entries=len(entries), passed_over=0, stopped_at=None))


def _is_called_sitemap(url: str | None) -> bool:
    return url is not None and _SITEMAP_NAME.search(urlsplit(url).path) is not None
