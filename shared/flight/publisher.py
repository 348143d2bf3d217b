"""Publishes to the stages' queues. A publish that fails loses nothing, since the ledger was written first."""

from collections.abc import Sequence

import kombu.exceptions
import redis
import structlog
from celery import Celery

from shared.messages import QUEUES, TASKS, StageName, to_wire

log = structlog.get_logger()

# kombu raises AttributeError when the connection that it is about to use has just been closed after a failure.
BROKER_FAILURES = (kombu.exceptions.OperationalError, redis.RedisError, OSError, AttributeError)


class Publisher:
    """Sends tasks by name, with several pages per message."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def publish(
        self, stage: StageName, records: Sequence[str], published_at: float, *, pages_per_message: int = 50
    ) -> None:
        """Publish records (JSON, as the ledger stores them) whose flights already stand at `stage`."""
        for start in range(0, len(records), pages_per_message):
            wire = to_wire(records[start : start + pages_per_message], published_at)
            try:
                # Without argsrepr and kwargsrepr, Celery writes every argument out as text for logs that Depeche does
                # not use: a third of the cost of a publish (docs/benchmarks.md).
                self._app.send_task(TASKS[stage], kwargs=wire, queue=QUEUES[stage], argsrepr="", kwargsrepr="")
            except BROKER_FAILURES as error:
                log.warning("publish_failed", stage=stage, pages=len(records) - start, error=str(error))
                return
