"""A whole stack of real workers on servers of its own."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import redis
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from cli.stack.stack import Endpoints, Workers
from services.indexer.schema.migrate import migrate
from services.indexer.upkeep.logins import Login
from shared.broker.consumers import Consumers
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from shared.messages import FetchRequest, Origin
from tests.support.redis_users import denied, redis_users
from tests.support.waiting import wait_until

# Loopback is allowed; hosts are not spared, nor asked for their robots.txt; what is lost is looked for after
# 6 s (fetch), 2.25 s (parse), 3 s (index).
SETTINGS = {
    "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
    "DEPECHE_HOST_DELAY": "0",
    "DEPECHE_HOST_CONNECTIONS": "0",
    "DEPECHE_OBEY_ROBOTS": "false",
    "DEPECHE_RETRY_DELAY": "0.05",
    "DEPECHE_FETCHER_THREADS": "4",
    "DEPECHE_LOST_AFTER_FACTOR": "0.05",
}
# Seconds until all has landed, however often a worker died: one that dies again and again is started ever later.
LANDING_S = 120.0


class Stack:
    """What a test may do with a running stack."""

    def __init__(self, endpoints: Endpoints, workers: Workers, home: Path) -> None:
        self.endpoints = endpoints
        self.workers = workers
        self.home = home
        self.client: redis.Redis = connect_redis(endpoints.redis_url)
        self.ledger = Ledger(self.client)

    def land(self, *requests: FetchRequest | str) -> dict[str, dict[str, Any]]:
        """Accept pages, wait until nothing is in the air any more, and give their rows by URL."""
        self.ledger.accept([r if isinstance(r, FetchRequest) else FetchRequest(origin=Origin(url=r)) for r in requests])
        self.wait_until_landed()
        return {row["url"]: row for row in self.rows("SELECT * FROM news.pages")}

    def wait_until_landed(self) -> None:
        """Wait until no page is in the air, starting again what dies in the meantime."""
        self.wait_until(lambda: not any(self.ledger.counts().values()), what="the landing of all pages")

    def wait_until(self, condition: Callable[[], Any], *, what: str) -> None:
        """Wait until `condition` is true, starting again what dies in the meantime; a failure says how things stand."""

        def is_true() -> bool:
            self.workers.mend(lambda _sentence: None)
            with contextlib.suppress(redis.ConnectionError):
                return bool(condition())
            return False

        try:
            wait_until(is_true, timeout=LANDING_S, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.how_it_stands()}") from None

    def how_it_stands(self) -> str:
        """What is in the air, who works, which pages ended otherwise than stored, and the ends of the workers' logs."""
        pages = self.rows("SELECT url, fate, reason FROM news.pages WHERE fate <> 'stored'")
        logs = [f"{log.name}: {log.read_text()[-2000:]}" for log in sorted((self.home / "logs").iterdir())]
        consumers = [f"{one.stage} {one.pid}: {one.in_hand} in hand" for one in Consumers(self.client).all()]
        return "\n".join([str(self.ledger.counts()), *consumers, str(self.workers.pids()), str(pages), *logs])

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        with psycopg.connect(self.endpoints.database_url, row_factory=dict_row) as connection:
            return connection.execute(sql.encode()).fetchall()

    def kill(self, worker: str) -> int:
        """`kill -9` a worker and all its children, as the kernel does when memory runs out; gives its pid."""
        pid = self.workers.pids()[worker]
        os.killpg(pid, signal.SIGKILL)  # each worker leads a session of its own
        return pid


class UsersWorkers(Workers):
    """Workers that each connect to Redis as a user of their own, as under Compose; those without one as before."""

    users: Mapping[str, str] = {}

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment of a worker."""
        own = {"DEPECHE_REDIS_URL": self.users[name]} if name in self.users else {}
        return {**super().environment(name), **own}


@contextlib.contextmanager
def running_stack(home: Path, endpoints: Endpoints, *, one_user: bool = False, **settings: str) -> Iterator[Stack]:
    """Start the workers, with users that have no more rights than they need, and stop them afterwards.

    With `one_user`, all have the user of Redis that the endpoints name.
    """
    home.mkdir(parents=True, exist_ok=True)
    writer_url = make_conninfo(endpoints.database_url, user="an_indexer", password="a password")
    migrate(endpoints.database_url, logins=[Login(url=writer_url, role="depeche_writer")])
    as_writer = msgspec.structs.replace(endpoints, database_url=writer_url)
    workers = UsersWorkers(home, as_writer, {**SETTINGS, **settings}, cwd=home)
    if not one_user:
        workers.users = redis_users(endpoints.redis_url)
    with workers:
        stack = Stack(endpoints, workers, home)
        yield stack
        assert denied(stack.client, workers.users) == []
        stack.client.close()
