"""Which headlines of a page are copies: cut short to fit, said twice within a list, or in a clone of the whole list?

A story that two different lists show is no copy: it has its place in each of them.
"""

from collections.abc import Iterable

import msgspec

from services.parser.story_links import StoryLink
from shared.parsed_page import HeadlineKind

# A cut copy "Long headline that is…" has so many characters in common with the whole.
FEWEST_CHARS_OF_CUT = 20
# A clone (for scrolling, for small screens) has nearly all stories of the shorter list in common with the other;
# without the label, it is not much shorter.
CLONE_SHARE, CLONE_SIZE = 0.8, 0.5
# Fewer stories than this repeat the order of another list by chance.
FEWEST_OF_COPY = 3

_ELLIPSES = ("…", "...")


class Entry(msgspec.Struct):
    """A headline in its list; `at` is the index of its element, `key` its story."""

    at: int
    text: str
    url: str | None = None
    key: str = ""
    published_at: str | None = None


class HeadlineList(msgspec.Struct):
    """One list of the page; `nameless`: neither label nor class name nor marks say what it is, nor is it of a front."""

    kind: HeadlineKind
    label: str | None
    entries: list[Entry]
    nameless: bool = False


def complete_cut_texts(links: Iterable[StoryLink]) -> None:
    """Give texts that end in an ellipsis their whole wording, where the anchor's attributes or another copy have it."""
    cut = [link for link in links if link.text.endswith(_ELLIPSES)]
    if not cut:
        return
    wordings: dict[str, list[str]] = {link.key: [] for link in cut}
    for link in links:
        if link.key in wordings:
            wordings[link.key].append(link.text)
    for link in cut:
        attrs = link.element.attrs
        said = [" ".join((attrs.get(name) or "").split()) for name in ("title", "aria-label")]
        start = _fold(link.text)
        if len(start) >= FEWEST_CHARS_OF_CUT:
            whole = (text for text in said + wordings[link.key] if _fold(text).startswith(start))
            link.text = max(whole, key=lambda text: len(_fold(text)), default=link.text)


def without_copies(lists: list[HeadlineList]) -> list[HeadlineList]:
    """Drop doubles within each list, and what a clone of an earlier list repeats."""
    kept: list[HeadlineList] = []
    for one in lists:
        one.entries = _without_doubles(one.entries)
        original = next((other for other in kept if _is_clone(one, other)), None)
        if original is None:
            kept.append(one)
        else:
            original.entries = _without_doubles(original.entries + one.entries)
    # A copy for small screens often has neither label nor class name, so its own kind says nothing.
    return [one for one in kept if not (one.nameless and any(_repeats(one, other) for other in kept))]


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """The first place of each story is kept, with the longest of its texts that begin alike."""
    kept: list[Entry] = []
    known: dict[str, list[Entry]] = {}
    for entry in entries:
        copies = known.setdefault(_story(entry), [])
        copy = next((other for other in copies if _is_cut(_fold(entry.text), _fold(other.text))), None)
        if copy is None:
            copies.append(entry)
            kept.append(entry)
        elif len(_fold(entry.text)) > len(_fold(copy.text)):
            copy.text = entry.text
    return kept


def _is_clone(one: HeadlineList, other: HeadlineList) -> bool:
    """Whether two lists of one kind and name have nearly the same stories."""
    if one.kind != other.kind or (one.label and other.label and one.label != other.label):
        return False
    stories = {_story(entry) for entry in one.entries}
    others = {_story(entry) for entry in other.entries}
    small, large = sorted((len(stories), len(others)))
    return len(stories & others) >= CLONE_SHARE * small and (one.label == other.label or small >= CLONE_SIZE * large)


def _repeats(one: HeadlineList, other: HeadlineList) -> bool:
    """Whether a nameless list runs through the stories of a named one, in their order."""
    if other.nameless or len(one.entries) < FEWEST_OF_COPY:
        return False
    stories = iter([_story(entry) for entry in other.entries])
    return all(_story(entry) in stories for entry in one.entries)


def _story(entry: Entry) -> str:
    return entry.key or _fold(entry.text)


def _is_cut(one: str, other: str) -> bool:
    """Whether one text is the other, or its beginning."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return short == long or (len(short) >= FEWEST_CHARS_OF_CUT and long.startswith(short))


def _fold(text: str) -> str:
    return text.lower().rstrip(" .…")
