"""The door's benchmark: its schedule, and a short run of it."""

import json
import subprocess
import sys

import pytest

from benchmarks.door import KILLS, SEED, TASKS
from benchmarks.door_kills import SOON_S, kills


def test_a_schedule_follows_from_its_seed() -> None:
    schedule = kills(SEED, TASKS, KILLS, 2)
    assert schedule == kills(SEED, TASKS, KILLS, 2) != kills(SEED + 1, TASKS, KILLS, 2)
    assert [kill.task for kill in schedule] == sorted({kill.task for kill in schedule})
    assert len(schedule) == KILLS >= 100
    assert {kill.whom for kill in schedule} == {(0,), (1,), (0, 1)}
    assert all(0 <= kill.after < SOON_S and kill.task < TASKS for kill in schedule)
    assert {kill.pause is None for kill in schedule} == {True, False}


@pytest.mark.workers
@pytest.mark.timeout(600)
def test_a_short_run_loses_nothing_at_the_door() -> None:
    command = [sys.executable, "-m", "benchmarks.door", "--tasks", "60", "--kills", "3", "--alone", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    ours = told["depeche"]
    assert (ours["sent"], ours["landed"], ours["lost"], ours["double"], ours["kills"]) == (60, 60, 0, 0, 3)
    assert told["plain"] is None
