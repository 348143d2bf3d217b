"""Makes the records of pages and messages that are dropped."""

import traceback
import uuid
from datetime import UTC, datetime

import msgspec

from shared.failures import Fate, GiveUp, PageFailure
from shared.messages import FetchPage, Origin, PageDropped, Record, StageName, encode_record, sendable


def dropped(
    stage: StageName, record: Record, failure: PageFailure, fate: Fate, trace: str | None = None
) -> PageDropped:
    """Returns the end of a page that was dropped in `stage`, with its reason."""
    return PageDropped(
        flight_id=record.flight_id,
        origin=record.origin,
        stage=stage,
        fate=fate,
        reason=failure.reason,
        detail=sendable(failure.detail),
        # A PageDropped record that cannot be stored is dropped again. It is the same visit, so it keeps its time.
        dropped_at=getattr(record, "dropped_at", None) or datetime.now(UTC).isoformat(),
        answer=getattr(record, "answer", None),
        http_status=failure.http_status or getattr(record, "http_status", None),
        traceback=sendable(trace) if trace else None,
        message=encode_record(record) if fate == "quarantined" else None,
    )


def quarantined(stage: StageName, record: Record, error: Exception) -> PageDropped:
    """Returns the end of a page whose work failed with an unforeseen exception."""
    failure = GiveUp("unforeseen", f"{type(error).__name__} in the {stage} stage: {error}")
    return dropped(stage, record, failure, "quarantined", "".join(traceback.format_exception(error)))


def unreadable(stage: StageName, raw: str, problem: str) -> PageDropped:
    """Returns the record of a message that names no page, or no task."""
    return PageDropped(
        flight_id=uuid.uuid4().hex,
        origin=Origin(url=""),
        stage=stage,
        fate="quarantined",
        reason="malformed_message",
        detail=sendable(f"a message on the {stage} queue {problem}"),
        dropped_at=datetime.now(UTC).isoformat(),
        message=raw.encode("utf-8", "backslashreplace").decode(),
    )


def host_refuses(record: FetchPage, why: str, since: float) -> PageDropped:
    """Returns the end of a page whose host has answered nothing but `why` (`http_429`) since that moment (Unix s)."""
    begun = datetime.fromtimestamp(since, UTC)
    status = int(why.removeprefix("http_")) if why.startswith("http_") else None
    failure = GiveUp(why, f"its host has refused every request since {begun:%Y-%m-%d %H:%M} UTC", http_status=status)
    return dropped("fetch", record, failure, "failed")


def lost_too_often(stage: StageName, record: str, losses: int) -> PageDropped:
    """Returns the end of a flight whose messages were lost too often, perhaps by killing their workers."""
    failure = GiveUp(
        "lost_too_often",
        f"its message was lost {losses} times in the {stage} stage; it may be killing the workers that take it",
    )
    return dropped(stage, msgspec.json.decode(record, type=Record), failure, "quarantined")
