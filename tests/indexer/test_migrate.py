"""Migrations: forward, once, however many start at the same time."""

import threading

import psycopg
import pytest

from services.indexer.migrate import all_migrations, connect, migrate, require_current
from shared.failures import UserError
from tests.servers import PostgresForTests

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


def test_a_missing_migration_is_named(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM depeche.schema_migrations WHERE version = 1")
    with pytest.raises(UserError, match=NAMES[0]):
        require_current(database_url)


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
