"""Watches a run from outside the network that is harmed: which stage moves pages when, and what Postgres has."""

import contextlib
import threading
from datetime import datetime
from typing import Any, cast

import msgspec
import redis

from cli import reading
from cli.stack.stack import Endpoints
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import IN_HAND, TAKEN
from shared.messages import QUEUES

LOOK_EVERY_S = 0.1


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of news.visits; Unix seconds."""

    flight_id: str
    url: str
    at: float
    landed_at: float


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What Postgres has at the end."""

    visits: list[Visit]
    fates: dict[str, str]  # URL -> fate of its page
    articles: list[dict[str, Any]]  # url, canonical_url, title, version
    quarantined: int

    @property
    def known(self) -> set[str]:
        """The URLs of pages, and those that pages call their own: who lists one of these lists nothing new."""
        return self.fates.keys() | {article["canonical_url"] for article in self.articles}


class Watch:
    """Looks into Redis again and again."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._client: redis.Redis | None = None
        self.moved: dict[str, list[float]] = {"fetch": [], "parse": [], "index": []}

    def look_on(self, ending: threading.Event) -> None:
        """Note when pages were handed to each stage (Unix seconds), until `ending` is set."""
        while not ending.wait(LOOK_EVERY_S):
            with contextlib.suppress(redis.RedisError, UserError):
                for stage, at in cast(dict[bytes, bytes], self._connected().hgetall(TAKEN)).items():
                    seen = self.moved[stage.decode()]
                    if not seen or float(at) / 1000 > seen[-1]:
                        seen.append(float(at) / 1000)

    def in_air(self) -> int | None:
        """Returns how many pages and messages are on their way; None while Redis does not answer."""
        with contextlib.suppress(redis.RedisError, UserError):
            client = self._connected()
            lists = [*QUEUES.values(), *client.scan_iter(IN_HAND + "*", count=1_000)]
            return sum(Ledger(client).counts().values()) + sum(cast(int, client.llen(name)) for name in lists)
        return None

    def found(self) -> set[str]:
        """Returns the URLs by which pages in Postgres are known; none while it does not answer."""
        try:
            return self.stored().known
        except UserError:
            return set()

    def _connected(self) -> "redis.Redis":
        if self._client is None:
            self._client = connect_redis(self._endpoints.redis_url)
        return self._client

    def stored(self) -> Stored:
        """Returns what Postgres has."""
        url = self._endpoints.database_url
        return Stored(
            visits=[
                Visit(
                    flight_id=row["flight_id"].hex,
                    url=row["page_url"],
                    at=_seconds(row["at"]),
                    landed_at=_seconds(row["landed_at"]),
                )
                for row in reading.query(url, VISITS)
            ],
            fates={row["url"]: row["fate"] for row in reading.query(url, FATES)},
            articles=reading.query(url, ARTICLES),
            quarantined=len(reading.query(url, QUARANTINED)),
        )


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


VISITS = "SELECT flight_id, page_url, at, landed_at FROM news.visits ORDER BY landed_at"
FATES = "SELECT url, fate FROM news.pages"
ARTICLES = "SELECT url, canonical_url, title, version FROM news.articles"
QUARANTINED = "SELECT url FROM news.quarantine"
