"""`depeche sources visit`, `pause`, `resume`: what they do is kept in Redis, and seen in the list."""

import json
import time

import pytest
import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.sources.log import SourceLog
from tests.cli.conftest import Run

NAMES = ("beacon", "beacon-feed", "gazette")


@pytest.fixture
def schedule(client: "redis.Redis") -> Schedule:
    schedule = Schedule(client)
    schedule.enter({name: Source(name=name, url=f"https://{name}.example/", every="1h") for name in NAMES})
    schedule.confirm(schedule.claim_due())
    return schedule


def due(schedule: Schedule) -> list[str]:
    return sorted(source.name for source in schedule.claim_due().sources)


def test_visits_now(run_on_servers: Run, schedule: Schedule) -> None:
    assert due(schedule) == []
    ran = run_on_servers("sources", "visit", "beacon", "gazette", "beacon")
    assert ran.status == 0
    assert "beacon is due now: https://beacon.example/" in ran.err
    assert due(schedule) == ["beacon", "gazette"]


def test_a_pause_is_shown_and_holds_until_it_is_ended(
    run_on_servers: Run, schedule: Schedule, client: "redis.Redis"
) -> None:
    assert run_on_servers("sources", "pause", "beacon").status == 0
    assert run_on_servers("sources", "pause", "gazette", "--for", "2h").status == 0
    table = run_on_servers("sources", "list").out
    assert "paused for 2h" in table
    rows = {row["name"]: row for row in map(json.loads, run_on_servers("sources", "list", "--json").out.splitlines())}
    assert {name: row["paused"] for name, row in rows.items()} == {
        "beacon": True,
        "beacon-feed": False,
        "gazette": True,
    }
    assert rows["beacon"]["paused_until"] is None
    assert rows["gazette"]["paused_until"] == pytest.approx(time.time() + 7200, abs=10)
    refused = run_on_servers("sources", "visit", "beacon-feed", "beacon")
    assert (refused.status, "First `depeche sources resume beacon`" in refused.err) == (2, True)
    assert due(schedule) == []
    assert run_on_servers("sources", "resume", "--all").status == 0
    assert not any(state.paused for state in SourceLog(client).states())
    again = run_on_servers("sources", "resume", "beacon")
    assert (again.status, "beacon was not paused" in again.err) == (0, True)


def test_unknown_names_change_nothing_and_are_told_with_what_is_meant(run_on_servers: Run, schedule: Schedule) -> None:
    ran = run_on_servers("sources", "visit", "gazette", "Becon", "feed", "xyzzy")
    assert ran.status == 2
    assert "No source 'Becon' is on the schedule; do you mean beacon or beacon-feed?" in ran.err
    assert "No source 'feed' is on the schedule; do you mean beacon-feed?" in ran.err
    assert "No source 'xyzzy' is on the schedule; `depeche sources list` shows all." in ran.err
    assert due(schedule) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pause", "beacon", "--for", "soon"), "--for soon: write a number and a unit"),
        (("pause", "beacon", "--for", "0s"), "it cannot be 0"),
        (("resume",), "Name the sources to resume, or say --all."),
        (("resume", "beacon", "--all"), "Name the sources to resume, or say --all."),
        (("visit", "beacon"), "No source is on the schedule"),
    ],
)
def test_mistakes(run_on_servers: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run_on_servers("sources", *arguments)
    assert (ran.status, said in ran.err) == (2, True)


@pytest.mark.parametrize("command", ["visit", "pause", "resume"])
def test_without_a_stack(run: Run, command: str) -> None:
    ran = run("sources", command, "beacon")
    assert (ran.status, "No stack is running" in ran.err) == (2, True)
