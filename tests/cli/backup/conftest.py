"""A database with pages, and a look at the server's databases from outside."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from services.indexer.schema.migrate import migrate
from shared.flight.intake import Backbone
from tests.cli.conftest import Run
from tests.support.history import fill, past_months
from tests.support.pages import Flights
from tests.support.servers import PostgresForTests


@pytest.fixture
def filled(database_url: str) -> str:
    """The DSN of a database with eight months of history."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        past_months(connection, "visits")
        fill(connection)
    migrate(database_url)
    return database_url


@pytest.fixture
def on(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Run]:
    """`on(url)("backup", "FILE")`: with Postgres alone set, in a folder of the test's own."""

    def to(url: str) -> Run:
        monkeypatch.setenv("DEPECHE_DATABASE_URL", url)
        return run

    return to


@pytest.fixture
def server(postgres: PostgresForTests) -> Iterator[Callable[[str], list[str]]]:
    """`server("%_restoring")`: the databases of such a name; those of the test are dropped at its end."""
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:

        def databases(like: str) -> list[str]:
            found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY 1", [like])
            return [row[0] for row in found.fetchall()]

        yield databases
        for name in databases(r"%\_before\_%") + databases(r"%\_restoring"):
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def dump(filled: str, on: Callable[[str], Run], tmp_path: Path) -> Path:
    """A backup of the filled database."""
    ran = on(filled)("backup", "one.dump")
    assert ran.status == 0, ran.err
    return tmp_path / "one.dump"


def pages_in(url: str) -> int | None:
    """How many pages a database has; None if it is not there."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
        (number,) = connection.execute("SELECT count(*) FROM depeche.pages").fetchone() or (None,)
        return number
    return None


def add_pages(url: str, *names: str) -> None:
    """Pages that came after a backup."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute(
                "INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, fetched_at, decided_at)"
                " VALUES (md5(%s)::uuid, %s, 'gone', gen_random_uuid(), now(), now(), now())",
                [name, f"https://later.example/{name}"],
            )


@pytest.fixture
def flights(backbone: Backbone, client: "redis.Redis") -> Flights:
    return Flights(backbone, client)
