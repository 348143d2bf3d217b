"""Finds every list of links to other stories on a page: tickers, rails, "en continu", most read, fronts.

story links -> items -> lists with their labels -> which of them are headlines, of what kind -> records without doubles
"""

from collections.abc import Iterator
from itertools import chain

import msgspec
from msgspec import structs

from services.parser.lists.adverts import without_adverts
from services.parser.lists.copies import Entry, HeadlineList, complete_cut_texts, places_of_slides, without_copies
from services.parser.lists.inline_related import take_inline
from services.parser.lists.kinds import is_headlines, kind_of, text_beside
from services.parser.lists.labels import Label, holds_menu
from services.parser.lists.lead_story import with_lead_first
from services.parser.lists.ranks import take_ranks_off
from services.parser.lists.section_links import drop_sections
from services.parser.lists.story_links import scan_links, shape_of
from services.parser.lists.story_lists import StoryList, collect_lists
from services.parser.lists.story_urls import story_key
from services.parser.lists.text_strips import find_strips
from services.parser.lists.times import days_beside, split_times
from services.parser.lists.zones import Page
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Outline
from shared.parsed_page import Headline

# A longer label is not claimed: it is a whole panel.
MOST_CHARS_OF_LABEL = 150


class HeadlineLists(msgspec.Struct, frozen=True, kw_only=True):
    """The headlines, and as `claimed` the indexes of the elements that they occupy, which are not body text.

    Tickers come last; within both groups, lists stand in document order. `places` are the indexes of the elements that
    hold the headlines, one per headline; it is empty where they are not known. `front` says whether the page was read
    as a front or a section's page.
    """

    headlines: list[Headline]
    claimed: frozenset[int]
    places: list[int] = []
    front: bool = False

    def as_signs(self) -> "HeadlineLists":
        """Returns the lists as what they say about the page: top stories beside an article make it no front."""
        if self.front:
            return self
        lines = [structs.replace(line, kind="related") if line.kind == "front" else line for line in self.headlines]
        return structs.replace(self, headlines=lines)


def find_headlines(outline: Outline, url: str | None, *, front: bool = False) -> HeadlineLists:
    """Returns all headline lists of the page. A story that two lists show is in both, with its position in each.

    `front` says that the page is known to be a front or a section's page; else its address, head and prose are asked.
    """
    page = Page(outline, url, front=front)
    ranges: list[range] = []
    lists: list[HeadlineList] = []
    scan = scan_links(outline, url, front=page.front)
    complete_cut_texts(scan.links)
    inline = take_inline(page, scan)
    drop_sections(page, scan)
    lists.extend(inline.lists)
    ranges.extend(range(block.index, block.end) for block in inline.blocks)
    for found in without_adverts(page, collect_lists(page, scan)):
        if is_headlines(found, page):
            lists.append(_read(found, page))
            ranges.extend(range(item.element.index, item.element.end) for item in found.items)
            ranges.extend(_claim(found.label))
    for strip in find_strips(outline, ranges):
        label = strip.label.text if strip.label else None
        entries = [Entry(strip.element.index, one.text, None, "", one.day) for one in split_times(strip.texts)]
        lists.append(HeadlineList("ticker", label, entries))
        ranges.append(range(strip.element.index, strip.element.end))
        ranges.extend(_claim(strip.label))
    lists = without_copies([one for one in lists if one.entries])
    lists.sort(key=lambda one: (one.kind == "ticker", one.entries[0].at))
    if page.front:
        lists = with_lead_first(lists, outline)
    is_self = _Self(page, url)
    headlines = [headline for one in lists for headline in _records(one, is_self)]
    places = [entry.at for one in lists for entry in one.entries]
    claimed = frozenset(chain.from_iterable(ranges))
    return HeadlineLists(headlines=headlines, claimed=claimed, places=places, front=page.front)


def _claim(label: Label | None) -> Iterator[range]:
    """Yield the label's elements if its words are known to announce a list; another heading may be the article's."""
    if label is not None and label.kind is not None and label.element.chars <= MOST_CHARS_OF_LABEL:
        yield range(label.element.index, label.element.end)


def _read(found: StoryList, page: Page) -> HeadlineList:
    take_ranks_off(found.items)
    timed = split_times([item.link.text for item in found.items])
    for item, one in zip(found.items, timed, strict=True):
        item.link.text = one.text
    kind = kind_of(found, page)
    days = [one.day for one in timed]
    if kind in {"latest", "ticker"} and not any(days):
        days = days_beside([text_beside(page.outline, item) for item in found.items])
    unsaid = kind in {"front", "related"} and not page.front
    label = found.label
    if label is not None and label.kind is None and holds_menu(page.outline, label.element):
        label = None
    nameless = unsaid and label is None and found.hint.kind is None
    return HeadlineList(kind, label.text if label else None, _entries(page.outline, found, days), nameless)


def _entries(outline: Outline, found: StoryList, days: list[str | None]) -> list[Entry]:
    """Returns one entry per story. A link that reads like a category is kept only if it looks like its neighbours."""
    shapes = {shape_of(link) for item in found.items for link in item.links if link.strong}
    entries = []
    shown = places_of_slides([(item.link, item.element) for item in found.items])
    for item, day in zip(found.items, days, strict=True):
        link = item.link
        if link.key in shown and item.element.index not in shown[link.key]:
            continue
        if link.text and (link.strong or shape_of(link) in shapes):
            times = outline.elements[item.element.index : item.element.end]
            published = next((t.attrs.get("datetime") for t in times if t.tag == "time"), None)
            entries.append(Entry(link.element.index, link.text, link.url, link.key, _iso(published) or day))
    return entries


def _iso(moment: str | None) -> str | None:
    """Returns a machine-readable time of the page unchanged if it has a date, else None."""
    return moment if moment and len(moment) >= 10 and moment[:4].isdigit() and moment[4] == "-" else None


class _Self:
    """Recognises the page's own headline in its lists, by its URL; by its words only where no URL is known.

    The words are not compared on a front, which may show the headline of its main story as its own <h1>.
    """

    def __init__(self, page: Page, url: str | None) -> None:
        outline = page.outline
        resolve = Resolver(outline, url)
        canonical = [resolve(e.get("href") or "") or "" for e in outline.links if e.get("rel") == "canonical"]
        self.keys = {_without_scheme(story_key(u.partition("#")[0])) for u in [url or "", *canonical]} - {""}
        self.titles = set() if page.front else {outline.text_of(h).lower() for h in outline.tagged("h1")}

    def __call__(self, entry: Entry) -> bool:
        if entry.url and self.keys:
            return _without_scheme(entry.key) in self.keys
        return entry.text.lower() in self.titles


def _without_scheme(key: str) -> str:
    """Returns the key without scheme and "www.", so that it is the same for all four forms of a URL."""
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
