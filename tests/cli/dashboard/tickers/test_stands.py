"""Stands, entries, exits and changes of wording, from rows as the views have them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.dashboard.tickers.rows import Found, Stretch
from cli.dashboard.tickers.stands import MOST_SHOWN, history

NOON = datetime(2025, 5, 8, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


STRETCH = Stretch(since=NOON, until=at(60))


def place(headline_id: int, position: int, since: float, seen: float, until: float | None) -> dict[str, Any]:
    return {
        "headline_id": headline_id,
        "position": position,
        "from_at": at(since),
        "last_seen_at": at(seen),
        "to_at": None if until is None else at(until),
    }


def found(*places: dict[str, Any], wordings: list[dict[str, Any]] | None = None) -> Found:
    ids = {row["headline_id"] for row in places}
    lines = {number: {"headline_id": number, "text": f"Headline {number}"} for number in ids}
    return Found(lines=lines, places=list(places), wordings=wordings or [], is_cut=False)


def test_places_that_follow_each_other_are_one_stand() -> None:
    of = history(found(place(1, 2, 20, 25, None), place(1, 1, 10, 15, 20), place(1, 3, -5, 5, 10)), STRETCH, 10)
    [line] = of.lines
    [stand] = line.stands
    assert [one.position for one in stand.places] == [3, 1, 2]
    assert (stand.from_at, stand.last_seen_at, stand.to_at) == (at(-5), at(25), None)
    assert (line.best, line.stood, stand.length) == (1, timedelta(minutes=25), timedelta(minutes=30))
    assert (of.entered, of.left) == ([], [])


def test_a_headline_that_went_and_came_back_entered_and_left_twice() -> None:
    of = history(found(place(1, 1, 5, 10, 15), place(1, 1, 30, 35, 40)), STRETCH, 10)
    assert [event.at for event in of.entered] == [at(30), at(5)]
    assert [event.at for event in of.left] == [at(40), at(15)]
    assert of.lines[0].stood == timedelta(minutes=10)
    assert [event.stand.length for event in of.left] == [timedelta(minutes=5)] * 2


def test_only_headlines_that_stood_high_are_shown_and_the_highest_come_first() -> None:
    of = history(found(place(1, 11, 0, 5, None), place(2, 3, 0, 5, None), place(3, 1, 0, 5, None)), STRETCH, 10)
    assert [line.text for line in of.lines] == ["Headline 3", "Headline 2"]
    assert of.more == 0


def test_more_than_can_be_shown_is_counted() -> None:
    of = history(found(*(place(number, 1, 0, 5, None) for number in range(MOST_SHOWN + 3))), STRETCH, 10)
    assert (len(of.lines), of.more) == (MOST_SHOWN, 3)


@pytest.mark.parametrize(("minutes", "is_told"), [(-1, False), (30, True), (61, False)])
def test_changes_of_wording_within_the_stretch_are_told(minutes: float, is_told: bool) -> None:
    wordings = [
        {"headline_id": 1, "text": "Harbour opens", "from_at": at(-30), "to_at": at(minutes)},
        {"headline_id": 1, "text": "Harbour closes", "from_at": at(minutes), "to_at": None},
        {"headline_id": 2, "text": "Another headline", "from_at": at(31), "to_at": None},
    ]
    of = history(found(place(1, 1, -30, 60, None), place(2, 2, 0, 60, None), wordings=wordings), STRETCH, 10)
    told = [(change.headline_id, change.at, change.before, change.after) for change in of.rewordings]
    assert told == ([(1, at(minutes), "Harbour opens", "Harbour closes")] if is_told else [])
    assert [line.rewordings for line in of.lines] == [int(is_told), 0]
