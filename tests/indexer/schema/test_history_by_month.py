"""History that is cut into months: which partition a row goes to, and who makes and reaches the partitions."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.indexer.followers.chores import do
from services.indexer.followers.partitions import PARTITIONS
from services.indexer.schema.migrate import connect
from tests.indexer.schema.test_upgrades import contents
from tests.support.history import CURRENT, HISTORIES, fill, month, rows_of, visit
from tests.support.servers import PostgresForTests


@pytest.fixture(scope="module")
def filled_template(postgres: PostgresForTests) -> Iterator[str]:
    """The name of a database with eight months in it."""
    with postgres.database() as url:
        with connect(url) as connection:
            fill(connection)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture
def filled(postgres: PostgresForTests, filled_template: str) -> Iterator[str]:
    with postgres.database(template=filled_template) as url:
        yield url


@pytest.fixture
def writer_url(filled: str) -> Iterator[str]:
    """The same database for a user who may no more than an indexer needs."""
    with connect(filled) as admin:
        admin.execute("CREATE ROLE a_writer LOGIN IN ROLE depeche_writer")
        yield make_conninfo(filled, user="a_writer")
        admin.execute("DROP OWNED BY a_writer")
        admin.execute("DROP ROLE a_writer")


def test_a_clock_that_was_wrong_keeps_no_years_together(filled: str) -> None:
    with connect(filled) as connection:
        for months in (700, 701):
            visit(connection, "https://news.example/wrong", month(months))
        ends = connection.execute(
            "SELECT to_at FROM depeche.partitions WHERE from_at IS NULL AND NOT is_net"
        ).fetchall()
        assert len(ends) == len(HISTORIES)
        assert all(month(1) <= end <= month(2) for (end,) in ends)
        beyond = connection.execute("SELECT at FROM depeche_history.visits_net ORDER BY at").fetchall()
        assert beyond == [(month(700),), (month(701),)]


def partition_of(connection: psycopg.Connection, table: str, at: datetime) -> list[str]:
    """Where the rows of a moment are."""
    sql = f"SELECT DISTINCT tableoid::regclass::text FROM depeche.{table} WHERE {HISTORIES[table]} = %s"
    return [row[0].split(".")[1] for row in connection.execute(sql.encode(), [at])]


def name(table: str, at: datetime) -> str:
    return f"{table}_{at:%Y_%m}"


def test_partitions_are_there_three_months_ahead(database: psycopg.Connection) -> None:
    found = database.execute(
        "SELECT of_table, array_agg(part_id::regclass::text ORDER BY from_at NULLS FIRST), max(to_at)"
        " FROM depeche.partitions WHERE NOT is_net GROUP BY of_table"
    ).fetchall()
    assert {row[0] for row in found} == set(HISTORIES)
    for table, names, made_to in found:
        assert names[0] == f"depeche_history.{table}_first"
        assert made_to == month(4)
        assert names[1:] == [f"depeche_history.{name(table, month(n))}" for n in range(5 - len(names), 4)]


def test_a_row_at_the_edge_of_a_month_is_in_that_month(database: psycopg.Connection) -> None:
    first, url = month(3), "https://news.example/0"
    expected = {
        first - timedelta(microseconds=1): name("visits", month(2)),
        first: name("visits", first),
        month(4) - timedelta(microseconds=1): name("visits", first),
        month(4): "visits_net",
    }
    for moment, partition in expected.items():
        visit(database, url, moment)
        assert partition_of(database, "visits", moment) == [partition]


def test_what_no_partition_takes_falls_into_the_net_and_goes_where_it_belongs(database: psycopg.Connection) -> None:
    url, late, farther = "https://news.example/0", month(2) + timedelta(days=3), month(30)
    for table in HISTORIES:
        database.execute(f"DROP TABLE depeche_history.{name(table, month(2))}".encode())
    for moment in (month(2) - timedelta(days=1), late, farther):
        visit(database, url, moment)
    before = {table: rows_of(database, table) for table in HISTORIES}
    with_history = [table for table in HISTORIES if table != "changes"]  # the database's own clock dates those
    for table in with_history:
        assert partition_of(database, table, late) == [f"{table}_net"]
    assert database.execute("SELECT depeche.make_partitions()").fetchone() == (len(HISTORIES),)
    for table in with_history:
        assert partition_of(database, table, late) == [name(table, month(2))]
        assert partition_of(database, table, farther) == [f"{table}_net"]
    assert {table: rows_of(database, table) for table in HISTORIES} == before


def test_many_who_make_partitions_at_the_same_time_make_each_once(filled: str, writer_url: str) -> None:
    with connect(filled) as connection:
        for table in HISTORIES:
            connection.execute(f"DROP TABLE depeche_history.{name(table, month(3))}".encode())
    made: list[int] = []
    start = threading.Barrier(6)

    def make() -> None:
        with psycopg.connect(writer_url, autocommit=True) as writer:
            start.wait()
            (number,) = writer.execute("SELECT depeche.make_partitions()").fetchone() or (0,)
            made.append(number)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0] * 5 + [len(HISTORIES)]


def test_an_indexer_makes_them_with_the_rights_that_it_has(filled: str, writer_url: str) -> None:
    latest = "SELECT DISTINCT max(to_at) FROM depeche.partitions GROUP BY of_table"
    with (
        connect(filled) as connection,
        psycopg.connect(writer_url) as writer,
        psycopg.connect(writer_url) as keeper,
    ):
        for table in HISTORIES:
            connection.execute(f"DROP TABLE depeche_history.{name(table, month(3))}".encode())
        assert connection.execute(latest.encode()).fetchall() == [(month(3),)]
        assert do(keeper, writer, PARTITIONS)
        writer.commit()
        assert connection.execute(latest.encode()).fetchall() == [(month(4),)]


@pytest.mark.parametrize("statement", ["UPDATE {} SET version = 1", "DELETE FROM {}", "SELECT * FROM {}"])
def test_no_writer_reaches_past_a_table_to_its_partitions(filled: str, writer_url: str, statement: str) -> None:
    with psycopg.connect(writer_url) as writer, pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute(statement.format("depeche_history.changes_first").encode())


def test_nothing_but_its_table_hangs_on_a_partition(filled: str) -> None:
    """A view that went on reading the partition would miss all that comes later, and could not outlive it."""
    with connect(filled) as connection:
        for table in HISTORIES:
            connection.execute(f"DROP TABLE depeche_history.{table}_first".encode())
        assert all(rows_of(connection, table) == [] for table in HISTORIES)
        assert set(contents(connection)) >= {"visits", "changes", "article_versions", "headline_positions"}
        locked = "SELECT confrelid::regclass FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text ~ %s"
        assert connection.execute(locked, ["history|versions|positions|wordings"]).fetchall() == []
        for query in CURRENT.values():
            assert connection.execute(query.encode()).fetchall()
