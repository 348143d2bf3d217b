"""Which sources are due, and that only one tick gets each."""

import redis

from services.fetcher.schedule import Schedule
from services.fetcher.sources import Source
from tests.waiting import wait_until

FRONT = Source(name="front", url="https://news.example/", every="1d")
FEED = Source(name="feed", url="https://news.example/rss.xml", every="1s")


def test_a_new_source_is_due_at_once_and_claimed_by_one(client: "redis.Redis") -> None:
    one, other = Schedule(client), Schedule(client)
    assert one.claim_due([FRONT, FEED]) == [FRONT, FEED]
    assert other.claim_due([FRONT]) == []
    assert other.claim_due([]) == []


def test_a_source_is_due_again_after_its_time(client: "redis.Redis") -> None:
    schedule = Schedule(client)
    schedule.claim_due([FRONT, FEED])
    assert wait_until(lambda: schedule.claim_due([FRONT, FEED])) == [FEED]


def test_a_shorter_interval_counts_from_now_on(client: "redis.Redis") -> None:
    schedule = Schedule(client)
    schedule.claim_due([FRONT])
    sooner = Source(name="front", url=FRONT.url, every="1s")
    assert wait_until(lambda: schedule.claim_due([sooner])) == [sooner]
