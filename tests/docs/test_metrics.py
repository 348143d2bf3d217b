"""docs/operations.md lists every metric with its kind and labels, and nothing else.

tests/e2e/test_metrics.py looks whether the running services serve them.
"""

import redis

from services.indexer.app import open_pool
from tests.support.metrics import documented, of_the_code


def test_every_metric_is_documented_and_every_row_is_a_metric(database_url: str, client: "redis.Redis") -> None:
    with open_pool(database_url, 1) as pool:
        assert documented() == of_the_code(pool, client)
