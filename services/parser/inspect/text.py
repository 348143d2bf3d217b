"""Holds a page's whole text in reading order; the pieces of a result are found in it and get notes.

White space differs between a page and its parse result, so texts are compared without white space. A place is a range
of letters, and each letter has one note: the last one written on it.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Literal

import msgspec

from services.parser.outline.outline import EDGE, Element, Outline
from services.parser.outline.tags import INLINE

Role = Literal["article", "field", "headline", "beside", "label", "dropped"]

# An element's name is shown up to this many characters.
LONGEST_NAME = 60

_SPACE = re.compile(r"\s+")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a piece of text, and why.

    `kind` is the type of the block, the name of the field, the kind of the list, or a slug for why it was dropped.
    Blocks and lists are numbered from 1, and the lead is block 0; `score` is the log-odds of being article text.
    """

    role: Role
    kind: str
    why: str
    where: str = ""  # the element whose name decided it
    score: float | None = None
    block: int | None = None
    list_number: int | None = None
    position: int | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Letters from `start` up to, not including, `end`."""

    start: int
    end: int


class PageText:
    """The page's letters, the element that each stands in, and the note on each."""

    def __init__(self, runs: list[str], outline: Outline | None) -> None:
        self._raw = "".join(runs)
        self._letters = "".join(self._raw.split())
        self._at = array("L", [at for at, letter in enumerate(self._raw) if not letter.isspace()])
        self._run_ends = list(accumulate(len("".join(run.split())) for run in runs))
        self._owners = _owners(outline, len(runs)) if outline is not None else []
        self._notes: list[Note] = []
        self._marks = array("L", [0]) * len(self._letters)
        self.everything = Span(start=0, end=len(self._letters))

    @classmethod
    def of_lines(cls, text: str) -> "PageText":
        """Returns the text of a document without markup, in which each line is a block."""
        return cls([part for line in text.splitlines() for part in (line, EDGE)], None)

    def span_of(self, element: Element) -> Span:
        """Returns the place of an element's text."""
        return Span(start=self._letters_before(element.first_run), end=self._letters_before(element.last_run))

    def element_at(self, at: int) -> Element | None:
        """Returns the innermost element around a letter; None in a document without markup."""
        return self._owners[bisect_right(self._run_ends, at)] if self._owners else None

    def find(self, text: str, within: Span, accepts: Callable[[int], bool] = lambda _: True) -> Span | None:
        """Returns the first place of a text that begins and ends where runs of the page do, else its first place.

        Only places whose first letter `accepts` confirms count; None if there is none.
        """
        wanted = _SPACE.sub("", text)
        ragged = None
        start = self._letters.find(wanted, within.start, within.end) if wanted else -1
        while start >= 0:
            if accepts(start):
                found = Span(start=start, end=start + len(wanted))
                if self._is_edge(found.start) and self._is_edge(found.end):
                    return found
                ragged = ragged or found
            start = self._letters.find(wanted, start + 1, within.end)
        return ragged

    def find_last(self, text: str, before: int) -> Span | None:
        """Returns the last place of a text before a letter; None if there is none.

        Only places without a note that begin and end where runs of the page do count.
        """
        wanted = _SPACE.sub("", text)
        start = self._letters.rfind(wanted, 0, before) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            if self.is_free(start) and self._is_edge(start) and self._is_edge(end):
                return Span(start=start, end=end)
            start = self._letters.rfind(wanted, 0, end - 1)
        return None

    def is_free(self, at: int) -> bool:
        """Whether a letter has no note yet."""
        return not self._marks[at]

    def write(self, span: Span, note: Note) -> None:
        """Put a note on the letters; it replaces any note that they have."""
        if not self._notes or self._notes[-1] is not note:
            self._notes.append(note)
        self._marks[span.start : span.end] = array("L", [len(self._notes)]) * (span.end - span.start)

    def free(self, within: Span) -> list[tuple[Span, Element | None]]:
        """Returns the pieces of runs that have no note, with the element that each stands in."""
        pieces: list[tuple[Span, Element | None]] = []
        at = max(0, within.start)
        while at < min(within.end, len(self._letters)):
            run = bisect_right(self._run_ends, at)
            end = start = at
            while end < self._run_ends[run] and self._marks[end] == self._marks[start]:
                end += 1
            if self.is_free(start):
                pieces.append((Span(start=start, end=end), self._owners[run] if self._owners else None))
            at = end
        return pieces

    def noted(self) -> Iterator[tuple[Note, Span]]:
        """Yield the notes in reading order, each with the letters that it covers; every letter must have a note."""
        start = 0
        for at in range(1, len(self._letters) + 1):
            if at == len(self._letters) or self._marks[at] != self._marks[start]:
                yield self._notes[self._marks[start] - 1], Span(start=start, end=at)
                start = at

    def said(self, span: Span) -> str:
        """Returns the text of a place, with white space collapsed."""
        if span.start >= span.end:
            return ""
        return " ".join(self._raw[self._at[span.start] : self._at[span.end - 1] + 1].split())

    def _letters_before(self, run: int) -> int:
        return self._run_ends[run - 1] if run else 0

    def _is_edge(self, at: int) -> bool:
        return at == 0 or self._run_ends[bisect_right(self._run_ends, at) - 1] == at


def block_of(element: Element) -> Element:
    """Returns the element itself if it is a block, else the block that it stands in."""
    while element.tag in INLINE and element.parent is not None:
        element = element.parent
    return element


def describe(element: Element) -> str:
    """Returns an element as its author named it: tag, id and class names, shortened."""
    named, classes = (element.attrs.get("id") or "")[:LONGEST_NAME], (element.attrs.get("class") or "")[:LONGEST_NAME]
    name = element.tag + (f"#{named}" if named else "") + "".join(f".{word}" for word in classes.split())
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _owners(outline: Outline, count: int) -> list[Element]:
    """Returns the innermost element around each run."""
    owners = outline.elements[:1] * count
    for element in outline.elements:
        owners[element.first_run : element.last_run] = [element] * (element.last_run - element.first_run)
    return owners
