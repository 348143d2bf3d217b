"""Sends replayed pages into a running stack, as flights in the ledger, and no more than it has room for."""

import time
from collections.abc import Sequence
from typing import Self

from shared.broker.celery_app import make_celery
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from shared.flight.publisher import Publisher
from shared.host_scope import HostKey
from shared.messages import PageFetched, encode_record
from shared.urls import host_of

# How much is sent at once; the limit in bytes is for Redis, which takes it in one piece.
PAGES_AT_ONCE = 50
BYTES_AT_ONCE = 4 * 1024 * 1024
POLL_S = 0.1


class Sender:
    """Sends pages to the parser, a handful at a time; `flush` sends the rest."""

    def __init__(self, redis_url: str, room: int, host_key: HostKey = host_of) -> None:
        """`room` is how many pages may be between the parser's queue and Postgres."""
        self._client = connect_redis(redis_url)
        self._app = make_celery("replay", redis_url)
        self.publisher = Publisher(self._app)
        self._room = room
        self._waiting: list[tuple[PageFetched, bytes]] = []
        self._bytes = 0
        self.ledger = Ledger(self._client, host_key=host_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._app.close()
        self._client.close()

    def send(self, record: PageFetched, body: bytes) -> None:
        """Send a page with the next group; waits until the stack has room."""
        self._waiting.append((record, body))
        self._bytes += len(body)
        if len(self._waiting) >= PAGES_AT_ONCE or self._bytes >= BYTES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Send the group of pages that have not been sent yet."""
        self.wait_for_room()
        self.send_now(self._waiting)
        self._waiting, self._bytes = [], 0

    def wait_for_room(self) -> None:
        """Wait until the stack has room."""
        while not self.has_room():
            time.sleep(POLL_S)

    def has_room(self) -> bool:
        """Whether the stack has room for more pages now."""
        return self._in_air() < self._room

    def send_now(self, pages: Sequence[tuple[PageFetched, bytes]]) -> None:
        """Send these pages without waiting for room."""
        if pages:
            published_at = self.ledger.adopt_pages(pages)
            records = [encode_record(record) for record, _ in pages]
            self.publisher.publish("parse", records, published_at, pages_per_message=PAGES_AT_ONCE)

    def _in_air(self) -> int:
        counts = self.ledger.counts()
        return counts["parse"] + counts["index"]
