"""A plain Celery worker as strong as a fetcher at the door; its task appends a row to a file."""

import os

from benchmarks.chaos.plain_worker import settings
from services.fetcher.settings import FetcherSettings
from shared.settings import load_settings

TASK = "plain.note"
QUEUE = "plain"


def main() -> None:
    """Work until told to stop."""
    app = settings(os.environ["DEPECHE_REDIS_URL"], float(os.environ["PLAIN_VISIBILITY_S"]))
    rows = os.open(os.environ["PLAIN_ROWS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    @app.task(name=TASK, shared=False)  # type: ignore[untyped-decorator]
    def note(number: int) -> None:
        os.write(rows, f"{number}\n".encode())

    threads = load_settings(FetcherSettings).fetcher_threads
    pool = ["--pool", "threads", "--concurrency", str(threads)]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    app.worker_main(["worker", "--queues", QUEUE, *pool, *quiet, "--hostname", f"plain-{os.getpid()}@localhost"])


if __name__ == "__main__":
    main()
