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
from shared.flight.redis_keys import LUA_PRELUDE
from shared.messages import StageName


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A flight whose message vanished, marked as published again now; `losses` counts how often."""

    flight_id: str
    record: str
    losses: int


# ARGV: stage, limit (ms), how many at the most.
FIND_LOST = """
local taken = tonumber(redis.call('HGET', TAKEN, ARGV[1]) or 0)
if redis.call('LLEN', ARGV[1]) == 0 then taken = now end
local ids = redis.call('ZRANGEBYSCORE', STAGE .. ARGV[1], '-inf', taken - tonumber(ARGV[2]), 'LIMIT', 0, ARGV[3])
local out = {}
for _, id in ipairs(ids) do
  local record = redis.call('HGET', FLIGHT .. id, 'record')
  if record then
    redis.call('HSET', FLIGHT .. id, 'published_at', now)
    redis.call('ZADD', STAGE .. ARGV[1], now, id)
    out[#out + 1] = {id, record, redis.call('HINCRBY', FLIGHT .. id, 'losses', 1)}
  else redis.call('ZREM', STAGE .. ARGV[1], id) end  -- somebody deleted the flight by hand
end
return {now, out}
"""


class Reconciler:
    """Finds lost flights; the tick publishes them again."""

    def __init__(self, client: "redis.Redis", limits: dict[StageName, float]) -> None:
        self._find = client.register_script(LUA_PRELUDE + FIND_LOST)
        self._limits = limits

    def find_lost(self, stage: StageName) -> tuple[float, list[Lost]]:
        """The moment (Unix seconds) that counts as publication, and the stage's lost flights, 500 at the most."""
        answer = self._find(args=[stage, round(self._limits[stage] * 1000), CHUNK])
        now, rows = cast(tuple[int, list[tuple[bytes, bytes, int]]], answer)
        return now / 1000, [Lost(flight_id=i.decode(), record=r.decode(), losses=n) for i, r, n in rows]
