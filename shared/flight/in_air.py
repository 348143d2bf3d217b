"""Where is a page that has not landed, and what does it wait for? Reads Redis, and changes nothing there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, cast

import msgspec
import redis

from shared.flight.ledger import FlightStage
from shared.flight.redis_keys import AGAIN, AIR, CLOCK, FLIGHT, HOST, HOSTS, PAUSED, RETRY, REVISITS_DUE, SEEN, SLOTS
from shared.messages import QUEUES, Origin, Record, StageName

WaitsFor = Literal["next_attempt", "host_pause", "host_turn", "release", "postgres", "worker"]


class InAir(msgspec.Struct, frozen=True, kw_only=True):
    """A flight that has not landed.

    It waits for its `next_attempt`, for the end of a pause that its host asked for (`host_pause`), for its host's turn
    (`host_turn`), for the tick, which pauses the release while too many pages are in the air (`release`), for
    `postgres`, or for a `worker` that takes its message or works on it.
    """

    flight_id: str
    origin: Origin
    stage: FlightStage
    waits_for: WaitsFor
    not_before: datetime | None = None
    ahead: int = 0  # where it waits for its host: the host's pages before it; for a worker: messages in the queue
    accepted_at: datetime
    since: datetime  # when it came to this stage, or when its lost message was last published again
    losses: int = 0  # how often its message was lost at this stage


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis knows of a page: when it was last accepted, its flight in the air, and when its revisit is due."""

    accepted_at: datetime | None = None
    in_air: InAir | None = None
    revisit_at: datetime | None = None


class AirTraffic:
    """Looks up flights."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client

    def outlook(self, keys: Sequence[str]) -> Outlook:
        """Returns what is known of a page with these URL keys; its flight is that of the first key in the air."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in keys:
            pipeline.hget(AIR, key)
            pipeline.zscore(SEEN, key)
            pipeline.zscore(REVISITS_DUE, key)
        answers = pipeline.execute()
        flights, seen, due = ([value for value in answers[part::3] if value is not None] for part in range(3))
        return Outlook(
            accepted_at=_moment(max(seen)) if seen else None,
            in_air=self.flight(flights[0].decode()) if flights else None,
            revisit_at=_moment(min(due)) if due else None,
        )

    def flight(self, flight_id: str) -> InAir | None:
        """Returns the flight, or None where it has landed."""
        facts = {name.decode(): value.decode() for name, value in self._facts(flight_id).items()}
        if "stage" not in facts:
            return None
        record: Record = msgspec.json.decode(facts["record"], type=Record)
        return InAir(
            flight_id=flight_id,
            origin=record.origin,
            stage=cast(FlightStage, facts["stage"]),
            accepted_at=_moment(facts["accepted_at"]),
            since=_moment(facts["published_at"]),
            losses=int(facts["losses"]),
            **self._wait(flight_id, facts, is_retry=bool(record.origin.earlier_attempts)),
        )

    def _facts(self, flight_id: str) -> dict[bytes, bytes]:
        return cast(dict[bytes, bytes], self._redis.hgetall(FLIGHT + flight_id))

    def _wait(self, flight_id: str, facts: dict[str, str], *, is_retry: bool) -> dict[str, Any]:
        """Returns what the flight waits for, as fields of InAir."""
        if facts["stage"] != "waiting":
            return {"waits_for": "worker", "ahead": self._redis.llen(QUEUES[cast(StageName, facts["stage"])])}
        if facts["next"] != "fetch":
            due = cast(float | None, self._redis.zscore(RETRY, flight_id))
            return {"waits_for": "postgres", "not_before": _moment(due) if due else None}
        return self._wait_for_host(flight_id, facts["host"], again=facts["again"] == "1", is_retry=is_retry)

    def _wait_for_host(self, flight_id: str, host: str, *, again: bool, is_retry: bool) -> dict[str, Any]:
        queue = (AGAIN if again else HOST) + host
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.time()
        pipeline.zscore(queue, flight_id)
        pipeline.zrank(queue, flight_id)
        pipeline.zcard(HOST + host if again else AGAIN + host)
        pipeline.zscore(PAUSED, host)
        pipeline.zscore(SLOTS, host)
        pipeline.zscore(HOSTS, host)
        pipeline.hget(CLOCK, "ahead")
        (seconds, microseconds), due, rank, others, paused, slot, host_due, ahead_ms = pipeline.execute()
        ahead_of_clock = float(ahead_ms or 0)
        now, due = seconds * 1000 + microseconds / 1000 + ahead_of_clock, due or 0
        ahead = (rank or 0) + (others if again else 0)
        not_before = max(due, paused or 0, slot or 0)
        when = {"not_before": _moment(not_before - ahead_of_clock) if not_before > now else None, "ahead": ahead}
        if due > now and due == not_before:
            return {"waits_for": "next_attempt" if is_retry else "host_turn", **when}
        if paused and paused > now:
            return {"waits_for": "host_pause", **when}
        if ahead or (host_due and host_due > now):
            return {"waits_for": "host_turn", **when}
        return {"waits_for": "release", **when}


def _moment(milliseconds: float | str) -> datetime:
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)
