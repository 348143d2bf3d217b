"""How long has the oldest page waited in each stage's queue? Where that grows, the stage has too few workers."""

from collections.abc import Iterable, Iterator
from typing import cast

import redis
import structlog
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.flight.lua_script import lua_script
from shared.messages import TASKS, StageName

log = structlog.get_logger()


class Queues(Collector):
    """Reads the queues' ages; as a metric, they are read at each scrape."""

    def __init__(self, client: "redis.Redis") -> None:
        self._ages = lua_script(client, __package__, "queues_oldest.lua")

    def oldest(self) -> dict[StageName, float]:
        """Returns the seconds for which the oldest page has waited in each stage's queue; 0 for an empty queue."""
        ages = cast(list[int], self._ages(args=[*TASKS]))
        return {stage: age / 1000 for stage, age in zip(TASKS, ages, strict=True)}

    def describe(self) -> Iterable[Metric]:
        """Return no metrics in advance, so that registering does not read Redis."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the ages; nothing while Redis does not answer, since 0 would say that nothing waits."""
        gauge = GaugeMetricFamily(
            "depeche_queue_oldest_seconds",
            "Time that the oldest page has waited in the queue of a stage; 0 for an empty queue.",
            labels=["stage"],
        )
        try:
            for stage, seconds in self.oldest().items():
                gauge.add_metric([stage], seconds)
        except redis.RedisError as error:
            log.warning("metrics_incomplete", error=str(error))
            return
        yield gauge
