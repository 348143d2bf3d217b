"""Where the servers are that pages ask, and how: Redis as ever, Postgres in transactions that can only read."""

import contextlib
from collections.abc import Iterator

import redis

from cli.reading import read_only
from cli.settings import CliSettings
from cli.stack.stack import find_database, find_redis
from services.indexer.connection import Connection
from shared.broker.redis_client import connect_redis


class Servers:
    """The servers of the stack, looked for anew each time, since a stack may end and another may start."""

    def __init__(self, settings: CliSettings) -> None:
        self.settings = settings
        self._clients: dict[str, redis.Redis] = {}

    def redis(self) -> "redis.Redis":
        """Return a client; raises UserError where Redis does not answer, and a RedisError may come with any call."""
        url = self.redis_url()
        client = self._clients.get(url)
        if client is None:
            client = connect_redis(url)
            self._clients = {url: client}
        return client

    def redis_url(self) -> str:
        """Return the address of Redis; raises UserError where there is none."""
        return find_redis(self.settings)

    def database_url(self) -> str:
        """Return the address of Postgres; raises UserError where there is none."""
        return find_database(self.settings)

    @contextlib.contextmanager
    def postgres(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that can only read; raises UserError where Postgres does not answer."""
        with read_only(self.database_url()) as connection:
            yield connection
