"""`depeche status`: what it counts, what it calls a problem, and what it still shows when a server is away."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import redis

from cli.status import status as looked_at
from services.fetcher.politeness.host_turns import HostTurns, Pace, Turn
from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.broker.consumers import WORKER_STAGES, Consumer, Consumers
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import SOURCE
from shared.messages import FetchRequest, Origin
from shared.urls import host_of
from tests.cli.conftest import Run
from tests.support import history
from tests.support.flights import at_fetch, at_parse, backdate
from tests.support.source_visits import UNREAD, visit

NOBODY = "redis://:hush@127.0.0.1:1/0"


@pytest.fixture
def _workers(client: "redis.Redis") -> None:
    consumers = Consumers(client)
    for stage in WORKER_STAGES:
        consumers.beat(stage, Consumer.here(stage))


def minutes_ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


@pytest.mark.usefixtures("_workers")
def test_all_is_well(run_on_servers: Run) -> None:
    ran = run_on_servers("status", "--json")
    told = json.loads(ran.out)
    assert (ran.status, told["exit_status"], told["problems"]) == (0, 0, [])
    assert {worker["stage"] for worker in told["workers"]} == set(WORKER_STAGES)


@pytest.mark.usefixtures("_workers")
def test_pages_at_each_stage_and_the_oldest(run_on_servers: Run, ledger: Ledger, client: "redis.Redis") -> None:
    one, _ = at_parse(ledger, client, "https://news.example/1", "https://news.example/2")
    ledger.accept([FetchRequest(origin=Origin(url="https://calm.example/waits"))])
    backdate(client, "parse", one.flight_id, 120)
    told = json.loads(run_on_servers("status", "--json").out)
    assert told["stages"] == {"waiting": 1, "fetch": 0, "parse": 2, "index": 0}
    assert told["in_flight"] == 3
    age = datetime.fromisoformat(told["at"]) - datetime.fromisoformat(told["oldest_since"]["parse"])
    assert age >= timedelta(seconds=120)
    assert told["oldest_since"]["fetch"] is None
    shown = run_on_servers("status").out
    assert "│parse   │ 2     │ 2m " in shown
    assert "│waiting │ 1     │" in shown


def test_rates_come_from_the_latest_visits(run_on_servers: Run, database: psycopg.Connection) -> None:
    for at, facts in (
        (minutes_ago(1), {}),
        (minutes_ago(2), {**UNREAD, "fate": "unchanged"}),
        (minutes_ago(30), {"fate": "stored"}),
        (minutes_ago(30), {"is_replay": True}),
        (minutes_ago(300), {}),
    ):
        visit(database, at, **facts)
    database.execute("UPDATE depeche.visits SET landed_at = at")
    told = json.loads(run_on_servers("status", "--json").out)
    assert told["rates"] == {
        "fetch": {"ten_minutes": 2, "hour": 3},
        "parse": {"ten_minutes": 1, "hour": 3},
        "index": {"ten_minutes": 2, "hour": 4},
    }
    assert told["fates_last_hour"] == {"stored": 3, "unchanged": 1}
    shown = run_on_servers("status").out
    assert "2 (0.2/min)" in shown
    assert "Landed in the last hour: 3 stored, 1 unchanged, the last 6" in shown


def test_who_is_behind_and_since_when(run_on_servers: Run, database: psycopg.Connection) -> None:
    due = minutes_ago(20)
    history.visit(database, "https://news.example/1", minutes_ago(3))
    database.execute("UPDATE depeche.changes SET recorded_at = %s", [minutes_ago(3)])
    database.execute("UPDATE depeche.followers SET cursor = news.cursor_now() WHERE name = 'search'")
    database.execute(
        "INSERT INTO depeche.chores VALUES ('source_health', %s, %s), ('source_coverage', %s, now() + interval '1h')",
        [due - timedelta(minutes=5), due, due],
    )
    told = json.loads(run_on_servers("status", "--json").out)["background_work"]
    assert {name: of["changes"] for name, of in told.items()} == {
        "search": 0,
        "stories": 1,
        "source_health": None,
        "source_coverage": None,
    }
    assert told["search"]["behind_since"] is told["source_coverage"]["behind_since"] is None
    assert datetime.fromisoformat(told["stories"]["behind_since"]) < minutes_ago(2)
    assert datetime.fromisoformat(told["source_health"]["behind_since"]) == due
    assert datetime.fromisoformat(told["source_coverage"]["done_at"]) == due
    shown = run_on_servers("status").out
    assert "Beside storing: search up to date, stories 1 change behind for 3m" in shown
    assert "source coverage up to date, source health behind for 20m" in shown


def test_a_stage_without_worker(run_on_servers: Run, client: "redis.Redis") -> None:
    consumers = Consumers(client)
    for stage in WORKER_STAGES:
        if stage != "parse":
            consumers.beat(stage, Consumer.here(stage))
    ran = run_on_servers("status")
    assert ran.status == 3
    assert ran.err == "no parser is consuming and none has ever been\n"
    assert "no parser" in ran.out
    told = json.loads(run_on_servers("status", "--json").out)
    assert [problem["reason"] for problem in told["problems"]] == ["no_worker"]


@pytest.mark.usefixtures("_workers")
def test_a_stage_that_stands_still(
    run_on_servers: Run, ledger: Ledger, client: "redis.Redis", database: psycopg.Connection
) -> None:
    (one,) = at_fetch(ledger, client, "https://news.example/1")
    backdate(client, "fetch", one.flight_id, looked_at.STANDS_STILL_S + 60)
    ran = run_on_servers("status")
    assert ran.status == 1
    assert "nothing has landed for ten minutes, while 1 page is at the stage fetch, the oldest for 11m" in ran.err
    visit(database, minutes_ago(1))
    assert run_on_servers("status").status == 0


@pytest.mark.usefixtures("_workers")
def test_a_redis_that_is_nearly_full(run_on_servers: Run, client: "redis.Redis") -> None:
    client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.05))  # type: ignore[call-overload,index,arg-type]
    try:
        ran = run_on_servers("status", "--json")
    finally:
        client.config_set("maxmemory", 0)
    assert ran.status == 1
    assert "full, it takes no more pages" in ran.err


def test_hosts_held_back_and_sources_that_fail(run_on_servers: Run, client: "redis.Redis", ledger: Ledger) -> None:
    turns = HostTurns(client, Pace(host_delay=1.0, host_connections=2, lease_s=60.0), host_of)
    turn = turns.take("https://gazette.example/front")
    assert isinstance(turn, Turn)
    turns.end(turn, "overloaded", pause=600.0, reason="http_429")
    ledger.accept([FetchRequest(origin=Origin(url=f"https://gazette.example/{n}")) for n in range(3)])
    Schedule(client).enter({name: Source(name=name, url=f"https://{name}.example/") for name in ("beacon", "gazette")})
    since = time.time() - 7200
    failed = {"result": "failed", "reason": "http_500", "detail": "[red]It broke", "failures": 4}
    client.hset(SOURCE + "beacon", mapping={**failed, "failing_since": since})
    told = json.loads(run_on_servers("status", "--json").out.splitlines()[-1])
    assert [(host["host"], host["why"], host["waiting"]) for host in told["held_hosts"]] == [
        ("gazette.example:443", "http_429", 3)
    ]
    assert (told["sources"]["scheduled"], told["sources"]["failing"]) == (2, 1)
    shown = run_on_servers("status", "--utc").out
    assert "gazette.example │ 3 " in shown.replace("gazette.example  ", "gazette.example ")
    assert "it answered 429" in shown
    assert " UTC, as it asked" in shown
    assert "http_500: [red]It broke" in shown
    assert "2 sources: 1 failing" in shown


def test_without_postgres_the_half_of_redis_is_shown(
    run_on_servers: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPECHE_DATABASE_URL", "host=127.0.0.1 port=1 password=hush")
    ledger.accept([FetchRequest(origin=Origin(url="https://calm.example/waits"))])
    ran = run_on_servers("status")
    assert ran.status == 2
    assert "│waiting │ 1     │" in ran.out
    assert "Cannot use Postgres at host=127.0.0.1 port=1" in ran.err
    assert "hush" not in ran.err
    told = json.loads(run_on_servers("status", "--json").out)
    assert told["stages"]["waiting"] == 1
    assert "articles" not in told
    assert "postgres_away" in [problem["reason"] for problem in told["problems"]]


@pytest.mark.parametrize("url", [NOBODY, None])
def test_without_redis_the_half_of_postgres_is_shown(
    url: str | None, run_on_servers: Run, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url is None:
        monkeypatch.delenv("DEPECHE_REDIS_URL")
    else:
        monkeypatch.setenv("DEPECHE_REDIS_URL", url)
    visit(database, minutes_ago(1))
    ran = run_on_servers("status")
    assert ran.status == 2
    assert "Landed in the last hour: 1 stored" in ran.out
    assert "DEPECHE_REDIS_URL" in ran.err
    assert "hush" not in ran.err


def test_a_large_table_is_estimated(
    run_on_servers: Run, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(
        "INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, decided_at)"
        " SELECT gen_random_uuid(), 'u' || n, 'stored', gen_random_uuid(), now(), now() FROM generate_series(1, 900) n"
    )
    monkeypatch.setattr("cli.status.landed.COUNTED_UP_TO", 0)
    told = json.loads(run_on_servers("status", "--json").out)
    assert (told["pages"], told["estimated"]) == (900, [])
    database.execute("ANALYZE depeche.pages")
    told = json.loads(run_on_servers("status", "--json").out)
    assert (told["pages"], told["estimated"]) == (900, ["pages"])
    assert "about 900 pages" in run_on_servers("status").out


@pytest.fixture
def watching(redis_url: str, database_url: str, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`depeche status --watch --json` as a process."""
    settings = {"DEPECHE_REDIS_URL": redis_url, "DEPECHE_DATABASE_URL": database_url}
    path = {"PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "status", "--watch", "--every", "0.2", "--json"],
        env={**os.environ, **settings, **path},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.communicate()


def test_watching_until_ctrl_c(watching: "subprocess.Popen[bytes]", ledger: Ledger) -> None:
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["in_flight"] == 0
    ledger.accept([FetchRequest(origin=Origin(url="https://calm.example/waits"))])
    while json.loads(watching.stdout.readline())["in_flight"] != 1:
        pass
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=60)
    assert watching.returncode == 3, "the status of the last look: no stage has a worker"
