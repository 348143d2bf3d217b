"""Finds lost messages, and only those, to publish them again.

A message may be lost after all (Redis loses its last second, or a worker ends in the middle of its work), so each
stage's flights are compared with the queue's watermark. A backlog is not a loss: queues are first in, first out, so a
flight is overdue only when a message younger than its own by more than the stage's limit has been taken, or when the
queue is empty and the flight itself is older than the limit.
"""

from typing import cast

import msgspec
import redis

from shared.flight.ledger import CHUNK
from shared.flight.lua_script import lua_script
from shared.messages import StageName


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A flight whose message is lost, already marked as published again; `losses` counts how often it was lost."""

    flight_id: str
    record: str
    losses: int


class Reconciler:
    """Finds lost flights; the tick publishes them again."""

    def __init__(self, client: "redis.Redis", limits: dict[StageName, float]) -> None:
        self._find = lua_script(client, __package__, "reconciler_find_lost.lua")
        self._limits = limits

    def find_lost(self, stage: StageName) -> tuple[float, list[Lost]]:
        """Returns the moment that counts as publication (Unix seconds), and the stage's lost flights, at most 500."""
        answer = self._find(args=[stage, round(self._limits[stage] * 1000), CHUNK])
        now, rows = cast(tuple[int, list[tuple[bytes, bytes, int]]], answer)
        return now / 1000, [Lost(flight_id=i.decode(), record=r.decode(), losses=n) for i, r, n in rows]
