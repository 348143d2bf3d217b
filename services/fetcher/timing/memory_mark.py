"""Is Redis nearly full? Then no more pages come into the air than the fetcher is at, so that what is there can land.

A Redis at its `maxmemory` refuses all that writes, landings included, and would not get out of that by itself.
"""

import time

import redis
import structlog

from shared.broker.redis_memory import memory_of

log = structlog.get_logger()

# Beyond this share of `maxmemory`; the rest is for what is in the air already, which grows from stage to stage.
NEARLY_FULL = 0.8
LOOK_EVERY_S = 1.0


class MemoryMark:
    """Knows Redis' memory as it was at most LOOK_EVERY_S ago."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._look_at = 0.0
        self._passed = False

    def is_passed(self) -> bool:
        """Returns whether Redis is nearly full; never, if it has no limit or does not tell."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            self._look()
        return self._passed

    def _look(self) -> None:
        memory = memory_of(self._redis)
        if memory is None or memory.limit is None:
            self._passed = False
            return
        passed = memory.used > memory.limit * NEARLY_FULL
        if passed and not self._passed:
            log.warning("redis_nearly_full", used_bytes=memory.used, maxmemory_bytes=memory.limit)
        self._passed = passed
