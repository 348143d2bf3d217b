"""Requests waiting for their host's turn.

Every host has two queues of its own, each ordered by due time: new pages, and stories that are fetched again, which go
when no new page is due. Every host with something waiting stands in one sorted set by the moment of its next release. A
release costs O(log hosts) a page, whatever the number waiting.

A page waits here and nowhere else: a host gets no more pages into the fetch stage than it may have requests at a time,
so that none of them finds its host busy and has to come back.
"""

from typing import cast

import msgspec
import redis

from shared.flight.redis_keys import LUA_PRELUDE
from shared.messages import StageName

# A host that has all its pages in the fetch stage is looked at again when one of them leaves it, or after this (ms):
# somebody may have deleted a flight by hand.
FULL_AGAIN_MS = 30_000
# And such a flight stops counting after this (ms). The reconciler finds every other much earlier.
FORGOTTEN_AFTER_MS = 900_000


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """A flight that left the frontier for `stage`; `record` is what its task will get."""

    flight_id: str
    stage: StageName
    record: str


# ARGV: how many at the most, room for more between frontier and Postgres, usual delay of a host (ms), pages of a host
# in the fetch stage (0: any number), and the two constants. Flights that wait for a later stage are behind the frontier
# already: they need no room, they take it up.
RELEASE = """
local budget, room, out = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
local usual, connections = tonumber(ARGV[3]), tonumber(ARGV[4])
local function go(queue, id, host)
  redis.call('ZREM', queue, id)
  redis.call('ZREM', STAGE .. 'waiting', id)
  local f = redis.call('HMGET', FLIGHT .. id, 'next', 'record')
  if f[1] then
    redis.call('HSET', FLIGHT .. id, 'stage', f[1], 'published_at', now)
    redis.call('ZADD', STAGE .. f[1], now, id)
    if host ~= '' then redis.call('ZADD', FETCHING .. host, now, id) end
    out[#out + 1] = {id, f[1], f[2]}
  end
end
local function delay_of(host)
  if host == '' then return 0 end
  local pace = redis.call('HMGET', PACE .. host, 'delay', 'grown')
  return math.max(tonumber(pace[1] or usual), tonumber(pace[2] or 0))
end
local function free_of(host)
  if host == '' or connections == 0 then return budget end
  redis.call('ZREMRANGEBYSCORE', FETCHING .. host, '-inf', now - tonumber(ARGV[6]))
  return connections - redis.call('ZCARD', FETCHING .. host)
end
room = room - redis.call('ZCARD', RETRY)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', RETRY, '-inf', now, 'LIMIT', 0, budget)) do go(RETRY, id, '') end
budget = math.min(budget, #out + math.max(0, room))
redis.call('ZREMRANGEBYSCORE', SLOTS, '-inf', now)
redis.call('ZREMRANGEBYSCORE', PAUSED, '-inf', now)
for _, host in ipairs(redis.call('ZRANGEBYSCORE', HOSTS, '-inf', now, 'LIMIT', 0, budget - #out)) do
  if #out >= budget then break end
  local before, delay, many = #out, delay_of(host), math.min(budget - #out, free_of(host))
  if many <= 0 then redis.call('ZADD', HOSTS, now + tonumber(ARGV[5]), host)
  else
    if delay > 0 then many = 1 end
    for _, queue in ipairs({HOST .. host, AGAIN .. host}) do
      local left = many - (#out - before)
      if left == 0 then break end
      for _, id in ipairs(redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, left)) do go(queue, id, host) end
    end
    if #out > before and delay > 0 then redis.call('ZADD', SLOTS, now + delay, host) end
    line_up(host)
  end
end
return {now, out}
"""


class Frontier:
    """Releases waiting flights, atomically: two ticks at once release each flight once."""

    def __init__(self, client: "redis.Redis", *, host_delay: float, host_connections: int = 0) -> None:
        self._release = client.register_script(LUA_PRELUDE + RELEASE)
        self._pace = (round(host_delay * 1000), host_connections, FULL_AGAIN_MS, FORGOTTEN_AFTER_MS)

    def release(self, budget: int, *, room: int) -> tuple[float, list[Released]]:
        """The moment of release (Unix seconds) and up to `budget` flights that are due and whose host allows it.

        `room` is how many more fetches the stages behind have room for; flights on their way back to such a stage
        are released all the same.
        """
        now, rows = cast(tuple[int, list[list[bytes]]], self._release(args=[budget, room, *self._pace]))
        return now / 1000, [
            Released(flight_id=i.decode(), stage=cast(StageName, s.decode()), record=r.decode()) for i, s, r in rows
        ]
