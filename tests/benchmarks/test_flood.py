"""The flood: what its samples say, and a small one of all three faults."""

import json
import os
import subprocess
import sys

import pytest

from benchmarks.flood_faults import FAULTS
from benchmarks.flood_report import MEBIBYTE, Flood, Sample, markdown, phases_of

PAGES = 200


def sample(at: float, phase: str, *, fetched: int, landed: int, in_air: int = 0) -> Sample:
    return Sample(at=at, phase=phase, redis_bytes=in_air * MEBIBYTE, fetched=fetched, landed=landed, in_air=in_air)


SAMPLES = [
    sample(0, "at first", fetched=0, landed=0),
    sample(10, "at first", fetched=50, landed=30, in_air=20),
    sample(20, "the indexer is stopped", fetched=80, landed=30, in_air=50),
    sample(30, "the indexer is stopped", fetched=80, landed=30, in_air=50),
    sample(40, "until all had landed", fetched=100, landed=100, in_air=0),
]


def test_a_phase_begins_where_the_one_before_ended() -> None:
    first, stopped, last = phases_of(SAMPLES)
    assert (first.seconds, first.fetched_per_s, first.landed_per_s, first.in_air) == (10, 5, 3, 20)
    assert (stopped.seconds, stopped.fetched_per_s, stopped.landed_per_s, stopped.redis_mb) == (20, 1.5, 0, 50)
    assert (last.seconds, last.landed_per_s) == (10, 7)


def test_the_tables_name_what_was_lost() -> None:
    told = markdown(
        Flood(
            accepted=100,
            accepting_s=1,
            landed=99,
            lost=["http://127.0.2.1/a"],
            double=[],
            quarantined=0,
            left=0,
            drain_s=10,
            max_in_air=2000,
            mark_mb=512,
            phases=phases_of(SAMPLES),
            samples=SAMPLES,
        )
    )
    assert [line.split("|")[2].strip() for line in told.splitlines() if "**lost**" in line] == ["1"]
    assert sum("the indexer is stopped" in line for line in told.splitlines()) == 3


@pytest.mark.workers
@pytest.mark.timeout(600)
def test_a_small_flood_drowns_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.flood", "--pages", str(PAGES), "--seconds", "4", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "DEPECHE_MAX_IN_AIR": "40"})
    assert done.stdout, done.stderr.decode()
    flood = json.loads(done.stdout)
    assert (flood["lost"], flood["double"], flood["left"], flood["quarantined"]) == ([], [], 0, 0)
    assert flood["accepted"] == flood["landed"] == PAGES
    assert len({phase["name"] for phase in flood["phases"]}) == 2 * len(FAULTS) + 1
    # Two samples are taken one after the other, so that a page on its way may be counted twice.
    assert all(phase["in_air"] <= flood["max_in_air"] * 1.5 for phase in flood["phases"])
