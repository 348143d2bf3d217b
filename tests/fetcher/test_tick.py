"""One beat of the tick on the real Redis: releases, due sources, losses, back-pressure."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from services.fetcher.politeness.host_turns import HostTurns, Pace, Turn, Verdict
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import SourcesFile
from services.fetcher.sources.source import Source
from services.fetcher.tick import Tick, run
from services.fetcher.timing.revisits import Revisits
from shared.flight.intake import Backbone
from shared.flight.outcome import Outcome
from shared.flight.redis_keys import REVISITS_DUE, SEEN
from shared.host_scope import host_key_of
from shared.messages import MAX_LOSSES, QUEUES, FetchPage, FetchRequest, Origin, Visit
from shared.sources.log import SourceLog
from shared.urls import url_key
from tests.support.flights import ONE, TWO, at_fetch, at_index, at_parse, backdate, fetched, published, published_drops
from tests.support.waiting import wait_until


def make_tick(client: "redis.Redis", backbone: Backbone, **settings: Any) -> Tick:
    return Tick(client, backbone, FetcherSettings(**{"host_delay": 0, "host_connections": 0, **settings}))


def accept(backbone: Backbone, *urls: str) -> None:
    backbone.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls])


def pages_of(messages: list[dict[str, Any]]) -> list[int]:
    return [len(message["pages"]) for message in messages]


def test_what_is_released_is_published(client: "redis.Redis", backbone: Backbone) -> None:
    accept(backbone, ONE, TWO)
    tick = make_tick(client, backbone)
    assert (tick.release(), tick.release()) == (2, 0)
    messages = published(client, "fetch")
    assert {page["origin"]["url"] for message in messages for page in message["pages"]} == {ONE, TWO}
    assert all(abs(m["published_at"] - client.time()[0]) < 30 for m in messages)


def test_a_url_is_known_for_as_long_as_the_setting_says(client: "redis.Redis", backbone: Backbone) -> None:
    accept(backbone, ONE, TWO)
    client.zincrby(SEEN, -2 * 3_600_000, url_key(ONE))
    make_tick(client, backbone, keep_known_urls="3h").prune()
    assert client.zcard(SEEN) == 2
    make_tick(client, backbone, keep_known_urls="1h").prune()
    assert client.zrange(SEEN, 0, -1) == [url_key(TWO).encode()]


def test_few_pages_are_spread_over_the_threads_and_many_are_bundled(client: "redis.Redis", backbone: Backbone) -> None:
    accept(backbone, *(f"{ONE}/{n}" for n in range(8)))
    make_tick(client, backbone, fetcher_threads=8).release()
    assert pages_of(published(client, "fetch")) == [1] * 8
    client.delete(QUEUES["fetch"])
    accept(backbone, *(f"{TWO}/{n}" for n in range(128)))
    make_tick(client, backbone, fetcher_threads=8).release()
    assert pages_of(published(client, "fetch")) == [16] * 8


def test_nothing_is_released_while_the_stages_behind_are_full(client: "redis.Redis", backbone: Backbone) -> None:
    tick = make_tick(client, backbone, max_in_air=5)
    records = at_index(backbone.ledger, client, *(f"{TWO}/{n}" for n in range(2)))
    at_parse(backbone.ledger, client, f"{TWO}/parsing")
    accept(backbone, *(f"{ONE}/{n}" for n in range(9)))
    assert (tick.release(), tick.release()) == (2, 0)
    backbone.ledger.land([records[0].flight_id])
    assert (tick.release(), tick.release()) == (1, 0)


def test_little_is_released_while_redis_is_nearly_full(client: "redis.Redis", backbone: Backbone) -> None:
    accept(backbone, *(f"{ONE}/{n}" for n in range(9)))
    used, limit = client.info("memory")["used_memory"], client.config_get("maxmemory")["maxmemory"]
    try:
        client.config_set("maxmemory", used * 10 // 9)
        nearly_full = make_tick(client, backbone, fetcher_threads=2)
        assert (nearly_full.release(), nearly_full.release()) == (2, 0)
        client.config_set("maxmemory", used * 2)
        assert make_tick(client, backbone, fetcher_threads=2).release() == 7
    finally:
        client.config_set("maxmemory", limit)


def test_a_due_source_is_fetched_and_its_headlines_are_followed(client: "redis.Redis", backbone: Backbone) -> None:
    tick = make_tick(client, backbone)
    sources = {"front": Source(name="front", url="https://news.example/", every="1h", follow="ticker")}
    assert tick.start_due(sources)
    assert not tick.start_due(sources)
    assert tick.release() == 1
    (page,) = published(client, "fetch")[0]["pages"]
    assert (page["origin"]["source"], page["follow"]["kinds"]) == ("front", ["ticker"])


def test_two_ticks_at_once_start_each_source_once(client: "redis.Redis", backbone: Backbone) -> None:
    sources = {f"s{n}": Source(name=f"s{n}", url=f"https://news{n}.example/", every="1h") for n in range(400)}
    ticks = [make_tick(client, backbone) for _ in range(4)]
    started = threading.Barrier(len(ticks))

    def beat(tick: Tick) -> None:
        started.wait()
        for _ in range(5):
            tick.start_due(sources)

    with ThreadPoolExecutor(len(ticks)) as threads:
        list(threads.map(beat, ticks))
    assert backbone.ledger.counts()["waiting"] == 400
    assert client.hlen("depeche:air") == 400


def test_a_due_story_is_fetched_again(client: "redis.Redis", backbone: Backbone) -> None:
    page = FetchPage(flight_id="f", origin=Origin(url=ONE, source="desk", visit=Visit(revisit=(3600, 7200))))
    Revisits(client).plan_next(page, Outcome(record=fetched(page), stage="parse", part="page", body=b""))
    tick = make_tick(client, backbone)
    assert not tick.start_due({})
    client.zincrby(REVISITS_DUE, -3_700_000, url_key(ONE))
    assert tick.start_due({})
    tick.release()
    (again,) = published(client, "fetch")[0]["pages"]
    assert (again["origin"]["url"], again["origin"]["source"], again["origin"]["visit"]["revisit"]) == (
        ONE,
        "desk",
        [7200],
    )
    assert again["origin"]["visit"]["first_fetched_at"] > 0
    assert not tick.start_due({})


def test_a_source_whose_page_kills_its_workers_is_failing(client: "redis.Redis", backbone: Backbone) -> None:
    tick = make_tick(client, backbone)
    tick.start_due({"front": Source(name="front", url=ONE, every="1h")})
    tick.release()
    flight_id = published(client, "fetch")[0]["pages"][0]["flight_id"]
    for _ in range(MAX_LOSSES + 1):
        backdate(client, "fetch", flight_id, 121)
        client.delete(QUEUES["fetch"])
        tick.reconcile()
    state = SourceLog(client).state_of("front")
    assert state is not None
    assert (state.result, state.reason, state.failures) == ("quarantined", "lost_too_often", 1)


def test_a_lost_message_is_published_again_alone(client: "redis.Redis", backbone: Backbone) -> None:
    tick = make_tick(client, backbone)
    records = at_parse(backbone.ledger, client, *(f"{ONE}/{n}" for n in range(3)))
    tick.reconcile()
    assert published(client, "parse") == []
    for record in records:
        backdate(client, "parse", record.flight_id, 46)
    tick.reconcile()
    tick.reconcile()
    assert pages_of(published(client, "parse")) == [1, 1, 1]


def test_how_long_a_message_may_be_away_can_be_scaled(client: "redis.Redis", backbone: Backbone) -> None:
    (record,) = at_parse(backbone.ledger, client, ONE)
    backdate(client, "parse", record.flight_id, 10)
    make_tick(client, backbone, lost_after_factor=2).reconcile()
    assert published(client, "parse") == []
    make_tick(client, backbone, lost_after_factor=0.1).reconcile()
    assert pages_of(published(client, "parse")) == [1]


@pytest.mark.parametrize("stage", ["fetch", "parse", "index"])
def test_what_is_lost_time_and_again_is_quarantined(stage: Any, client: "redis.Redis", backbone: Backbone) -> None:
    tick = make_tick(client, backbone)
    (record,) = {"fetch": at_fetch, "parse": at_parse, "index": at_index}[stage](backbone.ledger, client, ONE)
    for _ in range(MAX_LOSSES):
        backdate(client, stage, record.flight_id, 121)
        client.delete(QUEUES[stage])
        tick.reconcile()
        assert pages_of(published(client, stage)) == [1]
    client.delete(QUEUES[stage])
    backdate(client, stage, record.flight_id, 121)
    tick.reconcile()
    (drop,) = published_drops(client)
    assert (drop.fate, drop.reason, drop.stage, drop.origin.url) == ("quarantined", "lost_too_often", stage, ONE)
    assert drop.message is not None
    assert record.flight_id in drop.message
    assert backbone.ledger.at_stage("index", [record.flight_id])
    if stage != "index":
        assert published(client, stage) == []


def test_the_loop_beats_until_it_is_stopped(client: "redis.Redis", backbone: Backbone, tmp_path: Any) -> None:
    stop, health_file = threading.Event(), tmp_path / "alive"
    accept(backbone, ONE)
    loop = threading.Thread(target=run, args=(make_tick(client, backbone), SourcesFile(None), stop, str(health_file)))
    loop.start()
    try:
        wait_until(lambda: published(client, "fetch"))
        wait_until(health_file.exists)
    finally:
        stop.set()
        loop.join(60)
    assert not loop.is_alive()


@pytest.mark.parametrize("in_between", [None, "robots", "page"])
def test_pages_of_a_host_that_refuses_everything_fail_at_last(
    in_between: str | None, client: "redis.Redis", backbone: Backbone
) -> None:
    """An answer for its robots.txt makes no difference; one with a page does."""
    turns = HostTurns(client, Pace(host_delay=0, host_connections=0, lease_s=1), host_key_of("host"))
    accept(backbone, ONE, "https://other.example/")
    refuse(turns, ONE)
    if in_between:
        refuse(turns, "https://news.example/robots.txt" if in_between == "robots" else TWO, "good")
    refuse(turns, ONE)
    patient = make_tick(client, backbone)
    patient.give_up_hopeless()
    assert backbone.ledger.counts()["waiting"] == 2, "it has been so for a moment only"
    since = client.zscore("depeche:refusing", "news.example:443")
    client.zadd("depeche:refusing", {"news.example:443": since - 90_000_000})  # type: ignore[operator]
    for flight in client.scan_iter("depeche:flight:*"):
        client.hincrby(flight, "accepted_at", -90_000_000)
    if in_between == "page":
        refuse(turns, TWO, "good")
    patient.give_up_hopeless()
    ends = published_drops(client)
    if in_between == "page":
        assert ends == []
        return
    (end,) = ends
    assert (end.origin.url, end.fate, end.reason, end.http_status) == (ONE, "failed", "http_429", 429)
    assert "refused every request since" in end.detail
    assert backbone.ledger.counts() == {"waiting": 1, "fetch": 0, "parse": 0, "index": 1}
    patient.give_up_hopeless()
    assert len(published_drops(client)) == 1
    released = patient.release()
    assert released == 1, "the other host's page is where it was"


def refuse(turns: HostTurns, url: str, verdict: Verdict = "overloaded") -> None:
    """The host's answer to a request for this page."""
    turn = Turn(host="news.example:443", url=url, lease="", delay_ms=0, granted_at_ms=0, is_paced=False)
    turns.end(turn, verdict, reason="http_429")
