"""What does Celery itself cost? The three stages are tasks that only send the message on, with Depeche's settings.

  python -m benchmarks.noop_chain STAGE

runs the worker of one stage. It listens in a Redis database of its own, so that it can run beside the real workers.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import redis

from cli.stack.embedded import spawn, stop_process
from shared.broker.celery_app import make_celery, run_worker
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.publisher import Publisher
from shared.messages import QUEUES, TASKS, Answer, Origin, PageFetched, StageName, encode_record
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings

DATABASE = 9
DONE = "noop:done"
# The pools that the three services use.
POOLS: dict[StageName, str] = {"fetch": "threads", "parse": "prefork", "index": "threads"}
CONCURRENCY: dict[StageName, int] = {"fetch": 16, "parse": 1, "index": 2}
NEXT: dict[StageName, StageName] = {"fetch": "parse", "parse": "index"}
PATIENCE_S = 120.0


def main() -> None:
    """Run one stage's worker until it is told to stop."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("stage", choices=get_args(StageName))
    stage = cast(StageName, options.parse_args().stage)
    url = load_settings(BrokerSettings).redis_url
    client = wait_for(lambda: connect_redis(url))
    app = make_celery(f"noop-{stage}", url)

    @app.task(name=TASKS[stage])  # type: ignore[untyped-decorator]
    def pass_on(**message: Any) -> None:
        if stage in NEXT:
            app.send_task(TASKS[NEXT[stage]], kwargs=message, queue=QUEUES[NEXT[stage]])
        else:
            client.incrby(DONE, len(message["pages"]))

    app.conf.depeche_keep_unreadable = lambda raw, problem: print(f"{problem}: {raw}", file=sys.stderr)
    run_worker(app, stage, pool=POOLS[stage], concurrency=CONCURRENCY[stage], health_file=None)


class NoopChain:
    """The running chain: its processes, and a publisher at its head."""

    def __init__(self, processes: "dict[StageName, subprocess.Popen[bytes]]", url: str, logs: Path) -> None:
        self._processes = processes
        self._logs = logs
        self._redis = redis.Redis.from_url(url)
        self._publisher = Publisher(make_celery("noop-head", url))
        self._record = encode_record(typical_record())

    def pids(self) -> dict[str, int]:
        """The root process of each stage."""
        return {f"no-op {stage}": process.pid for stage, process in self._processes.items()}

    def run(self, pages: int, pages_per_message: int) -> None:
        """Send `pages` records down the chain and wait until the last has arrived."""
        self._redis.set(DONE, 0)
        self._publisher.publish("fetch", [self._record] * pages, time.time(), pages_per_message=pages_per_message)
        deadline = time.monotonic() + PATIENCE_S
        while int(cast(bytes, self._redis.get(DONE))) < pages:
            for stage, process in self._processes.items():
                if process.poll() is not None:
                    log = _log(self._logs, stage).read_text("utf-8", "replace")
                    raise UserError(f"The no-op worker of the {stage} stage ended early:\n{log[-1500:]}")
            if time.monotonic() > deadline:
                raise UserError(f"The no-op chain did not pass {pages} pages on within {PATIENCE_S:.0f} s.")
            time.sleep(0.01)


@contextlib.contextmanager
def noop_chain(redis_url: str, logs: Path) -> Iterator[NoopChain]:
    """The three workers as child processes, on the Redis at `redis_url` but in another database."""
    url = f"{redis_url.rpartition('/')[0]}/{DATABASE}"
    processes: dict[StageName, subprocess.Popen[bytes]] = {}
    try:
        for stage in get_args(StageName):
            processes[stage] = _start(stage, url, logs)
        yield NoopChain(processes, url, logs)
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            stop_process(process, patience=10.0)


def _start(stage: StageName, redis_url: str, logs: Path) -> "subprocess.Popen[bytes]":
    with _log(logs, stage).open("ab") as log:
        return spawn(
            [sys.executable, "-m", "benchmarks.noop_chain", stage],
            env={**os.environ, "DEPECHE_REDIS_URL": redis_url},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _log(logs: Path, stage: StageName) -> Path:
    return logs / f"noop-{stage}.log"


def typical_record() -> PageFetched:
    """A record as a fetcher sends it."""
    url = (
        "https://www.press.example/en/politics/2025/05/harrowmere-council-votes-on-the-night-ferry-and-its-freight.html"
    )
    return PageFetched(
        flight_id="0f" * 16,
        origin=Origin(url=url, source="harrowmere", batch="b4" * 16),
        answer=Answer(
            final_url=url,
            http_status=200,
            fetched_at="2025-05-08T07:12:30.123456+00:00",
            content_type="text/html; charset=utf-8",
            body_bytes=320_000,
            body_sha256="5e" * 32,
        ),
    )


if __name__ == "__main__":
    sys.exit(exit_status("no-op stage", main))
