"""Everyone can see which workers are there, and within seconds that one is gone."""

import json
from pathlib import Path

import pytest

from cli import waiting
from cli.stack.stack import Endpoints
from shared.broker.consumers import Consumers
from shared.broker.redis_client import connect_redis
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_fetch_command import run  # noqa: F401 - a fixture
from tests.e2e.test_pages import story
from tests.support.site import Site
from tests.support.waiting import wait_until

STAGES = {"fetcher": "fetch", "parser": "parse", "indexer": "index", "tick": "tick"}


@pytest.mark.parametrize("worker", STAGES)
def test_a_worker_that_is_gone_is_missed(
    worker: str,
    run,  # noqa: F811
    stack: Stack,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_S", 1.0)
    consumers = Consumers(stack.client)
    wait_until(lambda: not consumers.silent_since(), what="a sign of life of all workers")
    status = json.loads(run("status", "--json").out)
    assert {one["worker"]: one["pid"] for one in status["workers"]} == stack.workers.pids()
    assert status["not_served_since"] == {}
    stack.kill(worker)
    wait_until(lambda: STAGES[worker] in consumers.silent_since(), timeout=10, what="the notice")
    doing = "running" if worker == "tick" else "consuming"
    assert f"no {worker} is {doing} since 20" in run("status").err
    url = site.serve(f"/gone-{worker}", story("Gone"))
    ran = run("fetch", url, "--wait", "--json", "--timeout", "60")
    assert ran.status == 3
    assert f"no {worker} is {doing} since" in ran.err.lower()
    assert f"no {worker} is {doing} since" in run("trace", url).err
    stack.wait_until_landed()
    wait_until(lambda: not consumers.silent_since(), what="a sign of life of all workers")


def test_a_worker_that_is_stopped_leaves_no_record(redis_server: str, database_url: str, tmp_path: Path) -> None:
    redis_url = redis_server.removesuffix("/0") + "/2"
    with connect_redis(redis_url) as client:
        client.flushdb()
        consumers = Consumers(client)
        with running_stack(tmp_path, Endpoints(redis_url=redis_url, database_url=database_url)):
            wait_until(lambda: not consumers.silent_since(), what="a sign of life of all workers")
        assert consumers.all() == []
