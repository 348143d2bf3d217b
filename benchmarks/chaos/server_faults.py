"""Servers that go on running and cannot do their work: no memory, no disk, no connection left."""

import contextlib
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis

AGAIN_S = 0.1
# The end of a fault is tried again while the server is away for another reason, no longer than this (s).
PATIENCE_S = 30.0

# All sessions of workers are ended, so that they need new ones.
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND NOT pid = ANY (%s)
"""


class ServerFaults:
    """Does these faults to a Redis and a Postgres, past the network that the workers use."""

    def __init__(self, redis_url: str, database_url: str, ending: threading.Event) -> None:
        self._client = redis.Redis.from_url(redis_url, socket_timeout=2.0)
        self._database_url = database_url
        self._ending = ending

    def fill_memory(self, lasts: float) -> None:
        """Let Redis have less memory than it uses, so that it refuses whatever may need more."""
        with contextlib.suppress(redis.RedisError):  # it is away already
            self._client.config_set("maxmemory", "1mb")
        self._ending.wait(lasts)
        self._until_done(lambda: self._client.config_set("maxmemory", "0"))

    def fill_disk(self, pid: int | None, data: Path, lasts: float) -> None:
        """Let this Redis append nothing to its file in `data`: the kernel makes it no longer, as on a full disk."""
        with _no_longer(pid, data):
            self._ending.wait(lasts)

    def take_connections(self, lasts: float) -> None:
        """Take all connections that Postgres allows, and end the sessions of others."""
        until, held = time.monotonic() + lasts, list[psycopg.Connection[Any]]()
        try:
            while time.monotonic() < until and not self._ending.is_set():
                with contextlib.suppress(psycopg.Error):
                    held = [one for one in held if not one.closed]
                    self._take_another(held)
        finally:
            for one in held:
                one.close()

    def _take_another(self, held: list["psycopg.Connection[Any]"]) -> None:
        try:
            held.append(psycopg.connect(self._database_url, autocommit=True, connect_timeout=2))
        except psycopg.OperationalError:
            self._ending.wait(AGAIN_S)
            if held:
                held[0].execute(END_OTHERS, [[one.info.backend_pid for one in held]])

    def _until_done(self, work: Callable[[], object]) -> None:
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            with contextlib.suppress(redis.RedisError):
                work()
                return
            time.sleep(AGAIN_S)


@contextlib.contextmanager
def _no_longer(pid: int | None, data: Path) -> Iterator[None]:
    try:
        before = resource.prlimit(pid or os.getpid(), resource.RLIMIT_FSIZE)
        if pid is not None:
            length = max(data.rglob("*.aof"), key=_changed).stat().st_size  # since Redis 7 in a folder of their own
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (length, before[1]))
    except (OSError, ValueError):
        pid = None  # it has just ended
    yield
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def _changed(file: Path) -> float:
    return file.stat().st_mtime
