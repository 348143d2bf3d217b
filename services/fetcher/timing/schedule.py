"""Which sources are due. Several ticks may ask at the same time; each due source is given to one of them.

Sources stand in one sorted set by the moment when they are due. A beat reads only the due ones, so its cost does not
depend on the number of sources. The tick that takes a source holds it as a lease: when the tick dies before the ledger
has the request, the source is due again once the lease is over.
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
# A source that no tick has taken for this long (s) stands in no tick's file any more.
FORGOTTEN_AFTER_S = 7 * 86_400


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Sources that this tick alone may start, and the end of its lease (Unix ms)."""

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
        """Put these sources on the schedule, at most CHUNK per call; returns whether there are more to enter.

        Removes the sources that this tick entered earlier and that are not among these. Does nothing while `sources` is
        the same object as before, unless Redis has lost some.
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
        """Take due sources that this tick has entered: returns up to `most`, each leased to this caller alone."""
        names: list[str] = []
        offset = 0
        while not names:
            page = self._names_due(offset, most)
            names = [name for name in page if name in self._entered]
            if len(page) < most:
                break
            offset += most  # All these sources belong to other ticks, with other files.
        if not names:
            return Claim(sources=[], until=0)
        until, claimed = cast(tuple[int, list[bytes]], self._claim(args=[LEASE_S * 1000, *names]))
        return Claim(sources=[self._entered[name.decode()] for name in claimed], until=until)

    def confirm(self, claim: Claim) -> None:
        """Make these sources, whose requests the ledger now has, due again after their intervals."""
        self._confirm(args=[claim.until, *(source.name for source in claim.sources)])

    def prune(self) -> None:
        """Remove sources that no tick has had in its file for FORGOTTEN_AFTER_S."""
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
