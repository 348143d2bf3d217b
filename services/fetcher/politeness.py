"""When may we next touch this host?

The frontier paces what it releases; a message may still wait in its queue and meet the next one, and a redirect is a
request too. So each request takes its turn here, right before it is made, across all workers.
"""

from typing import cast

import redis

from shared.redis_keys import LUA_PRELUDE
from shared.urls import host_of

# ARGV: host, delay (ms), longest wait (ms). Returns how far away the host's next turn is (ms); it has been taken,
# unless that is more than the longest wait.
TAKE_TURN = """
redis.call('ZREMRANGEBYSCORE', TOUCHED, '-inf', now)
local turn = math.max(now, tonumber(redis.call('ZSCORE', TOUCHED, ARGV[1]) or 0))
if turn - now <= tonumber(ARGV[3]) then redis.call('ZADD', TOUCHED, turn + tonumber(ARGV[2]), ARGV[1]) end
return turn - now
"""


class Politeness:
    """Turns at a host, at least `host_delay` seconds apart."""

    def __init__(self, client: "redis.Redis", *, host_delay: float) -> None:
        self._take_turn = client.register_script(LUA_PRELUDE + TAKE_TURN)
        self._delay_ms = round(host_delay * 1000)

    def take_turn(self, url: str, *, longest: float) -> float:
        """Seconds until the host's next turn, which is now taken, unless it is more than `longest` away."""
        host = host_of(url)
        if not host or self._delay_ms <= 0:
            return 0.0
        return cast(int, self._take_turn(args=[host, self._delay_ms, round(longest * 1000)])) / 1000
