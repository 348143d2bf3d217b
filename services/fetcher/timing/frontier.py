"""Requests waiting for their host's turn.

Every host has two queues, each ordered by due time: one of new pages, and one of revisits, which are released when no
new page is due. Every host with waiting pages stands in one sorted set by the moment of its next release. A release
costs O(log hosts) per page, whatever the number of waiting pages.

All waiting is done here: a host gets no more pages into the fetch stage than it may have requests at a time, so that
no page finds its host busy there and has to come back.
"""

from typing import cast

import msgspec
import redis

from shared.flight.lua_script import lua_script
from shared.messages import StageName

# A host with as many pages in the fetch stage as it may have is looked at again when one of them leaves it, or after
# this time (ms), since an operator may have deleted a flight by hand.
FULL_AGAIN_MS = 30_000
# A flight that was deleted by hand stops counting after this time (ms). The reconciler finds all other lost flights
# much earlier.
FORGOTTEN_AFTER_MS = 900_000


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """A flight that left the frontier for `stage`; `record` is the JSON that its task will get."""

    flight_id: str
    stage: StageName
    record: str


class Hopeless(msgspec.Struct, frozen=True, kw_only=True):
    """A waiting page whose host refuses; `why` is its last answer (`http_429`), `since` when that began (Unix s)."""

    record: str
    why: str
    since: float


class Frontier:
    """Releases waiting flights atomically: two ticks at the same time release each flight once."""

    def __init__(self, client: "redis.Redis", *, host_delay: float, host_connections: int = 0) -> None:
        self._release = lua_script(
            client,
            __package__,
            "frontier_release.lua",
            FULL_AGAIN_MS=FULL_AGAIN_MS,
            FORGOTTEN_AFTER_MS=FORGOTTEN_AFTER_MS,
        )
        self._hopeless = lua_script(client, __package__, "frontier_hopeless.lua")
        self._pace = (round(host_delay * 1000), host_connections)

    def hopeless(self, after_s: float, *, most: int) -> list[Hopeless]:
        """Returns pages that were accepted so long ago, and whose host has only refused requests for as long."""
        rows = cast(list[list[bytes]], self._hopeless(args=[round(after_s * 1000), most]))
        return [
            Hopeless(record=record.decode(), why=why.decode() or "http_503", since=float(since) / 1000)
            for record, why, since in rows
        ]

    def release(self, budget: int, *, room: int) -> tuple[float, list[Released]]:
        """Release up to `budget` flights that are due and whose host allows it.

        Returns the moment of release (Unix seconds) and the flights. `room` is how many more fetches the later stages
        have room for; flights that wait to return to a later stage are released even without room.
        """
        now, rows = cast(tuple[int, list[list[bytes]]], self._release(args=[budget, room, *self._pace]))
        return now / 1000, [
            Released(flight_id=i.decode(), stage=cast(StageName, s.decode()), record=r.decode()) for i, s, r in rows
        ]
