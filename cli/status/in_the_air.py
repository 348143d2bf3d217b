"""What Redis knows of the pipeline at this moment: pages in the air, workers, hosts held back, sources that fail."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec
import redis

from services.fetcher.politeness.holds import holds
from shared.broker.consumers import Consumer, Consumers, WorkerStage
from shared.broker.redis_memory import Memory, memory_of
from shared.flight.ledger import FLIGHT_STAGES, FlightStage
from shared.flight.redis_keys import AGAIN, HOST, PAUSED, REFUSING, RETRY, STAGE
from shared.sources.log import SourceLog, SourceState

# How many hosts and sources are named; the rest is counted.
MOST_NAMED = 10
# How many hosts are looked at: those whose pause ends last, and those that have refused longest.
MOST_LOOKED_AT = 1000


class StageNow(msgspec.Struct, frozen=True, kw_only=True):
    """How many pages are at a stage, and when the one came there that has been there longest."""

    pages: int
    oldest_since: datetime | None = None


class HeldHost(msgspec.Struct, frozen=True, kw_only=True):
    """A host that has asked for fewer requests; `waiting` counts its pages that wait, `why` is as in politeness."""

    host: str
    why: str
    until: datetime
    is_asked_for: bool
    delay: float
    waiting: int


class FailingSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source whose last visits have failed."""

    name: str
    failures: int
    since: datetime | None
    reason: str | None
    detail: str | None


class SourcesNow(msgspec.Struct, frozen=True, kw_only=True):
    """How many sources are on the schedule, how many an operator has paused, and which fail, the longest first."""

    scheduled: int
    paused: int
    failing: int
    longest_failing: Sequence[FailingSource]


class InTheAir(msgspec.Struct, frozen=True, kw_only=True):
    """Redis' half of the status; `waits_for_postgres` are pages that are parsed and could not be stored."""

    at: datetime
    stages: dict[FlightStage, StageNow]
    waits_for_postgres: int
    workers: Sequence[Consumer]
    not_served_since: dict[WorkerStage, datetime | None]
    held_hosts: Sequence[HeldHost]
    held: int
    sources: SourcesNow
    memory: Memory | None


def in_the_air(client: "redis.Redis") -> InTheAir:
    """Read Redis' half; changes nothing there. Moments are by Redis' clock."""
    seconds, microseconds = cast(tuple[int, int], client.time())
    now = datetime.fromtimestamp(seconds + microseconds / 1e6, UTC)
    consumers = Consumers(client)
    held = _held(client, now)
    return InTheAir(
        at=now,
        stages=_stages(client),
        waits_for_postgres=cast(int, client.zcard(RETRY)),
        workers=consumers.all(),
        not_served_since=consumers.silent_since(),
        held_hosts=held[:MOST_NAMED],
        held=len(held),
        sources=_sources(SourceLog(client).states()),
        memory=memory_of(client),
    )


def _stages(client: "redis.Redis") -> dict[FlightStage, StageNow]:
    pipeline = client.pipeline(transaction=False)
    for stage in FLIGHT_STAGES:
        pipeline.zcard(STAGE + stage)
        pipeline.zrange(STAGE + stage, 0, 0, withscores=True)
    answers = pipeline.execute()
    return {
        stage: StageNow(pages=pages, oldest_since=_moment(oldest[0][1]) if oldest else None)
        for stage, pages, oldest in zip(FLIGHT_STAGES, answers[::2], answers[1::2], strict=True)
    }


def _held(client: "redis.Redis", now: datetime) -> list[HeldHost]:
    """Return the hosts that have asked for fewer requests, those with most pages waiting first.

    A crawl-delay that robots.txt asks for is a host's ordinary pace, and no hold.
    """
    pipeline = client.pipeline(transaction=False)
    pipeline.zrange(PAUSED, 0, MOST_LOOKED_AT - 1, desc=True)
    pipeline.zrange(REFUSING, 0, MOST_LOOKED_AT - 1)
    names = [name.decode() for hosts in pipeline.execute() for name in hosts]
    found = {host: hold for host, hold in holds(client, names, now.timestamp()).items() if hold.why != "crawl_delay"}
    for host in found:
        pipeline.zcard(HOST + host)
        pipeline.zcard(AGAIN + host)
    answers = pipeline.execute() if found else []
    waiting = {host: new + again for host, new, again in zip(found, answers[::2], answers[1::2], strict=True)}
    return [
        HeldHost(
            host=host,
            why=hold.why,
            until=datetime.fromtimestamp(hold.until, UTC),
            is_asked_for=hold.is_asked_for,
            delay=hold.delay,
            waiting=waiting[host],
        )
        for host, hold in sorted(found.items(), key=lambda pair: (-waiting[pair[0]], pair[0]))
    ]


def _sources(states: Sequence[SourceState]) -> SourcesNow:
    failing = sorted((state for state in states if state.failures), key=lambda state: state.failing_since or 0)
    return SourcesNow(
        scheduled=len(states),
        paused=sum(state.paused for state in states),
        failing=len(failing),
        longest_failing=[
            FailingSource(
                name=state.name,
                failures=state.failures,
                since=None if state.failing_since is None else datetime.fromtimestamp(state.failing_since, UTC),
                reason=state.reason or state.result,
                detail=state.detail,
            )
            for state in failing[:MOST_NAMED]
        ],
    )


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
