"""A wall and a broken feed can be told from the page's row, until a visit finds neither."""

import msgspec
import psycopg

from services.indexer.index import Indexer
from shared.parsed_page import FeedFaults
from tests.support.flights import ONE
from tests.support.pages import Flights, page, rows

BROKEN = FeedFaults(entries=12, passed_over=1, mended=2, line=40, fault="an & that begins no entity")


def test_a_wall_is_on_the_row_until_the_way_is_free(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, msgspec.structs.replace(page(article=None), page_type="other", wall="consent")))
    assert [(row["wall"], row["fate"]) for row in rows(database, "pages")] == [("consent", "stored")]
    assert rows(database, "articles") == []
    indexer.run(flights.message(ONE, page(), minutes=5))
    assert [row["wall"] for row in rows(database, "pages")] == [None]
    assert len(rows(database, "articles")) == 1


def test_faults_of_a_feed_are_on_the_row_until_it_is_mended(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    feed = msgspec.structs.replace(page(article=None), page_type="feed")
    indexer.run(flights.message(ONE, msgspec.structs.replace(feed, faults=BROKEN)))
    assert [row["faults"] for row in rows(database, "pages")] == [msgspec.to_builtins(BROKEN)]
    indexer.run(flights.message(ONE, feed, minutes=5))
    assert [row["faults"] for row in rows(database, "pages")] == [None]
