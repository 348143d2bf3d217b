"""Which story links stand together as one list, and what does the page call that list?

Bottom-up, from the links: the *item* of a story is the highest element that holds no other story, so it is the card or
the list entry with its picture, time and teaser; items with one parent are a group; groups that follow each other with
neither a label nor other text between them are one list (the rows of a grid, a leading story and the list below it).
"""

import re
from functools import lru_cache

import msgspec

from services.parser.list_words import LONGEST_LABEL, ListKind, kind_of_hint, kind_of_label
from services.parser.segments import EDGE, Element, Outline
from services.parser.story_links import LinkScan, StoryLink

# An item may carry a teaser, but is no whole column or article.
MOST_ITEM_CHARS = 500
# Text between two groups of one list: an advertisement's notice, a "see more".
MOST_CHARS_BETWEEN = 80
# How far above a list its label, its telling class name, or the tab that opens it may stand.
LABEL_LEVELS = 6
HINT_LEVELS = 6
# A box whose class name speaks for the list is not much more than the list.
MOST_BOX_CHARS, MOST_BOX_RATIO = 250, 2.5
# Between a label and its list stand tabs or a line of explanation at most; a subhead has paragraphs below it.
MOST_CHARS_AFTER_LABEL = 100
# How many elements before a list are looked at for its label.
LABEL_WINDOW = 60

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "dt", "summary"})
_LABEL_HINT = re.compile(r"titl|head|label|\btabs?\b|caption|titre|titul|titol|ribbon|name|rubri", re.I)
_ROOTS = frozenset({"html", "body", "main"})


class Item(msgspec.Struct):
    """One story of a list: the links that lead to it and the element that holds it."""

    links: list[StoryLink]
    element: Element


class Label(msgspec.Struct):
    element: Element
    text: str
    kind: ListKind | None
    levels: int


class StoryList(msgspec.Struct):
    """Items in document order; `box` is the element that holds the first of them side by side."""

    items: list[Item]
    box: Element
    label: Label | None = None
    hint: ListKind | None = None
    hint_levels: int = 0


def collect_lists(outline: Outline, scan: LinkScan) -> list[StoryList]:
    """All groups of story links on the page as lists, also those that are no lists of headlines (menus, inline links)."""
    items = _items(scan.links)
    groups: list[StoryList] = []
    for item in items:
        box = item.element.parent or item.element
        if groups and groups[-1].box is box:
            groups[-1].items.append(item)
        else:
            groups.append(StoryList(items=[item], box=box))
    lists: list[StoryList] = []
    tabs: list[str] = []
    for group in groups:
        before = lists[-1] if lists else None
        gap = _Gap(outline, before, group)
        group.label = _panel_label(group, scan.tabs) or gap.label()
        group.hint, group.hint_levels = _hint(group)
        if before is not None and group.label is None and _continues(before, group, gap):
            before.items.extend(group.items)
        else:
            lists.append(group)
    return lists


def _items(links: list[StoryLink]) -> list[Item]:
    """Links in a row that lead to one story become one item."""
    runs: list[list[StoryLink]] = []
    for link in links:
        if runs and runs[-1][-1].key == link.key:
            runs[-1].append(link)
        else:
            runs.append([link])
    items: list[Item] = []
    last = len(runs) - 1
    before = -1
    for at, run in enumerate(runs):
        after = runs[at + 1][0].element.index if at < last else 1 << 60
        element = run[0].element
        limit = MOST_ITEM_CHARS + element.chars
        parent = element.parent
        while (
            parent is not None
            and parent.index > before
            and parent.end <= after
            and parent.chars <= limit
            and parent.tag not in _ROOTS
        ):
            element, parent = parent, parent.parent
        items.append(Item(links=run, element=element))
        before = run[-1].element.index
    return items


@lru_cache(maxsize=8192)
def _is_label_hint(hint: str) -> bool:
    return _LABEL_HINT.search(hint) is not None


class _Gap:
    """What stands between a group and the list before it."""

    def __init__(self, outline: Outline, before: StoryList | None, group: StoryList) -> None:
        self.outline = outline
        self.group = group
        first = group.items[0]
        # A group of one may have climbed over its own label.
        self.target = first.element if len(group.items) > 1 else first.links[0].element
        self.start_element = before.items[-1].element.end if before else 0
        self.start_run = before.items[-1].element.last_run if before else 0

    def chars(self) -> int:
        runs = self.outline.runs[self.start_run : self.target.first_run]
        return len(" ".join("".join(runs).split()))

    def _chars_after(self, label: Element) -> int:
        return len(" ".join("".join(self.outline.runs[label.last_run : self.target.first_run]).split()))

    def label(self) -> Label | None:
        """The nearest heading, known label or title-like short text before the group."""
        target, elements = self.target, self.outline.elements
        low = max(self.start_element, target.index - LABEL_WINDOW)
        best: Element | None = None
        best_score = shown = 0
        for at in range(target.index - 1, low - 1, -1):
            element = elements[at]
            if element.end > target.index or not 2 <= element.chars <= LONGEST_LABEL:
                continue
            if element.tag in _HEADINGS:
                shown = 3
            elif not shown and element.hint and _is_label_hint(element.hint):
                shown = 2
            parent = element.parent
            if parent is not None and parent.chars == element.chars and parent.index >= low and parent.end <= target.index:
                continue  # Its wrapper says the same, and is seen next.
            score, shown = self._score(element, shown), 0
            if score > best_score:
                best, best_score = element, score
                if score >= 6:
                    break
        if best is None:
            return self._bare_text()
        levels = _levels(self.group.box, best)
        if levels is None or (best_score < 4 and levels > 3) or self._chars_after(best) > MOST_CHARS_AFTER_LABEL:
            return None
        text = self.outline.text_of(best)
        return Label(element=best, text=text, kind=kind_of_label(text), levels=levels)

    def _score(self, element: Element, shown: int) -> int:
        """`shown`: how much its tag or class name makes it a title; links are labels only with that, or as tabs."""
        if not shown and element.tag == "a" and (element.attrs.get("href") or "#")[0] != "#":
            return 0
        text = self.outline.text_of(element)
        if not any(c.isalpha() for c in text):
            return 0
        return 4 + shown if kind_of_label(text) is not None else shown

    def _bare_text(self) -> Label | None:
        """A label that is mere text before the list, without an element of its own."""
        runs = "".join(self.outline.runs[max(self.start_run, self.target.first_run - 12) : self.target.first_run])
        pieces = [piece for piece in (" ".join(p.split()) for p in runs.split(EDGE)) if piece]
        if pieces and len(pieces[-1]) <= LONGEST_LABEL and (kind := kind_of_label(pieces[-1])):
            return Label(element=self.group.box, text=pieces[-1], kind=kind, levels=0)
        return None


def _levels(box: Element, label: Element) -> int | None:
    """How many steps up from the box the label comes into view; None when they have little to do with each other."""
    levels, at = 0, box
    while not label.inside(at):
        if at.parent is None or levels >= LABEL_LEVELS:
            return None
        at, levels = at.parent, levels + 1
    return levels


def _panel_label(group: StoryList, tabs: dict[str, str]) -> Label | None:
    """The text of the tab that opens the panel in which the group stands."""
    if not tabs:
        return None
    element: Element | None = group.box
    for levels in range(LABEL_LEVELS):
        if element is None or element.tag in _ROOTS:
            return None
        name = element.attrs.get("id")
        if name and name in tabs:
            kind = kind_of_label(tabs[name])
            if kind:
                return Label(element=element, text=tabs[name], kind=kind, levels=levels)
        element = element.parent
    return None


def _hint(group: StoryList) -> tuple[ListKind | None, int]:
    """The nearest telling class name above the group, on boxes that hold little more than the group."""
    chars = sum(item.element.chars for item in group.items)
    limit = MOST_BOX_CHARS + MOST_BOX_RATIO * chars
    element: Element | None = group.box
    for levels in range(HINT_LEVELS):
        if element is None or element.tag in _ROOTS or element.chars > limit:
            break
        if element.tag == "marquee":
            return "ticker", levels
        if element.hint:
            kind = kind_of_hint(element.hint)
            if kind:
                return kind, levels
        element = element.parent
    return None, HINT_LEVELS


def _continues(before: StoryList, group: StoryList, gap: _Gap) -> bool:
    """Whether the group goes on with the list before it: near in the tree, nothing said between, no other name."""
    if group.hint is not None and before.hint is not None and group.hint != before.hint:
        return False
    box = before.box
    for _ in range(3):
        if group.box.inside(box):
            return gap.chars() <= MOST_CHARS_BETWEEN
        if box.parent is None or box.parent.tag in _ROOTS:
            return False
        box = box.parent
    return False
