"""Which headlines of a page are copies: cut short to fit, shown twice within a list, or in a clone of the whole list?

A story that two different lists show is not a copy: it has its place in each of them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from services.parser.lists.story_links import StoryLink
from services.parser.outline.outline import Element
from shared.parsed_page import HeadlineKind

# A cut copy ("Long headline that is…") has at least this many characters in common with the whole headline.
FEWEST_CHARS_OF_CUT = 20
# A list and its clone (for scrolling, for small screens) have nearly all stories of the shorter one in common. A clone
# that lacks the label is not much shorter than the list.
CLONE_SHARE, CLONE_SIZE = 0.8, 0.5
# Fewer stories than this may repeat the order of another list by chance.
FEWEST_OF_COPY = 3
# Limits against pages made to cost time: how many stories of a list are looked up in other lists, and how many copies
# of a story are compared.
TRIED_STORIES, MOST_TRIED = 5, 20

_CLONED = re.compile(r"slide[-_]+duplicate|(?:^|[\s_-])cloned?(?:$|[\s_-])")
_ELLIPSES = ("…", "...")


class Entry(msgspec.Struct):
    """A headline in its list; `at` is the index of its element, `key` identifies its story."""

    at: int
    text: str
    url: str | None = None
    key: str = ""
    published_at: str | None = None


class HeadlineList(msgspec.Struct):
    """One list of the page.

    A `nameless` list is not one of a front, and neither a label nor a class name nor its marks say what it is.
    """

    kind: HeadlineKind
    label: str | None
    entries: list[Entry]
    nameless: bool = False


def complete_cut_texts(links: Iterable[StoryLink]) -> None:
    """Complete texts that end in an ellipsis, where the anchor's attributes or another copy have the whole text."""
    cut = [link for link in links if link.text.endswith(_ELLIPSES)]
    if not cut:
        return
    wordings: dict[str, list[str]] = {link.key: [] for link in cut}
    for link in links:
        if link.key in wordings and len(wordings[link.key]) < MOST_TRIED:
            wordings[link.key].append(link.text)
    for link in cut:
        attrs = link.element.attrs
        said = [" ".join((attrs.get(name) or "").split()) for name in ("title", "aria-label")]
        start = _uncut(link.text)
        if len(start) >= FEWEST_CHARS_OF_CUT:
            whole = (text for text in said + wordings[link.key] if _uncut(text).startswith(start))
            link.text = max(whole, key=lambda text: len(_uncut(text)), default=link.text)


def places_of_slides(items: list[tuple[StoryLink, Element]]) -> dict[str, set[int]]:
    """Returns for each story with a cloned slide, as carousels put before the first one, where its own slide stands."""
    keys = [link.key for link, _ in items]
    doubles = {key for key in keys if keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
    places: defaultdict[str, set[int]] = defaultdict(set)
    for link, item in items:
        if link.key in doubles and not _is_cloned(link.element, item):
            places[link.key].add(item.index)
    return dict(places)


def _is_cloned(anchor: Element, item: Element) -> bool:
    around = [anchor, *(element for element in anchor.ancestors() if element.inside(item))]
    return any(element.hint and _CLONED.search(element.hint) is not None for element in around)


def without_copies(lists: list[HeadlineList]) -> list[HeadlineList]:
    """Returns the lists without doubles.

    A clone is merged into the list that it repeats; nameless copies are dropped.
    """
    kept: list[HeadlineList] = []
    holders: defaultdict[str, list[HeadlineList]] = defaultdict(list)
    for one in lists:
        one.entries = _without_doubles(one.entries)
        original = next((other for other in _sharers(one, holders) if _is_clone(one, other)), None)
        if original is not None:
            original.entries = _without_doubles(original.entries + one.entries)
            continue
        kept.append(one)
        for story in _stories(one):
            holders[story].append(one)
    # A copy for small screens often has neither label nor class name, so its kind says nothing.
    return [one for one in kept if not (one.nameless and any(_repeats(one, other) for other in _sharers(one, holders)))]


def _sharers(one: HeadlineList, holders: dict[str, list[HeadlineList]]) -> list[HeadlineList]:
    """Returns the lists that also have one of the first stories of this list; a clone has nearly all of them."""
    found = {
        id(other): other
        for entry in one.entries[:TRIED_STORIES]
        for other in holders.get(_story(entry), [])[:MOST_TRIED]
    }
    return list(found.values())


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """Returns the first entry of each story, with the longest of its texts that begin alike."""
    kept: list[Entry] = []
    known: dict[str, list[Entry]] = {}
    for entry in entries:
        folded = _uncut(entry.text)
        copies = known.setdefault(_story(entry), [])
        copy = next((other for other in copies[:MOST_TRIED] if _is_cut(folded, _uncut(other.text))), None)
        if copy is None:
            copies.append(entry)
            kept.append(entry)
        elif len(folded) > len(_uncut(copy.text)):
            copy.text = entry.text
    return kept


def _is_clone(one: HeadlineList, other: HeadlineList) -> bool:
    """Whether two lists of one kind, whose labels do not contradict each other, have nearly the same stories."""
    if one.kind != other.kind or (one.label and other.label and one.label != other.label):
        return False
    stories, others = _stories(one), _stories(other)
    small, large = sorted((len(stories), len(others)))
    return len(stories & others) >= CLONE_SHARE * small and (one.label == other.label or small >= CLONE_SIZE * large)


def _repeats(one: HeadlineList, other: HeadlineList) -> bool:
    """Whether all stories of a nameless list stand in a named one, in the same order."""
    if other.nameless or len(one.entries) < FEWEST_OF_COPY:
        return False
    stories = iter([_story(entry) for entry in other.entries])
    return all(_story(entry) in stories for entry in one.entries)


def _stories(one: HeadlineList) -> set[str]:
    return {_story(entry) for entry in one.entries}


def _story(entry: Entry) -> str:
    return entry.key or _uncut(entry.text)


def _is_cut(one: str, other: str) -> bool:
    """Whether the texts are equal, or one is the beginning of the other."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return short == long or (len(short) >= FEWEST_CHARS_OF_CUT and long.startswith(short))


def _uncut(text: str) -> str:
    """Returns the text before the cut, in lower case.

    Spaces and marks stay, so that only texts that read alike are one.
    """
    return text.lower().rstrip(" .…")
