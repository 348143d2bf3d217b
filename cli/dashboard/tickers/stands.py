"""How did the headlines of a list move? Makes stands, entries, exits and changes of wording out of rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from cli.dashboard.differences import Piece, words
from cli.dashboard.tickers.rows import Found, Stretch
from cli.output import Row

# So many headlines are drawn and listed; of more, those that stood highest, and longest there.
MOST_SHOWN = 60


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A stay at one place; `last_seen_at` is the last visit that found it there, `to_at` the one that did not."""

    position: int
    from_at: datetime
    last_seen_at: datetime
    to_at: datetime | None


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """A time for which a headline stood on the list without leaving it, place after place."""

    places: list[Place]

    @property
    def from_at(self) -> datetime:
        """The visit that found it there first."""
        return self.places[0].from_at

    @property
    def last_seen_at(self) -> datetime:
        """The last visit that found it there."""
        return self.places[-1].last_seen_at

    @property
    def to_at(self) -> datetime | None:
        """The visit that found it gone; None while it stands."""
        return self.places[-1].to_at

    @property
    def length(self) -> timedelta:
        """How long it stood there, at least: from the first visit that found it to the last one."""
        return self.last_seen_at - self.from_at


class Rewording(msgspec.Struct, frozen=True, kw_only=True):
    """A change of wording, found at a visit."""

    headline_id: int
    at: datetime
    before: str
    after: str
    pieces: list[Piece]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A headline with its stands that reach into the stretch. `stood` is at least how long it stood there within it."""

    row: Row
    stands: list[Stand]
    best: int
    stood: timedelta
    rewordings: int

    @property
    def text(self) -> str:
        """Its present wording."""
        return str(self.row["text"])

    @property
    def places(self) -> list[Place]:
        """All places in order, of all its stands."""
        return [place for stand in self.stands for place in stand.places]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A headline that came to the list, or left it, at a visit; and the stand that began or ended by that."""

    at: datetime
    line: Line
    stand: Stand


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A list in a stretch of time. Lines are in the order of how high they stood; `more` lines are left out."""

    lines: list[Line]
    entered: list[Event]
    left: list[Event]
    rewordings: list[Rewording]
    more: int
    is_cut: bool


def history(of: Found, stretch: Stretch, top: int) -> History:
    """Return what happened at the places 1 to `top` of the list: the headlines that stood there at some time."""
    reworded = _rewordings(of.wordings, stretch)
    counts: dict[int, int] = defaultdict(int)
    for change in reworded:
        counts[change.headline_id] += 1
    by_headline: dict[int, list[Row]] = defaultdict(list)
    for row in of.places:
        by_headline[row["headline_id"]].append(row)
    lines = [_line(of.lines[number], rows, stretch, counts[number]) for number, rows in by_headline.items()]
    high = sorted((line for line in lines if line.best <= top), key=lambda line: (line.best, -line.stood, line.text))
    shown = high[:MOST_SHOWN]
    ids = {line.row["headline_id"] for line in shown}
    stands = [(line, stand) for line in shown for stand in line.stands]
    return History(
        lines=shown,
        entered=_newest(
            Event(at=stand.from_at, line=line, stand=stand) for line, stand in stands if stand.from_at > stretch.since
        ),
        left=_newest(
            Event(at=stand.to_at, line=line, stand=stand)
            for line, stand in stands
            if stand.to_at is not None and stand.to_at <= stretch.until
        ),
        rewordings=[change for change in reworded if change.headline_id in ids],
        more=len(high) - len(shown),
        is_cut=of.is_cut,
    )


def _line(row: Row, places: Sequence[Row], stretch: Stretch, rewordings: int) -> Line:
    stands = list(_stands(places))
    within = (
        min(stand.last_seen_at, stretch.until) - max(stand.from_at, stretch.since)
        for stand in stands
        if stand.last_seen_at > stretch.since
    )
    best = min(place.position for stand in stands for place in stand.places)
    return Line(row=row, stands=stands, best=best, stood=sum(within, timedelta()), rewordings=rewordings)


def _stands(rows: Sequence[Row]) -> Iterator[Stand]:
    """Yield the stands: a place belongs to the stand before it if it begins where that ended."""
    places: list[Place] = []
    for row in sorted(rows, key=lambda row: row["from_at"]):
        place = Place(**{name: row[name] for name in Place.__struct_fields__})
        if places and places[-1].to_at != place.from_at:
            yield Stand(places=places)
            places = []
        places.append(place)
    if places:
        yield Stand(places=places)


def _newest(events: Iterator[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at, reverse=True)


def _rewordings(rows: Sequence[Row], stretch: Stretch) -> list[Rewording]:
    """Return the changes of wording that were found in the stretch, newest first."""
    changes = [
        Rewording(
            headline_id=after["headline_id"],
            at=after["from_at"],
            before=before["text"],
            after=after["text"],
            pieces=words(before["text"], after["text"]),
        )
        for before, after in pairwise(rows)
        if before["headline_id"] == after["headline_id"] and stretch.since < after["from_at"] <= stretch.until
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)
