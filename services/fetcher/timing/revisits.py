"""Stories that are fetched again, to catch edits.

After an answer the fetcher plans a story's next visit; the tick starts those that are due. A story has one plan at a
time, and a claim is a lease, as with sources (schedule.py).
"""

import time
from collections.abc import Sequence
from typing import cast

import msgspec
import redis
import structlog

from shared.flight.ledger import Acceptance
from shared.flight.redis_keys import LUA_PRELUDE, REVISITS, REVISITS_DUE
from shared.flight.stage import Found, Outcome
from shared.messages import FetchPage, FetchRequest, PageDropped, Visit
from shared.urls import url_key

log = structlog.get_logger()

LEASE_S = 60
CHUNK = 250
# A plan takes 0.6 KB of Redis' memory: 120 MB at the most. A thousand sources with 50 stories a day plan 50,000.
MOST_PLANS = 200_000
# What is later than this catches no edit that a reader still waits for.
TOO_LATE_S = 86_400


class DueRevisits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that are this tick's to start, their stories' keys, and when that ends (ms)."""

    requests: list[FetchRequest]
    keys: list[str]
    until: int

    def taken_on(self, accepted: Sequence[Acceptance]) -> "DueRevisits":
        """Those that the ledger took on. The others' pages are in the air just now: they stay claimed until the lease
        ends, and are due again then."""
        new = [number for number, acceptance in enumerate(accepted) if acceptance.outcome == "new"]
        return msgspec.structs.replace(
            self, requests=[self.requests[number] for number in new], keys=[self.keys[number] for number in new]
        )


# ARGV: key, ms until it is due, request, plans at the most.
PLAN = """
if redis.call('ZCARD', '{DUE}') >= tonumber(ARGV[4]) and not redis.call('ZSCORE', '{DUE}', ARGV[1]) then return 0 end
redis.call('ZADD', '{DUE}', now + tonumber(ARGV[2]), ARGV[1])
redis.call('HSET', '{PLANS}', ARGV[1], ARGV[3])
return 1
"""

# ARGV: lease (ms), how many at the most.
CLAIM = """
local limit, out = now + tonumber(ARGV[1]), {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', '{DUE}', '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local plan = redis.call('HGET', '{PLANS}', key)
  if plan then
    redis.call('ZADD', '{DUE}', limit, key)
    out[#out + 1] = {key, plan}
  else redis.call('ZREM', '{DUE}', key) end
end
return {limit, out}
"""

# ARGV: end of the lease (ms), keys. A story whose next visit has been planned meanwhile keeps that plan.
CONFIRM = """
for i = 2, #ARGV do
  if tonumber(redis.call('ZSCORE', '{DUE}', ARGV[i]) or 0) == tonumber(ARGV[1]) then
    redis.call('ZREM', '{DUE}', ARGV[i])
    redis.call('HDEL', '{PLANS}', ARGV[i])
  end
end
"""

# ARGV: ms that make a plan too late, how many at the most.
PRUNE = """
local late = redis.call('ZRANGEBYSCORE', '{DUE}', '-inf', now - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
for _, key in ipairs(late) do
  redis.call('ZREM', '{DUE}', key)
  redis.call('HDEL', '{PLANS}', key)
end
return #late
"""


class Revisits:
    """The plans, in Redis."""

    def __init__(self, client: "redis.Redis", *, most_plans: int = MOST_PLANS) -> None:
        self._most_plans = most_plans
        self._plan, self._claim, self._confirm, self._prune = (
            client.register_script(LUA_PRELUDE + script.replace("{DUE}", REVISITS_DUE).replace("{PLANS}", REVISITS))
            for script in (PLAN, CLAIM, CONFIRM, PRUNE)
        )

    def plan_next(self, record: FetchPage, end: Outcome | PageDropped, _found: Sequence[Found] = ()) -> None:
        """Plan a story's next visit, where its source wants one. A revisit that fails does not end them."""
        if isinstance(end, PageDropped) and end.fate != "unchanged":
            if not (end.fate == "failed" and record.visit.is_revisit):
                return
        elif not record.visit.revisit:
            return
        now = time.time()
        first = now if record.visit.first_fetched_at is None else record.visit.first_fetched_at
        ages = [age for age in record.visit.revisit if first + age > now]
        if not ages:
            return
        request = FetchRequest(
            url=record.url,
            source=record.source,
            found_on=record.found_on,
            visit=Visit(first_fetched_at=first, revisit=tuple(ages[1:])),
        )
        due_in = round((first + ages[0] - now) * 1000)
        plan = msgspec.json.encode(request)
        if not self._plan(args=[url_key(record.url), due_in, plan, self._most_plans]):
            log.warning("revisit_not_planned", url=record.url, source=record.source, plans=self._most_plans)

    def claim_due(self, most: int = CHUNK) -> DueRevisits:
        """Revisits that are due now; whoever gets one is the only one to get it."""
        until, plans = cast(tuple[int, list[tuple[bytes, bytes]]], self._claim(args=[LEASE_S * 1000, most]))
        return DueRevisits(
            requests=[msgspec.json.decode(plan, type=FetchRequest) for _, plan in plans],
            keys=[key.decode() for key, _ in plans],
            until=until,
        )

    def confirm(self, due: DueRevisits) -> None:
        """The ledger has the requests."""
        self._confirm(args=[due.until, *due.keys])

    def prune(self) -> None:
        """Drop what is too late to be of use."""
        while cast(int, self._prune(args=[TOO_LATE_S * 1000, CHUNK])) == CHUNK:
            pass
