"""docs/schema.md shows the schema as it is, and what it calls a relation can be joined by."""

import re
from datetime import timedelta

import psycopg
import pytest
import redis

from services.indexer.app import open_pool
from services.indexer.followers.source_coverage import count as count_coverage
from services.indexer.followers.source_health import look
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.messages import Origin, PageDropped, Visit
from shared.parsed_page import Headline
from tests.docs.schema_diagram import DOCUMENT, KEYS, Relation, diagram, relations, views
from tests.support.flights import ONE, TWO, at_index, message_of
from tests.support.pages import HEADLINES, NOON, Flights, article, page
from tests.support.records import changed
from tests.support.source_visits import day_of, past


@pytest.fixture
def filled(
    backbone: Backbone, client: "redis.Redis", database_url: str, database: psycopg.Connection
) -> psycopg.Connection:
    """An article edited, one withdrawn that a headline led to; headlines moved and reworded; a page in quarantine."""
    flights = Flights(backbone, client)
    to_two = Headline(kind="front", position=1, text="Two", url=TWO)
    reworded = Headline(kind="front", position=2, text="Two, now in other words", url=TWO)
    with open_pool(database_url, 1) as pool:
        indexer = Indexer(backbone, pool)
        front = flights.stand("https://news.example/", page([to_two], page_type="listing", article=None))
        indexer.run(message_of(changed(front, source="wire", visit=Visit(of_source=True, tags=("sport",)))))
        indexer.run(message_of(changed(flights.stand(ONE, page([to_two, *HEADLINES])), source="wire")))
        indexer.run(flights.message(ONE, page([*HEADLINES[2:], reworded], article=article("Edited.")), minutes=1))
        indexer.run(flights.message(TWO, page([], url=TWO), minutes=2))
        (record,) = at_index(backbone.ledger, client, TWO)
        at = (NOON + timedelta(minutes=3)).isoformat()
        gone = PageDropped(
            flight_id=record.flight_id,
            origin=Origin(url=TWO),
            stage="fetch",
            fate="gone",
            reason="r",
            detail="d",
            dropped_at=at,
        )
        indexer.run(message_of(gone))
        indexer.run(flights.message("https://news.example/broken", b"no parse result", minutes=4))
    past(database)
    day_of(database, 0, articles=10, authors=0)
    look(database)
    database.execute("UPDATE depeche.pages SET decided_at = now() WHERE page_type = 'listing'")
    count_coverage(database)
    database.execute("DELETE FROM depeche.visits WHERE source = 'beacon'")  # of pages that are not there
    return database


def written() -> str:
    found = re.search(r"<!-- diagram -->\n(.*)\n<!-- /diagram -->", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found, f"{DOCUMENT.name} has no diagram"
    return found[1]


def test_the_document_shows_the_database_as_it_is(database: psycopg.Connection) -> None:
    assert written() == diagram(database), "run python -m tests.support.reading_reference"


def test_every_view_is_a_box_with_columns_of_its_own(database: psycopg.Connection) -> None:
    of = views(database)
    boxes = dict(re.findall(r"^    (\w+) \{\n(.*?)\n    \}", written(), re.MULTILINE | re.DOTALL))
    assert set(boxes) == set(of)
    for view, lines in boxes.items():
        shown = re.findall(r"^ {8}([\w\[\]]+) (\w+)(?: PK)?(?:, FK| FK)?$", lines, re.MULTILINE)
        assert len(shown) == lines.count("\n") + 1, f"{view} has a line that Mermaid may not understand"
        assert {name for _, name in shown} <= set(of[view])


def test_keys_tell_rows_apart(filled: psycopg.Connection) -> None:
    for view in views(filled):
        key = ", ".join(KEYS[view])
        nulls = " OR ".join(f"{column} IS NULL" for column in KEYS[view])
        assert count(filled, f"SELECT FROM news.{view}"), f"{view} is empty here"
        assert not count(filled, f"SELECT FROM news.{view} GROUP BY {key} HAVING count(*) > 1 OR bool_or({nulls})"), (
            view
        )


def test_relations_can_be_joined_by(filled: psycopg.Connection) -> None:
    """Each row finds what it names, and once; all rows name something, unless that is said to be optional."""
    for relation in relations(views(filled)):
        rows = count(filled, f"SELECT FROM news.{relation.view}")
        joined = count(filled, join(relation))
        assert joined, relation
        assert joined <= rows if relation.optional else joined == rows, relation
        twice = f"SELECT FROM news.{relation.to} GROUP BY {relation.to_column} HAVING count(*) > 1"
        assert not count(filled, twice), relation
        shared = f"{join(relation)} GROUP BY p.{relation.to_column} HAVING count(*) > 1"
        assert not (relation.one_each and count(filled, shared)), relation


def join(relation: Relation) -> str:
    return (
        f"SELECT FROM news.{relation.view} AS c JOIN news.{relation.to} AS p"
        f" ON p.{relation.to_column} = c.{relation.column}"
    )


def count(database: psycopg.Connection, query: str) -> int:
    return len(database.execute(query.encode()).fetchall())
