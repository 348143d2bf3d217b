"""`depeche` on an empty Redis and a fresh Postgres, in a folder of its own."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from tests.cli.services import Services
from tests.support.redis_users import denied, redis_users
from tests.support.running import Ran, depeche

Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """`run("status", "--json")`: without any server set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments, stdin=b"": depeche(monkeypatch, capsys, *arguments, stdin=stdin)


@pytest.fixture
def run_on_servers(run: Run, monkeypatch: pytest.MonkeyPatch, redis_url: str, database_url: str) -> Iterator[Run]:
    """The same, with Redis and Postgres set; its user of Redis has the rights that it has under Compose."""
    users = redis_users(redis_url)
    monkeypatch.setenv("DEPECHE_REDIS_URL", users["cli"])
    monkeypatch.setenv("DEPECHE_DATABASE_URL", database_url)
    yield run
    assert denied(connect_redis(redis_url), users) == []


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """`zone("Europe/Paris")`: the machine is there."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def export(run: Run, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Run:
    """`depeche export` with these arguments; only Postgres is there."""
    monkeypatch.setenv("DEPECHE_DATABASE_URL", database_url)
    return lambda *arguments: run("export", *arguments)


@pytest.fixture
def services(backbone: Backbone, client: "redis.Redis", database_url: str) -> Services:
    return Services(backbone, client, database_url)
