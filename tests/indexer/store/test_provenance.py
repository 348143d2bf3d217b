"""Which reader gave which column is stored with the version, and is no part of what the version says."""

import psycopg

from services.indexer.index import Indexer
from services.indexer.store.articles import content_hash
from tests.support.flights import ONE
from tests.support.pages import Flights, article, page, rows

FIRST = {"title": "heading", "authors": "byline", "text": "body"}


def test_it_stands_beside_its_article_by_column(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(article=article(provenance=FIRST))))
    (row,) = rows(database, "articles")
    assert row["provenance"] == {"title": "heading", "authors": "byline", "body": "body"}
    assert set(row["provenance"]) <= set(row)


def test_another_reader_of_the_same_words_makes_no_version(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    other = {**FIRST, "title": "json-ld"}
    assert content_hash(article(provenance=FIRST)) == content_hash(article(provenance=other)) == content_hash(article())
    indexer.run(flights.message(ONE, page(article=article(provenance=FIRST))))
    indexer.run(flights.message(ONE, page(article=article(provenance=other)), minutes=5))
    (row,) = rows(database, "articles")
    assert (row["version"], row["provenance"]["title"]) == (1, "heading")
    indexer.run(flights.message(ONE, page(article=article("It has closed again.", provenance=other)), minutes=9))
    (row,) = rows(database, "articles")
    assert (row["version"], row["provenance"]["title"]) == (2, "json-ld")


def test_an_article_without_it_has_none(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    indexer.run(flights.message(ONE, page(article=article())))
    assert rows(database, "articles")[0]["provenance"] is None
