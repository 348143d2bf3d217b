"""One stage of the way: message in, work on each page, ledger, publish.

The exception's type decides a page's fate. This is the one place where an unforeseen exception is caught: it
quarantines its page, with the message and the traceback, and leaves the other pages of the message alone.
"""

import json
import traceback
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec
import redis
import structlog

from shared.failures import Fate, GiveUp, PageFailure, RetryLater
from shared.ledger import Ledger, Move
from shared.messages import (
    FetchPage,
    FetchRequest,
    PageDropped,
    PageFetched,
    PageParsed,
    StageName,
    encode_record,
    from_wire,
)
from shared.page_store import PageStore, Part
from shared.publisher import Publisher

log = structlog.get_logger()

R = TypeVar("R", FetchPage, PageFetched)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What work on a page gave: the next stage's record, the bytes to store for it, the pages it leads to."""

    record: PageFetched | PageParsed
    stage: StageName
    part: Part
    body: bytes
    found: list[FetchRequest] = []


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often, and how far apart (s): the n-th retry waits `base * factor ** (n - 1)`, `cap` at the most."""

    attempts: int = 3
    base: float = 2.0
    factor: float = 4.0
    cap: float = 3600.0

    def delay(self, attempt: int, failure: RetryLater) -> float:
        """Seconds until the attempt after `attempt`; what the server asked for counts if it is longer."""
        return min(self.cap, max(self.base * self.factor ** (attempt - 1), failure.after or 0.0))


class Backbone(msgspec.Struct, frozen=True, kw_only=True):
    """What all stages share."""

    ledger: Ledger
    store: PageStore
    publisher: Publisher


class Stage(Generic[R]):
    """Runs `work` over the pages of a message of this stage."""

    def __init__(self, name: StageName, record_type: type[R], backbone: Backbone, retry: Retry | None = None) -> None:
        self.name = name
        self._type: type[R] = record_type
        self._backbone = backbone
        self._retry = retry or Retry()

    def run(self, message: dict[str, Any], work: Callable[[R], Outcome]) -> None:
        """Work on each page that still stands at this stage, then move all on. Redis failing leaves them to the
        reconciler."""
        try:
            records = self._read(message)
            results = [self._attempt(record, work) for record in records]
            self._move_on(results)
        except redis.RedisError as error:
            log.warning("redis_failed", stage=self.name, error=str(error))

    def keep_unreadable(self, raw: str, problem: str) -> None:
        """Quarantine a message that names no page."""
        keep_unreadable(self.name, self._backbone, raw, problem)

    def _read(self, message: dict[str, Any]) -> list[R]:
        try:
            published_at = msgspec.convert(message.get("published_at"), float, strict=False)
            records = from_wire(message.get("pages"), self._type)  # type: ignore[arg-type]
        except msgspec.ValidationError as error:
            self.keep_unreadable(json.dumps(message, ensure_ascii=False, default=str), f"is malformed: {error}")
            return []
        self._backbone.ledger.note_taken(self.name, published_at)
        current = self._backbone.ledger.at_stage(self.name, [record.flight_id for record in records])
        return [record for record in records if record.flight_id in current]

    def _attempt(self, record: R, work: Callable[[R], Outcome]) -> "Outcome | Move":
        try:
            return work(record)
        except GiveUp as failure:
            return self._drop(record, failure, failure.fate)
        except RetryLater as failure:
            return self._retry_or_drop(record, failure)
        except redis.RedisError:
            raise
        except Exception as error:
            log.exception("page_quarantined", stage=self.name, url=record.url)
            unforeseen = GiveUp(type(error).__name__, f"unforeseen in the {self.name} stage: {error}")
            return self._drop(record, unforeseen, "quarantined", traceback.format_exc())

    def _retry_or_drop(self, record: R, failure: RetryLater) -> Move:
        if not isinstance(record, FetchPage) or (failure.counts and record.attempt >= self._retry.attempts):
            return self._drop(record, failure, "failed")
        again = msgspec.structs.replace(record, attempt=record.attempt + failure.counts)
        due_in = self._retry.delay(record.attempt, failure) if failure.counts else failure.after or 0.0
        log.info("page_waits", url=record.url, reason=failure.reason, attempt=record.attempt, due_in_s=due_in)
        return Move(flight_id=record.flight_id, stage="fetch", record=again, due_in=due_in)

    def _drop(self, record: R, failure: PageFailure, fate: Fate, trace: str | None = None) -> Move:
        dropped = PageDropped(
            flight_id=record.flight_id,
            url=record.url,
            stage=self.name,
            fate=fate,
            reason=failure.reason,
            detail=failure.detail,
            dropped_at=datetime.now(UTC).isoformat(),
            http_status=failure.http_status or getattr(record, "http_status", None),
            source=record.source,
            batch=record.batch,
            found_on=record.found_on,
            traceback=trace,
            message=encode_record(record) if fate == "quarantined" else None,
            attempt=record.attempt,
        )
        return Move(flight_id=record.flight_id, stage="index", record=dropped)

    def _move_on(self, results: "Sequence[Outcome | Move]") -> None:
        """Store, accept what was found, move, publish: in this order, so that a crash between any two repeats work
        and loses none."""
        outcomes = [result for result in results if isinstance(result, Outcome)]
        for part in {outcome.part for outcome in outcomes}:
            self._backbone.store.put_many(part, {o.record.flight_id: o.body for o in outcomes if o.part == part})
        self._backbone.ledger.accept([request for outcome in outcomes for request in outcome.found])
        moves = [r for r in results if isinstance(r, Move)]
        waits = [m for m in moves if isinstance(m.record, FetchPage)]
        if waits:
            self._backbone.ledger.wait(self.name, waits)
        onward = [m for m in moves if not isinstance(m.record, FetchPage)]
        onward += [Move(flight_id=o.record.flight_id, stage=o.stage, record=o.record) for o in outcomes]
        publish_moves(self._backbone, self.name, onward)


def publish_moves(backbone: Backbone, leaving: StageName, moves: Sequence[Move]) -> None:
    """Move flights on in the ledger, then publish those that did move, one message a stage."""
    if not moves:
        return
    moved = backbone.ledger.advance(leaving, moves)
    for stage in dict.fromkeys(move.stage for move in moves):
        records = [encode_record(m.record) for m in moves if m.stage == stage and m.flight_id in moved.flight_ids]
        if records:
            backbone.publisher.publish(stage, records, moved.published_at)


def keep_unreadable(stage: StageName, backbone: Backbone, raw: str, problem: str) -> None:
    """Quarantine a message that cannot be read: it gets a flight of its own, so that it is not lost either."""
    log.error("message_quarantined", stage=stage, problem=problem, message=raw[:500])
    record = PageDropped(
        flight_id=uuid.uuid4().hex,
        url="",
        stage=stage,
        fate="quarantined",
        reason="malformed_message",
        detail=f"A message on the {stage} queue {problem}",
        dropped_at=datetime.now(UTC).isoformat(),
        message=raw,
    )
    backbone.publisher.publish("index", [encode_record(record)], backbone.ledger.adopt(record))


def lost_too_often(stage: StageName, record: str, losses: int) -> PageDropped:
    """The end of a flight whose messages vanish with every worker that takes them."""
    facts = json.loads(record)
    return PageDropped(
        flight_id=facts["flight_id"],
        url=facts["url"],
        stage=stage,
        fate="quarantined",
        reason="lost_too_often",
        detail=f"Its message was lost {losses} times in the {stage} stage; it may be killing the workers that take it",
        dropped_at=datetime.now(UTC).isoformat(),
        source=facts.get("source"),
        batch=facts.get("batch"),
        found_on=facts.get("found_on"),
        message=record,
    )
