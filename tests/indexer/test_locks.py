"""Advisory locks: each number has one use, and each use takes what it says for as long as it says."""

import contextlib
import re

import psycopg

from services.indexer import locks
from services.indexer.locks import hold, take_for_transaction, taken_for_session
from services.indexer.schema.files import FOLDER

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = %s"


def held(database: psycopg.Connection) -> int:
    row = database.execute(HELD, [database.info.backend_pid]).fetchone()
    return int(row[0]) if row else 0


def test_no_number_has_two_uses() -> None:
    numbers = [value for value in vars(locks).values() if isinstance(value, int)]
    assert len(numbers) == len(set(numbers)) == 5


def test_the_numbers_of_the_schema_are_these() -> None:
    sql = "".join(file.read_text("utf-8") for file in FOLDER.glob("*.sql"))
    assert re.findall(r"advisory\w*\(([^)]*)\)", sql) == [str(locks.PARTITION_MAKING)]


def test_background_work_of_one_name_is_done_by_one_at_a_time(database: psycopg.Connection, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as other:
        with database.transaction():
            assert take_for_transaction(database, "stories")
            with other.transaction():
                assert not take_for_transaction(other, "stories")
            with taken_for_session(other, "stories") as taken:
                assert not taken
            with taken_for_session(other, "search") as taken:
                assert taken
                assert held(other) == 1
            assert held(other) == 0
        with taken_for_session(other, "stories") as taken:
            assert taken


def test_a_lock_is_given_back_when_the_work_fails(database: psycopg.Connection) -> None:
    with contextlib.suppress(psycopg.errors.DivisionByZero), taken_for_session(database, "stories") as taken:
        assert taken
        database.execute("SELECT 1 / 0")
    assert held(database) == 0


def test_what_is_held_is_held_until_the_connection_closes(database: psycopg.Connection, database_url: str) -> None:
    with psycopg.connect(database_url) as other:
        hold(other, locks.RETENTION)
        other.rollback()
        assert held(other) == 1
    hold(database, locks.RETENTION)
