"""Records how visits to a source end, and how long the wait until its next visit is.

The fetcher and the parser report the end of each page: shared/flight/stage.py calls `note`. What is known of a source
stands in one hash in Redis, beside the moment when it is due. services/fetcher/timing/schedule.py enters sources here
and takes those that are due.
"""

import time
from collections.abc import Sequence
from typing import cast

import msgspec
import redis
import structlog

from shared.flight.lua_script import lua_script
from shared.flight.outcome import Found, Outcome
from shared.flight.redis_keys import SOURCE, SOURCES, SOURCES_PAUSED
from shared.messages import FetchPage, PageDropped, PageFetched
from shared.sources.by_hand import FOREVER_MS
from shared.sources.interval import Bounds, interval_while_failing, next_interval

log = structlog.get_logger()

# The weight of the last visit in the average of new stories per visit, which spans about five visits. The first visit
# finds the backlog, and is left out.
YIELD_WEIGHT = 0.2
GOOD_RESULTS = ("parsed", "unchanged")
SHOWN_DETAIL_CHARS = 300


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a source. Moments are Unix seconds, intervals seconds.

    `result` is `parsed`, or the fate of a visit that was dropped before. `interval` is what the source's news ask for,
    and `wait` is the time between visits that holds now, which is longer while the source fails.
    """

    name: str
    url: str = ""
    due: float = 0.0
    interval: float = 0.0
    wait: float = 0.0
    shortest: float = 0.0
    longest: float = 0.0
    claimed_at: float | None = None
    visits: int = 0
    last_at: float | None = None
    result: str | None = None
    reason: str | None = None
    detail: str | None = None
    followed: int = 0  # stories that the last visit led to, new or not
    stories: int = 0  # new stories of all visits
    new_a_visit: float | None = None
    pending: int = 0  # new stories since the last visit, from feeds that the source's page names
    failures: int = 0  # failed visits in a row
    failing_since: float | None = None
    paused: bool = False  # an operator has paused it
    paused_until: float | None = None  # None where the pause has no end
    faults: str | None = None  # what was wrong with the feed or sitemap when it was last read


class SourceLog:
    """Records visits; a flight whose end is reported twice counts once."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._note_visit = lua_script(client, __package__, "log_note_visit.lua")
        self._note_found = lua_script(client, __package__, "log_note_found.lua")

    def note(self, record: FetchPage | PageFetched, end: Outcome | PageDropped, found: Sequence[Found]) -> None:
        """Record how work on a page ended; a page without a source is ignored."""
        origin = record.origin
        if origin.source is None:
            return
        stories = [f for f in found if f.request.only_new]
        new = sum(f.acceptance.outcome == "new" for f in stories)
        if not origin.visit.of_source:
            if new:
                self._note_found(args=[origin.source, new])
        elif isinstance(end, PageDropped):
            self._note(record, end.fate, end, new=0, followed=0)
        elif isinstance(record, PageFetched):
            # Of a page from which nothing is followed, a new body is the news.
            self._note(record, "parsed", end, new=new if record.follow else 1, followed=len(stories))

    def _note(
        self, record: FetchPage | PageFetched, result: str, end: Outcome | PageDropped, *, new: int, followed: int
    ) -> None:
        dropped = end if isinstance(end, PageDropped) else None
        name = record.origin.source or ""
        before = self.state_of(name)
        if before is None:
            return
        after = _after_visit(before, result, new)
        fields: dict[str, str | float] = {
            "result": result,
            "reason": (dropped.reason or "") if dropped else "",
            "detail": dropped.detail[:SHOWN_DETAIL_CHARS] if dropped else "",
            "followed": followed,
            "new_a_visit": "" if after.new_a_visit is None else after.new_a_visit,
            "interval": after.interval,
            "failures": after.failures,
            "failing_since": after.failing_since or "",
        }
        if isinstance(end, Outcome):  # a page that is unchanged, or was not to be had, is as it was last read
            fields["faults"] = (end.faults or "")[:SHOWN_DETAIL_CHARS]
        pairs = [part for pair in fields.items() for part in pair]
        used = 0 if after.failures else before.pending
        if self._note_visit(args=[name, record.flight_id, -used, new, after.wait, *pairs]):
            _tell(before, after, dropped)

    def state_of(self, name: str) -> SourceState | None:
        """Returns what is known of a source, or None where it is not on the schedule."""
        return next(iter(self._states([name])), None)

    def states(self) -> list[SourceState]:
        """Returns all sources on the schedule, in the order of their names."""
        names = [name.decode() for name in cast(list[bytes], self._redis.zrange(SOURCES, 0, -1))]
        return self._states(sorted(names))

    def _states(self, names: list[str]) -> list[SourceState]:
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            pipeline.zscore(SOURCES, name)
            pipeline.hgetall(SOURCE + name)
            pipeline.zscore(SOURCES_PAUSED, name)
        answers = pipeline.execute()
        return [
            _state(name, due, fields, pause_ends)
            for name, due, fields, pause_ends in zip(names, answers[::3], answers[1::3], answers[2::3], strict=True)
            if fields and due is not None
        ]


def _after_visit(before: SourceState, result: str, new: int) -> SourceState:
    """Returns what is known of the source after a visit with this result and this many new stories."""
    if result not in GOOD_RESULTS:
        failures = before.failures + 1
        wait = interval_while_failing(before.interval, failures)
        since = before.failing_since or time.time()
        return msgspec.structs.replace(before, result=result, wait=wait, failures=failures, failing_since=since)
    news = new + before.pending
    interval, average = before.interval, before.new_a_visit
    if before.visits:
        bounds = Bounds(shortest=before.shortest, longest=before.longest)
        interval = next_interval(interval, news, bounds)
        average = news if average is None else average + YIELD_WEIGHT * (news - average)
    return msgspec.structs.replace(
        before,
        result=result,
        interval=interval,
        wait=interval,
        new_a_visit=average,
        failures=0,
        failing_since=None,
    )


def _tell(before: SourceState, after: SourceState, dropped: PageDropped | None) -> None:
    """Log each failed visit, and the first good one after failures, for the operator."""
    if after.failures and dropped is not None:
        log.warning(
            "source_failing",
            source=after.name,
            url=after.url,
            flight_id=dropped.flight_id,
            reason=dropped.reason,
            detail=dropped.detail[:SHOWN_DETAIL_CHARS],
            failures=after.failures,
            since=after.failing_since,
            again_in_s=round(after.wait),
        )
    elif before.failures:
        log.info("source_recovered", source=after.name, failures=before.failures, since=before.failing_since)


def _state(name: str, due: float, fields: dict[bytes, bytes], pause_ends: float | None) -> SourceState:
    known: dict[str, object] = {key.decode(): value.decode() for key, value in fields.items() if value}
    if pause_ends is not None and pause_ends > time.time() * 1000:
        known |= {"paused": True, "paused_until": None if pause_ends >= FOREVER_MS else pause_ends / 1000}
    return msgspec.convert({**known, "name": name, "due": due / 1000}, SourceState, strict=False)
