"""What a running stack logs: one constant event a line, no alarm in a normal restart, and a flight by its number."""

import json
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from cli.stack.stack import Endpoints
from shared.broker.consumers import Consumers
from shared.broker.redis_client import connect_redis
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import story
from tests.support.servers import PostgresForTests
from tests.support.site import Site

EVENT = re.compile(r"[a-z]+(_[a-z]+)+")


@pytest.fixture(scope="module")
def told(redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that logs all that it has to say."""
    redis_url = redis_server.removesuffix("/0") + "/3"
    connect_redis(redis_url).flushdb()
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        with running_stack(tmp_path_factory.mktemp("told"), endpoints, DEPECHE_LOG_LEVEL="debug") as stack:
            yield stack


def lines(stack: Stack) -> list[dict[str, Any]]:
    """Every line of every log, which must be JSON; the stack's own newline between two lives of a worker is none."""
    texts = [log.read_text("utf-8") for log in (stack.home / "logs").iterdir()]
    return [json.loads(line) for text in texts for line in text.splitlines() if line]


def test_a_normal_restart_raises_no_alarm(told: Stack, site: Site) -> None:
    told.land(site.serve("/before", story("Before")))
    before = told.workers.pids()
    for pid in before.values():
        os.kill(pid, signal.SIGTERM)
    told.wait_until(lambda: new_ones_consume(told, set(before.values())), what="the new workers")
    told.land(site.serve("/after", story("After")))
    said = lines(told)
    assert [line for line in said if line["level"] not in {"debug", "info"}] == []
    assert [line for line in said if not EVENT.fullmatch(line["event"])] == []
    stopped = [line["stage"] for line in said if line["event"] == "worker_stopped"]
    assert sorted(stopped) == ["fetch", "index", "parse"]


def new_ones_consume(stack: Stack, before: set[int]) -> bool:
    stages = {one.stage for one in Consumers(stack.client).all() if one.pid not in before}
    return stages == {"fetch", "parse", "index", "tick"}


def test_a_flight_is_found_at_every_stage(told: Stack, site: Site) -> None:
    url = told.land(url := site.serve("/story", story("Harbour")))[url]["url"]
    of_page = [line for line in lines(told) if line.get("url") == url]
    assert {line["stage"] for line in of_page} == {"fetch", "parse", "index"}
    assert len({line["flight_id"] for line in of_page}) == 1


def test_a_lost_connection_is_told_without_a_traceback(told: Stack) -> None:
    told.client.client_kill_filter(_type="normal", skipme=True)

    def noticed() -> list[dict[str, Any]]:
        return [line for line in lines(told) if line["event"] == "said_by_library" and "Connection to" in line["said"]]

    told.wait_until(noticed, what="workers that tell of the lost connection")
    told.wait_until_landed()
    assert all(line["error"].startswith("ConnectionError") for line in noticed())
    assert [line for line in lines(told) if "Traceback" in json.dumps(line)] == []
