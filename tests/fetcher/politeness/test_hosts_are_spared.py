"""Many workers, one Redis: however they interleave, no host is touched more often or by more at a time than allowed.

Counted where it matters, at the hosts, which are in a process of their own.
"""

import queue
import random
import threading

import pytest
import redis

from services.fetcher.app import download_options, make_politeness
from services.fetcher.download.download import Downloader
from services.fetcher.fetch import Fetcher
from services.fetcher.politeness import host_turns
from services.fetcher.settings import FetcherSettings
from services.fetcher.timing.frontier import Frontier
from services.fetcher.validators import PageMemory
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.stage import Stage
from shared.messages import FetchPage, FetchRequest, Origin, to_wire
from shared.per_thread import PerThread
from shared.urls import host_of
from tests.fetcher.watched_hosts import Hosts, watched_hosts
from tests.support.waiting import wait_until

WORKERS, HOSTS, PAGES = 12, 6, 120
DELAY_S, CONNECTIONS = 0.1, 2
SLOW, CRAWL_DELAY_S = 1, 0.25  # this host's robots.txt asks for more time
# The hosts know how late they may have read a request; what remains (s) is forgiven.
JITTER_S = 0.01
# A pause counts from when the worker has read of it, and what had its turn before comes still.
GRACE_S = 0.25


@pytest.fixture
def _quick_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    """An overloaded host's delay starts from little, so that the test need not wait for long."""
    monkeypatch.setattr(host_turns, "LONGEST_GROWN_MS", 400)
    monkeypatch.setattr(host_turns, "SHORTEST_GROWN_MS", 100)


def random_urls(hosts: Hosts, chance: random.Random) -> list[str]:
    """Pages that are quick and slow, redirect to other hosts, or ask for a pause."""

    def page(number: int) -> str:
        kind = chance.random()
        query = f"n={number}&after={chance.choice([0, 0, 0.02, 0.3])}"
        if kind < 0.2:
            query = f"n={number}&to={chance.choice(hosts.bases)}/page?n={number}"
        elif kind < 0.25:
            query += "&status=429&retry=1"
        elif kind < 0.3:
            query += "&status=503"
        return f"{chance.choice(hosts.bases)}/page?{query}"

    return [page(number) for number in range(PAGES)]


@pytest.mark.usefixtures("_quick_growth")
def test_no_host_is_touched_too_often_by_many_workers(redis_url: str, backbone: Backbone) -> None:
    settings = FetcherSettings(
        host_delay=DELAY_S,
        host_connections=CONNECTIONS,
        allow_networks="127.0.0.0/8",  # type: ignore[arg-type]
        total_timeout=10,
    )
    with watched_hosts(HOSTS, {SLOW: CRAWL_DELAY_S}, GRACE_S) as hosts:
        backbone.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in random_urls(hosts, random.Random(20))])
        messages = run_fetchers(redis_url, backbone, settings)
        seen = hosts.seen()
    assert sum(host.requests for host in seen.values()) >= PAGES + HOSTS
    for number, host in enumerate(seen.values()):
        delay = CRAWL_DELAY_S if number == SLOW else DELAY_S
        assert host.least_gap is not None
        assert host.least_gap >= delay - JITTER_S, host
        assert 1 <= host.most_at_once <= CONNECTIONS, host
        assert host.in_pauses == 0, host
    assert any(host.most_at_once > 1 for host in seen.values()), "nothing was at the same time"
    # A page waits in the frontier: it is not sent out and taken back again and again.
    assert messages < 2.0 * PAGES


def run_fetchers(redis_url: str, backbone: Backbone, settings: FetcherSettings) -> int:
    """Release and fetch until nothing waits; gives the number of messages that it took."""
    released: queue.Queue[str | None] = queue.Queue()

    def worker() -> None:
        """As a process of its own: with its own client and its own caches."""
        client = connect_redis(redis_url)
        downloader = Downloader(download_options(settings))
        fetcher = Fetcher(
            downloaders=PerThread(lambda: downloader),
            politeness=make_politeness(client, settings, host_of),
            memory=PageMemory(client),
        )
        stage: Stage[FetchPage] = Stage("fetch", FetchPage, backbone)
        while (record := released.get()) is not None:
            stage.run(to_wire([record], 1.0), fetcher.fetch)
        downloader.close()
        client.close()

    workers = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in workers:
        thread.start()
    client: redis.Redis = connect_redis(redis_url)
    frontier = Frontier(client, host_delay=settings.host_delay, host_connections=settings.host_connections)
    messages = 0

    def is_over() -> bool:
        nonlocal messages
        for flight in frontier.release(100, room=1000)[1]:
            released.put(flight.record)
            messages += 1
        counts = backbone.ledger.counts()
        return counts["waiting"] == counts["fetch"] == 0

    try:
        wait_until(is_over, timeout=90)
    finally:
        for _ in workers:
            released.put(None)
        for thread in workers:
            thread.join(60)
    assert not any(thread.is_alive() for thread in workers)
    client.close()
    return messages
