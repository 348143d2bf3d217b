"""The page Now: what depeche status shows, minute by minute, with what to do; and half of it when a server is away."""

import html
import json
import re
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import redis

from cli.dashboard.servers import Servers
from cli.settings import CliSettings
from services.fetcher.politeness.host_turns import HostTurns, Pace, Turn
from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.broker.consumers import WORKER_STAGES, Consumer, Consumers
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import SOURCE
from shared.messages import FetchRequest, Origin
from shared.urls import host_of
from tests.cli.dashboard.serving import Dashboard, serving, text_of
from tests.support.flights import at_parse, backdate
from tests.support.records import changed
from tests.support.servers import users
from tests.support.source_visits import visit

HOSTILE = "https://evil.example/<script>alert(1)</script>"


@pytest.fixture
def _workers(client: "redis.Redis") -> None:
    consumers = Consumers(client)
    for stage in WORKER_STAGES:
        consumers.beat(stage, Consumer.here(stage))


@pytest.mark.usefixtures("_workers")
def test_stages_workers_and_rates(
    dashboard: Dashboard, ledger: Ledger, client: "redis.Redis", database: psycopg.Connection
) -> None:
    one, _ = at_parse(ledger, client, "https://news.example/1", "https://news.example/2")
    backdate(client, "parse", one.flight_id, 120)
    Consumers(client).beat("second", changed(Consumer.here("parse"), version="0.0.9", at=HOSTILE, in_hand=1))
    visit(database, datetime.now(UTC) - timedelta(minutes=1))
    shown = dashboard.get("/").text
    text = text_of(shown)
    assert "Pages can land" in text
    assert re.search(r"parse 2 2m 1 \(0\.1/min\) 1 \(0\.0/min\) 2 parsers", text)
    assert "Workers of several versions run side by side: 0.0.9, " in text
    assert HOSTILE in text
    assert "<script>alert" not in shown


@pytest.mark.usefixtures("_workers")
def test_the_last_hour_is_a_chart(dashboard: Dashboard, database: psycopg.Connection) -> None:
    for minutes, fate in ((3, "stored"), (3, "unchanged"), (20, "failed"), (200, "stored")):
        visit(database, datetime.now(UTC) - timedelta(minutes=minutes), fate=fate)
    database.execute("UPDATE depeche.visits SET landed_at = at")
    shown = dashboard.get("/now/last-hour").text
    assert "In the last hour 2 pages landed as stored or unchanged, at most 2 in one minute, and 1 came" in text_of(
        shown
    )
    chart = re.search(r'data-chart="([^"]*)"', shown)
    assert chart
    facts = json.loads(html.unescape(chart[1]))
    assert len(facts["at"]) == 60
    assert facts["at"] == sorted(facts["at"])
    well, ill = (line["values"] for line in facts["lines"])
    assert (sum(well), max(well), sum(ill)) == (2, 2, 1)
    assert time.time() - facts["at"][well.index(2)] < 6 * 60


def test_what_to_do_where_nobody_works(dashboard: Dashboard) -> None:
    text = text_of(dashboard.get("/now").text)
    assert "no parser is consuming and none has ever been What comes to this stage waits. docker compose up -d" in text
    assert "Pages can land" not in text


def test_hosts_held_back_and_sources_that_fail(dashboard: Dashboard, client: "redis.Redis", ledger: Ledger) -> None:
    turns = HostTurns(client, Pace(host_delay=1.0, host_connections=2, lease_s=60.0), host_of)
    turn = turns.take("https://gazette.example/front")
    assert isinstance(turn, Turn)
    turns.end(turn, "overloaded", pause=600.0, reason="http_429")
    ledger.accept([FetchRequest(origin=Origin(url=f"https://gazette.example/{n}")) for n in range(3)])
    Schedule(client).enter({name: Source(name=name, url="https://a.example/") for name in ("beacon/<b>", "gazette")})
    failed = {"result": "failed", "reason": "http_500", "detail": "<b>It broke", "failures": 4}
    client.hset(SOURCE + "beacon/<b>", mapping={**failed, "failing_since": time.time() - 7200})
    shown = dashboard.get("/now").text
    assert re.search(r"gazette\.example 3 it answered 429; .* as it asked", text_of(shown))
    assert "beacon/<b> 2h 4 http_500: <b>It broke" in text_of(shown)
    assert "<b>" not in shown
    link = re.search(r'href="(/sources/beacon[^"]*)"', shown)
    assert link
    assert "beacon/<b>" in text_of(dashboard.get(link[1]).text)


@pytest.mark.usefixtures("_workers")
def test_without_postgres_the_half_of_redis_is_shown(redis_url: str, ledger: Ledger) -> None:
    ledger.accept([FetchRequest(origin=Origin(url="https://calm.example/waits"))])
    with serving(CliSettings(redis_url=redis_url, database_url="host=127.0.0.1 port=1")) as dashboard:
        text = text_of(dashboard.get("/").text)
    assert "Cannot use Postgres at host=127.0.0.1 port=1" in text
    assert re.search(r"waiting 1 \d+s", text)


def test_without_redis_the_half_of_postgres_is_shown(database_url: str, database: psycopg.Connection) -> None:
    visit(database, datetime.now(UTC))
    with serving(CliSettings(redis_url="redis://127.0.0.1:1/0", database_url=database_url)) as dashboard:
        text = text_of(dashboard.get("/").text)
    assert "Cannot use Redis" in text
    assert "Landed in the last hour 1" in text


@pytest.mark.usefixtures("_workers")
def test_a_reader_sees_all_of_it(redis_url: str, database_url: str, database: psycopg.Connection) -> None:
    visit(database, datetime.now(UTC))
    with users(database, {"onlooker": "depeche_reader"}):
        url = psycopg.conninfo.make_conninfo(database_url, user="onlooker")
        with serving(CliSettings(redis_url=redis_url, database_url=url)) as dashboard:
            text = text_of(dashboard.get("/").text)
    assert "Landed in the last hour 1" in text
    assert "Work State search up to date stories up to date" in text


def test_nothing_can_be_written_through_its_connection(settings: CliSettings) -> None:
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        Servers(settings).postgres() as connection,
    ):
        connection.execute("DELETE FROM depeche.visits")
