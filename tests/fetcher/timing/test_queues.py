"""The age of the oldest page that waits for a worker, which says whether a stage has workers enough."""

import os
import subprocess
import sys
import urllib.request
from typing import Any

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from services.fetcher.metrics import RedisFacts
from services.fetcher.timing.queues import Queues
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import STAGE
from shared.messages import QUEUES
from tests.support.flights import ONE, TWO, at_fetch, at_parse, backdate
from tests.support.site import dead_port
from tests.support.waiting import wait_until

NOBODY_WAITS = {"fetch": 0.0, "parse": 0.0, "index": 0.0}


def test_nobody_waits_in_empty_queues(ledger: Ledger, client: "redis.Redis") -> None:
    assert Queues(client).oldest() == NOBODY_WAITS
    (record,) = at_parse(ledger, client, ONE)
    client.delete(QUEUES["parse"])
    backdate(client, "parse", record.flight_id, 100)
    assert Queues(client).oldest() == NOBODY_WAITS, "the page is in a worker's hand"


def test_the_oldest_page_of_a_queue_counts_from_its_publication(ledger: Ledger, client: "redis.Redis") -> None:
    one, two = at_fetch(ledger, client, ONE, TWO)
    client.lpush(QUEUES["fetch"], "a message")
    backdate(client, "fetch", one.flight_id, 100_000)
    backdate(client, "fetch", two.flight_id, 50_000)
    ages = Queues(client).oldest()
    assert ages.pop("fetch") >= 100_000
    assert set(ages.values()) == {0.0}


def test_a_page_that_has_been_taken_does_not_wait(ledger: Ledger, client: "redis.Redis") -> None:
    one, two = at_fetch(ledger, client, ONE, TWO)
    client.lpush(QUEUES["fetch"], "a message")
    backdate(client, "fetch", one.flight_id, 100_000)
    backdate(client, "fetch", two.flight_id, 50_000)
    taken = client.zscore(STAGE + "fetch", one.flight_id)
    assert isinstance(taken, float)
    ledger.note_taken("fetch", (taken + 1) / 1000)
    assert 50_000 <= Queues(client).oldest()["fetch"] < 100_000


def test_without_redis_there_is_no_age(client: "redis.Redis") -> None:
    """KEDA leaves the number of workers as it is then; an age of 0 would take them away."""

    def refuse(**_: Any) -> Any:
        raise redis.ConnectionError("gone")

    facts = RedisFacts(client)
    facts._queues.oldest = refuse  # type: ignore[method-assign]
    told = {sample.name: sample.value for metric in facts.collect() for sample in metric.samples}
    assert told == {"depeche_redis_up": 0}


@pytest.mark.workers
def test_the_running_tick_serves_the_ages(redis_url: str) -> None:
    port = dead_port()
    env = {**os.environ, "DEPECHE_REDIS_URL": redis_url, "DEPECHE_METRICS_PORT": str(port)}

    def stages() -> set[str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                families = [*text_string_to_metric_families(answer.read().decode())]
        except OSError:
            return set()
        return {s.labels["stage"] for f in families if f.name == "depeche_queue_oldest_seconds" for s in f.samples}

    with subprocess.Popen([sys.executable, "-m", "services.fetcher.tick"], env=env, stderr=subprocess.DEVNULL) as tick:
        try:
            wait_until(lambda: stages() == set(NOBODY_WAITS), what="the tick's metrics")
        finally:
            tick.terminate()
