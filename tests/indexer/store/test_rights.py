"""What is said of a page's use stands on the page's row, as the latest visit that got an answer heard it."""

from typing import Any

import msgspec
import psycopg
import pytest
import redis

from services.indexer.index import Indexer
from shared.failures import Fate, GiveUp
from shared.flight.drops import dropped
from shared.flight.intake import Backbone
from shared.messages import Answer
from shared.rights import Rights, Statement
from tests.support.flights import ONE, at_index, message_of
from tests.support.pages import NOON, Flights, page, rows
from tests.support.records import changed

SAID = Rights(
    tdm_reservation=(Statement(said="1", where="tdmrep.json", path="/arkiv/*"),),
    meta_robots=(Statement(said="noai\0", where="meta", to="Depeche"),),
)
STORED = {
    "tdm_reservation": [{"said": "1", "where": "tdmrep.json", "path": "/arkiv/*"}],
    "meta_robots": [{"said": "noai", "where": "meta", "to": "Depeche"}],
}
OTHER = Rights(content_signal=(Statement(said="ai-train=no", where="robots.txt", to="*"),))
OTHER_STORED = {"content_signal": [{"said": "ai-train=no", "where": "robots.txt", "to": "*"}]}


@pytest.fixture
def visit(indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis") -> Any:
    """Stores a visit of ONE some minutes after noon: parsed, or dropped with a fate."""

    def store(minutes: int, rights: Rights | None, fate: Fate | None = None, *, answered: bool = True) -> None:
        if fate is None:
            record: Any = changed(flights.stand(ONE, page(), minutes=minutes), rights=rights)
        else:
            (last,) = at_index(backbone.ledger, client, ONE)
            end = dropped("fetch", last, GiveUp("a_reason", "A sentence."), fate)
            at = NOON.replace(minute=minutes).isoformat()
            answer = Answer(final_url=ONE, http_status=200, fetched_at=at, rights=rights) if answered else None
            record = changed(end, dropped_at=at, answer=answer)
        indexer.run(message_of(record))

    return store


def stored(database: psycopg.Connection) -> Any:
    (row,) = rows(database, "pages")
    return row["rights"]


def test_it_is_in_both_views_as_it_was_said(visit: Any, database: psycopg.Connection) -> None:
    visit(0, SAID)
    assert stored(database) == STORED
    assert [row["rights"] for row in rows(database, "articles")] == [STORED]


def test_each_visit_with_an_answer_hears_it_anew(visit: Any, database: psycopg.Connection) -> None:
    visit(0, None)
    assert stored(database) is None
    for minutes, rights, fate, expected in (
        (1, SAID, "unchanged", STORED),
        (2, OTHER, None, OTHER_STORED),
        (3, SAID, "refused", STORED),
        (4, None, None, None),
    ):
        visit(minutes, rights, fate)
        assert stored(database) == expected, (minutes, fate)


def test_a_visit_without_an_answer_leaves_it(visit: Any, database: psycopg.Connection) -> None:
    visit(0, SAID)
    visit(1, None, "failed", answered=False)
    assert stored(database) == STORED


def test_a_page_that_was_refused_for_it_has_a_row_and_no_article(visit: Any, database: psycopg.Connection) -> None:
    visit(0, SAID, "refused")
    assert stored(database) == STORED
    assert rows(database, "articles") == []


def test_a_replay_of_the_same_visit_keeps_what_the_site_said(visit: Any, database: psycopg.Connection) -> None:
    """The archive has the page's headers and head, and no robots.txt."""
    visit(5, SAID)
    visit(5, OTHER)
    assert stored(database) == STORED
    visit(2, OTHER)
    assert stored(database) == STORED


def test_messages_of_a_version_before_have_no_rights() -> None:
    answer = {"final_url": ONE, "http_status": 200, "fetched_at": NOON.isoformat()}
    assert msgspec.convert(answer, Answer).rights is None
