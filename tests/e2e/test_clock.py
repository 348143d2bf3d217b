"""The clock of the machine is set, forward and back by an hour, under Redis and all workers: pages land all the same.

libfaketime stands before the C library in these processes and adds to the wall clock what a file says; it leaves the
clock that only counts (CLOCK_MONOTONIC) alone, as setting a clock does.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.stack.embedded import redis_binary, stop_process
from cli.stack.stack import Endpoints
from shared.messages import FetchRequest, Follow, Origin
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import served_feed, story
from tests.support.site import Site, dead_port
from tests.support.waiting import wait_until

HOUR_S = 3600
PAGES = 20


class MachineClock:
    """The wall clock of the processes that are started with `env`."""

    def __init__(self, folder: Path) -> None:
        package = find_spec("libfaketime")
        assert package is not None
        assert package.origin is not None
        library = Path(package.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
        self._file = folder / "clock"
        self.env = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(0)

    def set(self, ahead_s: int) -> None:
        """Set it to so much ahead of the true time."""
        whole = self._file.with_suffix(".new")
        whole.write_text(f"{ahead_s:+d}\n", "utf-8")
        whole.replace(self._file)

    def works(self) -> bool:
        """Return whether libfaketime does its work on this machine."""
        self.set(HOUR_S)
        code = [sys.executable, "-c", "import time; print(time.time())"]
        told = subprocess.run(code, env={**os.environ, **self.env}, capture_output=True, text=True, check=False).stdout
        self.set(0)
        return bool(told) and float(told) > time.time() + HOUR_S / 2


@pytest.fixture
def clock(tmp_path: Path) -> MachineClock:
    if sys.platform != "linux":
        pytest.skip("libfaketime is installed on Linux only")
    clock = MachineClock(tmp_path)
    if not clock.works():
        pytest.skip("libfaketime sets no clock on this machine")
    return clock


@contextlib.contextmanager
def redis_by(clock: MachineClock, data: Path) -> Iterator[str]:
    """A Redis that goes by this clock; yields its URL."""
    port = dead_port()
    command = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data), "--save", ""]
    process = subprocess.Popen(command, env={**os.environ, **clock.env}, stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)

    def answers() -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(client.ping())
        return False

    try:
        wait_until(answers, what="Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        stop_process(process, patience=10.0)


def ahead_of_us(stack: Stack) -> float:
    seconds: int = stack.client.time()[0]
    return seconds - time.time()


def articles(stack: Stack) -> dict[str, dict[str, Any]]:
    return {row["url"]: row for row in stack.rows("SELECT url, title, version, fetched_at FROM news.articles")}


@pytest.mark.timeout(600)
def test_pages_land_while_the_clock_is_set_forward_and_back_by_an_hour(
    clock: MachineClock, database_url: str, tmp_path: Path, site: Site
) -> None:
    """Some pages wait, and a worker is killed, each time that it is set; in the end every page is there, once."""
    with (
        redis_by(clock, tmp_path) as url,
        running_stack(tmp_path / "stack", Endpoints(redis_url=url, database_url=database_url), **clock.env) as stack,
    ):
        served = landed_by(stack, site, 0, "before")
        for turn, (ahead_s, worker) in enumerate([(HOUR_S, "parser"), (0, "fetcher"), (-HOUR_S, "indexer")]):
            urls = [site.serve(f"/{turn}/{n}", story(f"Turn {turn} {n}")) for n in range(PAGES)]
            feed = served_feed(site, f"/{turn}.xml", *urls)
            stack.ledger.accept([FetchRequest(origin=Origin(url=feed), follow=Follow())])
            wait_until(lambda turn=turn: site.asked(f"/{turn}/0") > 0, what="the middle of it")
            clock.set(ahead_s)
            stack.kill(worker)
            wait_until(lambda ahead_s=ahead_s: abs(ahead_of_us(stack) - ahead_s) < 60, what="the clock")
            stack.wait_until_landed()
            served += [*urls, *landed_by(stack, site, ahead_s, f"after/{turn}")]
        found = articles(stack)
        assert set(found) == set(served)
        assert len(stack.rows("SELECT 1 FROM news.articles")) == len(served), "none is there twice"
        assert stack.rows("SELECT * FROM news.quarantine") == []
        an_edit_is_stored_though_the_clock_runs_behind(stack, site, found)


def landed_by(stack: Stack, site: Site, ahead_s: int, folder: str) -> list[str]:
    """Land page after page until one was fetched by the clock that is so much ahead; returns them all."""
    landed: list[str] = []

    def has_come() -> bool:
        path = f"/{folder}/{len(landed)}"
        landed.append(site.serve(path, story(path)))
        stack.land(landed[-1])
        fetched_at: datetime = articles(stack)[landed[-1]]["fetched_at"]
        return abs(fetched_at.timestamp() - time.time() - ahead_s) < HOUR_S / 2

    wait_until(has_come, what="a page that was fetched by this clock")
    return landed


def an_edit_is_stored_though_the_clock_runs_behind(stack: Stack, site: Site, found: dict[str, dict[str, Any]]) -> None:
    """The page was read when the clock was an hour ahead, so that by the clock its next visit comes before."""
    before = max(found.values(), key=lambda row: row["fetched_at"])
    fetched_at: datetime = before["fetched_at"]
    assert fetched_at.timestamp() > time.time() + HOUR_S / 2
    site.serve("/" + before["url"].split("/", 3)[3], story("An edit"))
    stack.land(before["url"])
    after = articles(stack)[before["url"]]
    assert (after["title"], after["version"]) == ("An edit", 2)
    assert after["fetched_at"] > fetched_at
