"""A visit now, a pause and its end, against the schedule of a real Redis."""

import time

import pytest
import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.flight.redis_keys import PREFIX
from shared.sources.by_hand import ByHand
from shared.sources.log import SourceLog, SourceState
from tests.shared.sources.test_log import FIXED, Account
from tests.support.waiting import wait_until

FRONT = Source(name="front", url="https://news.example/", every="1h")


def due(client: "redis.Redis", source: Source = FRONT, schedule: Schedule | None = None) -> list[str]:
    """The sources that a tick with this one in its file would start now."""
    schedule = schedule or Schedule(client)
    schedule.enter({source.name: source})
    claim = schedule.claim_due()
    if claim.sources:
        schedule.confirm(claim)
    return [claimed.name for claimed in claim.sources]


def state(client: "redis.Redis", name: str = "front") -> SourceState:
    found = SourceLog(client).state_of(name)
    assert found is not None
    return found


def test_a_visit_now_is_one_visit(client: "redis.Redis") -> None:
    assert due(client) == ["front"]
    assert due(client) == []
    assert ByHand(client).visit("front")
    assert ByHand(client).visit("front")
    assert due(client) == ["front"]
    assert due(client) == []
    assert state(client).due == pytest.approx(time.time() + 3600, abs=10)


def test_a_paused_source_is_not_due_whatever_happens_to_tick_and_file(client: "redis.Redis") -> None:
    schedule = Schedule(client)
    due(client, schedule=schedule)
    by_hand = ByHand(client)
    assert by_hand.pause("front", None)
    assert (state(client).paused, state(client).paused_until) == (True, None)
    assert due(client) == []  # another tick
    assert due(client, Source(name="front", url=FRONT.url, every="1s"), schedule) == []  # other terms
    schedule.enter({})  # out of the file
    assert SourceLog(client).states() == []
    assert due(client, schedule=schedule) == []  # and in it again
    assert state(client).paused
    assert by_hand.resume("front")
    assert not state(client).paused
    assert due(client) == ["front"]


def test_a_visit_that_was_under_way_ends_and_the_pause_stays(client: "redis.Redis") -> None:
    account = Account(client, FIXED)
    ByHand(client).pause("front", None)
    after = account.visit(new=3)
    assert (after.result, after.stories, after.paused) == ("parsed", 3, True)
    assert after.due > time.time() + 86_400
    ByHand(client).resume("front")
    assert account.state().due == pytest.approx(time.time() + 600, abs=10)


def test_a_pause_ends_by_itself(client: "redis.Redis") -> None:
    ByHand(client)
    schedule = Schedule(client)
    due(client, schedule=schedule)
    ByHand(client).visit("front")
    ByHand(client).pause("front", 0.3)
    assert state(client).paused_until == pytest.approx(time.time() + 0.3, abs=0.3)
    assert due(client, schedule=schedule) == []
    assert wait_until(lambda: due(client, schedule=schedule)) == ["front"]
    assert not state(client).paused
    assert not ByHand(client).resume("front")


def test_a_pause_replaces_the_one_before(client: "redis.Redis") -> None:
    by_hand = ByHand(client)
    due(client)
    by_hand.pause("front", None)
    by_hand.pause("front", 60)
    assert state(client).due == pytest.approx(time.time() + 3600, abs=10)  # when it would be due anyway
    by_hand.pause("front", 7200)
    assert state(client).due == pytest.approx(time.time() + 7200, abs=10)


def test_a_lease_is_no_way_around_a_pause(client: "redis.Redis") -> None:
    schedule = Schedule(client)
    schedule.enter({"front": FRONT})
    claim = schedule.claim_due()
    ByHand(client).pause("front", None)
    schedule.confirm(claim)
    assert due(client, schedule=schedule) == []


def test_what_is_not_on_the_schedule(client: "redis.Redis") -> None:
    by_hand = ByHand(client)
    assert not by_hand.visit("gone")
    assert not by_hand.pause("gone", None)
    assert not by_hand.resume("gone")
    assert client.keys(PREFIX + "*") == []
