"""Where headlines stood and how they were worded, over time."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from services.indexer.index import Indexer
from shared.parsed_page import Headline
from tests.support.flights import ONE
from tests.support.pages import NOON, Flights, everything, page, rows

FRONT = "https://news.example/"


def listing(*texts: str, kind: str = "front") -> list[Headline]:
    return [
        Headline(kind=kind, position=n, text=text, url=f"https://news.example/{text.split()[0]}")  # type: ignore[arg-type]
        for n, text in enumerate(texts, start=1)
    ]


def visit(indexer: Indexer, flights: Flights, minutes: int, *texts: str) -> None:
    indexer.run(flights.message(FRONT, page(listing(*texts), article=None, page_type="listing"), minutes=minutes))


def minute(at: datetime | None) -> float | None:
    return None if at is None else (at - NOON) / timedelta(minutes=1)


def intervals(database: psycopg.Connection) -> list[tuple[Any, ...]]:
    texts = {row["headline_id"]: row["text"] for row in rows(database, "headlines")}
    return [
        (texts[row["headline_id"]], row["position"], *(minute(row[at]) for at in ("from_at", "last_seen_at", "to_at")))
        for row in rows(database, "headline_positions")
    ]


def test_a_headline_that_rises_stays_and_leaves(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    for minutes, texts in enumerate([["A", "B"], ["A", "B"], ["B", "A"], ["B"], ["B", "C", "A"]]):
        visit(indexer, flights, minutes, *texts)
    assert intervals(database) == [
        ("A", 1, 0, 1, 2),
        ("A", 2, 2, 2, 3),
        ("A", 3, 4, 4, None),
        ("B", 2, 0, 1, 2),
        ("B", 1, 2, 4, None),
        ("C", 2, 4, 4, None),
    ]
    assert [(row["text"], minute(row["last_seen_at"])) for row in rows(database, "headlines")] == [
        ("A", 4),
        ("B", 4),
        ("C", 4),
    ]


def test_a_headline_that_is_gone_says_when_it_was_seen_last(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    for minutes, texts in ((0, ["A"]), (7, ["A"]), (9, [])):
        visit(indexer, flights, minutes, *texts)
    (row,) = rows(database, "headlines")
    assert (minute(row["last_seen_at"]), minute(row["gone_at"])) == (7, 9)
    assert intervals(database) == [("A", 1, 0, 7, 9)]


def test_being_seen_again_writes_nothing(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    tables = ("headlines", "headline_positions", "headline_wordings")

    def written() -> list[Any]:
        return [database.execute(f"SELECT xmin, ctid, * FROM depeche.{t}".encode()).fetchall() for t in tables]

    visit(indexer, flights, 0, "A", "B")
    before = written()
    assert [len(table) for table in before] == [2, 0, 0]
    for minutes in range(1, 5):
        visit(indexer, flights, minutes, "A", "B")
    assert written() == before
    assert intervals(database) == [("A", 1, 0, 4, None), ("B", 2, 0, 4, None)]


def test_each_wording_of_a_headline_is_kept(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    for minutes, text in enumerate(["A fire", "A fire", "A great fire", "A great fire: two dead", "A fire"]):
        visit(indexer, flights, minutes, text)
    (row,) = rows(database, "headlines")
    assert (row["text"], row["wordings"], minute(row["first_seen_at"])) == ("A fire", 4, 0)
    assert [(w["text"], minute(w["from_at"]), minute(w["to_at"])) for w in rows(database, "headline_wordings")] == [
        ("A fire", 0, 2),
        ("A great fire", 2, 3),
        ("A great fire: two dead", 3, 4),
        ("A fire", 4, None),
    ]
    assert intervals(database) == [("A fire", 1, 0, 4, None)]


def test_late_and_repeated_visits_leave_the_history_alone(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    for minutes, texts in ((0, ["A", "B"]), (5, ["B", "A"])):
        visit(indexer, flights, minutes, *texts)
    before = everything(database)
    visit(indexer, flights, 3, "B now", "C")
    assert everything(database) == before


def test_the_intervals_are_those_of_the_sightings(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    """Forty visits at random, against the intervals that all sightings together give."""
    choose = random.Random(7)
    visits = [choose.sample("ABCDEF", choose.randrange(7)) for _ in range(40)]
    for minutes, texts in enumerate(visits):
        visit(indexer, flights, minutes, *texts)
    expected = [interval for text in "ABCDEF" for interval in _expected(text, visits)]
    assert sorted(intervals(database), key=str) == sorted(expected, key=str)


def _expected(text: str, visits: Sequence[Sequence[str]]) -> list[tuple[Any, ...]]:
    places = [texts.index(text) + 1 if text in texts else None for texts in visits]
    found: list[tuple[Any, ...]] = []
    start = 0
    for end in range(1, len(places) + 1):
        if end == len(places) or places[end] != places[start]:
            if places[start] is not None:
                found.append((text, places[start], start, end - 1, end if end < len(places) else None))
            start = end
    return found


def test_a_page_whose_headlines_were_stored_before_there_was_a_history(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    """A place has no time of its own then, and the page none of its last reading."""
    visit(indexer, flights, 0, "A", "B")
    database.execute("UPDATE depeche.pages SET seen_at = NULL")
    visit(indexer, flights, 5, "B", "A")
    assert intervals(database) == [("A", 1, 0, 0, 5), ("A", 2, 5, 5, None), ("B", 2, 0, 0, 5), ("B", 1, 5, 5, None)]


def test_a_ticker_of_an_article_page_has_a_history_too(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    for minutes, texts in enumerate((["A", "B"], ["C", "A", "B"])):
        indexer.run(flights.message(ONE, page(listing(*texts, kind="ticker")), minutes=minutes))
    assert intervals(database) == [
        ("A", 1, 0, 0, 1),
        ("A", 2, 1, 1, None),
        ("B", 2, 0, 0, 1),
        ("B", 3, 1, 1, None),
        ("C", 1, 1, 1, None),
    ]
