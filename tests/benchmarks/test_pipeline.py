"""The pipeline benchmark as it is run."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.workers

PAGE = """<html lang="en"><head><title>{0}</title></head><body><article><h1>{0}</h1>
<p>The night ferry of Harrowmere carries freight again, and the council of Eastmoor has voted for the tram.</p>
<p>It was the third vote in a year, and the closest, said the clerk who counted the hands that went up.</p>
</article></body></html>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for title in ("Night ferry", "Tram vote"):
        (tmp_path / f"{title}.html").write_text(PAGE.format(title), "utf-8")
    return tmp_path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "benchmarks.pipeline", *map(str, arguments)]


def test_everything_is_measured_in_one_run(folder: Path) -> None:
    done = subprocess.run(command(folder, "--pages", 6, "--repeats", 2, "--json"), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads(done.stdout)
    assert [run["fates"] for run in [*results["pipeline"], results["paced"]]] == [{"stored": 6}] * 3
    assert all(0 < run["latency"]["p50"] <= run["latency"]["p95"] for run in results["pipeline"])
    assert all(run["cost"]["redis"]["messages"] >= 0.5 for run in results["pipeline"])
    assert {size: len(runs) for size, runs in results["bare"].items()} == {"1": 2, "50": 2}
    assert all(run["steps"]["parse"] > 0 for run in results["bare"]["1"])
    assert {size: len(runs) for size, runs in results["noop"].items()} == {"1": 2, "4": 2, "50": 2}


def test_interrupted_it_leaves_nothing_behind(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:  # pytest's paths are too long for a Unix socket
        Path(scratch).chmod(0o755)
        env = {**os.environ, "TMPDIR": scratch}
        arguments = command(folder, "--pages", 500, "--repeats", 9)
        with subprocess.Popen(arguments, env=env, stderr=subprocess.DEVNULL) as process:
            root = psutil.Process(process.pid)
            wait_until(lambda: list(Path(scratch).glob("*/logs/noop-index.log")))
            [postmaster] = Path(scratch).glob("*/postgres/postmaster.pid")
            started = [psutil.Process(int(postmaster.read_text("utf-8").split()[0])), *root.children(recursive=True)]
            process.send_signal(signal.SIGINT)
            # Interrupted while a module is loaded, Python ends by the signal itself, which is 130 to a shell too.
            assert process.wait(120) in (130, -signal.SIGINT)
        _, alive = psutil.wait_procs(started, timeout=PATIENCE_S)
        assert not alive
        assert not list(Path(scratch).glob("depeche-bench-*"))


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path), capture_output=True, check=False)
    assert done.returncode == 2
    assert f"No pages (*.html, *.html.gz) in {tmp_path}" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
