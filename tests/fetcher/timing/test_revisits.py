"""Stories that are fetched again: planned after an answer, claimed once, and never too many."""

import time
from typing import Any

import pytest
import redis

from services.fetcher.timing.revisits import LEASE_S, TOO_LATE_S, Revisits
from shared.failures import Fate, GiveUp
from shared.flight.drops import dropped
from shared.flight.ledger import Ledger
from shared.flight.outcome import Outcome
from shared.flight.redis_keys import REVISITS, REVISITS_DUE
from shared.messages import FetchPage, FetchRequest, Origin, PageDropped, Visit
from shared.urls import url_key
from tests.support.flights import ONE, TWO, at_parse, fetched
from tests.support.waiting import wait_until

HOUR = 3600


def page(url: str = ONE, **visit: Any) -> FetchPage:
    return FetchPage(flight_id="f", origin=Origin(url=url, source="desk", found_on=TWO, visit=Visit(**visit)))


def answered(record: FetchPage) -> Outcome:
    return Outcome(record=fetched(record), stage="parse", part="page", body=b"")


def ended(record: FetchPage, fate: Fate) -> PageDropped:
    return dropped("fetch", record, GiveUp("some_reason", "detail"), fate)


def due(client: "redis.Redis", url: str = ONE) -> float:
    """Seconds until the story is due."""
    at = client.zscore(REVISITS_DUE, url_key(url))
    assert at is not None
    return float(at) / 1000 - time.time()


def make_due(client: "redis.Redis", url: str = ONE, *, late: float = 1.0) -> None:
    client.zadd(REVISITS_DUE, {url_key(url): (time.time() - late) * 1000})


def start(revisits: Revisits) -> list[FetchRequest]:
    claim = revisits.claim_due()
    if claim.requests:
        revisits.confirm(claim)
    return claim.requests


def test_a_story_is_due_at_its_first_age_and_carries_the_others(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    revisits.plan_next(page(revisit=(HOUR, 6 * HOUR)), answered(page()))
    assert due(client) == pytest.approx(HOUR, abs=5)
    assert start(revisits) == []
    make_due(client)
    (request,) = start(revisits)
    assert (request.origin.url, request.origin.source, request.origin.found_on, request.only_new) == (
        ONE,
        "desk",
        TWO,
        False,
    )
    assert request.origin.visit.revisit == (6 * HOUR,)
    assert request.origin.visit.first_fetched_at == pytest.approx(time.time(), abs=5)
    assert start(revisits) == []
    assert not client.exists(REVISITS, REVISITS_DUE)


def test_ages_count_from_the_first_fetch_and_those_that_have_passed_are_left_out(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    record = page(first_fetched_at=time.time() - 2 * HOUR, revisit=(HOUR, 6 * HOUR, 24 * HOUR))
    revisits.plan_next(record, answered(record))
    assert due(client) == pytest.approx(4 * HOUR, abs=5)
    make_due(client)
    assert start(revisits)[0].origin.visit == Visit(
        first_fetched_at=record.origin.visit.first_fetched_at, revisit=(24 * HOUR,)
    )


def test_after_the_last_age_there_is_no_further_visit(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    for record in (page(), page(first_fetched_at=time.time() - 2 * HOUR, revisit=(HOUR,))):
        revisits.plan_next(record, answered(record))
    assert not client.exists(REVISITS, REVISITS_DUE)


@pytest.mark.parametrize(
    ("fate", "is_revisit", "planned"),
    [
        ("unchanged", False, True),
        ("unchanged", True, True),
        ("failed", True, True),
        ("failed", False, False),
        ("gone", True, False),
        ("refused", True, False),
    ],
)
def test_which_ends_have_a_next_visit(fate: Fate, is_revisit: bool, planned: bool, client: "redis.Redis") -> None:
    record = page(revisit=(HOUR,), first_fetched_at=time.time() if is_revisit else None)
    Revisits(client).plan_next(record, ended(record, fate))
    assert client.zcard(REVISITS_DUE) == int(planned)


def test_planning_twice_is_planning_once(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    for _ in range(2):
        revisits.plan_next(page(revisit=(HOUR,)), answered(page()))
    assert (client.zcard(REVISITS_DUE), client.hlen(REVISITS)) == (1, 1)


def test_one_tick_gets_each_and_a_dead_ticks_are_due_again(client: "redis.Redis") -> None:
    one, other = Revisits(client), Revisits(client)
    one.plan_next(page(revisit=(HOUR,)), answered(page()))
    make_due(client)
    assert len(one.claim_due().requests) == 1
    assert start(other) == []
    make_due(client)  # the lease of the one that never confirmed is over
    assert len(start(other)) == 1


def test_a_plan_made_while_the_claim_was_open_stays(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    revisits.plan_next(page(revisit=(HOUR, 2 * HOUR)), answered(page()))
    make_due(client)
    claim = revisits.claim_due()
    record = page(first_fetched_at=time.time() - HOUR, revisit=(2 * HOUR,))
    revisits.plan_next(record, answered(record))
    revisits.confirm(claim)
    assert due(client) == pytest.approx(HOUR, abs=5)


def test_there_is_a_limit_to_plans(client: "redis.Redis") -> None:
    revisits = Revisits(client, most_plans=1)
    for url in (ONE, TWO):
        revisits.plan_next(page(url, revisit=(HOUR,)), answered(page(url)))
    revisits.plan_next(page(revisit=(2 * HOUR,)), answered(page()))
    assert client.zcard(REVISITS_DUE) == 1
    assert due(client) == pytest.approx(2 * HOUR, abs=5)


def test_what_is_much_too_late_is_dropped(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    for url in (ONE, TWO):
        revisits.plan_next(page(url, revisit=(HOUR,)), answered(page(url)))
    make_due(client, TWO, late=TOO_LATE_S + 60)
    revisits.prune()
    assert [key.decode() for key in client.zrange(REVISITS_DUE, 0, -1)] == [url_key(ONE)]
    assert client.hlen(REVISITS) == 1


def test_a_plan_comes_due_by_itself(client: "redis.Redis") -> None:
    revisits = Revisits(client)
    revisits.plan_next(page(revisit=(1,)), answered(page()))
    assert [request.origin.url for request in wait_until(lambda: start(revisits))] == [ONE]


def test_a_story_that_is_in_the_air_when_it_is_due_keeps_its_plan(client: "redis.Redis", ledger: Ledger) -> None:
    """Behind a backlog its first flight may take longer than its first age; the visits after that are not lost."""
    revisits = Revisits(client)
    for url in (ONE, TWO):
        revisits.plan_next(page(url, revisit=(HOUR, 2 * HOUR)), answered(page(url)))
        make_due(client, url)
    at_parse(ledger, client, ONE)
    claim = revisits.claim_due()
    revisits.confirm(claim.taken_on(ledger.accept(claim.requests)))
    assert client.hkeys(REVISITS) == [url_key(ONE).encode()]
    assert due(client) == pytest.approx(LEASE_S, abs=5)
