"""Which blocks are readers' comments by their shape? Several siblings, each with a name, a time, a text, a reply."""

import re
from collections import defaultdict

import msgspec

from services.parser.body.stretch import Scored
from services.parser.outline.outline import Element, Outline

# An entry's text stands at most so many levels below it. Two entries are a conversation only if each has a name, a
# time (or "2 hours ago") and the same last words ("Reply"); of LEAST_ENTRIES a name and a time are enough.
LEVELS, LEAST_PAIR, LEAST_ENTRIES = 4, 2, 3
# A name, a time and a button have at most so many characters.
NAME_CHARS, TIME_CHARS, BUTTON_CHARS = 40, 40, 30
# This share of the entries must look alike, and of the names must differ.
MOST = 0.6
# Blocks of this size bucket (over 25 characters outside links) can be what a reader says.
SAID_SIZE = 3

_MOMENT = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)|(?:19|20)\d\d(?!\d)")
_STOPS = ".!?…:;,。！？।"
_HEADINGS = frozenset(["h1", "h2", "h3"])
_OUTER_TAGS = frozenset(["html", "body", "main"])


class _Look(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an entry begins and ends with."""

    name: str
    counted: bool
    timed: bool
    button: str


def conversations(outline: Outline, scored: Scored, title: Element | None, apart: bytearray) -> list[Element]:
    """Returns the elements that hold readers' comments, behind the first prose of the article."""
    start = title.index if title is not None else -1
    groups: defaultdict[tuple[int, str, str], dict[int, Element]] = defaultdict(dict)
    prose: list[int] = []
    climbed: dict[int, int] = {}
    for fact, _ in scored:
        element = fact.element
        if fact.size < SAID_SIZE or fact.linked > 1 or element.index <= start or apart[element.index]:
            continue
        prose.append(element.index)
        around = element if element.tag != "p" else element.parent
        for level in range(LEVELS):
            if around is None or around.parent is None or around.tag in _OUTER_TAGS or around.index <= prose[0]:
                break
            if climbed.get(around.index, LEVELS) <= level:  # from another block of the same entry
                break
            climbed[around.index] = level
            groups[around.parent.index, around.tag, around.hint][around.index] = around
            around = around.parent
    found: list[Element] = []
    for entries in groups.values():
        parts = list(entries.values())
        if len(parts) >= LEAST_PAIR and _is_last(outline, parts, prose) and _is_conversation(outline, parts):
            found += _whole(parts, prose)
    return found


def _is_last(outline: Outline, entries: list[Element], prose: list[int]) -> bool:
    """Whether no more of the article follows: comments stand behind it, the entries of a timetable amid it."""
    around = outline.elements[prose[0]].parent
    end = entries[-1].end
    return around is None or not any(end <= index < around.end for index in prose)


def _is_conversation(outline: Outline, entries: list[Element]) -> bool:
    looks = [look for entry in entries if (look := _look_of(outline, entry)) is not None]
    if len(looks) < LEAST_PAIR or len(looks) < MOST * len(entries):
        return False
    if len({look.name for look in looks}) < max(LEAST_PAIR, MOST * len(looks)):
        return False
    counted = sum(look.counted for look in looks) >= MOST * len(looks)
    timed = sum(look.timed for look in looks) >= MOST * len(looks)
    buttons = [look.button for look in looks]
    common = max(set(buttons), key=buttons.count)
    replied = bool(common) and buttons.count(common) >= MOST * len(looks)
    return (counted and replied) or (timed and len(looks) >= LEAST_ENTRIES)


def _look_of(outline: Outline, entry: Element) -> _Look | None:
    """Returns how the entry looks; None if it does not begin with a name, or has a headline."""
    runs = outline.runs
    first = next((at for at in range(entry.first_run, entry.last_run) if not runs[at].isspace()), None)
    if first is None or len(runs[first]) > 2 * NAME_CHARS or not _is_name(runs[first].strip()):
        return None
    parts = [run.strip() for run in runs[first : entry.last_run] if not run.isspace()]
    below = outline.subtree(entry)
    if len(parts) < 2 or any(element.tag in _HEADINGS for element in below):
        return None
    name = parts[0]
    if len(name) >= entry.chars / 2:
        return None
    short = [part for part in parts[1:4] if len(part) <= TIME_CHARS]
    counted = any(any(map(str.isdigit, part)) for part in short)
    timed = any(_MOMENT.search(part) for part in short) or any(element.tag == "time" for element in below)
    last = parts[-1]
    controls = [element for element in below[-4:] if element.tag in {"a", "button"} and element.chars == len(last)]
    return _Look(
        name=name, counted=counted or timed, timed=timed, button=last if len(last) <= BUTTON_CHARS and controls else ""
    )


def _is_name(text: str) -> bool:
    return len(text) <= NAME_CHARS and text.count(" ") < 4 and text[-1] not in _STOPS and any(map(str.isalpha, text))


def _whole(entries: list[Element], prose: list[int]) -> list[Element]:
    """Returns the element that holds all entries and nothing of the article, else the entries."""
    first = entries[0]
    before = max((index for index in prose if index < first.index), default=-1)
    box = first
    while box.parent is not None and box.parent.index > before and box.parent.tag not in _OUTER_TAGS:
        box = box.parent
    return [box] if box is not first else entries
