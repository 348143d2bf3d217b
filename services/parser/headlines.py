"""Every list of links to other stories on a page: tickers, rails, "en continu", most read, fronts.

The pipeline: story links -> items -> lists with their labels -> what kind each list is, and whether it is one of
headlines at all -> records without doubles.
"""

import re
from statistics import fmean

import msgspec

from services.parser.list_words import ListKind, fold, is_unspaced
from services.parser.segments import Element, Outline
from services.parser.story_links import StoryLink, scan_links, shape_of
from services.parser.story_lists import Item, StoryList, collect_lists
from shared.parsed_page import Headline, HeadlineKind

_ZONE_TAGS = {"nav": "nav", "footer": "footer"}
_ZONE = re.compile(
    r"(?P<nav>(?:^|[\s_-])(?:nav|navbar|navigation|menu|mega-?menu|submenu|breadcrumbs?)(?:$|[\s_-]))"
    r"|(?P<footer>(?:^|[\s_-])(?:footer|colophon|site-?info)(?:$|[\s_-]))"
    r"|(?P<never>(?:^|[\s_-])(?:share|sharing|social|cookies?|consent|comments?|disqus|outbrain|taboola|sponsor(?:ed)?|advert\w*|ads?|promo|newsletter|tags|tag-list|login|paywall)(?:$|[\s_-]))"
)


class HeadlineLists(msgspec.Struct, frozen=True, kw_only=True):
    """The headlines in document order and the indexes of the elements that they occupy."""

    headlines: list[Headline]
    claimed: frozenset[int]


def find_headlines(outline: Outline, url: str | None) -> HeadlineLists:
    """All headline lists of the page. A story is given once: in its ticker if it has one, else in the best named list."""
    scan = scan_links(outline, url)
    own = (url or "").partition("#")[0].rstrip("/")
    h1 = next(iter(outline.tagged("h1")), None)
    zones = _Zones(outline, h1)
    claimed: set[int] = set()
    entries: list[_Entry] = []
    for found in collect_lists(outline, scan):
        if not _is_headlines(found, zones.of(found.box)):
            continue
        kind = _kind(outline, found, h1)
        shapes = {shape_of(link) for item in found.items for link in item.links if link.strong}
        for item in found.items:
            claimed.update(range(item.element.index, item.element.end))
            link = max(item.links, key=lambda link: (link.rank, link.strong, len(link.text)))
            if link.text and (link.strong or shape_of(link) in shapes):
                entries.append(_Entry(found, kind, link))
    return HeadlineLists(headlines=_records(entries, own), claimed=frozenset(claimed))


class _Entry(msgspec.Struct):
    list: StoryList
    kind: HeadlineKind
    link: StoryLink


_PRIORITY: dict[HeadlineKind, int] = {"ticker": 3, "latest": 2, "most_read": 2, "trending": 2}


def _records(entries: list[_Entry], own: str) -> list[Headline]:
    best: dict[object, _Entry] = {}
    for entry in entries:
        key = (entry.link.key, fold(entry.link.text))
        known = best.get(key)
        if known is None or _PRIORITY.get(entry.kind, 0) > _PRIORITY.get(known.kind, 0):
            best[key] = entry
    kept = {id(e) for e in best.values()}
    headlines: list[Headline] = []
    last: StoryList | None = None
    position = 0
    for entry in entries:
        if id(entry) not in kept:
            continue
        position = position + 1 if entry.list is last else 1
        last = entry.list
        headlines.append(
            Headline(
                kind=entry.kind,
                label=entry.list.label.text if entry.list.label else None,
                position=position,
                text=entry.link.text,
                url=entry.link.url,
                is_self=entry.link.key == own,
            )
        )
    return headlines


class _Zones:
    """In which part of the page an element stands: what its nearest telling ancestor says."""

    def __init__(self, outline: Outline, h1: Element | None) -> None:
        self.known: dict[int, str] = {}
        self.h1 = h1.index if h1 else -1
        self.largest = outline.elements[0].chars // 2 if outline.elements else 0

    def of(self, element: Element) -> str:
        path: list[Element] = []
        at: Element | None = element
        zone = ""
        while at is not None:
            if at.index in self.known:
                zone = self.known[at.index]
                break
            path.append(at)
            at = at.parent
        for at in reversed(path):
            if at.tag in _ZONE_TAGS:
                zone = _ZONE_TAGS[at.tag]
            elif at.hint and at.chars <= self.largest and not at.index < self.h1 < at.end:
                found = _ZONE.search(at.hint)
                if found:
                    zone = found.lastgroup or ""
            self.known[at.index] = zone
        return zone


def _is_headlines(found: StoryList, zone: str) -> bool:
    """Whether the list is one of headlines: several texts of several words, to addresses of stories, outside menus."""
    firsts = [max(item.links, key=lambda link: len(link.text)) for item in found.items]
    count = len({link.key for link in firsts if link.strong})
    words = fmean(_words(link.text) for link in firsts)
    stories = sum(link.story_url for link in firsts) / len(firsts)
    if found.hint.kind == "ticker":
        return count >= 1 and words >= 3
    if zone == "never":
        return False
    kind = found.label.kind if found.label else None
    named = found.hint.kind is not None or kind is not None
    if zone in ("nav", "footer"):
        return named and count >= 3 and words >= 5 and stories >= 0.6
    if count == 1:
        return kind == "related" and found.label is not None and found.label.levels <= 1 and words >= 5 and stories == 1
    if named:
        return count >= 2 and words >= 3.5 and stories >= 0.3
    return count >= 3 and words >= 4 and stories >= 0.5


def _words(text: str) -> float:
    return len(text) / 4 if is_unspaced(text) else text.count(" ") + 1


def _kind(outline: Outline, found: StoryList, h1: Element | None) -> HeadlineKind:
    kind: ListKind | None = found.hint.kind
    label = found.label
    if label is not None and label.kind and kind != "ticker" and (kind is None or label.levels <= found.hint.levels):
        kind = label.kind
    above = h1 is not None and found.box.index < h1.index
    if kind == "breaking":
        kind = "latest"
    if kind in ("latest", "trending") and above and _is_strip(outline, found):
        return "ticker"
    return kind or "related"


def _is_strip(outline: Outline, found: StoryList) -> bool:
    """Bare lines without pictures or times, outside any side column: one line that moves."""
    at: Element | None = found.box
    while at is not None:
        if at.tag in ("aside", "nav"):
            return False
        at = at.parent
    return not any(
        e.tag in ("img", "picture", "time", "figure")
        for item in found.items
        for e in outline.elements[item.element.index : item.element.end]
    )
