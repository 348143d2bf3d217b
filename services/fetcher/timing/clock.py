"""Has Redis' clock been set? All moments in Redis are its clock's; one that is set back would put them into the future.

So the time by which Depeche goes (prelude.lua) never runs back: it is Redis' clock and what that has lost. It comes
back to the clock's own by running a tenth slower, ten hours for an hour.
"""

from typing import cast

import redis
import structlog

from shared.flight.lua_script import lua_script
from shared.flight.redis_keys import CLOCK

log = structlog.get_logger()

# A clock that has gone back by less (ms) is left alone: nobody waits longer than that for it.
BACK_MS = 500
# After so long without a look (ms), the clock counts as set forward; it may as well be that no tick was running.
FORWARD_MS = 30_000
# So much of the time that passes is taken off what was added.
MELTS = 0.1


class Clock:
    """Looks at Redis' clock; any number of ticks may."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._look = lua_script(
            client, __package__, "clock_look.lua", BACK_MS=BACK_MS, FORWARD_MS=FORWARD_MS, MELTS=MELTS
        )

    def look(self) -> float:
        """Look, and make good for a clock that has been set back; returns by how much it has been set (s)."""
        moved = cast(int, self._look()) / 1000
        if moved < 0:
            log.warning("clock_set_back", by_s=-moved)
        return moved

    def now(self) -> float:
        """Returns the time by which Depeche goes, as prelude.lua has it, in Unix seconds."""
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.time()
        pipeline.hget(CLOCK, "ahead")
        (seconds, microseconds), ahead = pipeline.execute()
        return float(seconds + microseconds / 1e6 + float(ahead or 0) / 1000)
