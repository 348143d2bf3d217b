"""Which sources are due. Several ticks may ask at once; each due source is claimed by one.

Sources stand in one sorted set by the moment when they are due, so that a beat looks at those alone: its cost does not
depend on how many sources there are. A claim is a lease: when a tick dies before the ledger has the request, the source
is due again once the lease is over.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import msgspec
import redis

from services.fetcher.sources.source import Source
from shared.flight.lua_script import lua_script
from shared.flight.redis_keys import SOURCE, SOURCES
from shared.sources.interval import first_interval

LEASE_S = 60
# One Lua call blocks Redis; 250 sources take about 3 ms.
CHUNK = 250
# What no tick has claimed for so long is in nobody's file any more.
FORGOTTEN_AFTER_S = 7 * 86_400


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Sources that are this tick's to start, and when that ends (ms)."""

    sources: list[Source]
    until: int


class Schedule:
    """When each source is due, in Redis."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._entered: Mapping[str, Source] = {}
        self._to_enter: list[Source] = []
        self._enter, self._due, self._claim, self._confirm = (
            lua_script(client, __package__, name)
            for name in ("schedule_enter.lua", "schedule_due.lua", "schedule_claim.lua", "schedule_confirm.lua")
        )

    def enter(self, sources: Mapping[str, Source]) -> bool:
        """Put these sources on the schedule, so many at a time; whether there are more to enter.

        Takes off it those that this tick entered and that are not among them. Does nothing while the sources are the
        same object, unless Redis has lost some.
        """
        if sources is not self._entered:
            self._remove(name for name in self._entered if name not in sources)
            self._entered, self._to_enter = sources, list(sources.values())
        elif not self._to_enter and cast(int, self._redis.zcard(SOURCES)) < len(sources):
            self._to_enter = list(sources.values())
        if self._to_enter:
            self._enter(args=[json.dumps([_entry(source) for source in self._to_enter[:CHUNK]])])
            self._to_enter = self._to_enter[CHUNK:]
        return bool(self._to_enter)

    def claim_due(self, most: int = CHUNK) -> Claim:
        """Entered sources that are due now; whoever gets one is the only one to get it until it is due again."""
        names: list[str] = []
        offset = 0
        while not names:
            page = self._names_due(offset, most)
            names = [name for name in page if name in self._entered]
            if len(page) < most:
                break
            offset += most  # Whole pages of sources of other ticks, with other files.
        if not names:
            return Claim(sources=[], until=0)
        until, claimed = cast(tuple[int, list[bytes]], self._claim(args=[LEASE_S * 1000, *names]))
        return Claim(sources=[self._entered[name.decode()] for name in claimed], until=until)

    def confirm(self, claim: Claim) -> None:
        """The ledger has the requests: the sources are due again after their intervals."""
        self._confirm(args=[claim.until, *(source.name for source in claim.sources)])

    def prune(self) -> None:
        """Forget sources that nobody has had in a file for a long time."""
        late = self._names_due(0, CHUNK, late_ms=FORGOTTEN_AFTER_S * 1000)
        self._remove(name for name in late if name not in self._entered)

    def _names_due(self, offset: int, most: int, *, late_ms: int = 0) -> list[str]:
        return [name.decode() for name in cast(Sequence[bytes], self._due(args=[offset, most, late_ms]))]

    def _remove(self, names: Iterable[str]) -> None:
        pipeline = self._redis.pipeline()
        for name in names:
            pipeline.zrem(SOURCES, name)
            pipeline.delete(SOURCE + name)
        pipeline.execute()


def _entry(source: Source) -> dict[str, str]:
    bounds = source.bounds
    return {
        "name": source.name,
        "url": source.url,
        "shortest": f"{bounds.shortest:g}",
        "longest": f"{bounds.longest:g}",
        "first": f"{first_interval(bounds):g}",
    }
