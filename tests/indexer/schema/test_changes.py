"""The change feed: no change is left out, none comes twice, whatever is written at the same time."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from services.indexer.index import Indexer
from services.indexer.schema.migrate import migrate
from tests.support.changing import Remaining, insert, page_id, write
from tests.support.flights import ONE, TWO
from tests.support.history import slices
from tests.support.pages import Flights, article, page
from tests.support.servers import PostgresForTests
from tests.support.waiting import PATIENCE_S, wait_until

CONSUMER = Path(__file__).parents[3] / "docs" / "examples" / "follow_changes.py"
WRITERS, CHANGES = 8, 100_000
KILLS = 6


def test_what_happens_to_an_article_is_in_the_feed(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    indexer.run(flights.message(ONE, page(), minutes=1))
    indexer.run(flights.message(ONE, page(article=article("Closed again.")), minutes=2))
    indexer.run(flights.message(TWO, page(), minutes=3))
    assert [(kind, version) for _, kind, _, version in changes(database)] == [("new", 1), ("edited", 2), ("new", 1)]


def changes(
    database: psycopg.Connection, cursor: str | None = None, limit: int = 1000
) -> list[tuple[str, str, int, int]]:
    statement = "SELECT cursor, kind, article_id, version FROM news.changes_since(%s, %s)"
    return database.execute(statement, [cursor, limit]).fetchall()


@pytest.fixture
def other(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as connection:
        yield connection


def test_a_change_waits_for_every_transaction_that_began_before_it(
    database: psycopg.Connection, other: psycopg.Connection
) -> None:
    page_id(database)
    insert(other, 1)
    insert(database, 2)
    assert changes(database) == [], "a change of the open transaction is to come before it"
    other.commit()
    assert [article_id for _, _, article_id, _ in changes(database)] == [1, 2]


def test_an_article_that_an_older_transaction_changes_last_has_its_changes_in_order(
    database: psycopg.Connection, other: psycopg.Connection
) -> None:
    page_id(database)
    insert(other, 1)
    insert(database, 2)
    insert(other, 2)
    other.commit()
    of_two = [(kind, version) for _, kind, article_id, version in changes(database) if article_id == 2]
    assert of_two == [("new", 1), ("edited", 2)]


def test_a_cursor_goes_on_after_its_change(database: psycopg.Connection) -> None:
    for number in range(5):
        insert(database, number)
    everything = changes(database)
    assert len(everything) == 5
    for number, (cursor, *_) in enumerate(everything, start=1):
        assert changes(database, cursor) == everything[number:]
        assert changes(database, cursor, limit=2) == everything[number : number + 2]


def test_a_reader_may_begin_now(database: psycopg.Connection) -> None:
    insert(database, 1)
    (cursor,) = database.execute("SELECT news.cursor_now()").fetchone() or ("",)
    assert changes(database, cursor) == []
    insert(database, 2)
    assert [article_id for _, _, article_id, _ in changes(database, cursor)] == [2]


@pytest.mark.parametrize("cursor", ["", "yesterday", "1", "1.2.3", "9" * 30 + ".1"])
def test_what_is_no_cursor_is_refused(cursor: str, database: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="is no cursor of news"):
        changes(database, cursor)


def test_a_commit_wakes_a_reader_and_a_rollback_does_not(
    database: psycopg.Connection, other: psycopg.Connection
) -> None:
    page_id(database)
    database.execute("LISTEN news_changes")
    insert(other, 1)
    other.rollback()
    assert list(database.notifies(timeout=0.05, stop_after=1)) == []
    insert(other, 1)
    other.commit()
    assert [notice.channel for notice in database.notifies(timeout=PATIENCE_S, stop_after=1)] == ["news_changes"]


def test_cursors_survive_a_restart_of_postgres(postgres: PostgresForTests, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as before:
        insert(before, 1)
        cursor = changes(before)[0][0]
    postgres.restart()
    with psycopg.connect(database_url, autocommit=True) as after:
        insert(after, 2)
        assert [change for change in changes(after) if change not in changes(after, cursor)] == changes(after)[:1]
        assert len(changes(after)) == 2


def test_cursors_survive_a_dump_that_is_restored_where_transactions_count_lower(
    database: psycopg.Connection, database_url: str
) -> None:
    insert(database, 1)
    for table, column in (("changes", "txid"), ("articles", "changed_in")):
        database.execute(f"UPDATE depeche.{table} SET {column} = {column} + 1000000000".encode())
    assert changes(database) == [], "as after the restore"
    migrate(database_url)
    ((cursor, *_),) = changes(database)
    insert(database, 2)
    insert(database, 1)
    assert [(kind, article_id) for _, kind, article_id, _ in changes(database, cursor)] == [("new", 2), ("edited", 1)]
    before = database.execute("SELECT txid_offset FROM depeche.feed").fetchone()
    migrate(database_url)
    assert database.execute("SELECT txid_offset FROM depeche.feed").fetchone() == before


def test_every_change_is_seen_once_and_in_order_by_a_reader_that_is_killed(
    postgres: PostgresForTests, database_url: str, database: psycopg.Connection
) -> None:
    """Eight writers with transactions of all sizes, delays and rollbacks; the example of docs/examples reads.

    The feed goes over a partition of half a second after the other, so that transactions write to several.
    """
    page_id(database)
    slices(database, "changes", 40, timedelta(seconds=0.5))
    remaining = Remaining(CHANGES)
    writers = [threading.Thread(target=write, args=(database_url, seed, remaining)) for seed in range(WRITERS)]
    with (
        postgres.database(template="template0") as own_url,
        psycopg.connect(own_url, autocommit=True) as own,
    ):
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            before = count_done(own)
            with consumer(database_url, own_url):
                wait_until(lambda: count_done(own) > before, what="progress of the reader")  # noqa: B023
        with consumer(database_url, own_url):
            for writer in writers:
                writer.join()
            expected = database.execute("SELECT change_id, article_id FROM depeche.changes").fetchall()
            wait_until(lambda: count_done(own) >= len(expected), what="the last change")
        done = own.execute("SELECT change_id, article_id FROM done ORDER BY number").fetchall()
        (parts,) = database.execute("SELECT count(DISTINCT tableoid) FROM depeche.changes").fetchone() or (0,)
    assert parts > 5
    assert len(expected) >= CHANGES
    assert sorted(done) == sorted(expected)
    last: dict[int, int] = {}
    for change_id, article_id in done:
        assert last.get(article_id, 0) < change_id
        last[article_id] = change_id


def count_done(own: psycopg.Connection) -> int:
    try:
        ((count,),) = own.execute("SELECT count(*) FROM done").fetchall()
    except psycopg.errors.UndefinedTable:
        return 0
    return int(count)


@contextmanager
def consumer(news_url: str, own_url: str) -> Iterator[None]:
    """A running reader, which is killed at the end, in the middle of whatever it does."""
    process = subprocess.Popen([sys.executable, str(CONSUMER), news_url, own_url])
    try:
        yield
    finally:
        process.kill()
        process.wait()
