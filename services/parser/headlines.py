"""Every list of links to other stories on a page: tickers, rails, "en continu", most read, fronts.

story links -> items -> lists with their labels -> which of them are headlines, of what kind -> records without doubles
"""

from itertools import chain

import msgspec

from services.parser.list_kinds import is_headlines, kind_of
from services.parser.page_zones import Page
from services.parser.segments import Outline
from services.parser.story_links import scan_links, shape_of
from services.parser.story_lists import StoryList, collect_lists
from services.parser.story_urls import story_key
from services.parser.text_strips import find_strips
from shared.parsed_page import Headline, HeadlineKind

# A cut copy "Long headline that is…" has so many characters in common with the whole.
FEWEST_CHARS_OF_CUT = 20

# What is claimed as a label is no whole panel.
MOST_CHARS_OF_LABEL = 150

# Where one story stands in several lists, the ticker keeps it, then a list that the page names.
_RANK: dict[HeadlineKind, int] = {"ticker": 2, "latest": 1, "most_read": 1, "trending": 1}


class HeadlineLists(msgspec.Struct, frozen=True, kw_only=True):
    """The headlines in document order, and the indexes of the elements that they occupy, which are no body text."""

    headlines: list[Headline]
    claimed: frozenset[int]


class _Entry(msgspec.Struct):
    """A headline before doubles are dropped; `at` is its place in the page."""

    at: int
    list: object
    kind: HeadlineKind
    label: str | None
    text: str
    url: str | None = None
    key: str = ""
    published_at: str | None = None


def find_headlines(outline: Outline, url: str | None) -> HeadlineLists:
    """All headline lists of the page. A story that two lists show with the same words is given once."""
    page = Page(outline, url)
    ranges: list[range] = []
    entries: list[_Entry] = []
    for found in collect_lists(page, scan_links(outline, url)):
        if is_headlines(found, page):
            entries.extend(_entries(outline, found, kind_of(found, page)))
            ranges.extend(range(item.element.index, item.element.end) for item in found.items)
            label = found.label
            if label is not None and label.kind is not None and label.element.chars <= MOST_CHARS_OF_LABEL:
                ranges.append(range(label.element.index, label.element.end))
    for strip in find_strips(outline, ranges):
        entries.extend(_Entry(strip.element.index, strip, "ticker", None, text) for text in strip.texts)
        ranges.append(range(strip.element.index, strip.element.end))
    entries.sort(key=lambda entry: entry.at)
    headlines = _records(_without_doubles(entries), _Self(outline, url))
    return HeadlineLists(headlines=headlines, claimed=frozenset(chain.from_iterable(ranges)))


def _entries(outline: Outline, found: StoryList, kind: HeadlineKind) -> list[_Entry]:
    """One entry a story; links that read like a category are kept only where they look like their neighbours."""
    label = found.label.text if found.label else None
    shapes = {shape_of(link) for item in found.items for link in item.links if link.strong}
    entries = []
    for item in found.items:
        link = item.link
        if link.text and (link.strong or shape_of(link) in shapes):
            times = outline.elements[item.element.index : item.element.end]
            published = next((t.attrs.get("datetime") for t in times if t.tag == "time"), None)
            entries.append(
                _Entry(link.element.index, found, kind, label, link.text, link.url, link.key, _iso(published))
            )
    return entries


def _iso(moment: str | None) -> str | None:
    """A machine-readable time of the page as it stands, if it has a date."""
    return moment if moment and len(moment) >= 10 and moment[:4].isdigit() and moment[4] == "-" else None


def _without_doubles(entries: list[_Entry]) -> list[_Entry]:
    """Drop clones of a list, and within one kind cut copies of a longer text."""
    best: dict[tuple[str, str], _Entry] = {}
    longest: dict[tuple[str, str | None], tuple[_Entry, str]] = {}
    for entry in entries:
        folded = entry.text.lower().rstrip(" .…")
        if entry.key:
            whole, shown = longest.setdefault((entry.kind, entry.url), (entry, folded))
            if whole is not entry and _is_cut(folded, shown):
                if len(folded) > len(shown):
                    whole.text = entry.text
                    longest[entry.kind, entry.url] = (whole, folded)
                continue
        known = best.get((entry.key, folded))
        if known is None or _RANK.get(entry.kind, 0) > _RANK.get(known.kind, 0):
            best[entry.key, folded] = entry
    kept = {id(entry) for entry in best.values()}
    return [entry for entry in entries if id(entry) in kept]


def _is_cut(one: str, other: str) -> bool:
    """Whether one text is the other, or its beginning."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return short == long or (len(short) >= FEWEST_CHARS_OF_CUT and long.startswith(short))


class _Self:
    """Tells the page's own headline in its lists, by its address or by its words."""

    def __init__(self, outline: Outline, url: str | None) -> None:
        canonical = [e.get("href") or "" for e in outline.links if e.get("rel") == "canonical"]
        self.keys = {story_key(u.partition("#")[0]) for u in [url or "", *canonical]} - {""}
        self.titles = {outline.text_of(h).lower() for h in outline.tagged("h1")}

    def __call__(self, entry: _Entry) -> bool:
        return entry.key in self.keys or entry.text.lower() in self.titles


def _records(entries: list[_Entry], is_self: _Self) -> list[Headline]:
    headlines: list[Headline] = []
    positions: dict[int, int] = {}
    for entry in entries:
        position = positions[id(entry.list)] = positions.get(id(entry.list), 0) + 1
        headlines.append(
            Headline(
                kind=entry.kind,
                label=entry.label,
                position=position,
                text=entry.text,
                url=entry.url,
                published_at=entry.published_at,
                is_self=is_self(entry),
            )
        )
    return headlines
