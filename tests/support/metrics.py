"""The metrics of all services, as a scrape finds them and as the documents name them."""

import re
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import redis
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from cli.relay import metrics as _of_a_relay  # noqa: F401 - its metrics are those of a relay
from services.fetcher.archive import archive  # noqa: F401 - its metrics are those of a fetcher
from services.fetcher.metrics import RedisFacts
from services.indexer.connection import Pool
from services.indexer.metrics import DatabaseFacts
from shared.flight import counts  # noqa: F401 - its metrics are those of all stages

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `(depeche_\w+)(?:\{([\w, ]+)\})?` \| (\w+) \| ([\w, ]+) \|", re.MULTILINE)

# Name -> its kind and labels, e.g. depeche_stage_pages_total -> ("counter", {"stage", "result", "kind"}).
Told = dict[str, tuple[str, frozenset[str]]]


def documented() -> Told:
    """The metrics that docs/operations.md has in its table."""
    rows = ROW.findall(OPERATIONS.read_text("utf-8"))
    return {name: (kind, frozenset(labels.replace(" ", "").split(",")) - {""}) for name, labels, kind, _ in rows}


def documented_of(service: str) -> set[str]:
    """The metrics that the table says this service serves."""
    return {
        name for name, _, _, services in ROW.findall(OPERATIONS.read_text("utf-8")) if service in services.split(", ")
    }


def of_the_code(pool: Pool, client: "redis.Redis") -> Told:
    """All metrics that the services have, whether they have counted anything yet or not."""
    told: Told = {}
    for collector in [*REGISTRY._collector_to_names, RedisFacts(client), DatabaseFacts(pool)]:
        if isinstance(collector, MetricWrapperBase):
            told |= {_name(collector._name, collector._type): (collector._type, frozenset(collector._labelnames))}
        else:
            told |= {_name(f.name, f.type): (f.type, _labels(f)) for f in collector.collect()}
    return {name: of for name, of in told.items() if name.startswith("depeche_")}


def scraped(port: int) -> Iterator[Metric]:
    """The families that are served at this port of the loopback."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        yield from text_string_to_metric_families(answer.read().decode())


def names(families: Iterable[Metric]) -> set[str]:
    """Their names, those of Depeche alone."""
    return {_name(f.name, f.type) for f in families if f.name.startswith("depeche_")}


def value(families: Iterable[Metric], sample: str, labels: Mapping[str, str]) -> float:
    """The value of a sample with these labels among others, added up; 0 where there is none."""
    samples = [s for f in families for s in f.samples if s.name == sample]
    return sum(s.value for s in samples if labels.items() <= s.labels.items())


def _name(family: str, kind: str) -> str:
    return family + "_total" * (kind == "counter")


def _labels(family: Metric) -> frozenset[str]:
    return frozenset(getattr(family, "_labelnames", ()))
