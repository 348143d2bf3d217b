"""`depeche logs`: the last lines of what `depeche up` runs, in the order of time, and new ones as they come."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.logs.files import BLOCK, LogFile
from tests.cli.conftest import Run
from tests.support.waiting import wait_until


def line(at: str, event: str, level: str = "info", **fields: object) -> str:
    return json.dumps({"timestamp": f"2025-05-08T{at}Z", "level": level, "event": event, **fields}) + "\n"


@pytest.fixture
def _logs(tmp_path: Path) -> None:
    folder = tmp_path / ".depeche" / "logs"
    folder.mkdir(parents=True)
    (folder / "parser.log").write_text(
        line("10:00:01", "page_read", url="u", n=3) + line("10:00:03", "slow", "warning")
    )
    (folder / "indexer.log").write_text(
        line("10:00:02", "stored") + "Traceback [red]\n" + line("10:00:04", "[b]\x1b[31m")
    )


@pytest.mark.usefixtures("_logs")
def test_lines_of_all_workers_in_the_order_of_time(run: Run) -> None:
    ran = run("logs", "--utc")
    assert ran.status == 0
    assert ran.out.splitlines() == [
        "2025-05-08 10:00:01 UTC  parser   info    page_read  url=u  n=3",
        "2025-05-08 10:00:02 UTC  indexer  info    stored",
        "indexer  Traceback [red]",
        "2025-05-08 10:00:03 UTC  parser   warning slow",
        "2025-05-08 10:00:04 UTC  indexer  info    [b] [31m",
    ]


@pytest.mark.usefixtures("_logs")
@pytest.mark.parametrize(
    ("arguments", "events"),
    [
        (["parser"], ["page_read", "slow"]),
        (["-n", "1"], ["[b]\x1b[31m"]),
        (["-n", "0"], []),
        (["parser", "--level", "warning"], ["slow"]),
        (["parser", "--since", "2025-05-08T10:00:02", "--utc"], ["slow"]),
        (["tick", "parser", "-n", "1"], ["slow"]),
    ],
)
def test_lines_that_are_meant(arguments: list[str], events: list[str], run: Run) -> None:
    assert [json.loads(line)["event"] for line in run("logs", "--json", *arguments).out.splitlines()] == events


def test_no_log_is_there(run: Run) -> None:
    ran = run("logs")
    assert ran.status == 2
    assert "docker compose logs" in ran.err
    assert run("logs", "postgres").status == 2


@pytest.mark.usefixtures("_logs")
def test_lines_without_a_moment_are_shown_whatever_is_asked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".depeche" / "redis").mkdir()
    (tmp_path / ".depeche" / "redis" / "redis.log").write_text("1:M * Ready\x0b\n")
    assert run("logs", "redis", "--since", "1h", "--level", "error").out == "redis    1:M * Ready \n"
    nothing = run("logs", "parser", "--since", "1h")
    assert (nothing.status, nothing.out, nothing.err) == (0, "", "no line is like that\n")


def test_new_lines_until_ctrl_c(tmp_path: Path) -> None:
    log = tmp_path / ".depeche" / "logs" / "tick.log"
    log.parent.mkdir(parents=True)
    log.write_text(line("10:00:01", "first"))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", "cli.main", "logs", "-f", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["event"] == "first"
            with log.open("a") as file:
                file.write(line("10:00:02", "second"))
            assert json.loads(process.stdout.readline())["event"] == "second"
            process.send_signal(signal.SIGINT)
            wait_until(lambda: process.poll() is not None, what="the end of the command")
            assert process.returncode == 0
        finally:
            process.kill()


def test_the_last_lines_of_a_long_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {n} {'x' * 90}\n" for n in range(5 * BLOCK // 100)))
    log = LogFile(path)
    assert [one.split()[1] for one in log.last_lines(1000)] == [str(n) for n in range(5 * BLOCK // 100)][-1000:]
    assert list(log.new_lines()) == []
    with path.open("a") as file:
        file.write("half a ")
        file.flush()
        assert list(log.new_lines()) == []
        file.write("line\n")
    assert list(log.new_lines()) == ["half a line"]
    path.write_text("a file of its own\n")
    assert list(log.new_lines()) == ["a file of its own"]
