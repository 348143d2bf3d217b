"""Stories that are fetched again, to catch edits.

After each answer the fetcher plans the story's next visit; the tick starts the visits that are due. A story has one
plan at a time. A tick that takes a due plan holds it as a lease, as with sources (schedule.py).
"""

import time
from collections.abc import Sequence
from typing import cast

import msgspec
import redis
import structlog

from shared.flight.ledger import Acceptance
from shared.flight.lua_script import lua_script
from shared.flight.outcome import Found, Outcome
from shared.messages import FetchPage, FetchRequest, PageDropped, Visit
from shared.urls import url_key

log = structlog.get_logger()

LEASE_S = 60
CHUNK = 250
# A plan takes 0.6 KB of Redis' memory, so all take 120 MB at most. A thousand sources with 50 stories per day make
# 50,000 plans.
MOST_PLANS = 200_000
# A revisit that is later than this (s) catches no edit that a reader still waits for.
TOO_LATE_S = 86_400


class DueRevisits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that this tick alone may start, their stories' keys, and the end of its lease (Unix ms)."""

    requests: list[FetchRequest]
    keys: list[str]
    until: int

    def taken_on(self, accepted: Sequence[Acceptance]) -> "DueRevisits":
        """Returns the revisits that the ledger accepted as new.

        The pages of the others are in the air already: their plans stay leased until the lease ends, and are due then.
        """
        new = [number for number, acceptance in enumerate(accepted) if acceptance.outcome == "new"]
        return msgspec.structs.replace(
            self, requests=[self.requests[number] for number in new], keys=[self.keys[number] for number in new]
        )


class Revisits:
    """The plans of revisits, in Redis."""

    def __init__(self, client: "redis.Redis", *, most_plans: int = MOST_PLANS) -> None:
        self._most_plans = most_plans
        self._plan, self._claim, self._confirm, self._prune = (
            lua_script(client, __package__, name)
            for name in ("revisits_plan.lua", "revisits_claim.lua", "revisits_confirm.lua", "revisits_prune.lua")
        )

    def plan_next(self, record: FetchPage, end: Outcome | PageDropped, _found: Sequence[Found] = ()) -> None:
        """Plan a story's next visit, where its source wants one. Further revisits are planned even if one fails."""
        origin, visit = record.origin, record.origin.visit
        if isinstance(end, PageDropped) and end.fate != "unchanged":
            if not (end.fate == "failed" and visit.is_revisit):
                return
        elif not visit.revisit:
            return
        now = time.time()
        first = now if visit.first_fetched_at is None else visit.first_fetched_at
        ages = [age for age in visit.revisit if first + age > now]
        if not ages:
            return
        next_visit = Visit(first_fetched_at=first, revisit=tuple(ages[1:]))
        request = FetchRequest(origin=origin.anew(batch=None, visit=next_visit))
        due_in = round((first + ages[0] - now) * 1000)
        plan = msgspec.json.encode(request)
        if not self._plan(args=[url_key(origin.url), due_in, plan, self._most_plans]):
            log.warning("revisit_not_planned", url=origin.url, source=origin.source, plans=self._most_plans)

    def claim_due(self, most: int = CHUNK) -> DueRevisits:
        """Take due revisits: returns up to `most`, each leased to this caller alone."""
        until, plans = cast(tuple[int, list[tuple[bytes, bytes]]], self._claim(args=[LEASE_S * 1000, most]))
        return DueRevisits(
            requests=[msgspec.json.decode(plan, type=FetchRequest) for _, plan in plans],
            keys=[key.decode() for key, _ in plans],
            until=until,
        )

    def confirm(self, due: DueRevisits) -> None:
        """Remove the plans of these revisits, whose requests the ledger now has."""
        self._confirm(args=[due.until, *due.keys])

    def prune(self) -> None:
        """Remove plans of revisits that are later than TOO_LATE_S."""
        while cast(int, self._prune(args=[TOO_LATE_S * 1000, CHUNK])) == CHUNK:
            pass
