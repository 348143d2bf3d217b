"""What every stage does first: read its message, record that it was taken, and leave out stale records."""

import json
from typing import Annotated, Any

import msgspec
import structlog

from shared.flight.counts import Count, count
from shared.flight.drops import unreadable
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.flight.traces import NO_TRACES, Traces
from shared.messages import StageName, encode_record, from_wire

log = structlog.get_logger()

# Unix seconds; the bounds refuse NaN, infinity, and milliseconds sent by mistake.
Moment = Annotated[float, msgspec.Meta(ge=0, le=1e11)]


class Backbone(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger, the page store, the publisher, and who counts and tells what they did: what all stages share."""

    ledger: Ledger
    store: PageStore
    publisher: Publisher
    count: Count = count
    traces: Traces = NO_TRACES

    def keep_unreadable(self, stage: StageName, raw: str, problem: str) -> None:
        """Quarantine a message that cannot be read; it gets a flight of its own, so that it cannot be lost."""
        record = unreadable(stage, raw, problem)
        log.error("message_quarantined", stage=stage, flight_id=record.flight_id, problem=problem, message=raw[:500])
        self.publisher.publish("index", [encode_record(record)], self.ledger.adopt(record))


# msgspec raises UnicodeEncodeError for a lone surrogate where it expects something other than text.
MALFORMED = (msgspec.ValidationError, UnicodeEncodeError)


def arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Returns a message's arguments as one mapping.

    A message should have no positional arguments; if it has, they stand under `args`, to be seen in quarantine.
    """
    return {**kwargs, "args": args} if args else kwargs


def read_message(stage: StageName, backbone: Backbone, message: dict[str, Any], record_type: Any) -> list[Any]:
    """Returns the message's records whose flights still stand at this stage; quarantines a malformed message."""
    try:
        published_at = msgspec.convert(message.get("published_at"), Moment, strict=False)
        records = from_wire(message.get("pages"), record_type)
    except MALFORMED as error:
        raw = json.dumps(message, ensure_ascii=False, default=str)
        backbone.keep_unreadable(stage, raw, f"is malformed: {error}")
        return []
    backbone.ledger.note_taken(stage, published_at)
    current = backbone.ledger.at_stage(stage, [record.flight_id for record in records])
    return [record for record in records if record.flight_id in current]
