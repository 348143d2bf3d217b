"""An indexer on a fresh Postgres and an empty Redis."""

from collections.abc import Iterator

import pytest
import redis

from services.indexer.app import open_pool
from services.indexer.connection import Pool
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from tests.support.pages import Flights


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    with open_pool(database_url, 4) as pool:
        yield pool


@pytest.fixture
def indexer(backbone: Backbone, pool: Pool) -> Indexer:
    return Indexer(backbone, pool, pause_s=0.05)


@pytest.fixture
def flights(backbone: Backbone, client: "redis.Redis") -> Flights:
    return Flights(backbone, client)
