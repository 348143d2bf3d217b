"""When may we next touch this host? Kept in Redis, for all workers together.

A host is touched when no request to it is on its way, the delay since the last one is over, the host has not asked for
a pause, and fewer requests than allowed are being made to it. The delay counts from the moment in which a request has
been sent: until then nobody else gets a turn, so a slow name server or a slow handshake cannot make two requests
arrive close together. A worker that is killed in between blocks its host for one lease.

A host that says that it is overloaded is given more time: its delay doubles, and shrinks with every good answer. That
is multiplicative increase and decrease, as in Scrapy's AutoThrottle and in TCP: few steps up, more steps down.
"""

import uuid
from collections.abc import Callable
from typing import Literal, Protocol, cast

import msgspec
import redis
import structlog

from shared.flight.redis_keys import LUA_PRELUDE

log = structlog.get_logger()

# A delay that grew is never more than this (ms), nor starts from less than that.
LONGEST_GROWN_MS = 300_000
SHORTEST_GROWN_MS = 1_000
# A good answer leaves this much of a grown delay: twelve of them bring it from 30 s to 1 s.
RECOVERY = 0.75
# A request is being sent, or as many as allowed are being made: ask again so much later (ms).
CROWDED_MS = 100
# What is known of a host's pace is forgotten after a day without a request.
PACE_KEPT_MS = 86_400_000

Verdict = Literal["good", "overloaded", "other"]


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of every host. `lease_s` is longer than any request may take."""

    host_delay: float
    host_connections: int
    lease_s: float


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may be made now: its lease, the host's delay without what it grew by, and when it was granted."""

    host: str
    lease: str
    delay_ms: int
    granted_at_ms: int
    is_paced: bool  # whether others wait until it has been sent


# ARGV: host, its delay (ms), the usual delay (ms), connections, name of the lease, its length (ms).
# Returns {how long to wait (ms), now, whether others wait until the request has been sent}; the turn has been taken if
# there is nothing to wait for.
TAKE = """
for _, set in ipairs({TOUCHED, SENDING}) do redis.call('ZREMRANGEBYSCORE', set, '-inf', now) end
local host, delay, connections, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[6])
local touched, paused = redis.call('ZSCORE', TOUCHED, host), redis.call('ZSCORE', PAUSED, host)
local ready = math.max(tonumber(touched or 0), tonumber(paused or 0))
if ready > now then return {ready - now, now, 0} end
local leases = LEASES .. host
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
local crowded = connections > 0 and redis.call('ZCARD', leases) >= connections
if crowded or redis.call('ZSCORE', SENDING, host) then return {CROWDED_MS, now, 0} end
if delay == tonumber(ARGV[3]) then redis.call('HDEL', PACE .. host, 'delay')
else
  redis.call('HSET', PACE .. host, 'delay', delay)
  redis.call('PEXPIRE', PACE .. host, PACE_KEPT_MS)
end
redis.call('ZADD', leases, now + lease, ARGV[5])
redis.call('PEXPIRE', leases, lease)
local paced = (delay > 0 or redis.call('HEXISTS', PACE .. host, 'grown') == 1) and 1 or 0
if paced == 1 then redis.call('ZADD', SENDING, now + lease, host) end
return {0, now, paced}
"""

# ARGV: host, its delay (ms). The frontier waits as long as the requests do.
SENT = """
local host = ARGV[1]
local ready = now + math.max(tonumber(ARGV[2]), tonumber(redis.call('HGET', PACE .. host, 'grown') or 0))
redis.call('ZREM', SENDING, host)
redis.call('ZADD', TOUCHED, ready, host)
redis.call('ZADD', SLOTS, 'GT', ready, host)
line_up(host)
"""

# ARGV: host, for how long (ms).
HOLD = """
redis.call('ZADD', TOUCHED, 'GT', now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZADD', SLOTS, 'GT', now + tonumber(ARGV[2]), ARGV[1])
line_up(ARGV[1])
"""

# ARGV: host, its delay (ms), lease, when the turn was granted (ms), verdict, pause (ms). Answers to requests that were
# made before the delay last grew say nothing about the present one. Returns the delay that it grew to, or 0.
END = """
local host, delay, verdict, pause = ARGV[1], tonumber(ARGV[2]), ARGV[5], tonumber(ARGV[6])
redis.call('ZREM', LEASES .. host, ARGV[3])
local grown, grown_at = unpack(redis.call('HMGET', PACE .. host, 'grown', 'grown_at'))
grown = tonumber(grown or 0)
if verdict == 'good' and grown > 0 then
  local less = math.floor(grown * RECOVERY)
  if less > math.max(delay, SHORTEST_GROWN_MS) then redis.call('HSET', PACE .. host, 'grown', less)
  else redis.call('HDEL', PACE .. host, 'grown', 'grown_at') end
end
if verdict ~= 'overloaded' then return 0 end
if tonumber(ARGV[4]) >= tonumber(grown_at or 0) then
  grown = math.min(LONGEST_GROWN_MS, 2 * math.max(grown, delay, SHORTEST_GROWN_MS))
  redis.call('HSET', PACE .. host, 'grown', grown, 'grown_at', now)
  redis.call('PEXPIRE', PACE .. host, PACE_KEPT_MS)
end
redis.call('ZADD', TOUCHED, 'GT', now + grown, host)
redis.call('ZADD', SLOTS, 'GT', now + grown, host)
if pause > 0 then redis.call('ZADD', PAUSED, 'GT', now + pause, host) end
line_up(host)
return grown
"""

CONSTANTS = (
    f"local CROWDED_MS, PACE_KEPT_MS, RECOVERY = {CROWDED_MS}, {PACE_KEPT_MS}, {RECOVERY}\n"
    f"local LONGEST_GROWN_MS, SHORTEST_GROWN_MS = {LONGEST_GROWN_MS}, {SHORTEST_GROWN_MS}\n"
)


class Turns(Protocol):
    """What a download's politeness needs: kept in Redis by HostTurns, or by a process that is alone (alone.py)."""

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None: ...
    def sent(self, turn: Turn) -> None: ...
    def hold(self, url: str, seconds: float) -> None: ...
    def end(self, turn: Turn, verdict: Verdict, *, pause: float | None = None) -> None: ...


class HostTurns:
    """Takes and ends turns. `host_key` says what counts as one host (shared/host_scope.py)."""

    def __init__(self, client: "redis.Redis", pace: Pace, host_key: Callable[[str], str]) -> None:
        self._take, self._sent, self._hold, self._end = (
            client.register_script(LUA_PRELUDE + CONSTANTS + script) for script in (TAKE, SENT, HOLD, END)
        )
        self._host_key = host_key
        self._connections = pace.host_connections
        self._usual_ms = round(pace.host_delay * 1000)
        self._lease_ms = round(pace.lease_s * 1000)

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None:
        """A turn that has been taken, or the seconds after which to ask again; None where there is no host.

        The delay is the source's own, if it has one, or the usual one, and no less than what robots.txt asks for.
        """
        host = self._host_key(url)
        if not host:
            return None
        delay_ms = max(self._usual_ms if own_delay is None else round(own_delay * 1000), round(crawl_delay * 1000))
        lease = uuid.uuid4().hex
        arguments: list[str | int] = [host, delay_ms, self._usual_ms, self._connections, lease, self._lease_ms]
        wait_ms, now, is_paced = cast(tuple[int, int, int], self._take(args=arguments))
        if wait_ms:
            return wait_ms / 1000
        return Turn(host=host, lease=lease, delay_ms=delay_ms, granted_at_ms=now, is_paced=bool(is_paced))

    def sent(self, turn: Turn) -> None:
        """The request is on its way, or will not be made: the delay counts from here."""
        if turn.is_paced:
            self._sent(args=[turn.host, turn.delay_ms])

    def hold(self, url: str, seconds: float) -> None:
        """No request to this URL's host for so long: its robots.txt has just been read, and asks for that delay."""
        self._hold(args=[self._host_key(url), round(seconds * 1000)])

    def end(self, turn: Turn, verdict: Verdict, *, pause: float | None = None) -> None:
        """The answer is here, or will not come. `pause` is what an overloaded host asks for (s)."""
        pause_ms = round((pause or 0) * 1000)
        arguments: list[str | int] = [turn.host, turn.delay_ms, turn.lease, turn.granted_at_ms, verdict, pause_ms]
        grown = cast(int, self._end(args=arguments))
        if verdict == "overloaded":
            log.warning("host_overloaded", host=turn.host, pause_s=pause, delay_s=grown / 1000)
