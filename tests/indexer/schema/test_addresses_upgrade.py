"""What a database that is full knows of its articles' addresses, and what indexers of the version before add to it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services.indexer.schema.migrate import STEP, all_migrations, migrate
from tests.indexer.schema.addresses_before import end_before, read_before
from tests.indexer.store.addresses import HARBOUR, A, B, C, changes, gone, read, store, unchanged, withdrawn
from tests.support.history import before
from tests.support.servers import PostgresForTests

ADDRESSES = 46


@pytest.fixture
def full(postgres: PostgresForTests) -> Iterator[str]:
    """A database of the version before, without pages as yet."""
    with postgres.database(template="template0") as url:
        before(url, ADDRESSES)
        yield url


@pytest.fixture
def database(full: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(full, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("noted", [True, False], ids=["visits", "no visits"])
def test_the_address_that_an_article_was_read_at_last_is_known(
    noted: bool, full: str, database: psycopg.Connection
) -> None:
    read_before(database, A, 0, noted=noted)
    read_before(database, C, 0, canonical=None, noted=noted)
    migrate(full)
    store(database, [read(B, 1), gone(A, 5), gone(C, 5)])
    assert (withdrawn(database), withdrawn(database, C)) == (None, 5)
    store(database, [gone(B, 6), unchanged(A, 7)])
    assert changes(database) == ["new", "withdrawn", "restored"]


def test_every_address_that_visits_tell_of_is_known(full: str, database: psycopg.Connection) -> None:
    for minutes, url in enumerate((A, B, HARBOUR, C)):
        read_before(database, url, minutes)
    read_before(database, C, 4, canonical=None)
    migrate(full)
    for minutes, url in enumerate((A, HARBOUR), start=5):
        store(database, [gone(url, minutes)])
    assert withdrawn(database) is None
    store(database, [gone(B, 7)])
    assert (withdrawn(database), withdrawn(database, C)) == (7, None)


@pytest.mark.parametrize("noted", [True, False], ids=["visits", "no visits"])
@pytest.mark.parametrize("later", [(), ("failed",), ("failed", "refused")])
def test_an_address_that_has_gone_is_known_as_gone(
    later: tuple[str, ...], noted: bool, full: str, database: psycopg.Connection
) -> None:
    read_before(database, A, 0, noted=noted)
    for minutes, fate in enumerate(("gone", *later), start=1):
        end_before(database, A, minutes, fate, noted=noted)
    migrate(full)
    store(database, [read(B, 5), gone(B, 6)])
    assert (withdrawn(database), changes(database)) == (6, ["new", "withdrawn", "restored", "withdrawn"])


def test_a_second_address_that_has_gone_and_then_failed_is_known_as_gone(
    full: str, database: psycopg.Connection
) -> None:
    read_before(database, A, 0)
    read_before(database, B, 1)
    for minutes, fate in enumerate(("gone", "failed"), start=2):
        end_before(database, B, minutes, fate)
    migrate(full)
    store(database, [gone(A, 6)])
    assert (withdrawn(database), changes(database)) == (6, ["new", "withdrawn"])


def test_a_migration_that_was_killed_between_two_steps_is_taken_up(full: str, database: psycopg.Connection) -> None:
    read_before(database, A, 0)
    read_before(database, B, 1)
    (migration,) = [one for one in all_migrations() if one.version == ADDRESSES]
    for step in migration.sql.split(STEP)[:-1]:
        database.execute(step.encode())
    end_before(database, B, 2, "gone")
    migrate(full)
    store(database, [gone(A, 6)])
    assert withdrawn(database) == 6


def as_owner(url: str) -> str:
    return url


def as_writer(url: str) -> str:
    return make_conninfo(url, user="a_writer")


@pytest.mark.parametrize("of_user", [as_owner, as_writer])
def test_what_indexers_of_the_version_before_store_is_known(
    of_user: Callable[[str], str], full: str, database: psycopg.Connection
) -> None:
    """With the rights that they have."""
    migrate(full)
    database.execute("CREATE ROLE a_writer LOGIN IN ROLE depeche_writer")
    try:
        with psycopg.connect(of_user(full), autocommit=True) as worker:
            store(worker, [read(A, 0)])
            read_before(worker, B, 1)
            read_before(worker, C, 1)
            read_before(worker, C, 2, canonical=None)
            store(worker, [gone(A, 3)])
            assert withdrawn(database) is None
            store(worker, [unchanged(A, 4)])
            end_before(worker, A, 5, "gone")
            end_before(worker, B, 6, "gone")
            end_before(worker, B, 7, "unchanged")
            store(worker, [unchanged(B, 8)])
            assert (withdrawn(database), withdrawn(database, C)) == (None, None)
            store(worker, [gone(B, 9)])
            assert (withdrawn(database), withdrawn(database, C)) == (9, None)
    finally:
        database.execute("DROP ROLE a_writer")
