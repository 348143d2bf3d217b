"""Migrations: forward, once, however many start at the same time."""

import threading
from datetime import datetime

import psycopg
import pytest

from services.indexer.app import open_pool
from services.indexer.index import Indexer
from services.indexer.schema.files import all_migrations
from services.indexer.schema.migrate import CREATE_LOG, connect, migrate, require_current
from shared.failures import UserError
from shared.flight.intake import Backbone
from tests.support.flights import ONE
from tests.support.pages import NOON, Flights, page, rows
from tests.support.servers import PostgresForTests

NAMES = [migration.name for migration in all_migrations()]


def test_no_two_files_have_one_number() -> None:
    versions = [migration.version for migration in all_migrations()]
    assert versions == sorted(set(versions))


def test_an_empty_database_is_brought_up_to_date_once(postgres: PostgresForTests) -> None:
    with postgres.database(template="template0") as url:
        with pytest.raises(UserError, match="depeche migrate"):
            require_current(url)
        assert migrate(url) == NAMES
        require_current(url)
        assert migrate(url) == []


def test_migrations_that_start_at_the_same_time_apply_each_file_once(postgres: PostgresForTests) -> None:
    applied: list[list[str]] = []
    with postgres.database(template="template0") as url:
        start = threading.Barrier(6)

        def run() -> None:
            start.wait()
            applied.append(migrate(url))

        threads = [threading.Thread(target=run) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        require_current(url)
    assert sorted(applied) == [[]] * 5 + [NAMES]


@pytest.mark.parametrize(("style", "zone"), [("SQL, DMY", "Asia/Kolkata"), ("German", "America/New_York")])
def test_a_database_may_write_times_in_a_way_of_its_own(
    postgres: PostgresForTests, backbone: Backbone, flights: Flights, style: str, zone: str
) -> None:
    with postgres.database(template="template0") as url:
        with psycopg.connect(url, autocommit=True) as owner:
            name = owner.info.dbname
            owner.execute(f"ALTER DATABASE {name} SET datestyle = '{style}'".encode())
            owner.execute(f"ALTER DATABASE {name} SET timezone = '{zone}'".encode())
        migrate(url)
        with open_pool(url, 1) as pool:
            Indexer(backbone, pool).run(flights.message(ONE, page()))
        with connect(url) as database:
            assert [row["fetched_at"] for row in rows(database, "pages")] == [NOON]
            ends = database.execute(
                "SELECT to_at AT TIME ZONE 'UTC' FROM depeche.partitions WHERE NOT is_net"
            ).fetchall()
        assert {(end.day, end.hour) for (end,) in ends if isinstance(end, datetime)} == {(1, 0)}


def test_a_missing_migration_is_named(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM depeche.schema_migrations WHERE version = 1")
    with pytest.raises(UserError, match=NAMES[0]):
        require_current(database_url)


OLDER = """
INSERT INTO depeche.schema_migrations VALUES (1, '0001_pages_articles_headlines.sql'), (2, '0002_archive_of_pages.sql');
CREATE TABLE depeche.pages (url text);
INSERT INTO depeche.pages VALUES ('https://news.example/');
"""


def test_a_database_with_older_numbers_is_refused_and_left_alone(postgres: PostgresForTests) -> None:
    with postgres.database(template="template0") as url, connect(url) as connection:
        connection.execute(CREATE_LOG)
        connection.execute(OLDER)
        for refuse in (migrate, require_current):
            with pytest.raises(UserError, match=r"Nothing in it has been changed.*depeche replay.*depeche export"):
                refuse(url)
        assert connection.execute("SELECT version FROM depeche.schema_migrations").fetchall() == [(1,), (2,)]
        assert connection.execute("SELECT url FROM depeche.pages").fetchall() == [("https://news.example/",)]
        assert connection.execute("SELECT defaclacl FROM pg_default_acl").fetchall() == []
        relations = "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text ~ '^(depeche|news)' "
        assert connection.execute(f"{relations} AND relkind IN ('r', 'v', 'p')".encode()).fetchone() == (2,)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://desk:hush@127.0.0.1:1/depeche",
        "postgresql://127.0.0.1:1/depeche?user=desk&password=hush",
        "host=127.0.0.1 port=1 user=desk password=hush",
        "host=127.0.0.1 port=1 user=desk password=hush nonsense",
        "postgresql://desk:hush@127.0.0.1:port/depeche",
    ],
)
def test_an_unreachable_postgres_is_named_without_its_password(dsn: str) -> None:
    with pytest.raises(UserError) as caught:
        connect(dsn)
    assert "DEPECHE_DATABASE_URL" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)
