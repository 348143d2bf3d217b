"""Puts together what Postgres and Redis know of one page."""

from collections.abc import Callable

import msgspec
import redis

from cli.trace.rows import Stored, Wanted, wanted
from cli.workers import silence
from shared.broker.consumers import Consumers, WorkerStage
from shared.failures import UserError
from shared.flight.in_air import AirTraffic, InAir, Outlook


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a page; `redis_problem` says why Redis could not be asked about flights in the air."""

    stored: Stored
    outlook: Outlook
    redis_problem: str | None = None
    silence: str | None = None  # nobody serves the stage that the page waits for

    @property
    def is_known(self) -> bool:
        """Whether Postgres or Redis knows anything of the page."""
        stored, outlook = self.stored, self.outlook
        return bool(stored.page or stored.found or outlook.in_air or outlook.accepted_at)


def trace_of(of: Wanted, way: Callable[[Wanted], Stored], find_client: Callable[[], "redis.Redis"]) -> Trace:
    """Return what Postgres (`way`) and Redis know of the page; Redis may be unavailable, Postgres may not."""
    stored = way(of)
    try:
        client = find_client()
        traffic = AirTraffic(client)
        flight = traffic.flight(of.flight_id) if of.flight_id and stored.page is None else None
        if flight is not None:
            stored = way(wanted(flight.origin.url))
        outlook = traffic.outlook(stored.keys)
        if stored.page is None and outlook.in_air is None and outlook.accepted_at:  # it may have landed just now
            stored = way(of)
        # A page that is replayed from the archive is not entered under its URL, so it is found by its flight id only.
        outlook = msgspec.structs.replace(outlook, in_air=flight or outlook.in_air)
        return Trace(stored=stored, outlook=outlook, silence=_silence(client, outlook.in_air))
    except (UserError, redis.RedisError) as error:
        return Trace(stored=stored, outlook=Outlook(), redis_problem=str(error))


def _silence(client: "redis.Redis", flight: InAir | None) -> str | None:
    """Return the sentence that the worker is missing that the flight waits for; None where it is there."""
    if flight is None or flight.waits_for == "postgres":
        return None
    stage: WorkerStage = "tick" if flight.stage == "waiting" else flight.stage
    silent = Consumers(client).silent_since()
    return silence(stage, silent[stage]) if stage in silent else None
