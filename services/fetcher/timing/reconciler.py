"""Republishes what was lost, and only that.

Celery on Redis loses messages (a worker killed between BRPOP and its note of the message), so each stage's flights are
compared with what their queue has given out. A backlog is not a loss: queues are first in, first out, so a flight is
overdue only when a message younger than its own by more than the stage's limit has been taken, or when the queue is
empty and the flight itself is older than the limit.
"""

from typing import cast

import msgspec
import redis

from shared.flight.ledger import CHUNK
from shared.flight.lua_script import lua_script
from shared.messages import StageName


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A flight whose message vanished, marked as published again now; `losses` counts how often."""

    flight_id: str
    record: str
    losses: int


class Reconciler:
    """Finds lost flights; the tick publishes them again."""

    def __init__(self, client: "redis.Redis", limits: dict[StageName, float]) -> None:
        self._find = lua_script(client, __package__, "reconciler_find_lost.lua")
        self._limits = limits

    def find_lost(self, stage: StageName) -> tuple[float, list[Lost]]:
        """The moment (Unix seconds) that counts as publication, and the stage's lost flights, 500 at the most."""
        answer = self._find(args=[stage, round(self._limits[stage] * 1000), CHUNK])
        now, rows = cast(tuple[int, list[tuple[bytes, bytes, int]]], answer)
        return now / 1000, [Lost(flight_id=i.decode(), record=r.decode(), losses=n) for i, r, n in rows]
