"""Flights at the stage that a test wants them at, and a look at what has been published."""

import base64
import json
import time
from typing import Any, cast

import msgspec
import redis
from redis.commands.core import Script

from services.fetcher.timing.frontier import Frontier
from shared.flight.ledger import Ledger, Move
from shared.messages import (
    QUEUES,
    Answer,
    FetchPage,
    FetchRequest,
    Follow,
    Origin,
    PageDropped,
    PageFetched,
    PageParsed,
    Record,
    StageName,
    encode_record,
    to_wire,
)

AT = "2025-05-08T10:00:00+00:00"
ONE = "https://news.example/one"
TWO = "https://news.example/two"


def at_fetch(ledger: Ledger, client: "redis.Redis", *urls: str, batch: str | None = None) -> list[FetchPage]:
    """Accept these URLs and release them, whatever their host's turn; their flights then stand at `fetch`."""
    ids = [
        a.flight_id
        for a in ledger.accept([FetchRequest(origin=Origin(url=url, batch=batch), follow=Follow()) for url in urls])
    ]
    frontier = Frontier(client, host_delay=0)
    released = {flight.flight_id: flight.record for flight in frontier.release(1000, room=1000)[1]}
    return [msgspec.json.decode(released[cast(str, i)], type=FetchPage) for i in ids]


def at_parse(ledger: Ledger, client: "redis.Redis", *urls: str, batch: str | None = None) -> list[PageFetched]:
    """Flights that stand at `parse`, without a page in the page store."""
    records = [fetched(record) for record in at_fetch(ledger, client, *urls, batch=batch)]
    ledger.advance("fetch", [Move(flight_id=r.flight_id, stage="parse", record=r) for r in records])
    return records


def at_index(ledger: Ledger, client: "redis.Redis", *urls: str, batch: str | None = None) -> list[PageParsed]:
    """Flights that stand at `index`, without a result in the page store."""
    records = [parsed(record) for record in at_parse(ledger, client, *urls, batch=batch)]
    ledger.advance("parse", [Move(flight_id=r.flight_id, stage="index", record=r) for r in records])
    return records


def fetched(record: FetchPage, at: str = AT) -> PageFetched:
    """The fact that follows the command."""
    return PageFetched(
        flight_id=record.flight_id,
        origin=Origin(url=record.origin.url, batch=record.origin.batch),
        answer=Answer(final_url=record.origin.url, http_status=200, fetched_at=at),
        follow=record.follow,
    )


def parsed(record: PageFetched) -> PageParsed:
    """The fact that follows `PageFetched`."""
    return PageParsed(
        flight_id=record.flight_id,
        origin=Origin(url=record.origin.url, batch=record.origin.batch),
        answer=Answer(final_url=record.answer.final_url, http_status=200, fetched_at=record.answer.fetched_at),
    )


def message_of(*records: Record, published_at: float | None = None) -> dict[str, Any]:
    """The message that brings these records, published now unless told otherwise."""
    return to_wire([encode_record(r) for r in records], time.time() if published_at is None else published_at)


def published(client: "redis.Redis", stage: StageName) -> list[dict[str, Any]]:
    """The messages that wait in the stage's queue, oldest first."""
    raw = cast(list[bytes], client.lrange(QUEUES[stage], 0, -1))
    return [json.loads(base64.b64decode(json.loads(item)["body"]))[1] for item in reversed(raw)]


def published_drops(client: "redis.Redis") -> list[PageDropped]:
    """The ends of pages that wait for the indexer."""
    pages = [page for message in published(client, "index") for page in message["pages"]]
    return [msgspec.convert(page, PageDropped) for page in pages if page["kind"] == "page_dropped.v2"]


def backdate(client: "redis.Redis", stage: str, flight_id: str, seconds: float) -> None:
    """Make the flight's publication lie further back, as if time had passed."""
    shift: Script = client.register_script(
        "redis.call('ZINCRBY', KEYS[1], -ARGV[1], ARGV[2]); redis.call('HINCRBY', KEYS[2], 'published_at', -ARGV[1])"
    )
    shift(keys=[f"depeche:stage:{stage}", f"depeche:flight:{flight_id}"], args=[round(seconds * 1000), flight_id])
