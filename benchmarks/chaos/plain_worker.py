"""A worker of plain Celery with the usual settings, whose task appends a row to a file."""

import os
import time
from typing import Any

from celery import Celery

# A task takes this long (s), about as long as a page in a stage.
WORKS_S = 0.08
TASK = "plain.write_row"
CONCURRENCY = 2


def settings(redis_url: str, visibility_timeout: float) -> Celery:
    """Celery's app as its documentation recommends it where tasks must not be lost."""
    app = Celery("plain", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"visibility_timeout": visibility_timeout},
        task_default_queue="plain",
    )
    return app


def main() -> None:
    """Work until told to stop."""
    app = settings(os.environ["DEPECHE_REDIS_URL"], float(os.environ["PLAIN_VISIBILITY_S"]))
    rows = os.environ["PLAIN_ROWS"]

    @app.task(name=TASK, shared=False)  # type: ignore[untyped-decorator]
    def write_row(number: int, sent_at: float) -> Any:
        time.sleep(WORKS_S)
        line = f"{number} {time.time() - sent_at:.3f}\n".encode()
        file = os.open(rows, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(file, line)
        os.close(file)

    arguments = ["worker", "--concurrency", str(CONCURRENCY), "--loglevel", "WARNING", "--without-gossip"]
    app.worker_main([*arguments, "--hostname", f"plain-{os.getpid()}@localhost"])


if __name__ == "__main__":
    main()
