"""The ledger: every page in flight, until it has landed.

A page is accepted once its flight stands here. The order of each step is always: write the ledger, then publish, then
acknowledge the message that led here. After a crash between any two of these, the reconciler publishes the page again
(services/fetcher/timing/reconciler.py). A flight moves `waiting -> fetch -> parse -> index`, and leaves when its fate
is committed in Postgres. Redis' clock is the only clock.
"""

import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, cast

import msgspec
import redis

from shared.flight.lua_script import lua_script
from shared.flight.page_store import packed
from shared.flight.redis_keys import BATCH, FLIGHT, SEEN, STAGE, VALIDATORS
from shared.host_scope import HostKey
from shared.messages import (
    FetchPage,
    FetchRequest,
    PageDropped,
    PageFetched,
    Record,
    StageName,
    Validators,
    encode_record,
)
from shared.urls import host_of, url_key

FlightStage = Literal["waiting", "fetch", "parse", "index"]
FLIGHT_STAGES: tuple[FlightStage, ...] = ("waiting", "fetch", "parse", "index")

# One Lua call blocks Redis; 500 flights take about 10 ms.
CHUNK = 500
# The same for pages with their bytes.
PAGES_CHUNK = 50
# How long (s) a URL is known after it was last accepted, and a page's validators after it last landed, unless the
# settings say otherwise. A source's next visit is at most a day away.
KNOWN_S = 30 * 86_400
VALIDATORS_KEPT_S = 8 * 86_400
FORGET = "-"


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request: a `new` flight, `joined` to one in the air, or `known`, so that no flight was made."""

    url: str
    outcome: Literal["new", "joined", "known"]
    flight_id: str | None


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A flight's step to `stage`, with the record that the stage's task will get; only `wait` uses `due_in` (s)."""

    flight_id: str
    stage: StageName
    record: Record
    due_in: float = 0.0


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The flights that were moved, and the moment that counts as their publication (Unix seconds)."""

    published_at: float
    flight_ids: frozenset[str]


# A followed page that failed is followed again as long as headlines lead to it. The wait before (s) starts with the
# first, doubles with each failure up to the second, and failures are forgotten after the third.
FOLLOW_FAILED_AGAIN_S = 600
FOLLOW_FAILED_AGAIN_CAP_S = 86_400
FAILED_KEPT_S = 3 * 86_400


class Ledger:
    """Moves flights, each move atomic in Redis; every method may be repeated without harm."""

    def __init__(
        self, client: "redis.Redis", *, host_key: HostKey = host_of, validators_kept_s: int = VALIDATORS_KEPT_S
    ) -> None:
        """`host_key` says what counts as one host (shared/host_scope.py)."""
        self.client = client
        self._host_key = host_key
        self._accept = lua_script(
            client,
            __package__,
            "ledger_accept.lua",
            FOLLOW_FAILED_AGAIN_S=FOLLOW_FAILED_AGAIN_S,
            FOLLOW_FAILED_AGAIN_CAP_S=FOLLOW_FAILED_AGAIN_CAP_S,
        )
        self._advance = lua_script(client, __package__, "ledger_advance.lua")
        self._land = lua_script(
            client, __package__, "ledger_land.lua", FORGET=FORGET, VALIDATORS_KEPT_S=validators_kept_s
        )
        self._note_failed = lua_script(client, __package__, "ledger_note_failed.lua", FAILED_KEPT_S=FAILED_KEPT_S)
        self._remember = lua_script(client, __package__, "ledger_remember.lua")
        self._adopt = lua_script(client, __package__, "ledger_adopt.lua")
        self._adopt_pages = lua_script(client, __package__, "ledger_adopt_pages.lua")
        self._note_taken = lua_script(client, __package__, "ledger_note_taken.lua")

    def accept(self, requests: Sequence[FetchRequest]) -> list[Acceptance]:
        """Accept pages: from now on, each lands with a fate. A request for a URL in the air joins its flight.

        Returns what became of each request, in their order.
        """
        accepted: list[Acceptance] = []
        for start in range(0, len(requests), CHUNK):
            chunk = requests[start : start + CHUNK]
            answers = self._accept(args=[json.dumps([_entry(request, self._host_key) for request in chunk])])
            for request, (outcome, flight_id) in zip(chunk, cast(list[list[bytes]], answers), strict=True):
                accepted.append(
                    Acceptance(
                        url=request.origin.url,
                        outcome=cast(Literal["new", "joined", "known"], outcome.decode()),
                        flight_id=flight_id.decode() or None,
                    )
                )
        return accepted

    def advance(self, leaving: FlightStage, moves: Sequence[Move]) -> Moved:
        """Move flights on to their next stage; flights that have left `leaving` already are not moved again."""
        return self._move(leaving, moves, "go")

    def wait(self, leaving: FlightStage, moves: Sequence[Move]) -> Moved:
        """Send flights to the frontier, which releases them when they are due and their host allows it."""
        return self._move(leaving, moves, "wait")

    def _move(self, leaving: FlightStage, moves: Sequence[Move], how: str) -> Moved:
        ids: set[str] = set()
        now = 0
        for start in range(0, len(moves), CHUNK):
            entries = [
                {
                    "id": m.flight_id,
                    "stage": m.stage,
                    "record": encode_record(m.record),
                    "due_in": round(m.due_in * 1000),
                }
                for m in moves[start : start + CHUNK]
            ]
            now, moved = cast(tuple[int, list[bytes]], self._advance(args=[leaving, json.dumps(entries), how]))
            ids |= {flight_id.decode() for flight_id in moved}
        return Moved(published_at=now / 1000, flight_ids=frozenset(ids))

    def land(self, flight_ids: Sequence[str], memory: Mapping[str, Validators | None] = MappingProxyType({})) -> None:
        """Remove flights whose fate is committed, with their stored bytes.

        `memory` has the validators of a flight's page for later visits, or None where they are to be forgotten. What is
        remembered of the pages of other flights stays as it is.
        """
        for start in range(0, len(flight_ids), CHUNK):
            chunk = flight_ids[start : start + CHUNK]
            self._land(args=[part for i in chunk for part in (i, _remembered(memory[i]) if i in memory else "")])

    def forget_validators(self, urls: Sequence[str]) -> None:
        """Forget the validators of these pages, so that the next visit reads them even if they are unchanged."""
        if urls:
            self.client.delete(*(VALIDATORS + url_key(url) for url in urls))

    def note_failed(self, flight_ids: Sequence[str]) -> None:
        """Count the failures of flights that are about to land as failed.

        After a wait, headlines may lead to their pages again.
        """
        for start in range(0, len(flight_ids), CHUNK):
            self._note_failed(args=list(flight_ids[start : start + CHUNK]))

    def remember(self, urls: Sequence[str]) -> None:
        """Remember further URLs of pages that have been accepted, so that headlines no longer lead there."""
        for start in range(0, len(urls), CHUNK):
            self._remember(args=[url_key(url) for url in urls[start : start + CHUNK]])

    def adopt(self, record: PageDropped) -> float:
        """Make a flight at the index stage for a failure that has none (a malformed message), until it has landed.

        Returns the moment that counts as its publication (Unix seconds).
        """
        return cast(int, self._adopt(args=[record.flight_id, record.origin.url, encode_record(record)])) / 1000

    def adopt_pages(self, pages: Sequence[tuple[PageFetched, bytes]]) -> float:
        """Make flights at the parse stage for pages that were fetched before, and store their bytes.

        Returns the moment that counts as their publication (Unix seconds).
        """
        now = 0
        for start in range(0, len(pages), PAGES_CHUNK):
            chunk = pages[start : start + PAGES_CHUNK]
            flights = [_adopted(record) for record, _ in chunk]
            now = cast(int, self._adopt_pages(args=[json.dumps(flights), *(packed(body) for _, body in chunk)]))
        return now / 1000

    def note_taken(self, stage: StageName, published_at: float) -> None:
        """Record that a message published at `published_at` (Unix seconds) was taken from the stage's queue."""
        self._note_taken(args=[stage, round(published_at * 1000)])

    def at_stage(self, stage: FlightStage, flight_ids: Sequence[str]) -> set[str]:
        """Returns those of these flights that stand at `stage`; a message for any other is stale."""
        pipeline = self.client.pipeline(transaction=False)
        for flight_id in flight_ids:
            pipeline.hget(FLIGHT + flight_id, "stage")
        stages = pipeline.execute()
        return {flight_id for flight_id, at in zip(flight_ids, stages, strict=True) if at == stage.encode()}

    def lost_before(self, flight_ids: Sequence[str]) -> set[str]:
        """Returns those of these flights whose messages have been lost at the stage where they stand."""
        pipeline = self.client.pipeline(transaction=False)
        for flight_id in flight_ids:
            pipeline.hget(FLIGHT + flight_id, "losses")
        losses = pipeline.execute()
        return {flight_id for flight_id, times in zip(flight_ids, losses, strict=True) if int(times or 0) > 0}

    def accepted_at(self, flight_ids: Sequence[str]) -> dict[str, float]:
        """Returns flight id -> when it was accepted (Unix seconds), of those that are in the air."""
        pipeline = self.client.pipeline(transaction=False)
        for flight_id in flight_ids:
            pipeline.hget(FLIGHT + flight_id, "accepted_at")
        moments = pipeline.execute()
        return {flight: int(at) / 1000 for flight, at in zip(flight_ids, moments, strict=True) if at is not None}

    def in_air(self, flight_ids: Iterable[str]) -> dict[str, str]:
        """Returns the stage of each of these flights that has not landed."""
        ids = list(flight_ids)
        pipeline = self.client.pipeline(transaction=False)
        for flight_id in ids:
            pipeline.hget(FLIGHT + flight_id, "stage")
        return {i: at.decode() for i, at in zip(ids, pipeline.execute(), strict=True) if at is not None}

    def batch_in_air(self, batch: str) -> int:
        """Returns how many pages of a batch have not landed, including the pages that they led to."""
        return int(cast(bytes | None, self.client.get(BATCH + batch)) or 0)

    def forget_seen(self, older_than_s: float = KNOWN_S) -> None:
        """Forget pages that were last accepted longer ago; a headline that still leads to one makes it new again."""
        self.client.zremrangebyscore(SEEN, "-inf", (time.time() - older_than_s) * 1000)

    def counts(self) -> dict[FlightStage, int]:
        """Returns how many flights are at each stage."""
        pipeline = self.client.pipeline(transaction=False)
        for stage in FLIGHT_STAGES:
            pipeline.zcard(STAGE + stage)
        return dict(zip(FLIGHT_STAGES, map(int, pipeline.execute()), strict=True))


def _remembered(validators: Validators | None) -> str:
    return FORGET if validators is None else msgspec.json.encode(validators).decode()


def _entry(request: FetchRequest, host_key: HostKey) -> dict[str, Any]:
    flight_id = request.flight_id or uuid.uuid4().hex
    origin = request.origin.sendable()
    record = FetchPage(flight_id=flight_id, origin=origin, follow=request.follow, fresh=request.fresh)
    return {
        "id": flight_id,
        "url": origin.url,
        "key": url_key(origin.url),
        "host": host_key(origin.url),
        "again": origin.visit.is_revisit,
        "batch": origin.batch or "",
        "only_new": request.only_new,
        "record": encode_record(record),
    }


def _adopted(record: PageFetched) -> dict[str, str]:
    origin = record.origin
    return {"id": record.flight_id, "url": origin.url, "batch": origin.batch or "", "record": encode_record(record)}
