"""The records of pages and messages that go no further."""

import json
import traceback
import uuid
from datetime import UTC, datetime

from shared.failures import Fate, GiveUp, PageFailure
from shared.messages import PageDropped, Record, StageName, encode_record, sendable


def dropped(
    stage: StageName, record: Record, failure: PageFailure, fate: Fate, trace: str | None = None
) -> PageDropped:
    """The end of a page in `stage`, with its reason."""
    return PageDropped(
        flight_id=record.flight_id,
        url=record.url,
        stage=stage,
        fate=fate,
        reason=failure.reason,
        detail=sendable(failure.detail),
        dropped_at=datetime.now(UTC).isoformat(),
        fetched_at=getattr(record, "fetched_at", None),
        http_status=failure.http_status or getattr(record, "http_status", None),
        source=record.source,
        batch=record.batch,
        found_on=record.found_on,
        archive=getattr(record, "archive", None),
        traceback=sendable(trace) if trace else None,
        message=encode_record(record) if fate == "quarantined" else None,
        attempt=record.attempt,
    )


def quarantined(stage: StageName, record: Record, error: Exception) -> PageDropped:
    """The end of a page that nobody foresaw."""
    failure = GiveUp("unforeseen", f"{type(error).__name__} in the {stage} stage: {error}")
    return dropped(stage, record, failure, "quarantined", "".join(traceback.format_exception(error)))


def unreadable(stage: StageName, raw: str, problem: str) -> PageDropped:
    """A message that names no page, or no task."""
    return PageDropped(
        flight_id=uuid.uuid4().hex,
        url="",
        stage=stage,
        fate="quarantined",
        reason="malformed_message",
        detail=sendable(f"a message on the {stage} queue {problem}"),
        dropped_at=datetime.now(UTC).isoformat(),
        message=raw.encode("utf-8", "backslashreplace").decode(),
    )


def lost_too_often(stage: StageName, record: str, losses: int) -> PageDropped:
    """The end of a flight whose messages vanish with every worker that takes them."""
    facts = json.loads(record)
    return PageDropped(
        flight_id=facts["flight_id"],
        url=facts["url"],
        stage=stage,
        fate="quarantined",
        reason="lost_too_often",
        detail=f"its message was lost {losses} times in the {stage} stage; it may be killing the workers that take it",
        dropped_at=datetime.now(UTC).isoformat(),
        fetched_at=facts.get("fetched_at"),
        source=facts.get("source"),
        batch=facts.get("batch"),
        found_on=facts.get("found_on"),
        archive=facts.get("archive"),
        message=record,
    )
