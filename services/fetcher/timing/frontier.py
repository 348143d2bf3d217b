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

from shared.flight.lua_script import lua_script
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


class Frontier:
    """Releases waiting flights, atomically: two ticks at once release each flight once."""

    def __init__(self, client: "redis.Redis", *, host_delay: float, host_connections: int = 0) -> None:
        self._release = lua_script(
            client,
            __package__,
            "frontier_release.lua",
            FULL_AGAIN_MS=FULL_AGAIN_MS,
            FORGOTTEN_AFTER_MS=FORGOTTEN_AFTER_MS,
        )
        self._pace = (round(host_delay * 1000), host_connections)

    def release(self, budget: int, *, room: int) -> tuple[float, list[Released]]:
        """The moment of release (Unix seconds) and up to `budget` flights that are due and whose host allows it.

        `room` is how many more fetches the stages behind have room for; flights on their way back to such a stage
        are released all the same.
        """
        now, rows = cast(tuple[int, list[list[bytes]]], self._release(args=[budget, room, *self._pace]))
        return now / 1000, [
            Released(flight_id=i.decode(), stage=cast(StageName, s.decode()), record=r.decode()) for i, s, r in rows
        ]
