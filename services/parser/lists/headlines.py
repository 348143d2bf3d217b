"""Every list of links to other stories on a page: tickers, rails, "en continu", most read, fronts.

story links -> items -> lists with their labels -> which of them are headlines, of what kind -> records without doubles
"""

from collections.abc import Iterator
from itertools import chain

import msgspec

from services.parser.lists.copies import Entry, HeadlineList, complete_cut_texts, without_copies
from services.parser.lists.kinds import is_headlines, kind_of
from services.parser.lists.labels import Label
from services.parser.lists.story_links import scan_links, shape_of
from services.parser.lists.story_lists import StoryList, collect_lists
from services.parser.lists.story_urls import story_key
from services.parser.lists.text_strips import find_strips
from services.parser.lists.zones import Page
from services.parser.outline.outline import Outline
from shared.parsed_page import Headline

# What is claimed as a label is no whole panel.
MOST_CHARS_OF_LABEL = 150


class HeadlineLists(msgspec.Struct, frozen=True, kw_only=True):
    """The headlines, and the indexes of the elements that they occupy, which are no body text.

    The order is defined: other lists in document order, then tickers. `places` are the indexes of the elements that
    say the headlines, one each, where they are known.
    """

    headlines: list[Headline]
    claimed: frozenset[int]
    places: list[int] = []


def find_headlines(outline: Outline, url: str | None) -> HeadlineLists:
    """All headline lists of the page, each whole: a story that two lists show is given in both, with its position."""
    page = Page(outline, url)
    ranges: list[range] = []
    lists: list[HeadlineList] = []
    scan = scan_links(outline, url)
    complete_cut_texts(scan.links)
    for found in collect_lists(page, scan):
        if is_headlines(found, page):
            lists.append(_read(found, page))
            ranges.extend(range(item.element.index, item.element.end) for item in found.items)
            ranges.extend(_claim(found.label))
    for strip in find_strips(outline, ranges):
        label = strip.label.text if strip.label else None
        lists.append(HeadlineList("ticker", label, [Entry(strip.element.index, text) for text in strip.texts]))
        ranges.append(range(strip.element.index, strip.element.end))
        ranges.extend(_claim(strip.label))
    lists = without_copies([one for one in lists if one.entries])
    lists.sort(key=lambda one: (one.kind == "ticker", one.entries[0].at))
    is_self = _Self(page, url)
    headlines = [headline for one in lists for headline in _records(one, is_self)]
    places = [entry.at for one in lists for entry in one.entries]
    return HeadlineLists(headlines=headlines, claimed=frozenset(chain.from_iterable(ranges)), places=places)


def _claim(label: Label | None) -> Iterator[range]:
    """A label belongs to its list only where it is known to announce one; other headings may be the article's."""
    if label is not None and label.kind is not None and label.element.chars <= MOST_CHARS_OF_LABEL:
        yield range(label.element.index, label.element.end)


def _read(found: StoryList, page: Page) -> HeadlineList:
    kind = kind_of(found, page)
    nameless = kind == "related" and found.label is None and found.hint.kind is None
    return HeadlineList(kind, found.label.text if found.label else None, _entries(page.outline, found), nameless)


def _entries(outline: Outline, found: StoryList) -> list[Entry]:
    """One entry a story; links that read like a category are kept only where they look like their neighbours."""
    shapes = {shape_of(link) for item in found.items for link in item.links if link.strong}
    entries = []
    for item in found.items:
        link = item.link
        if link.text and (link.strong or shape_of(link) in shapes):
            times = outline.elements[item.element.index : item.element.end]
            published = next((t.attrs.get("datetime") for t in times if t.tag == "time"), None)
            entries.append(Entry(link.element.index, link.text, link.url, link.key, _iso(published)))
    return entries


def _iso(moment: str | None) -> str | None:
    """A machine-readable time of the page as it stands, if it has a date."""
    return moment if moment and len(moment) >= 10 and moment[:4].isdigit() and moment[4] == "-" else None


class _Self:
    """Tells the page's own headline in its lists, by its address; by its words only where no address can tell.

    A front may show its lead story's headline as its own first-level heading, and stays another page than the story.
    """

    def __init__(self, page: Page, url: str | None) -> None:
        outline = page.outline
        canonical = [e.get("href") or "" for e in outline.links if e.get("rel") == "canonical"]
        self.keys = {_without_scheme(story_key(u.partition("#")[0])) for u in [url or "", *canonical]} - {""}
        self.titles = set() if page.front else {outline.text_of(h).lower() for h in outline.tagged("h1")}

    def __call__(self, entry: Entry) -> bool:
        if entry.url and self.keys:
            return _without_scheme(entry.key) in self.keys
        return entry.text.lower() in self.titles


def _without_scheme(key: str) -> str:
    """The same page with http and https, with and without www."""
    return key.rpartition("://")[2].removeprefix("www.")


def _records(found: HeadlineList, is_self: _Self) -> list[Headline]:
    return [
        Headline(
            kind=found.kind,
            label=found.label,
            position=position,
            text=entry.text,
            url=entry.url,
            published_at=entry.published_at,
            is_self=is_self(entry),
        )
        for position, entry in enumerate(found.entries, 1)
    ]
