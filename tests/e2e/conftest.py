"""One stack of real workers a module, in a Redis database and a Postgres database of its own."""

from collections.abc import Iterator

import pytest

from cli.stack.stack import Endpoints
from shared.broker.redis_client import connect_redis
from tests.e2e.stack import Stack, running_stack
from tests.support.servers import PostgresForTests


@pytest.fixture(scope="module")
def stack(redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    redis_url = redis_server.removesuffix("/0") + "/1"
    connect_redis(redis_url).flushdb()
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        with running_stack(tmp_path_factory.mktemp("stack"), endpoints) as stack:
            yield stack
