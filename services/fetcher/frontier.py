"""Requests waiting for their host's turn.

Every host has a queue of its own, ordered by due time, and every host with something waiting stands in one sorted set
by the moment of its next release. A release costs O(log hosts) a page, whatever the number waiting.
"""

from typing import cast

import msgspec
import redis

from shared.messages import StageName
from shared.redis_keys import LUA_PRELUDE


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """A flight that left the frontier for `stage`; `record` is what its task will get."""

    flight_id: str
    stage: StageName
    record: str


# ARGV: how many at the most, room for more between frontier and Postgres, delay a host (ms). Flights that wait for a
# later stage are behind the frontier already: they need no room, they take it up.
RELEASE = """
local budget, room, delay, out = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), {}
local function go(queue, id)
  redis.call('ZREM', queue, id)
  redis.call('ZREM', STAGE .. 'waiting', id)
  local f = redis.call('HMGET', FLIGHT .. id, 'next', 'record')
  if f[1] then
    redis.call('HSET', FLIGHT .. id, 'stage', f[1], 'published_at', now)
    redis.call('ZADD', STAGE .. f[1], now, id)
    out[#out + 1] = {id, f[1], f[2]}
  end
end
room = room - redis.call('ZCARD', RETRY)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', RETRY, '-inf', now, 'LIMIT', 0, budget)) do go(RETRY, id) end
budget = math.min(budget, #out + math.max(0, room))
redis.call('ZREMRANGEBYSCORE', SLOTS, '-inf', now)
for _, host in ipairs(redis.call('ZRANGEBYSCORE', HOSTS, '-inf', now, 'LIMIT', 0, budget - #out)) do
  if #out >= budget then break end
  local many = budget - #out
  if delay > 0 and host ~= '' then many = 1 end
  local ids = redis.call('ZRANGEBYSCORE', HOST .. host, '-inf', now, 'LIMIT', 0, many)
  for _, id in ipairs(ids) do go(HOST .. host, id) end
  local slot = now
  if #ids > 0 and host ~= '' and delay > 0 then
    slot = now + delay
    redis.call('ZADD', SLOTS, slot, host)
  end
  local first = redis.call('ZRANGE', HOST .. host, 0, 0, 'WITHSCORES')
  if first[2] then redis.call('ZADD', HOSTS, math.max(slot, tonumber(first[2])), host)
  else redis.call('ZREM', HOSTS, host) end
end
return {now, out}
"""


class Frontier:
    """Releases waiting flights, atomically: two ticks at once release each flight once."""

    def __init__(self, client: "redis.Redis", *, host_delay: float) -> None:
        self._release = client.register_script(LUA_PRELUDE + RELEASE)
        self._delay_ms = round(host_delay * 1000)

    def release(self, budget: int, *, room: int) -> tuple[float, list[Released]]:
        """The moment of release (Unix seconds) and up to `budget` flights that are due and whose host allows it.

        `room` is how many more fetches the stages behind have room for; flights on their way back to such a stage
        are released all the same.
        """
        now, rows = cast(tuple[int, list[list[bytes]]], self._release(args=[budget, room, self._delay_ms]))
        return now / 1000, [
            Released(flight_id=i.decode(), stage=cast(StageName, s.decode()), record=r.decode()) for i, s, r in rows
        ]
