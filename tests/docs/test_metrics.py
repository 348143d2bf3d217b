"""docs/operations.md lists every metric with its kind and labels, and nothing else."""

import re
import urllib.request
from pathlib import Path

import redis
from prometheus_client.parser import text_string_to_metric_families

from services.fetcher.timing.queues import Queues
from services.indexer.app import open_pool
from services.indexer.metrics import metrics_served
from services.indexer.settings import IndexerSettings
from shared.metrics import served
from tests.support.site import dead_port

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `(depeche_\w+)(?:\{[\w, ]+\})?` \| (\w+) \|", re.MULTILINE)


def test_every_metric_is_documented_and_every_row_is_a_metric(database_url: str, client: "redis.Redis") -> None:
    port = dead_port()
    with (
        open_pool(database_url, 1) as pool,
        metrics_served(IndexerSettings(metrics_port=port), pool),
        served("127.0.0.1", dead_port(), Queues(client), setting=""),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer,
    ):
        families = [*text_string_to_metric_families(answer.read().decode())]
    families_served = {
        f.name + "_total" * (f.type == "counter"): f.type for f in families if f.name.startswith("depeche_")
    }
    assert dict(ROW.findall(DOCUMENT.read_text("utf-8"))) == families_served
