"""Turns at a host are far enough apart, whoever takes them."""

import pytest
import redis

from services.fetcher.fetch import turn_taker
from services.fetcher.politeness import Politeness
from shared.failures import RetryLater

PAGE = "https://news.example/one"


def test_turns_are_a_delay_apart(client: "redis.Redis") -> None:
    politeness, other_worker = Politeness(client, host_delay=10), Politeness(client, host_delay=10)
    assert politeness.take_turn(PAGE, longest=60) == 0.0
    assert other_worker.take_turn("https://NEWS.example:443/two", longest=60) == pytest.approx(10, abs=1)
    assert politeness.take_turn(PAGE, longest=60) == pytest.approx(20, abs=1)
    assert politeness.take_turn("http://news.example/", longest=60) == 0.0, "another port is another server"


def test_a_turn_that_is_too_far_away_is_not_taken(client: "redis.Redis") -> None:
    politeness = Politeness(client, host_delay=10)
    politeness.take_turn(PAGE, longest=0)
    for _ in range(3):
        assert politeness.take_turn(PAGE, longest=5) == pytest.approx(10, abs=1)
    assert politeness.take_turn(PAGE, longest=11) == pytest.approx(10, abs=1)


def test_without_delay_or_without_host_there_is_no_wait(client: "redis.Redis") -> None:
    assert [Politeness(client, host_delay=0).take_turn(PAGE, longest=5) for _ in range(3)] == [0.0] * 3
    assert [Politeness(client, host_delay=10).take_turn("file:///x", longest=5) for _ in range(3)] == [0.0] * 3
    assert client.keys("depeche:touched") == []


def test_a_busy_host_sends_the_page_back_to_the_frontier(client: "redis.Redis") -> None:
    take_turn = turn_taker(Politeness(client, host_delay=60))
    take_turn(PAGE)
    with pytest.raises(RetryLater) as caught:
        take_turn(PAGE)
    assert (caught.value.reason, caught.value.counts) == ("host_busy", False)
    assert caught.value.after == pytest.approx(60, abs=1)


def test_the_clock_that_counts_is_that_of_redis(client: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose own clock is an hour behind still takes its turn."""
    monkeypatch.setattr("time.time", lambda: 0.0)
    take_turn = turn_taker(Politeness(client, host_delay=0.05))
    take_turn(PAGE)
    take_turn(PAGE)


def test_hosts_of_past_turns_are_forgotten(client: "redis.Redis") -> None:
    politeness = Politeness(client, host_delay=0.001)
    for number in range(20):
        politeness.take_turn(f"https://h{number}.example/", longest=5)
    politeness.take_turn(PAGE, longest=5)
    assert int(client.zcard("depeche:touched")) < 20
