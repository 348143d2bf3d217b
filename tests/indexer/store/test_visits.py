"""Each visit that ended has one row, whatever became of it and however often its message comes."""

from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
import redis

from services.indexer.index import Indexer
from services.indexer.store.pages import PARSED
from services.indexer.store.values import names
from services.indexer.store.visits import VISIT
from shared.failures import Fate, GiveUp
from shared.flight.drops import dropped
from shared.flight.intake import Backbone
from shared.messages import Answer, FailedAttempt, Origin, PageDropped, PageFetched, PageParsed, Visit
from shared.parsed_page import Headline
from tests.support.flights import ONE, TWO, at_index, message_of
from tests.support.pages import HEADLINES, NOON, Flights, article, everything, page, rows
from tests.support.records import changed

SHAKY = (FailedAttempt(at="2025-05-08T11:58:00+00:00", reason="http_503", detail="Busy.", http_status=503),)
FACTS = ("page_type", "has_title", "authors", "has_published", "body_chars", "headlines", "tickers")


@pytest.fixture
def drop(backbone: Backbone, client: "redis.Redis") -> Any:
    """Makes the record of a visit of ONE that went no further."""

    def make(fate: Fate, *, minutes: int = 0, answer: Answer | None = None, **facts: Any) -> PageDropped:
        (record,) = at_index(backbone.ledger, client, ONE)
        at = (NOON + timedelta(minutes=minutes)).isoformat()
        end = dropped("fetch", record, GiveUp("a_reason", "A sentence."), fate)
        return changed(end, answer=answer, dropped_at=at, **facts)

    return make


def test_a_page_that_was_read(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    record = changed(
        flights.stand(ONE, page(), batch="b"),
        final_url=TWO,
        content_type="text/html",
        body_bytes=4711,
        source="desk",
        found_on="https://news.example/",
        visit=Visit(of_source=True),
        archive="x.warc.gz:7",
        attempt=2,
        earlier_attempts=SHAKY,
    )
    indexer.run(message_of(record))
    (row,) = rows(database, "visits")
    (stored,) = rows(database, "articles")
    assert row.pop("landed_at") > NOON
    assert str(row.pop("flight_id")).replace("-", "") == record.flight_id
    assert row == {
        "page_id": stored["page_id"],
        "page_url": ONE,
        "at": NOON,
        "source": "desk",
        "batch": "b",
        "found_on": "https://news.example/",
        "of_source": True,
        "is_replay": False,
        "fate": "stored",
        "reason": None,
        "detail": None,
        "http_status": 200,
        "final_url": TWO,
        "content_type": "text/html",
        "body_bytes": 4711,
        "attempts": 2,
        "earlier_attempts": [
            {"at": "2025-05-08T11:58:00+00:00", "reason": "http_503", "detail": "Busy.", "http_status": 503}
        ],
        "archive": "x.warc.gz:7",
        "parser_version": "test",
        "page_type": "article",
        "article_id": stored["article_id"],
        "has_title": True,
        "authors": 1,
        "has_published": True,
        "body_chars": len("The harbour has opened."),
        "headlines": 4,
        "tickers": 2,
    }


def test_a_front_has_headlines_and_no_article(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    indexer.run(flights.message(ONE, page(page_type="listing", article=None)))
    (row,) = rows(database, "visits")
    assert row["article_id"] is None
    assert [row[fact] for fact in FACTS] == ["listing", None, None, None, None, 4, 2]


def test_an_article_that_lacks_what_articles_have(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    bare = article(title=None, authors=[], published_at=None, text="")
    indexer.run(flights.message(ONE, page([], article=bare)))
    assert [rows(database, "visits")[0][fact] for fact in FACTS] == ["article", False, 0, False, 0, 0, 0]


@pytest.mark.parametrize("fate", ["refused", "gone", "failed", "quarantined", "unchanged"])
def test_a_page_that_went_no_further(fate: Fate, drop: Any, indexer: Indexer, database: psycopg.Connection) -> None:
    at = NOON.isoformat()
    answer = Answer(final_url=TWO, http_status=418, fetched_at=at, content_type="text/plain", body_bytes=12)
    facts = {"attempt": 2, "earlier_attempts": SHAKY, "visit": Visit(of_source=True)}
    indexer.run(message_of(drop(fate, answer=answer, **facts)))
    (row,) = rows(database, "visits")
    assert (row["fate"], row["reason"], row["detail"], row["at"]) == (fate, "a_reason", "A sentence.", NOON)
    assert (row["http_status"], row["attempts"], len(row["earlier_attempts"])) == (418, 2, 1)
    assert (row["final_url"], row["content_type"], row["body_bytes"], row["of_source"]) == (TWO, "text/plain", 12, True)
    assert row["parser_version"] is None
    assert [row[fact] for fact in FACTS] == [None] * len(FACTS)


def test_visits_one_after_the_other(
    indexer: Indexer, flights: Flights, drop: Any, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(), minutes=0))
    indexer.run(flights.message(ONE, page(), minutes=1))
    indexer.run(message_of(drop("failed", minutes=2)))
    indexer.run(flights.message(ONE, page(article=article("Closed again.")), minutes=3))
    indexer.run(message_of(drop("gone", minutes=4)))
    assert [row["fate"] for row in rows(database, "visits")] == ["stored", "unchanged", "failed", "stored", "gone"]
    assert len({row["page_id"] for row in rows(database, "visits")}) == 1


def test_a_message_that_comes_again_adds_nothing(
    indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    """A worker that dies after storing and before landing leaves its flights standing where they stood."""
    record = flights.stand(ONE, page(), minutes=0)
    end = changed(
        dropped("fetch", *at_index(backbone.ledger, client, TWO), GiveUp("http_403", "No."), "failed"), answer=None
    )
    kept = {key: client.dump(key) for key in client.keys("depeche:*")}
    indexer.run(message_of(record, end))
    before, visits = everything(database), rows(database, "visits")
    for _ in range(2):
        for key, value in kept.items():
            client.restore(key, 0, value, replace=True)
        indexer.run(message_of(record, end, end))
        assert backbone.ledger.in_air([record.flight_id, end.flight_id]) == {}
    assert everything(database) == before
    assert rows(database, "visits") == visits
    assert len(visits) == 2


def test_a_visit_that_comes_late_has_its_row_and_changes_nothing_else(
    indexer: Indexer, flights: Flights, drop: Any, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(), minutes=5))
    before = everything(database)
    indexer.run(message_of(drop("failed", minutes=2)))
    indexer.run(flights.message(ONE, page(HEADLINES[:1], article=article("Old.")), minutes=1))
    assert everything(database) == before
    late_rows = [(row["at"].minute, row["fate"], row["reason"]) for row in rows(database, "visits")[1:]]
    assert late_rows == [(2, "failed", "a_reason"), (1, "unchanged", "superseded")]


def test_what_one_page_of_a_message_breaks_is_told_of_it_alone(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    good, bad = flights.stand(ONE, page()), flights.stand(TWO, b"no parse result")
    indexer.run(message_of(good, bad))
    found = {row["page_url"]: (row["fate"], row["at"]) for row in rows(database, "visits")}
    assert found == {ONE: ("stored", NOON), TWO: ("quarantined", NOON)}


def test_a_message_that_names_no_page_is_no_visit(
    indexer: Indexer, backbone: Backbone, database: psycopg.Connection
) -> None:
    indexer.run({"published_at": 1.0, "pages": "no list"})
    assert backbone.ledger.counts()["index"] == 1
    assert rows(database, "visits") == []


class Replays:
    """Reads ONE again from the archive, in flights of their own."""

    def __init__(self, indexer: Indexer, flights: Flights) -> None:
        self._indexer, self._flights = indexer, flights

    def run(self, parsed: Any, *, minutes: int) -> None:
        record = self._flights.stand(ONE, parsed, minutes=minutes)
        self._indexer.run(message_of(self.of(record)))

    @staticmethod
    def of(record: PageParsed) -> PageParsed:
        return changed(record, body_sha256="a", visit=Visit(replayed=True))


@pytest.mark.parametrize("visited_again", [False, True])
def test_a_replay_is_told_of_where_it_changes_something(
    visited_again: bool, indexer: Indexer, flights: Flights, drop: Any, database: psycopg.Connection
) -> None:
    replays = Replays(indexer, flights)
    indexer.run(message_of(changed(flights.stand(ONE, page(), minutes=1), body_sha256="a")))
    if visited_again:
        indexer.run(message_of(drop("unchanged", minutes=4)))
    visits = len(rows(database, "visits"))
    replays.run(page(), minutes=1)
    replays.run(page(), minutes=1)
    assert len(rows(database, "visits")) == visits
    anew = page(article=article(title="Anew"), parser_version="2")
    replays.run(anew, minutes=1)
    replays.run(anew, minutes=1)
    *_, last = rows(database, "visits")
    assert len(rows(database, "visits")) == visits + 1
    assert (last["fate"], last["is_replay"], last["at"].minute, last["parser_version"]) == ("stored", True, 1, "2")


def test_a_replay_that_breaks_the_parser_is_told_of(
    indexer: Indexer, flights: Flights, drop: Any, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(), minutes=5))
    indexer.run(message_of(drop("quarantined", minutes=1, visit=Visit(replayed=True))))
    assert [(row["fate"], row["is_replay"]) for row in rows(database, "visits")] == [
        ("stored", False),
        ("quarantined", True),
    ]
    assert rows(database, "pages")[0]["fate"] == "stored"


def test_a_record_of_the_version_before_is_a_visit_too(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    message = flights.message(ONE, page())
    for field in ("visit", "earlier_attempts"):
        del message["pages"][0]["origin"][field]
    indexer.run(message)
    (row,) = rows(database, "visits")
    assert (row["fate"], row["of_source"], row["earlier_attempts"]) == ("stored", False, [])


def test_what_postgres_cannot_store_is_left_out(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    odd = FailedAttempt(at="2025-05-08T11:58:00+00:00", reason="bad_response", detail="a\0b \\u0000")
    record = changed(
        flights.stand(ONE, page()),
        content_type="text/\0html",
        found_on="https://news.example/\0",
        earlier_attempts=(odd,),
    )
    indexer.run(message_of(record))
    (row,) = rows(database, "visits")
    assert (row["content_type"], row["found_on"]) == ("text/html", "https://news.example/")
    assert row["earlier_attempts"][0]["detail"] == "ab \\u0000"


def test_the_visit_of_a_page_that_postgres_refuses_is_told_of(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    far_down = page([Headline(kind="latest", position=2**40, text="Harbour opens")])
    indexer.run(message_of(flights.stand(ONE, far_down), flights.stand(TWO, page())))
    assert {row["page_url"]: row["fate"] for row in rows(database, "visits")} == {ONE: "quarantined", TWO: "stored"}
    assert not any(backbone.ledger.counts().values())


def test_the_visit_goes_with_the_record_to_the_indexer() -> None:
    fetched = PageFetched(
        flight_id="f",
        origin=Origin(url=ONE, visit=Visit(of_source=True), earlier_attempts=SHAKY),
        answer=Answer(final_url=ONE, http_status=200, fetched_at=NOON.isoformat()),
    )
    parsed = PageParsed.of(fetched)
    assert (parsed.origin.visit.of_source, parsed.origin.earlier_attempts) == (True, SHAKY)
    end = dropped("parse", fetched, GiveUp("no_page", "No."), "failed")
    assert (end.origin.visit.of_source, end.origin.earlier_attempts, end.answer.final_url) == (True, SHAKY, ONE)


def test_what_a_record_says_has_a_column() -> None:
    """Values go into the columns of their names, so that one without a column would be lost."""
    stored = set(names(f"{VISIT}, {PARSED}").split(", "))
    fields = {field.name for of in (Origin, Answer) for field in msgspec.structs.fields(of)}
    elsewhere = {"attempt", "visit", "validators"}  # the column `attempts`, columns of their own, Redis
    assert fields - stored == elsewhere


def test_an_end_that_cannot_be_stored_keeps_its_moment(drop: Any) -> None:
    """Two indexers that come to that conclusion, one after the other, tell of one visit."""
    end = drop("failed")
    again = [dropped("index", end, GiveUp("unforeseen", "It broke."), "quarantined") for _ in range(2)]
    assert [end.dropped_at for end in again] == [NOON.isoformat()] * 2


def test_headlines_and_articles_are_found_by_the_key_of_their_page(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    front = "https://news.example/"
    indexer.run(flights.message(front, page(HEADLINES[:1], page_type="listing", article=None)))
    indexer.run(flights.message("http://www.news.example/harbour?utm_source=x", page([])))
    assert [headline["page_url"] for headline in rows(database, "headlines")] == [front]
    keys = {rows(database, "headlines")[0]["url_key"], rows(database, "articles")[0]["url_key"]}
    assert keys == {rows(database, "pages")[1]["url_key"]}
