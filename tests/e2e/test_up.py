"""`depeche up` and `depeche demo` as processes: what they start they stop, however they are stopped."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from tests.e2e.test_pages import story
from tests.support.servers import data_folder
from tests.support.site import Site
from tests.support.waiting import wait_until

DEPECHE = [sys.executable, "-m", "cli.main"]
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    with data_folder() as folder:
        (folder / "home").mkdir()
        yield folder / "home"


def environment(home: Path) -> dict[str, str]:
    settings = {"DEPECHE_HOME": str(home), "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8", "DEPECHE_HOST_DELAY": "0"}
    return {**os.environ, **settings, "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}


@contextlib.contextmanager
def started(home: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A command in a terminal of its own, so to speak: Ctrl-C reaches it and its children, as many as there are."""
    process = subprocess.Popen(
        [*DEPECHE, *arguments],
        env=environment(home),
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
        for left in processes_of(home):
            left.kill()


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*DEPECHE, *arguments],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def processes_of(home: Path, command: str = "") -> list[psutil.Process]:
    """Whatever still runs that was started for this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            belongs = str(home) in line or process.environ().get("DEPECHE_HOME") == str(home)
            if command in line and (belongs or process.cwd().startswith(str(home))):
                found.append(process)
    return found


def wait_until_over(home: Path) -> None:
    """Of Postgres, pg_ctl says that it has ended a moment before the process has."""
    wait_until(lambda: processes_of(home) == [], what="the end of every process")


def is_up(home: Path) -> bool:
    return (home / "run" / "stack.json").exists()


def ended(process: "subprocess.Popen[str]", timeout: float = 90.0) -> str:
    out, _ = process.communicate(timeout=timeout)
    return out


def test_up_ingests_and_ctrl_c_stops_everything(home: Path, site: Site) -> None:
    url = site.serve("/harbour", story("Harbour opens"))
    with started(home, "up") as up:
        wait_until(lambda: is_up(home))
        fetched = run(home, "fetch", url, "--wait", "--json", "--timeout", "60")
        assert fetched.returncode == 0, fetched.stderr
        assert json.loads(fetched.stdout) == {
            "url": url,
            "fate": "stored",
            "reason": None,
            "http_status": 200,
            "detail": None,
        }
        again = run(home, "up")
        assert again.returncode == 2
        assert "is running in" in again.stderr
        assert "Traceback" not in again.stderr
        os.killpg(up.pid, signal.SIGINT)
        out = ended(up)
        assert up.returncode == 0
        assert "Traceback" not in out
        wait_until_over(home)
        assert not is_up(home)


def test_servers_that_die_are_started_again(home: Path, site: Site) -> None:
    urls = [site.serve(f"/mended/{n}", story(f"Mended {n}")) for n in range(3)]
    with started(home, "up") as up:
        assert up.stdout is not None
        told = said_until(up.stdout, "Depeche is up")
        assert "starting;" in told
        assert run(home, "fetch", urls[0], "--wait", "--timeout", "60").returncode == 0
        for url, command in ((urls[1], "redis-server"), (urls[2], "postgres")):
            for process in processes_of(home, command):
                with contextlib.suppress(psutil.Error):
                    if process.name().startswith(("redis", "postgres")):
                        process.kill()
            said_until(up.stdout, "started it again")
            fetched = run(home, "fetch", url, "--wait", "--json", "--timeout", "90")
            assert (fetched.returncode, json.loads(fetched.stdout)["fate"]) == (0, "stored"), fetched.stderr
        os.killpg(up.pid, signal.SIGINT)
        ended(up)
        assert up.returncode == 0
        wait_until_over(home)


def test_why_a_worker_does_not_come_up_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_LOG_LEVEL", "loud")
    with started(home, "up") as up:
        assert up.stdout is not None
        told = said_until(up.stdout, "DEPECHE_LOG_LEVEL='loud'")
        assert "Depeche is up" not in told
        up.terminate()
        ended(up)


def said_until(out: "IO[str]", words: str) -> str:
    """Read what a command says until it has said these words."""
    told = ""
    while words not in told:
        line = out.readline()
        assert line, told
        told += line
    return told


def test_a_home_with_a_space_is_refused_in_one_sentence(home: Path) -> None:
    room = home / "news room"
    room.mkdir()
    refused = run(room, "up")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "DEPECHE_HOME" in refused.stderr


def test_up_killed_outright_can_be_started_again(home: Path, site: Site) -> None:
    with started(home, "up") as up:
        wait_until(lambda: is_up(home))
        up.kill()
        up.wait()
        wait_until(lambda: not processes_of(home, "-m services."), what="the workers' end")
        assert run(home, "status").returncode == 2
    with started(home, "up") as up:
        wait_until(lambda: run(home, "status").returncode == 0)
        up.terminate()
        ended(up)
        assert up.returncode == 0
        wait_until_over(home)


def test_two_demos_at_the_same_time(home: Path) -> None:
    other = home.parent / "other"
    other.mkdir()
    with started(home, "demo") as one, started(other, "demo") as two:
        wait_until(lambda: is_up(home / "demo"))
        refused = run(home, "demo")
        assert refused.returncode == 2
        assert "A demo is running" in refused.stderr
        for demo in (one, two):
            out = ended(demo, 200)
            assert "Checked:" in out
            assert "Traceback" not in out
    for its_home in (home, other):
        wait_until_over(its_home)


PHASES = {
    "starting Postgres": lambda home: (home / "demo" / "postgres").exists(),
    "Postgres is there": lambda home: (home / "demo" / "postgres" / "postmaster.pid").exists(),
    "starting workers": lambda home: (home / "demo" / "logs" / "fetcher.log").exists(),
    "workers at work": lambda home: "tick_started" in read(home / "demo" / "logs" / "tick.log"),
}


def read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace")
    return ""


@pytest.mark.parametrize(
    ("phase", "number"), [*((phase, signal.SIGINT) for phase in PHASES), ("workers at work", signal.SIGTERM)]
)
def test_a_demo_that_is_stopped_leaves_no_process_behind(phase: str, number: int, home: Path) -> None:
    with started(home, "demo") as demo:
        wait_until(lambda: PHASES[phase](home))
        os.killpg(demo.pid, number) if number == signal.SIGINT else demo.send_signal(number)
        out = ended(demo)
        assert demo.returncode != 0
        assert "Traceback" not in out
        wait_until_over(home)
