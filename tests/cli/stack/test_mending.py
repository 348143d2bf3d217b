"""What dies again and again is started again soon each time."""

import re
from pathlib import Path

import pytest

from cli.stack import servers as cli_servers
from cli.stack import stack as cli_stack
from cli.stack.servers import Servers
from cli.stack.stack import Endpoints, Workers
from tests.support.waiting import wait_until

NOWHERE = Endpoints(redis_url="redis://127.0.0.1:1/0", database_url="postgresql://127.0.0.1:1/none")


class Clock:
    """A clock that runs as fast as it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cli_stack, "time", clock)
    monkeypatch.setattr(cli_servers, "time", clock)
    return clock


class DyingWorkers(Workers):
    """One worker, which cannot start."""

    modules = {"one": "no.such.module"}  # noqa: RUF012 - never written to


def test_a_worker_that_dies_again_and_again_waits_a_few_seconds_at_most(tmp_path: Path, clock: Clock) -> None:
    said: list[str] = []
    with DyingWorkers(tmp_path, NOWHERE) as workers:
        for lived in (0, 0, 0, 0, 0, 60):
            wait_until(lambda: workers._processes["one"].poll() is not None, what="its end")
            clock.now += lived
            workers.mend(said.append)
            clock.now += 5
            workers.mend(said.append)
    assert [int(pause) for pause in re.findall(r"again in (\d+) s", "\n".join(said))] == [1, 2, 4, 5, 5, 1]


class DyingServer:
    """A server that has ended whenever somebody looks."""

    def mend(self) -> str:
        return "It ended; started it again"


def test_a_server_that_dies_again_and_again_is_started_each_two_seconds(clock: Clock) -> None:
    servers = Servers(NOWHERE, [DyingServer()])  # type: ignore[list-item]
    said: list[float] = []
    for _ in range(21):
        servers.mend(lambda _sentence: said.append(clock.now - 1_000))
        clock.now += 0.5
    assert said == [0, 2, 4, 6, 8, 10]
