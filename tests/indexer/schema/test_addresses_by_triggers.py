"""An article's addresses are known whoever writes: the triggers of addresses.sql note them."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.indexer.schema.plain_writer import end_plainly, read_plainly
from tests.indexer.store.addresses import HARBOUR, A, B, C, changes, gone, read, store, unchanged, withdrawn


def test_the_address_that_an_article_was_read_at_last_is_known(database: psycopg.Connection) -> None:
    read_plainly(database, A, 0)
    read_plainly(database, C, 0, canonical=None)
    store(database, [read(B, 1), gone(A, 5), gone(C, 5)])
    assert (withdrawn(database), withdrawn(database, C)) == (None, 5)
    store(database, [gone(B, 6), unchanged(A, 7)])
    assert changes(database) == ["new", "withdrawn", "restored"]


def test_every_address_that_visits_tell_of_is_known(database: psycopg.Connection) -> None:
    for minutes, url in enumerate((A, B, HARBOUR, C)):
        read_plainly(database, url, minutes)
    read_plainly(database, C, 4, canonical=None)
    for minutes, url in enumerate((A, HARBOUR), start=5):
        store(database, [gone(url, minutes)])
    assert withdrawn(database) is None
    store(database, [gone(B, 7)])
    assert (withdrawn(database), withdrawn(database, C)) == (7, None)


@pytest.mark.parametrize("later", [(), ("failed",), ("failed", "refused")])
def test_an_address_that_has_gone_is_known_as_gone(later: tuple[str, ...], database: psycopg.Connection) -> None:
    read_plainly(database, A, 0)
    for minutes, fate in enumerate(("gone", *later), start=1):
        end_plainly(database, A, minutes, fate)
    store(database, [read(B, 5), gone(B, 6)])
    assert (withdrawn(database), changes(database)) == (6, ["new", "withdrawn", "restored", "withdrawn"])


def test_a_second_address_that_has_gone_and_then_failed_is_known_as_gone(database: psycopg.Connection) -> None:
    read_plainly(database, A, 0)
    read_plainly(database, B, 1)
    for minutes, fate in enumerate(("gone", "failed"), start=2):
        end_plainly(database, B, minutes, fate)
    store(database, [gone(A, 6)])
    assert (withdrawn(database), changes(database)) == (6, ["new", "withdrawn"])


def as_owner(url: str) -> str:
    return url


def as_writer(url: str) -> str:
    return make_conninfo(url, user="a_writer")


@pytest.mark.parametrize("of_user", [as_owner, as_writer])
def test_what_plain_writers_and_indexers_store_side_by_side_is_known(
    of_user: Callable[[str], str], database_url: str, database: psycopg.Connection
) -> None:
    """With the rights that they have."""
    database.execute("CREATE ROLE a_writer LOGIN IN ROLE depeche_writer")
    try:
        with psycopg.connect(of_user(database_url), autocommit=True) as worker:
            store(worker, [read(A, 0)])
            read_plainly(worker, B, 1)
            read_plainly(worker, C, 1)
            read_plainly(worker, C, 2, canonical=None)
            store(worker, [gone(A, 3)])
            assert withdrawn(database) is None
            store(worker, [unchanged(A, 4)])
            end_plainly(worker, A, 5, "gone")
            end_plainly(worker, B, 6, "gone")
            end_plainly(worker, B, 7, "unchanged")
            store(worker, [unchanged(B, 8)])
            assert (withdrawn(database), withdrawn(database, C)) == (None, None)
            store(worker, [gone(B, 9)])
            assert (withdrawn(database), withdrawn(database, C)) == (9, None)
    finally:
        database.execute("DROP ROLE a_writer")
