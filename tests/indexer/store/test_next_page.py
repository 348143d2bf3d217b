"""Where a story goes on that is on several pages is a fact of its article."""

import hashlib
import uuid

import msgspec
import psycopg

from services.indexer.index import Indexer
from services.indexer.store.articles import content_hash
from tests.support.flights import ONE
from tests.support.pages import Flights, article, page, rows

SECOND = "https://news.example/harbour?page=2"


def test_it_is_stored_and_a_change_of_it_is_a_version(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    assert [row["next_page_url"] for row in rows(database, "articles")] == [None]
    indexer.run(flights.message(ONE, page(article=article(next_page_url=SECOND)), minutes=5))
    assert [(row["next_page_url"], row["version"]) for row in rows(database, "articles")] == [(SECOND, 2)]


def test_an_article_on_one_page_has_the_hash_of_the_versions_without_the_field() -> None:
    """Otherwise the first visit after the upgrade would make a new version of each article."""
    facts = msgspec.structs.asdict(article())
    del facts["provenance"]  # which is no part of it
    assert facts.pop("next_page_url") is None
    known = hashlib.blake2b(msgspec.json.encode(facts), digest_size=16).digest()
    assert content_hash(article()) == uuid.UUID(bytes=known)
