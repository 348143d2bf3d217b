"""When may we next touch this host?

The frontier paces what it releases; a message may still wait in its queue and meet the next one, and a redirect is a
request too. So each request takes its turn here, right before it is made, across all workers.
"""

import time
from typing import cast

import redis

from shared.redis_keys import LUA_PRELUDE, TOUCHED
from shared.urls import host_of

# ARGV: host, delay (ms). Returns how long to wait (ms) until the turn that has just been taken.
TAKE_TURN = """
redis.call('ZREMRANGEBYSCORE', TOUCHED, '-inf', now)
local turn = math.max(now, tonumber(redis.call('ZSCORE', TOUCHED, ARGV[1]) or 0))
redis.call('ZADD', TOUCHED, turn + tonumber(ARGV[2]), ARGV[1])
return turn - now
"""


class Politeness:
    """Turns at a host, at least `host_delay` seconds apart."""

    def __init__(self, client: "redis.Redis", *, host_delay: float) -> None:
        self._redis = client
        self._take_turn = client.register_script(LUA_PRELUDE + TAKE_TURN)
        self._delay_ms = round(host_delay * 1000)

    def turn_in(self, url: str) -> float:
        """Seconds until the host's next free turn, without taking it."""
        due = self._redis.zscore(TOUCHED, host_of(url))
        return 0.0 if due is None else max(0.0, cast(float, due) / 1000 - time.time())

    def take_turn(self, url: str) -> float:
        """Take the host's next turn; returns the seconds to wait for it."""
        host = host_of(url)
        if not host or self._delay_ms <= 0:
            return 0.0
        return cast(int, self._take_turn(args=[host, self._delay_ms])) / 1000
