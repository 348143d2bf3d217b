"""Is the text a live blog, and when was each entry of it published?

A moment comes from <time>, from an attribute such as data-timestamp, or from the entries that JSON-LD lists; "4 minutes
ago" is no moment, and such lines are left out.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime

from services.parser.body.context import Guide
from services.parser.body.pieces import Piece
from services.parser.language.folding import bare
from services.parser.language.scripts import SENTENCE_ENDS
from services.parser.outline.outline import Element, Outline

# A text with fewer entries is an article with a few times in it, unless the whole of it is called a live blog.
LEAST_ENTRIES, LEAST_OF_LIVE = 4, 2
# An entry's time may stand so many elements before the text, or behind it.
BEFORE, BEHIND = 60, 5
# A line that says how long ago something was has at most so many characters and words.
AGO_CHARS, AGO_WORDS = 32, 5
# So many characters of an entry's text are looked for in the page, and at least so many.
COMPARED, LEAST_COMPARED = 60, 8

_LIVE_HINT = re.compile(
    r"live-?(?:blog|event|ticker|update|post|entry|feed|center|text|coverage|stream-?entry)|liveblog"
    r"|ticker-?(?:entry|event)|minute-?by-?minute|minuto-?a-?minuto|minute-?par-?minute"
)
_TIME_HINT = re.compile(r"time|date|\bago\b|stamp|zeit|hora|heure|ora\b")
_TIME_NAME = re.compile(r"^(?:data-.*(?:time|date|stamp|publi|posted|created|epoch|-ts$).*|datetime|title|content)$")
_MOMENT = re.compile(r"(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:?\d\d\S*")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_PAGE_TAGS = frozenset(["html", "body"])


def dated(outline: Outline, pieces: list[Piece], bounds: tuple[Element, Element], guide: Guide) -> list[Piece]:
    """Returns the pieces; those that open an entry of a live blog have its moment. Others are returned unchanged."""
    first, last = bounds
    wholly = guide.live or any(_LIVE_HINT.search(element.hint) for element in _around(first))
    if not (wholly or _LIVE_HINT.search(" ".join({e.hint for e in outline.elements[first.index : last.end]}))):
        return pieces
    least = LEAST_OF_LIVE if wholly else LEAST_ENTRIES
    inside = outline.elements[max(0, first.index - BEFORE) : last.end + BEHIND]
    for moments in (_times(inside), _stated(inside), _listed(pieces, guide)):
        openings = _openings(pieces, moments)
        if len(openings) >= least:
            for number, moment in openings.items():
                pieces[number].moment = moment
            return _without_ages(pieces)
    return pieces


def _around(element: Element) -> Iterator[Element]:
    around: Element | None = element
    while around is not None and around.tag not in _PAGE_TAGS:
        yield around
        around = around.parent


def _times(inside: list[Element]) -> dict[int, str]:
    times = [(e, (e.attrs.get("datetime") or "").strip()) for e in inside if e.tag == "time"]
    return _by_entry([(element, moment) for element, moment in times if moment])


def _stated(inside: list[Element]) -> dict[int, str]:
    """Returns the moments in other attributes, by the index before the entry."""
    found = []
    for element in inside:
        for name, value in element.attrs.items():
            if value and _TIME_NAME.match(name) and (moment := _moment(value.strip())):
                found.append((element, moment))
                break
    return _by_entry(found)


def _moment(value: str) -> str | None:
    if _EPOCH.fullmatch(value):
        return datetime.fromtimestamp(int(value[:10]), UTC).isoformat()
    return value if _MOMENT.fullmatch(value) else None


def _by_entry(found: list[tuple[Element, str]]) -> dict[int, str]:
    """Returns the moments by the index before the largest element around each that holds no other."""
    indexes = [element.index for element, _ in found]
    moments = {}
    for element, moment in found:
        box = element
        while (parent := box.parent) is not None and parent.tag not in _PAGE_TAGS:
            if bisect_left(indexes, parent.end) - bisect_left(indexes, parent.index) > 1:
                break
            box = parent
        moments[box.index - 1] = moment
    return moments


def _listed(pieces: list[Piece], guide: Guide) -> dict[int, str]:
    """Returns the moments of the entries that JSON-LD lists, where the page shows their headline or text."""
    known: dict[str, str] = {}
    for text, said in guide.live_moments.items():
        moment = _moment(said.strip())
        if moment is not None and len(start := bare(text)[:COMPARED]) >= LEAST_COMPARED:
            known.setdefault(start, moment)
    moments: dict[int, str] = {}
    for piece in pieces if known else ():
        moment = known.get(bare(piece.text)[:COMPARED])
        if moment is not None and moment not in moments.values():
            moments[piece.element.index - 1] = moment
    return moments


def _openings(pieces: list[Piece], moments: dict[int, str]) -> dict[int, str]:
    """Returns the moments by the number of the first piece behind each; of several before one piece the last."""
    starts = [piece.element.index for piece in pieces]
    openings = {}
    for index, moment in sorted(moments.items()):
        number = bisect_right(starts, index)
        if number < len(pieces):
            openings[number] = moment
    return openings


def _without_ages(pieces: list[Piece]) -> list[Piece]:
    """Returns the pieces without lines such as "4 minutes ago"; the moment of such a line goes to the next piece."""
    ages: set[int] = set()
    for number in range(len(pieces) - 1):
        opens = pieces[number].moment or pieces[number + 1].moment
        if opens and _is_short(pieces[number]) and _is_age(pieces[number]):
            ages.add(number)
    looks = {_look_of(pieces[number]) for number in ages}
    out: list[Piece] = []
    moment = None
    for number, piece in enumerate(pieces):
        if number in ages or (looks and number + 1 < len(pieces) and _is_short(piece) and _look_of(piece) in looks):
            moment = piece.moment or moment
            continue
        piece.moment, moment = piece.moment or moment, None
        out.append(piece)
    return out


def _is_short(piece: Piece) -> bool:
    text = piece.text
    return piece.kind == "paragraph" and len(text) <= AGO_CHARS and text[-1] not in SENTENCE_ENDS + ":。।؟"


def _is_age(piece: Piece) -> bool:
    numbered = any(map(str.isdigit, piece.text)) and len(piece.text.split()) <= AGO_WORDS
    return numbered or bool(_TIME_HINT.search(piece.element.hint))


def _look_of(piece: Piece) -> tuple[str, str]:
    return piece.element.tag, piece.element.hint
