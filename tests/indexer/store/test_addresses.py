"""An article that stands at several addresses is withdrawn with the last one, and back with the first."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any

import psycopg
import pytest

from services.indexer.landing import Landing
from tests.indexer.random_visits import EDITS, RandomVisits
from tests.indexer.store.addresses import (
    HARBOUR,
    A,
    Addresses,
    B,
    C,
    changes,
    failed,
    gone,
    read,
    store,
    unchanged,
    withdrawn,
)
from tests.support.pages import NOON, rows
from tests.support.servers import PostgresForTests

TOGETHER = pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
WITHDRAWN, RESTORED = ["new", "withdrawn"], ["new", "withdrawn", "restored"]


@TOGETHER
@pytest.mark.parametrize(("first", "second"), [(A, B), (B, A), (HARBOUR, A), (A, HARBOUR)])
@pytest.mark.parametrize("order", [1, -1])
def test_it_is_withdrawn_with_its_last_address(
    together: bool, first: str, second: str, order: int, database: psycopg.Connection
) -> None:
    """Whichever it was read from last."""
    one, last = [first, second][::order]
    store(database, [read(first, 0), read(second, 1), gone(one, 5), gone(one, 6)], together=together)
    assert (withdrawn(database), changes(database)) == (None, ["new"])
    store(database, [gone(last, 7), gone(last, 8), gone(one, 9)], together=together)
    assert (withdrawn(database), changes(database)) == (7, WITHDRAWN)


@TOGETHER
@pytest.mark.parametrize("at", [A, B])
@pytest.mark.parametrize("back", [unchanged, read])
def test_any_address_brings_it_back(
    together: bool, at: str, back: Callable[[str, float], Landing], database: psycopg.Connection
) -> None:
    """And the article has the address at which it is back."""
    visits = [read(A, 0), read(B, 1), gone(A, 5), gone(B, 6), back(at, 7), back(at, 8)]
    store(database, visits, together=together)
    assert (withdrawn(database), changes(database)) == (None, RESTORED)
    (row,) = rows(database, "articles")
    assert (row["url"], row["last_seen_at"]) == (at, NOON + timedelta(minutes=8))
    store(database, [gone(at, 9)])
    assert (withdrawn(database), changes(database)) == (9, [*RESTORED, "withdrawn"])


@TOGETHER
def test_one_address_unchanged_after_the_other_has_gone(together: bool, database: psycopg.Connection) -> None:
    visits = [read(A, 0), read(B, 1), gone(A, 5), unchanged(B, 6), gone(A, 7), unchanged(B, 8)]
    store(database, visits, together=together)
    assert (withdrawn(database), changes(database)) == (None, ["new"])


@TOGETHER
def test_a_visit_that_learns_nothing_leaves_a_gone_address_gone(together: bool, database: psycopg.Connection) -> None:
    visits = [read(A, 0), read(B, 1), gone(A, 5), failed(A, 6), failed(B, 6), gone(B, 7), failed(B, 8)]
    store(database, visits, together=together)
    assert (withdrawn(database), changes(database)) == (7, WITHDRAWN)


@TOGETHER
def test_another_text_brings_it_back_as_another_version(together: bool, database: psycopg.Connection) -> None:
    visits = [read(A, 0), read(B, 1), gone(A, 5), gone(B, 6), read(A, 7, text="The harbour is closed again.")]
    store(database, visits, together=together)
    assert (withdrawn(database), changes(database)) == (None, [*RESTORED, "edited"])


@TOGETHER
@pytest.mark.parametrize("becomes", [{"canonical": C}, {"canonical": None}, {"text": None}])
def test_an_address_that_becomes_something_else_is_none_of_the_article_any_more(
    together: bool, becomes: dict[str, Any], database: psycopg.Connection
) -> None:
    store(database, [read(A, 0), read(B, 1), read(B, 3, **becomes)], together=together)
    assert withdrawn(database) is None
    store(database, [gone(A, 5), unchanged(B, 6)], together=together)
    assert (withdrawn(database), changes(database)) == (5, WITHDRAWN)
    store(database, [read(B, 8)], together=together)
    assert (withdrawn(database), changes(database)) == (None, RESTORED)


@TOGETHER
@pytest.mark.parametrize("becomes", [{"canonical": C}, {"canonical": None}, {"text": None}])
def test_the_last_address_that_becomes_something_else_withdraws_an_article_that_has_gone_elsewhere(
    together: bool, becomes: dict[str, Any], database: psycopg.Connection
) -> None:
    store(database, [read(A, 0), read(B, 1), gone(A, 5), read(B, 7, **becomes)], together=together)
    assert (withdrawn(database), changes(database)) == (7, WITHDRAWN)


@TOGETHER
def test_the_only_address_that_becomes_something_else_withdraws_nothing_until_it_has_gone(
    together: bool, database: psycopg.Connection
) -> None:
    store(database, [read(A, 0), read(A, 1, canonical=C, text="It rains.", title="Rain")], together=together)
    assert (withdrawn(database), withdrawn(database, C)) == (None, None)
    store(database, [gone(A, 5)])
    assert (withdrawn(database), withdrawn(database, C)) == (5, 5)
    store(database, [unchanged(A, 6)])
    assert (withdrawn(database), withdrawn(database, C)) == (5, None), "it is there, as the other article"


@TOGETHER
def test_an_article_that_gets_an_address_while_it_is_withdrawn_is_back(
    together: bool, database: psycopg.Connection
) -> None:
    store(database, [read(A, 0), gone(A, 5), read(B, 6), gone(A, 7)], together=together)
    assert (withdrawn(database), changes(database)) == (None, RESTORED)
    assert [row["url"] for row in rows(database, "articles")] == [B]


@TOGETHER
def test_articles_of_their_own_have_nothing_to_do_with_each_other(together: bool, database: psycopg.Connection) -> None:
    store(database, [read(A, 0, canonical=None), read(B, 1, canonical=B), gone(A, 5)], together=together)
    assert (withdrawn(database, A), withdrawn(database, B)) == (5, None)


@TOGETHER
def test_another_reading_of_an_old_body_moves_an_address(together: bool, database: psycopg.Connection) -> None:
    """By a parser that sees the canonical URL now, and then no more, as `depeche replay` brings it from the archive."""
    store(database, [read(A, 0), read(B, 1, canonical=None, body_sha256="b"), gone(A, 5)], together=together)
    assert withdrawn(database) == 5
    store(database, [unchanged(B, 6), read(B, 1, body_sha256="b")], together=together)
    assert (withdrawn(database), changes(database)) == (None, RESTORED)
    store(database, [read(B, 1, canonical=None, body_sha256="b")], together=together)
    assert (withdrawn(database), changes(database)) == (5, [*RESTORED, "withdrawn"])


def test_another_reading_of_a_page_that_has_gone_brings_nothing_back(database: psycopg.Connection) -> None:
    store(database, [read(A, 0), read(B, 1, canonical=None, body_sha256="b"), gone(A, 5), gone(B, 6)])
    store(database, [read(B, 1, body_sha256="b")])
    assert (withdrawn(database), changes(database)) == (5, WITHDRAWN)
    store(database, [read(B, 1, canonical=C, body_sha256="b")])
    assert (withdrawn(database, C), changes(database, C)) == (6, WITHDRAWN)


OF_A = [read(A, 0), gone(A, 5)]
OF_B = [read(B, 1), gone(B, 6), unchanged(B, 8), gone(B, 9)]


@TOGETHER
@pytest.mark.parametrize("places", list(combinations(range(6), 2)))
def test_in_whatever_order_messages_of_two_addresses_come_the_end_is_the_same(
    together: bool, places: Sequence[int], database: psycopg.Connection
) -> None:
    """A page that is gone is stored at once, and one that is there waits to be parsed: they overtake each other."""
    of_a, of_b = iter(OF_A), iter(OF_B)
    store(database, [next(of_a if place in places else of_b) for place in range(6)], together=together)
    assert withdrawn(database) == 9
    store(database, [*OF_A, *OF_B], together=together)
    assert withdrawn(database) == 9
    kinds = changes(database)
    assert kinds == ["new", *["withdrawn", "restored"] * (len(kinds) // 2 - 1), "withdrawn"]


@TOGETHER
def test_a_late_reading_of_another_address_tells_that_the_article_stands_there(
    together: bool, database: psycopg.Connection
) -> None:
    """It took place before the first one had gone, and nobody has found the other one gone."""
    store(database, [read(A, 5), gone(A, 6), read(B, 5.5)], together=together)
    assert (withdrawn(database), changes(database)) == (None, RESTORED)
    store(database, [gone(B, 5.7)])
    assert (withdrawn(database), changes(database)) == (6, [*RESTORED, "withdrawn"])


@TOGETHER
def test_older_and_repeated_messages_change_nothing(together: bool, database: psycopg.Connection) -> None:
    visits = [read(A, 4), read(B, 5), gone(A, 6), gone(B, 7)]
    store(database, [*visits, *visits, unchanged(A, 5), unchanged(B, 6), read(A, 3), gone(A, 2)], together=together)
    assert (withdrawn(database), changes(database)) == (7, WITHDRAWN)
    store(database, [unchanged(B, 9), gone(B, 8), gone(A, 8), *visits], together=together)
    assert (withdrawn(database), changes(database)) == (None, RESTORED)


@pytest.mark.parametrize("seed", range(6))
def test_random_visits_leave_what_they_say(postgres: PostgresForTests, seed: int) -> None:
    visits, addresses = RandomVisits(seed, EDITS), Addresses()
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as database:
        for _ in range(12):
            batch = visits.batch()
            store(database, batch, together=True)
            addresses.visit(batch)
            known = {row["url_key"]: row["withdrawn_at"] is not None for row in rows(database, "articles")}
            expected = addresses.withdrawn()
            assert {key: known[key] for key in expected} == expected
