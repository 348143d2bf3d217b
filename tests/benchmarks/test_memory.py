"""The benchmark of memory, as it is run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.memory import Held, Memory, held_by, markdown

PAGE = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"


def test_a_process_holds_what_it_has_written_to() -> None:
    code = "import sys; held = bytearray(b'x' * 50_000_000); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        held = held_by(process.pid)
        process.communicate()
    assert (held.processes, held.threads) == (1, 1)
    assert 50 < held.private < held.pss < 100


def test_the_stack_is_its_workers_without_the_servers() -> None:
    held = Held(processes=1, threads=2, pss=30.0, private=20.0, files=5.0)
    text = markdown(Memory(pages=4, workers={"fetcher": held, "parser": held}, servers={"Redis": held}))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    assert ["the stack", "2", "4", "60.0", "40.0", "10.0"] in rows
    assert rows[-1][:4] == ["Redis", "1", "2", "30.0"]


@pytest.mark.workers
def test_a_stack_is_measured(tmp_path: Path) -> None:
    text = "The night ferry of Harrowmere carries freight again, and the council has voted for the tram. " * 4
    (tmp_path / "ferry.html").write_text(PAGE.format("Night ferry", text), "utf-8")
    command = [sys.executable, "-m", "benchmarks.memory", tmp_path, "--pages", "5", "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    memory = json.loads(done.stdout)
    assert {name: held["processes"] for name, held in memory["workers"].items()} == {
        "fetcher": 1,
        "parser": 2,
        "indexer": 1,
        "tick": 1,
    }
    assert all(held["pss"] > held["private"] / 2 > 0 for held in memory["workers"].values())
