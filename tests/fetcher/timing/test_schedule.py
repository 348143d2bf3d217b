"""Which sources are due, that only one tick gets each, and that none is forgotten."""

from collections.abc import Mapping

import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import FORGOTTEN_AFTER_S, Schedule
from shared.flight.redis_keys import SOURCE, SOURCES
from tests.support.waiting import wait_until

FRONT = Source(name="front", url="https://news.example/", every="1d")
FEED = Source(name="feed", url="https://news.example/rss.xml", every="1s")


def by_name(*sources: Source) -> Mapping[str, Source]:
    return {source.name: source for source in sources}


def entered(client: "redis.Redis", *sources: Source) -> Schedule:
    schedule, named = Schedule(client), by_name(*sources)
    while schedule.enter(named):
        pass
    return schedule


def start(schedule: Schedule) -> list[str]:
    """Claim, and say that the ledger has the requests."""
    claim = schedule.claim_due()
    if claim.sources:
        schedule.confirm(claim)
    return sorted(source.name for source in claim.sources)


def test_a_new_source_is_due_at_once_and_claimed_by_one(client: "redis.Redis") -> None:
    one, other = entered(client, FRONT, FEED), entered(client, FRONT, FEED)
    assert start(one) == ["feed", "front"]
    assert start(other) == []
    assert start(entered(client)) == []


def test_a_source_is_due_again_after_its_time(client: "redis.Redis") -> None:
    schedule = entered(client, FRONT, FEED)
    start(schedule)
    assert wait_until(lambda: start(schedule)) == ["feed"]


def test_a_shorter_interval_counts_from_the_last_claim_on(client: "redis.Redis") -> None:
    start(entered(client, FRONT))
    sooner = Source(name="front", url=FRONT.url, every="1s")
    schedule = entered(client, sooner)
    assert wait_until(lambda: start(schedule)) == ["front"]


def test_a_claim_whose_tick_died_is_due_again_after_its_lease(client: "redis.Redis") -> None:
    schedule = entered(client, FRONT)
    assert schedule.claim_due().sources == [FRONT]
    assert start(schedule) == []
    client.zincrby(SOURCES, -61_000, FRONT.name)
    assert start(schedule) == ["front"]


def test_a_visit_that_ended_before_the_claim_was_confirmed_keeps_its_due_time(client: "redis.Redis") -> None:
    schedule = entered(client, FRONT)
    claim = schedule.claim_due()
    client.zadd(SOURCES, {FRONT.name: 1.0})
    schedule.confirm(claim)
    assert client.zscore(SOURCES, FRONT.name) == 1.0


def test_so_many_at_a_time_and_all_in_the_end(client: "redis.Redis") -> None:
    schedule = entered(client, *(Source(name=f"s{n}", url=f"https://news.example/{n}") for n in range(600)))
    claims = [schedule.claim_due(250) for _ in range(4)]
    assert [len(claim.sources) for claim in claims] == [250, 250, 100, 0]
    assert len({source.name for claim in claims for source in claim.sources}) == 600


def test_what_leaves_the_file_leaves_the_schedule(client: "redis.Redis") -> None:
    schedule = entered(client, FRONT, FEED)
    start(schedule)
    schedule.enter(by_name(FEED))
    assert client.zrange(SOURCES, 0, -1) == [b"feed"]
    assert not client.exists(SOURCE + "front")


def test_sources_of_a_tick_with_another_file_are_left_to_it(client: "redis.Redis") -> None:
    others = [Source(name=f"other{n}", url=f"https://other.example/{n}") for n in range(30)]
    theirs, ours = entered(client, *others), entered(client, FRONT)
    assert [source.name for source in ours.claim_due(10).sources] == ["front"]
    assert len(theirs.claim_due().sources) == 30


def test_what_redis_has_lost_is_entered_again(client: "redis.Redis") -> None:
    schedule, sources = Schedule(client), by_name(FRONT)
    schedule.enter(sources)
    start(schedule)
    client.flushdb()
    assert start(schedule) == []
    schedule.enter(sources)
    assert start(schedule) == ["front"]


def test_many_sources_are_entered_so_many_a_beat(client: "redis.Redis") -> None:
    schedule = Schedule(client)
    sources = by_name(*(Source(name=f"s{n}", url=f"https://news.example/{n}") for n in range(600)))
    counts = []
    while True:
        more = schedule.enter(sources)
        counts.append(client.zcard(SOURCES))
        if not more:
            break
    assert counts == [250, 500, 600]


def test_what_is_in_nobodys_file_is_forgotten_in_the_end(client: "redis.Redis") -> None:
    entered(client, FEED)
    schedule = entered(client, FRONT)
    schedule.prune()
    assert client.zcard(SOURCES) == 2
    for name in ("feed", "front"):
        client.zincrby(SOURCES, -FORGOTTEN_AFTER_S * 1000 - 1000, name)
    schedule.prune()
    assert client.zrange(SOURCES, 0, -1) == [b"front"]
    assert not client.exists(SOURCE + "feed")
