"""The tick's metrics: what Redis holds, read at each scrape, and what the tick has had to mend.

Nobody counts what is not there. So the tick, which no page can end, says how many workers each stage has.
"""

import threading
import time
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import redis
import structlog
from prometheus_client import Counter
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.fetcher.timing.clock import Clock
from services.fetcher.timing.queues import Queues
from shared.broker.consumers import WORKER_STAGES, Consumers
from shared.broker.redis_copies import copies_of
from shared.broker.redis_memory import memory_of
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import HOSTS, PAUSED, REFUSING
from shared.messages import QUEUES, TASKS
from shared.sources.log import SourceLog, SourceState

log = structlog.get_logger()

SENT_AGAIN = Counter("depeche_pages_sent_again", "Pages whose message was lost and was sent again.", ["stage"])
WORKERS_LOST = Counter("depeche_workers_lost", "Workers that ended without saying so.", ["stage"])
for _stage in TASKS:  # a counter that appears with its first event is one that no rate sees
    SENT_AGAIN.labels(_stage)
    WORKERS_LOST.labels(_stage)

# What is known of ten thousand sources takes Redis and Python half a second, so it is read this seldom (s).
SOURCES_EVERY_S = 60.0
# How many sources have series of their own: those that have failed most often in a row.
MOST_FAILING = 100
# A source that is due for so long (s) without being visited is late.
LATE_AFTER_S = 300.0


class RedisFacts(Collector):
    """The metrics that are read from Redis at each scrape."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._ledger = Ledger(client)
        self._clock = Clock(client)
        self._queues = Queues(client)
        self._consumers = Consumers(client)
        self._sources = SourceLog(client)
        self._states: list[SourceState] = []
        self._read_at = -SOURCES_EVERY_S
        self._lock = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Return no metrics in advance, so that registering does not read Redis."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics or, if Redis does not answer, only `depeche_redis_up` as 0."""
        read: list[Metric] = []
        try:
            read += [*self._work(), *self._hosts(), *self._memory(), *self._copies(), *self._of_sources()]
        except redis.RedisError as error:
            log.warning("metrics_incomplete", error=str(error))
            read.clear()
        yield _gauge("depeche_redis_up", "Whether the tick could read Redis for this scrape.", float(bool(read)))
        yield from read

    def _work(self) -> Iterator[Metric]:
        counts = self._ledger.counts()
        yield _gauges("depeche_pages_in_flight", "Pages in the ledger, by stage.", "stage", counts)
        pipeline = self._redis.pipeline(transaction=False)
        for queue in QUEUES.values():
            pipeline.llen(queue)
        lengths = dict(zip(QUEUES, pipeline.execute(), strict=True))
        yield _gauges("depeche_queue_messages", "Messages in the queue of a stage.", "stage", lengths)
        text = "Time that the oldest page has waited in the queue of a stage; 0 for an empty queue."
        yield _gauges("depeche_queue_oldest_seconds", text, "stage", self._queues.oldest())
        silent = self._consumers.silent_since()
        workers = Tally(one.stage for one in self._consumers.all() if one.stage not in silent)
        there = {stage: workers[stage] for stage in WORKER_STAGES}
        yield _gauges("depeche_workers", "Workers that give signs of life, by stage.", "stage", there)

    def _hosts(self) -> Iterator[Metric]:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zcard(HOSTS)
        pipeline.zcount(PAUSED, self._clock.now() * 1000, "+inf")
        pipeline.zcard(REFUSING)
        waiting, paused, refusing = pipeline.execute()
        yield _gauge("depeche_frontier_hosts", "Hosts with pages that wait for their turn.", waiting)
        held = {"paused": paused, "refusing": refusing}
        text = "Hosts that asked for a pause, and hosts that refuse every request (429, 503); one may be both."
        yield _gauges("depeche_hosts_held", text, "why", held)

    def _memory(self) -> Iterator[Metric]:
        memory = memory_of(self._redis)
        if memory is None:
            return
        yield _gauge("depeche_redis_memory_bytes", "Memory that Redis uses.", memory.used)
        text = "Memory that Redis may use; 0 for no limit."
        yield _gauge("depeche_redis_memory_limit_bytes", text, memory.limit or 0)

    def _copies(self) -> Iterator[Metric]:
        copies = copies_of(self._redis)
        if copies is None:
            return
        text = "Whether Redis could save what it holds when it last tried, in its log and in a snapshot."
        yield _gauges("depeche_redis_saved", text, "way", copies.saved)
        yield _gauge("depeche_redis_replicas", "Replicas that follow Redis.", copies.replicas)
        text = "Time since the most silent of them was heard of; 0 for none."
        yield _gauge("depeche_redis_replica_lag_seconds", text, copies.lag_s)

    def _of_sources(self) -> Iterator[Metric]:
        now = self._clock.now()
        states = self._read_states()
        tally = Tally(_state_of(source, now) for source in states)
        numbers = {state: tally[state] for state in ("good", "failing", "late", "paused", "new")}
        yield _gauges("depeche_sources", "Sources on the schedule, by their state.", "state", numbers)
        failing = sorted(states, key=lambda source: -source.failures)[:MOST_FAILING]
        failures = {source.name: source.failures for source in failing if source.failures}
        text = f"Failed visits in a row to a source; of the {MOST_FAILING} with the most."
        yield _gauges("depeche_source_failures", text, "source", failures)

    def _read_states(self) -> list[SourceState]:
        with self._lock:
            if time.monotonic() - self._read_at >= SOURCES_EVERY_S:
                self._states, self._read_at = self._sources.states(), time.monotonic()
            return self._states


def _state_of(source: SourceState, now: float) -> str:
    if source.paused:
        return "paused"
    if source.due < now - LATE_AFTER_S:
        return "late"
    if source.failures:
        return "failing"
    return "good" if source.visits else "new"


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _gauges(name: str, text: str, label: str, values: Mapping[Any, float]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=[label])
    for of, value in values.items():
        gauge.add_metric([of], value)
    return gauge
