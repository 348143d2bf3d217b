"""Publishes to the stages' queues. A publish that fails loses nothing, since the ledger was written first."""

import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Any

import kombu.exceptions
import redis
import structlog
from celery import Celery

from shared.messages import QUEUES, TASKS, StageName, to_wire

log = structlog.get_logger()

# kombu raises AttributeError when the connection that it is about to use has just been closed after a failure.
BROKER_FAILURES = (kombu.exceptions.OperationalError, redis.RedisError, OSError, AttributeError)


# So many messages are kept to be sent again. Those beyond are left to the reconciler, as all are if this process ends.
MOST_UNSENT = 1_000


class Publisher:
    """Sends tasks by name, with several pages per message; what could not be sent goes before the next message."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._unsent: deque[tuple[StageName, dict[str, Any]]] = deque(maxlen=MOST_UNSENT)

    def publish(
        self, stage: StageName, records: Sequence[str], published_at: float, *, pages_per_message: int = 50
    ) -> None:
        """Publish records (JSON, as the ledger stores them) whose flights already stand at `stage`."""
        starts = range(0, len(records), pages_per_message)
        self._unsent.extend((stage, to_wire(records[at : at + pages_per_message], published_at)) for at in starts)
        self.send()

    def send(self) -> None:
        """Send what has not been sent yet, the oldest first."""
        while self._unsent:
            with contextlib.suppress(IndexError):  # another thread has taken the last one
                stage, wire = self._unsent.popleft()
                if not self._send(stage, wire):
                    self._unsent.appendleft((stage, wire))
                    return

    def _send(self, stage: StageName, wire: dict[str, Any]) -> bool:
        try:
            # Without argsrepr and kwargsrepr, Celery writes every argument out as text for logs that Depeche does not
            # use: a third of the cost of a publish (docs/benchmarks.md).
            self._app.send_task(TASKS[stage], kwargs=wire, queue=QUEUES[stage], argsrepr="", kwargsrepr="")
        except BROKER_FAILURES as error:
            log.warning("publish_failed", stage=stage, pages=len(wire["pages"]), error=str(error))
            return False
        return True
