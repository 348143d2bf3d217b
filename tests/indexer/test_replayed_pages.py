"""Pages that come out of the archive: what they may change in a row that a later visit has written."""

from typing import Any

import msgspec
import psycopg
import pytest
import redis

from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.messages import Answer, Origin, PageDropped, PageParsed
from shared.parsed_page import ParsedPage
from tests.support.flights import ONE, TWO, at_index, message_of
from tests.support.pages import HEADLINES, NOON, Flights, article, everything, page, rows
from tests.support.records import changed

BEFORE, NEXT = page(parser_version="1"), page(HEADLINES[1:], article=article(title="Anew"), parser_version="2")


class Visits:
    """Stores visits of ONE, whose bodies are known by their hash."""

    def __init__(self, indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis") -> None:
        self._indexer, self._flights = indexer, flights
        self._backbone, self._client = backbone, client

    def parsed(self, parsed: ParsedPage, sha256: str, *, minutes: float, archive: str | None = None) -> PageParsed:
        record = self._flights.stand(ONE, parsed, minutes=minutes)
        record = changed(record, body_sha256=sha256, archive=archive)
        self._indexer.run(message_of(record))
        return record

    def dropped(self, fate: str, *, at: str, fetched_at: str | None = None, **facts: Any) -> None:
        (record,) = at_index(self._backbone.ledger, self._client, ONE)
        answer = Answer(final_url=ONE, http_status=200, fetched_at=fetched_at) if fetched_at else None
        drop = PageDropped(
            flight_id=record.flight_id,
            origin=Origin(url=ONE),
            answer=answer,
            stage="parse",
            fate=fate,
            reason="unforeseen",
            detail="It broke.",
            dropped_at=at,
        )
        self._indexer.run(message_of(changed(drop, **facts)))


@pytest.fixture
def visits(indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis") -> Visits:
    return Visits(indexer, flights, backbone, client)


def later(minutes: int) -> str:
    return NOON.replace(minute=minutes).isoformat()


def test_a_body_is_read_anew_though_later_visits_found_it_unchanged(
    visits: Visits, database: psycopg.Connection
) -> None:
    visits.parsed(BEFORE, "a", minutes=0, archive="x.warc.gz:1")
    visits.dropped("unchanged", at=later(9), fetched_at=later(8))
    before = everything(database)
    visits.parsed(NEXT, "a", minutes=0, archive="x.warc.gz:1")
    after = everything(database)
    assert (after["articles"][0]["title"], after["pages"][0]["parser_version"]) == ("Anew", "2")
    assert [h["gone_at"] is not None for h in after["headlines"]] == [True, False, False, False]
    visit = ("fate", "reason", "flight_id", "fetched_at", "landed_at", "batch", "archive")
    assert [after["pages"][0][name] for name in visit] == [before["pages"][0][name] for name in visit]


def test_a_page_that_is_gone_stays_gone_while_its_article_is_read_anew(
    visits: Visits, database: psycopg.Connection
) -> None:
    visits.parsed(BEFORE, "a", minutes=0)
    visits.dropped("gone", at=later(5))
    visits.parsed(NEXT, "a", minutes=0)
    assert (rows(database, "pages")[0]["fate"], rows(database, "articles")[0]["title"]) == ("gone", "Anew")


@pytest.mark.parametrize("sha256", ["b", ""])
def test_an_older_visit_with_another_body_changes_nothing(
    sha256: str, visits: Visits, database: psycopg.Connection
) -> None:
    visits.parsed(BEFORE, "a" if sha256 else "", minutes=5)
    before = everything(database)
    visits.parsed(NEXT, sha256, minutes=0)
    assert everything(database) == before


def test_a_repeated_message_does_not_read_anew(
    visits: Visits, indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    record = visits.parsed(BEFORE, "a", minutes=5)
    visits.parsed(NEXT, "a", minutes=5)
    before = everything(database)
    backbone.store.put_many("result", {record.flight_id: msgspec.json.encode(BEFORE)})
    indexer.run(message_of(record))  # its flight has landed
    assert everything(database) == before


def test_a_page_that_broke_the_parser_is_stored_by_a_replay_of_the_same_visit(
    visits: Visits, database: psycopg.Connection
) -> None:
    visits.dropped("quarantined", at=later(9), fetched_at=later(5), archive="x.warc.gz:7")
    assert (rows(database, "pages")[0]["fate"], rows(database, "pages")[0]["archive"]) == ("quarantined", "x.warc.gz:7")
    visits.parsed(NEXT, "a", minutes=5)
    assert (rows(database, "pages")[0]["fate"], rows(database, "pages")[0]["reason"]) == ("stored", None)


def test_an_old_page_that_breaks_the_parser_now_is_no_news(visits: Visits, database: psycopg.Connection) -> None:
    visits.parsed(BEFORE, "a", minutes=5)
    before = rows(database, "pages")
    visits.dropped("quarantined", at=later(9), fetched_at=later(0))
    assert rows(database, "pages") == before
    assert len(rows(database, "quarantine")) == 1


@pytest.mark.parametrize(
    ("sha256", "archive", "expected"),
    [
        ("a", None, "x.warc.gz:1"),  # the same body, of which the archive kept a revisit record
        ("b", None, None),  # another body, which the archive could not keep
        ("b", "x.warc.gz:9", "x.warc.gz:9"),
    ],
)
def test_the_place_in_the_archive_is_that_of_the_body(
    sha256: str, archive: str | None, expected: str | None, visits: Visits, database: psycopg.Connection
) -> None:
    visits.parsed(BEFORE, "a", minutes=0, archive="x.warc.gz:1")
    visits.parsed(NEXT, sha256, minutes=5, archive=archive)
    visits.dropped("failed", at=later(8))
    assert rows(database, "pages")[0]["archive"] == expected


def test_an_article_of_two_addresses_is_not_taken_back_by_the_older(
    visits: Visits, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    canonical = "https://news.example/harbour"
    visits.parsed(page(canonical_url=canonical, article=article(title="First")), "a", minutes=0)
    visits.dropped("gone", at=later(2))
    indexer.run(flights.message(TWO, page(canonical_url=canonical, article=article(title="Newer")), minutes=5))
    visits.parsed(page(canonical_url=canonical, article=article(title="First anew")), "a", minutes=0)
    assert [row["title"] for row in rows(database, "articles")] == ["Newer"]
