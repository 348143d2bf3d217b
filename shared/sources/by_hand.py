"""What an operator does to a single source by hand: have it visited now, pause it, end the pause.

A pause stands in Redis beside the schedule, and every script that makes a source due minds it (`source_due` in
shared/flight/prelude.lua). So it outlives a start of the tick and a new sources file, and a source that is taken out of
the file and put back is still paused.
"""

import redis

from shared.flight.lua_script import lua_script

# The end (Unix ms) of a pause without an end: the last moment that every reader of a date can write.
FOREVER_MS = 253_402_300_799_000


class ByHand:
    """Sets when one source is due."""

    def __init__(self, client: "redis.Redis") -> None:
        self._pause, self._resume, self._visit = (
            lua_script(client, __package__, name, FOREVER_MS=FOREVER_MS)
            for name in ("by_hand_pause.lua", "by_hand_resume.lua", "by_hand_visit.lua")
        )

    def pause(self, name: str, seconds: float | None) -> bool:
        """Pause a source for this long, or until `resume`; returns False where the source is not on the schedule."""
        return bool(self._pause(args=[name, 0 if seconds is None else max(1, round(seconds * 1000))]))

    def resume(self, name: str) -> bool:
        """End a pause: the source is due when it would have been; returns False where the source was not paused."""
        return bool(self._resume(args=[name]))

    def visit(self, name: str) -> bool:
        """Make a source due at once; returns False where it is not on the schedule."""
        return bool(self._visit(args=[name]))
