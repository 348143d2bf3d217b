"""What a publisher sees of a crawler: when requests arrive, how many at a time, and whether a pause is kept."""

import asyncio
import time

import msgspec

# How often (s) the process that plays the hosts notes that it is at leisure.
HEARTBEAT_S = 0.005


class Heartbeat:
    """How late the process that plays the hosts may read a request, since it shares its cores with the crawler."""

    def __init__(self) -> None:
        self._beats = (time.monotonic(), time.monotonic())

    async def beat(self) -> None:
        """For ever."""
        while True:
            self._beats = (self._beats[1], time.monotonic())
            await asyncio.sleep(HEARTBEAT_S)

    def late(self) -> float:
        """A request that is read now came no earlier than so many seconds ago: at the last beat but one the process was
        at leisure, and would have read it."""
        return time.monotonic() - self._beats[0]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One host's view, times in seconds. `least_gap` is None before the second request."""

    requests: int
    too_close: int
    least_gap: float | None
    most_at_once: int
    in_pauses: int


class HostWatch:
    """Notes the requests of one host, as they arrive at the server."""

    def __init__(self, *, least: float = 0.0, grace: float = 0.0) -> None:
        """`least` seconds must be between two requests; one that arrives within `grace` seconds after a pause was asked
        for was on its way already."""
        self._least = least
        self._grace = grace
        self._last: float | None = None
        self._last_late = 0.0
        self._least_gap: float | None = None
        self._requests = self._now = self._most = self._in_pauses = self._too_close = 0
        self._pause = (0.0, 0.0)

    def arrives(self, late: float = 0.0) -> None:
        """A request has been read, at the most `late` seconds after it had come."""
        at = time.monotonic()
        if self._last is not None:
            gap = at - self._last + self._last_late
            self._too_close += gap < self._least
            self._least_gap = gap if self._least_gap is None else min(self._least_gap, gap)
        self._last, self._last_late = at, late
        self._requests += 1
        self._now += 1
        self._most = max(self._most, self._now)
        begins, ends = self._pause
        self._in_pauses += begins + self._grace < at < ends

    def leaves(self) -> None:
        """Its answer is about to be complete."""
        self._now -= 1

    def pauses(self, seconds: float) -> None:
        """The host asks to be left alone for so long."""
        at = time.monotonic()
        self._pause = (at, max(self._pause[1], at + seconds))

    def seen(self) -> Seen:
        """All of it, up to now."""
        return Seen(
            requests=self._requests,
            too_close=self._too_close,
            least_gap=self._least_gap,
            most_at_once=self._most,
            in_pauses=self._in_pauses,
        )
