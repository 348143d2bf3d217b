"""One stage of the pipeline: read a message, work on each of its pages, write the ledger, publish.

The exception's type decides a page's fate. `settle` alone catches unforeseen exceptions: it quarantines the page, with
the message and the traceback, and leaves the other pages of the message alone. Work that can be done on several pages
together goes through `settle_together` first.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec
import redis
import structlog

from shared.failures import GiveUp, RetryLater, ServerUnavailable
from shared.flight.counts import Worked
from shared.flight.drops import dropped, quarantined
from shared.flight.intake import Backbone, read_message
from shared.flight.ledger import FlightStage, Move
from shared.flight.outcome import Found, Outcome
from shared.flight.page_store import packed
from shared.flight.traces import Facts
from shared.messages import (
    FailedAttempt,
    FetchPage,
    PageDropped,
    PageFetched,
    Record,
    StageName,
    sendable,
)
from shared.messages import encode_record as encode
from shared.metrics import kind_of

log = structlog.get_logger()

R = TypeVar("R", FetchPage, PageFetched)
Q = TypeVar("Q", bound=Record)
T = TypeVar("T")


# A listener: it is told how work on a page ended, and what the page led to, before the page's flight moves on. If a
# worker dies in between, the listener is told of the same flight twice.
Note = Callable[[R, Outcome | PageDropped, Sequence[Found]], None]
# What a stage does with one page.
Work = Callable[[R], Outcome | PageDropped]


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often a page is tried, and how long (s) the n-th retry waits: `base * factor ** (n - 1)`, at most `cap`."""

    attempts: int = 1
    base: float = 2.0
    factor: float = 4.0
    cap: float = 3600.0

    def delay(self, attempt: int, failure: RetryLater) -> float:
        """Returns the seconds until the attempt after `attempt`; a longer wait that the server asked for counts."""
        if not failure.counts:
            return failure.after or 0.0
        return min(self.cap, max(self.base * self.factor ** (attempt - 1), failure.after or 0.0))


# A record takes this much along of its earlier attempts: 4 KB at most, however often a page is tried.
ATTEMPTS_TOLD = 10
ATTEMPT_CHARS = 200


def tried(record: FetchPage, failure: RetryLater) -> FetchPage:
    """Returns the record of the next attempt, with this attempt among the earlier ones."""
    failed = FailedAttempt(
        at=datetime.now(UTC).isoformat(),
        reason=failure.reason,
        detail=sendable(failure.detail[:ATTEMPT_CHARS]),
        http_status=failure.http_status,
    )
    origin = record.origin
    earlier = (*origin.earlier_attempts, failed)[-ATTEMPTS_TOLD:]
    origin = msgspec.structs.replace(origin, attempt=origin.attempt + 1, earlier_attempts=earlier)
    return msgspec.structs.replace(record, origin=origin)


def settle(stage: StageName, record: Q, work: Callable[[Q], T]) -> T | RetryLater | PageDropped:
    """Work on one page, and return the result, or how it failed.

    Failures of Redis and Postgres are not the page's fault, and are raised.
    """
    try:
        with structlog.contextvars.bound_contextvars(flight_id=record.flight_id):
            return work(record)
    except GiveUp as failure:
        return dropped(stage, record, failure, failure.fate)
    except RetryLater as failure:
        return failure
    except (redis.RedisError, ServerUnavailable):
        raise
    except Exception as error:
        log.exception("page_quarantined", stage=stage, flight_id=record.flight_id, url=record.origin.url)
        return quarantined(stage, record, error)


def settle_together(stage: StageName, pages: int, work: Callable[[], T]) -> T | None:
    """Work on several pages at once, and return the result, or None when it failed.

    The caller then settles each page alone. Failures of Redis and Postgres are raised.
    """
    try:
        return work()
    except (redis.RedisError, ServerUnavailable):
        raise
    except Exception as error:
        log.warning("pages_one_by_one", stage=stage, pages=pages, exc_info=error)
        return None


class Stage(Generic[R]):
    """Runs `work` over the pages of a message of this stage."""

    def __init__(
        self,
        name: StageName,
        record_type: type[R],
        backbone: Backbone,
        retry: Retry | None = None,
        notes: Sequence[Note[R]] = (),
    ) -> None:
        self.name = name
        self.backbone = backbone
        self._type: type[R] = record_type
        self._retry = retry or Retry()
        self._notes: Sequence[Note[R]] = notes

    def run(
        self,
        message: dict[str, Any],
        work: Work[R],
        *,
        wary: Work[R] | None = None,
        read_ahead: Callable[[Sequence[R]], None] | None = None,
    ) -> None:
        """Work on each page that still stands at this stage, then move all of them on.

        `wary` does the work on pages whose message was lost before, since they may end the process that takes them.
        `read_ahead` is told of all pages before the work on the first.
        When Redis fails, the message is left to the reconciler, since its flights still stand at this stage.
        """
        try:
            records: list[R] = read_message(self.name, self.backbone, message, self._type)
            lost = self.backbone.ledger.lost_before([record.flight_id for record in records]) if wary else set()
            if read_ahead:
                read_ahead(records)
            waits: list[Move] = []
            ends: list[tuple[R, Outcome | PageDropped]] = []
            worked: list[Worked] = []
            for record in records:
                began = time.monotonic()
                with self.backbone.traces.stage(self.name, record) as tell:
                    result = settle(self.name, record, wary if wary and record.flight_id in lost else work)
                    end = self._end(record, result)
                    worked.append(_worked(self.name, record, result, end, time.monotonic() - began))
                    if self.backbone.traces.is_on:
                        tell(_facts(worked[-1], end))
                if isinstance(end, Move):
                    waits.append(end)
                else:
                    ends.append((record, end))
            self._keep(ends)
            if waits:
                self.backbone.ledger.wait(self.name, waits)
            publish_moves(self.backbone, self.name, [_move(end) for _, end in ends])
            self.backbone.count(worked)
        except redis.RedisError as error:
            log.warning("redis_failed", stage=self.name, error=str(error))

    def _end(self, record: R, result: Outcome | PageDropped | RetryLater) -> Outcome | PageDropped | Move:
        """Returns how work on the page ended; a move into the frontier where it is to be tried again."""
        if not isinstance(result, RetryLater):
            return result
        if isinstance(record, FetchPage) and self._may_retry(record, result):
            return self._wait(record, result)
        return dropped(self.name, record, result, "failed")

    def _may_retry(self, record: FetchPage, failure: RetryLater) -> bool:
        return not failure.counts or record.origin.attempt < self._retry.attempts

    def _wait(self, record: FetchPage, failure: RetryLater) -> Move:
        due_in = self._retry.delay(record.origin.attempt, failure)
        log.info(
            "page_waits",
            flight_id=record.flight_id,
            url=record.origin.url,
            reason=failure.reason,
            attempt=record.origin.attempt,
            due_in_s=due_in,
        )
        again = tried(record, failure) if failure.counts else record
        return Move(flight_id=record.flight_id, stage="fetch", record=again, due_in=due_in)

    def _keep(self, ends: Sequence[tuple[R, Outcome | PageDropped]]) -> None:
        """Store the bytes for the next stage, accept the pages that were found, and tell the listeners.

        This is done before any flight moves on, so that a crash in between repeats work and loses none.
        """
        outcomes = [end for _, end in ends if isinstance(end, Outcome)]
        for part in {outcome.part for outcome in outcomes}:
            bodies = {o.record.flight_id: o.gzip or packed(o.body) for o in outcomes if o.part == part}
            self.backbone.store.put_packed(part, bodies)
        accepted = iter(self.backbone.ledger.accept([request for outcome in outcomes for request in outcome.found]))
        self.backbone.ledger.remember([url for outcome in outcomes for url in outcome.known_as])
        for record, end in ends:
            found = end.found if isinstance(end, Outcome) else []
            answers = [Found(request=request, acceptance=next(accepted)) for request in found]
            if answers and self.backbone.traces.is_on:
                acceptances = [answer.acceptance for answer in answers]
                self.backbone.traces.accepted(found, acceptances, led_by=record.flight_id)
            for note in self._notes:
                note(record, end, answers)


def _worked(
    stage: StageName,
    record: FetchPage | PageFetched,
    result: Outcome | PageDropped | RetryLater,
    end: Outcome | PageDropped | Move,
    seconds: float,
) -> Worked:
    what = end.fate if isinstance(end, PageDropped) else "waits" if isinstance(end, Move) else "passed"
    reason = result.reason if isinstance(result, RetryLater) else None
    log.debug(
        "page_worked_on", stage=stage, flight_id=record.flight_id, url=record.origin.url, result=what, reason=reason
    )
    return Worked(stage=stage, result=what, kind=kind_of(record.origin), seconds=seconds, reason=reason)


def _facts(worked: Worked, end: Outcome | PageDropped | Move) -> Facts:
    """Returns what a trace is told of how work on a page ended."""
    answer = end.record.answer if isinstance(end, Outcome) else getattr(end, "answer", None)
    return {
        "depeche.result": worked.result,
        "depeche.reason": end.reason if isinstance(end, PageDropped) else worked.reason,
        "http.response.status_code": answer.http_status if answer else getattr(end, "http_status", None),
        "http.response.body.size": answer.body_bytes if answer else None,
        "depeche.result_bytes": len(end.body) if isinstance(end, Outcome) else None,
        "depeche.followed": len(end.found) if isinstance(end, Outcome) else None,
    }


def _move(end: Outcome | PageDropped) -> Move:
    if isinstance(end, PageDropped):
        return Move(flight_id=end.flight_id, stage="index", record=end)
    return Move(flight_id=end.record.flight_id, stage=end.stage, record=end.record)


def publish_moves(backbone: Backbone, leaving: FlightStage, moves: Sequence[Move]) -> None:
    """Move flights on in the ledger, then publish those that were moved, stage by stage."""
    if not moves:
        return
    moved = backbone.ledger.advance(leaving, moves)
    for stage in dict.fromkeys(move.stage for move in moves):
        records = [encode(m.record) for m in moves if m.stage == stage and m.flight_id in moved.flight_ids]
        if records:
            backbone.publisher.publish(stage, records, moved.published_at)
