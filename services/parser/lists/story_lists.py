"""Which story links stand together as one list?

Lists are found bottom-up, from the links. The *item* of a story is the highest element that holds no other story: the
card or list entry with its picture, time and teaser. Items with one parent are a group. Groups that follow each other
with neither a label nor other text between them are one list (the rows of a grid, a main story and the list below it).
"""

from itertools import groupby
from operator import attrgetter

import msgspec

from services.parser.lists.labels import ROOTS, SECTIONS, Hint, Label, Place, Tabs, find_hint, find_label
from services.parser.lists.story_links import LinkScan, StoryLink, is_heading
from services.parser.lists.zones import Page
from services.parser.outline.outline import Element, Outline

# An item may hold a teaser; with more text than this it is a column or an article.
MOST_ITEM_CHARS = 500
# An item that holds the page's title has at most so much text beside it; a short article has more.
MOST_BESIDE_TITLE = 150
# At most so much text stands between two groups of one list, such as an advertisement's notice or a "see more".
MOST_CHARS_BETWEEN = 80
# Two groups of one list meet in an element at most this many levels up.
MEETING_LEVELS = 3


class Item(msgspec.Struct):
    """One story of a list: the links that lead to it, the best of them, and the element that holds it."""

    links: list[StoryLink]
    link: StoryLink
    element: Element


class StoryList(msgspec.Struct):
    """Items in document order; `box` is the element that holds the first of them side by side."""

    items: list[Item]
    box: Element
    label: Label | None
    hint: Hint

    def is_outside_ticker(self, other: "StoryList") -> bool:
        """Whether the other list stands outside the box that makes this one a ticker."""
        box: Element | None = self.box
        for _ in range(self.hint.levels):
            box = box.parent if box is not None else None
        return self.hint.kind == "ticker" and box is not None and not other.box.inside(box)


def collect_lists(page: Page, scan: LinkScan) -> list[StoryList]:
    """Returns all groups of story links as lists, including those that are not lists of headlines (menus, prose)."""
    outline = page.outline
    lists: list[StoryList] = []
    tabs = Tabs(outline, scan.tabs)
    title = page.title.index if page.title is not None and not page.front else -1
    for group in _groups(_items(outline, scan.links, title)):
        before = lists[-1] if lists else None
        box = group[0].element.parent or group[0].element
        label = None
        if not page.is_menu(box, [item.link for item in group]):
            label = tabs.label_of(box) or _label(outline, before, group, box, tabs)
        # The item of a story alone in its box has grown beyond the element with the box's name.
        named = box if len(group) > 1 else group[0].links[0].element.parent or box
        found = StoryList(group, box, label, find_hint(named, sum(item.element.chars for item in group)))
        if before is not None and _continues(page, before, found):
            before.items.extend(group)
        else:
            lists.append(found)
    return lists


def _items(outline: Outline, links: list[StoryLink], title: int) -> list[Item]:
    """Returns one item for each run of neighbouring links that lead to one story.

    An item does not hold the article's headline, whose index is `title`: it would hold a short article.
    """
    runs = _runs(links)
    items: list[Item] = []
    last = len(runs) - 1
    before = -1
    for at, run in enumerate(runs):
        after = runs[at + 1][0].element.index if at < last else 1 << 60
        element = run[0].element
        limit = MOST_ITEM_CHARS + element.chars
        parent = element.parent
        while (
            not run[0].own_line
            and parent is not None
            and parent.index > before
            and parent.end <= after
            and parent.chars <= limit
            and parent.tag not in ROOTS
            and not (parent.index <= title < parent.end and parent.chars > element.chars + MOST_BESIDE_TITLE)
        ):
            element, parent = parent, parent.parent
        items.append(Item(run, run[0] if len(run) == 1 else _best(outline, run), element))
        before = run[-1].element.index
    return items


def _runs(links: list[StoryLink]) -> list[list[StoryLink]]:
    """Returns runs of neighbouring links to one story; a run that ends one list and begins the next is cut in two."""
    runs: list[list[StoryLink]] = []
    seen = 0
    for _, group in groupby(links, key=attrgetter("key")):
        run = list(group)
        before = links[seen - 1].element.index if seen else -1
        seen += len(run)
        if len(run) == 1:
            runs.append(run)
        else:
            runs.extend(_cut(run, before, links[seen].element.index if seen < len(links) else 1 << 60))
    return runs


def _cut(run: list[StoryLink], before: int, after: int) -> list[list[StoryLink]]:
    """Cut a run of links to one story where its text is repeated outside a card that holds no other story."""
    places = [[run[0]]]
    for link in run[1:]:
        if _is_apart(places[-1][-1].element, link.element, before, after):
            places.append([])
        places[-1].append(link)
    kept = places[:1]
    for place in places[1:]:
        texts = [next((link.text for link in links if link.text), "") for links in (kept[-1], place)]
        if texts[0] and texts[0] == texts[1]:
            kept.append(place)
        else:
            kept[-1].extend(place)
    return kept


def _is_apart(one: Element, other: Element, before: int, after: int) -> bool:
    """Whether the smallest element around both holds the story before or after them as well."""
    meeting = one
    while meeting.parent is not None and not other.inside(meeting):
        meeting = meeting.parent
    return meeting.index <= before or after < meeting.end


def _best(outline: Outline, run: list[StoryLink]) -> StoryLink:
    """Returns the headline among the links to one story, rather than its picture, teaser or comments."""
    return max(run, key=lambda link: (link.strong, is_heading(outline, link), len(link.text)))


def _groups(items: list[Item]) -> list[list[Item]]:
    groups: list[list[Item]] = []
    box: Element | None = None
    for item in items:
        if groups and item.element.parent is box:
            groups[-1].append(item)
        else:
            groups.append([item])
            box = item.element.parent
    return groups


def _label(outline: Outline, before: StoryList | None, group: list[Item], box: Element, tabs: Tabs) -> Label | None:
    end = before.items[-1].element if before else None
    place = Place(box, group[0].element, end.end if end else 0, end.last_run if end else 0)
    label = find_label(outline, place)
    if len(group) == 1 and (label is None or label.kind is None):
        # The item of a story alone in its box has grown beyond its own label. Only the words of a label tell it from a
        # category.
        place.first = group[0].links[0].element
        inner = find_label(outline, place)
        label = inner if inner and inner.kind else label
    return tabs.read_strip(box, label) if label and label.kind else label


def _continues(page: Page, before: StoryList, found: StoryList) -> bool:
    """Whether a group continues the list before it: near in the tree, with little text between, and no other name."""
    if _has_other_name(before, found):
        return False
    parted = page.zone_of(found.box) != page.zone_of(before.box)
    if parted or before.is_outside_ticker(found) or found.is_outside_ticker(before):
        return False
    box = before.box
    for _ in range(MEETING_LEVELS):
        if found.box.inside(box):
            between = page.outline.runs[before.items[-1].element.last_run : found.items[0].element.first_run]
            return len(" ".join("".join(between).split())) <= MOST_CHARS_BETWEEN
        if box.parent is None or box.parent.tag in ROOTS:
            return False
        box = box.parent
    return False


def _has_other_name(before: StoryList, found: StoryList) -> bool:
    """Whether a group has a name of its own, or that of the list before it is the name of its first story's card."""
    label = before.label
    if found.label is not None and (label is None or found.label.element is not label.element):
        return True
    card = before.items[0].element
    if label is not None and card.tag in SECTIONS and label.element.inside(card):
        return True
    return found.hint.kind is not None and before.hint.kind is not None and found.hint.kind != before.hint.kind
