"""What all tests may ask for: servers of their own, and what is built on them."""

import os
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest
import redis
from celery import Celery

from cli.stack.embedded import embedded_redis
from shared.broker.celery_app import make_celery
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from tests.support.servers import PostgresForTests, data_folder, postgres_for_tests
from tests.support.site import Site

# The console is made when its module is loaded, as wide as these say then; a process of pytest-xdist has them.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

pytest_plugins = ("tests.support.costs",)

# The same examples each time, and none fails by the time that it takes: the first may load a model, and any may be
# interrupted by what else the machine does. New examples are for `make fuzz-parser`.
hypothesis.settings.register_profile(
    "depeche", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("depeche")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with data_folder() as home, embedded_redis(home) as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresForTests]:
    with data_folder() as home, postgres_for_tests(home) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    connect_redis(redis_server).flushdb()
    return redis_server


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with connect_redis(redis_url) as client:
        yield client


@pytest.fixture
def ledger(client: "redis.Redis") -> Ledger:
    return Ledger(client)


@pytest.fixture
def celery_app(redis_url: str) -> Iterator[Celery]:
    """An app that publishes to the empty Redis."""
    app = make_celery("tests", redis_url)
    yield app
    app.close()


@pytest.fixture
def backbone(client: "redis.Redis", celery_app: Celery) -> Backbone:
    return Backbone(ledger=Ledger(client), store=PageStore(client), publisher=Publisher(celery_app))


@pytest.fixture
def database_url(postgres: PostgresForTests) -> Iterator[str]:
    """A fresh database with the current schema."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback that says what the test wants it to say."""
    with Site() as site:
        yield site


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own DEPECHE_ variables must not decide a test."""
    for name in [name for name in os.environ if name.startswith("DEPECHE_")]:
        monkeypatch.delenv(name)
