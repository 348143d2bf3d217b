"""Is Redis nearly full? Then no more pages come into the air than the fetcher is at, so that what is there can land.

A Redis at its `maxmemory` refuses all that writes, landings included, and would not get out of that by itself.
"""

import time
from collections.abc import Mapping
from typing import cast

import redis
import structlog

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
        try:
            memory = cast(Mapping[str, int], self._redis.info("memory"))
        except redis.exceptions.NoPermissionError:
            return
        used, most = memory["used_memory"], memory["maxmemory"]
        passed = most > 0 and used > most * NEARLY_FULL
        if passed and not self._passed:
            log.warning("redis_nearly_full", used_bytes=used, maxmemory_bytes=most)
        self._passed = passed
