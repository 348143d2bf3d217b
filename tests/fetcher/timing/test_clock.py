"""Redis' clock is set: what waits is due when it would have been, and what is lost is missed."""

import pytest
import redis

from services.fetcher.timing.clock import FORWARD_MS, Clock
from services.fetcher.timing.frontier import Frontier
from shared.broker.consumers import LOST_AFTER_S, Consumer, Consumers
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import CLOCK, CONSUMED, CONSUMERS
from shared.messages import FetchRequest, Origin
from tests.support.flights import ONE, TWO

HOUR_S = 3600.0


@pytest.fixture
def clock(client: "redis.Redis") -> Clock:
    return Clock(client)


def set_back(client: "redis.Redis", clock: Clock, seconds: float = HOUR_S) -> float:
    """As if the clock had been later by so much until now; returns by how much it has moved, as told."""
    clock.look()
    client.hincrbyfloat(CLOCK, "seen", seconds * 1000)
    return clock.look()


def ahead_s(client: "redis.Redis") -> float:
    return float(client.hget(CLOCK, "ahead") or 0) / 1000


def test_a_clock_that_runs_is_left_alone(client: "redis.Redis", clock: Clock) -> None:
    assert [clock.look() for _ in range(3)] == [0, 0, 0]
    assert ahead_s(client) == 0


def test_what_was_due_before_the_clock_was_set_back_is_due(client: "redis.Redis", clock: Clock, ledger: Ledger) -> None:
    """The page was accepted an hour ago by the clock of then, which is in an hour by the clock of now."""
    set_back(client, clock)
    ledger.accept([FetchRequest(origin=Origin(url=ONE))])
    client.delete(CLOCK)
    frontier = Frontier(client, host_delay=0)
    assert frontier.release(10, room=10)[1] == [], "without the look, it is due in an hour"
    assert set_back(client, clock) == pytest.approx(-HOUR_S, abs=30)
    ledger.accept([FetchRequest(origin=Origin(url=TWO))])
    assert len(frontier.release(10, room=10)[1]) == 2


def test_a_consumer_that_ends_after_the_clock_was_set_back_is_missed(client: "redis.Redis", clock: Clock) -> None:
    consumers = Consumers(client)
    consumers.beat("lives", Consumer.here("parse"))
    set_back(client, clock)
    assert consumers.bring_back_lost() == [], "it had no time for a sign of life since"
    assert "parse" not in consumers.silent_since()
    (shown,) = consumers.all()
    assert shown.seen_at is not None
    assert shown.seen_at.timestamp() == pytest.approx(client.time()[0], abs=30)
    client.zincrby(CONSUMERS, -1000 * (LOST_AFTER_S + 60), "lives")
    client.hincrbyfloat(CONSUMED, "parse", -1000 * (LOST_AFTER_S + 60))
    silent = consumers.silent_since()["parse"]
    assert silent is not None
    assert silent.timestamp() < client.time()[0]
    assert [lost.stage for lost in consumers.bring_back_lost()] == ["parse"]


def test_what_was_added_melts_away(client: "redis.Redis", clock: Clock) -> None:
    set_back(client, clock)
    before = ahead_s(client)
    client.hincrbyfloat(CLOCK, "seen", -20_000)
    assert clock.look() == 0
    assert before - 20 < ahead_s(client) <= before - 2


def test_a_clock_that_is_set_forward_again_takes_off_what_was_added(client: "redis.Redis", clock: Clock) -> None:
    set_back(client, clock)
    client.hincrbyfloat(CLOCK, "seen", -HOUR_S * 1000)
    assert clock.look() == pytest.approx(HOUR_S, abs=30)
    assert ahead_s(client) == 0


def test_no_consumer_is_lost_because_the_clock_was_set_forward(client: "redis.Redis", clock: Clock) -> None:
    consumers = Consumers(client)
    consumers.beat("lives", Consumer.here("parse"))
    clock.look()
    client.zincrby(CONSUMERS, -HOUR_S * 1000, "lives")
    client.hincrbyfloat(CLOCK, "seen", -HOUR_S * 1000)
    assert clock.look() * 1000 > FORWARD_MS
    assert consumers.bring_back_lost() == []
    assert ahead_s(client) == 0


def test_the_time_that_is_told_is_that_of_the_scripts(client: "redis.Redis", clock: Clock) -> None:
    set_back(client, clock)
    assert clock.now() == pytest.approx(client.time()[0] + HOUR_S, abs=30)
