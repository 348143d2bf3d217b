"""What a visit of a source's page tells of the source holds for all its articles at once."""

from typing import Any

import psycopg

from services.indexer.index import Indexer
from shared.failures import GiveUp
from shared.flight.drops import dropped
from shared.messages import Visit
from tests.support.flights import ONE, TWO, message_of
from tests.support.pages import NOON, Flights, page, rows
from tests.support.records import changed

FRONT = "https://www.news.example/"


def visited(indexer: Indexer, flights: Flights, minutes: float = 0, **visit: Any) -> None:
    record = flights.stand(FRONT, page(page_type="listing", article=None), minutes=minutes)
    indexer.run(message_of(changed(record, source="beacon", visit=Visit(**{"of_source": True, **visit}))))


def stored(indexer: Indexer, flights: Flights, url: str, source: str | None) -> None:
    indexer.run(message_of(changed(flights.stand(url, page(url=url)), source=source)))


def tags(database: psycopg.Connection) -> list[list[str] | None]:
    return [row["source_tags"] for row in rows(database, "articles")]


def sources(database: psycopg.Connection) -> list[dict[str, Any]]:
    return rows(database, "sources")


def test_the_source_and_its_tags(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    visited(indexer, flights, tags=("sport", "de"))
    stored(indexer, flights, ONE, "beacon")
    stored(indexer, flights, TWO, "unknown")
    (front,) = [row for row in rows(database, "pages") if row["url"] == FRONT]
    assert sources(database) == [
        {
            "name": "beacon",
            "url": FRONT,
            "site": "news.example",
            "kind": "page",
            "tags": ["sport", "de"],
            "page_id": front["page_id"],
            "first_seen_at": NOON,
            "last_visited_at": NOON,
        }
    ]
    assert tags(database) == [["sport", "de"], None]


def test_a_changed_tag_holds_for_all_articles_and_an_older_visit_changes_nothing(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    stored(indexer, flights, ONE, "beacon")
    assert tags(database) == [None]
    visited(indexer, flights, tags=("sport",))
    visited(indexer, flights, minutes=10, tags=("sport", "weather"))
    visited(indexer, flights, minutes=5, tags=("old",))
    assert tags(database) == [["sport", "weather"]]
    visited(indexer, flights, minutes=20, tags=())
    assert tags(database) == [[]]
    assert [row["first_seen_at"] for row in sources(database)] == [NOON]


def test_a_visit_that_does_not_say_changes_no_tags(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    """As a fetcher of the version before sends it; nor does one that comes out of the archive."""
    stored(indexer, flights, ONE, "beacon")
    visited(indexer, flights)
    assert tags(database) == [[]]
    visited(indexer, flights, minutes=5, tags=("sport",))
    visited(indexer, flights, minutes=10)
    visited(indexer, flights, minutes=15, tags=("archived",), replayed=True)
    assert tags(database) == [["sport"]]


def test_a_visit_that_failed_tells_as_well(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    record = changed(flights.stand(FRONT, page()), source="beacon", visit=Visit(of_source=True, tags=("sport",)))
    indexer.run(message_of(dropped("fetch", record, GiveUp("http_503", "busy"), "failed")))
    assert [(row["tags"], row["kind"]) for row in sources(database)] == [(["sport"], "page")]


def test_a_visit_that_tells_nothing_new_writes_nothing(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    version = "SELECT xmin::text, xmax::text, told_at FROM depeche.sources"
    visited(indexer, flights, tags=("sport",))
    before = database.execute(version).fetchall()
    visited(indexer, flights, minutes=5, tags=("sport",))
    assert database.execute(version).fetchall() == before
    assert [(row["last_visited_at"] - NOON).seconds for row in sources(database)] == [300]


def test_what_postgres_cannot_hold_is_no_obstacle(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    visited(indexer, flights, tags=("sp\0ort", '"quoted", {braces}'))
    assert [(row["name"], row["tags"]) for row in sources(database)] == [("beacon", ["sport", '"quoted", {braces}'])]


def test_a_query_that_does_not_ask_for_tags_pays_nothing_for_them(database: psycopg.Connection) -> None:
    plan = str(database.execute("EXPLAIN SELECT title, source FROM news.articles").fetchall())
    assert "articles" in plan
    assert "sources" not in plan
