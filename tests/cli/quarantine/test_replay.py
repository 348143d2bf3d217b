"""`depeche quarantine replay`: each case goes again once, to where it failed, whatever ends in the middle."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import redis
import structlog

from cli.quarantine import replay as quarantine_replay
from cli.quarantine.replay import Replay
from cli.quarantine.rows import Chosen, sizes
from cli.replay.sending import Sender
from services.indexer.schema.migrate import connect
from shared.failures import GiveUp
from shared.flight.drops import dropped, quarantined, unreadable
from shared.flight.intake import Backbone
from shared.flight.ledger import Move
from shared.flight.stage import Stage, publish_moves
from shared.messages import FetchPage, FetchRequest, Origin, PageDropped, Visit, encode_record
from tests.cli.conftest import Run
from tests.cli.quarantine.quarantined import BreakingParser, all_are_stored_once, cases_of, many, visited
from tests.cli.services import Services, story
from tests.support.flights import ONE, TWO, at_fetch, message_of
from tests.support.pages import NOON, Flights, page, rows
from tests.support.records import changed
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> BreakingParser:
    return BreakingParser(monkeypatch)


def replayed(run: Run, *arguments: str, status: int = 0) -> Any:
    ran = run("quarantine", "replay", "--json", *arguments)
    assert ran.status == status, ran.err
    return json.loads(ran.out)


def test_a_page_that_broke_the_parser_is_stored_as_of_its_own_time(
    run_on_servers: Run, services: Services, parser: BreakingParser, database: psycopg.Connection
) -> None:
    services.bring([visited(ONE, story("BROKEN harbour"), archive="x.warc.gz:7", earlier_attempts=(), attempt=2)])
    assert rows(database, "articles") == []
    parser.mend()
    sent = replayed(run_on_servers, "--all")
    assert (sent["sent"], sent["left"]) == ({"parsed": 1}, [])
    services.work()
    (row,) = rows(database, "pages")
    assert (row["fate"], row["reason"], row["fetched_at"]) == ("stored", None, NOON)
    assert (row["source"], row["archive"], row["batch"]) == ("Harbours", "x.warc.gz:7", sent["batch"])
    assert [article["title"] for article in rows(database, "articles")] == ["BROKEN harbour"]
    visits = [(v["at"], v["fate"], v["is_replay"], v["attempts"]) for v in rows(database, "visits")]
    assert visits == [(NOON, "quarantined", False, 2), (NOON, "stored", True, 2)]
    (case,) = rows(database, "quarantine")
    assert (case["replayed_at"] is not None, case["replay_flight_id"]) == (True, row["flight_id"])
    shown = run_on_servers("quarantine", "show", str(case["quarantine_id"])).out
    assert f"as flight {row['flight_id'].hex}, then stored" in shown
    assert f"as flight {row['flight_id'].hex}" in run_on_servers("trace", ONE).out
    assert "No case" in run_on_servers("quarantine", "replay", "--all").err
    assert run_on_servers("quarantine", "drop", "--replayed", "--yes").status == 0
    assert cases_of(database) == []


def test_what_the_page_leads_to_is_followed(
    run_on_servers: Run, services: Services, parser: BreakingParser, client: "redis.Redis"
) -> None:
    items = "".join(f"<li><a href='/2025/05/08/story-{n}'>Harbour story number {n} of today</a></li>" for n in range(9))
    services.bring([visited("https://news.example/", f"<title>BROKEN</title><main><ul>{items}</ul></main>".encode())])
    parser.mend()
    replayed(run_on_servers, "--all")
    services.work()
    found = [flight.origin.url for flight in flights_of(client)]
    assert sorted(found) == [f"https://news.example/2025/05/08/story-{n}" for n in range(9)]


def break_fetcher(services: Services, backbone: Backbone, *commands: FetchPage) -> None:
    """Quarantine these pages as they are fetched."""

    def breaks(_record: FetchPage) -> PageDropped:
        raise LookupError("no harbour")

    with structlog.testing.capture_logs():
        Stage("fetch", FetchPage, backbone).run(message_of(*commands), breaks)
    services.work()


def end_outside(backbone: Backbone, end: PageDropped) -> None:
    """An end that belongs to no flight waits to be stored."""
    backbone.publisher.publish("index", [encode_record(end)], backbone.ledger.adopt(end))


def flights_of(client: "redis.Redis") -> list[FetchPage]:
    """Pages that wait to be fetched."""
    keys = sorted(client.scan_iter("depeche:flight:*"))
    return [msgspec.json.decode(client.hget(key, "record") or b"", type=FetchPage) for key in keys]


def test_a_newer_visit_stays(
    run_on_servers: Run, services: Services, parser: BreakingParser, database: psycopg.Connection
) -> None:
    services.bring([visited(ONE, story("BROKEN and old"))])
    services.bring([visited(ONE, story("Newer"), minutes=5)])
    before = {view: rows(database, view) for view in ("pages", "articles", "visits")}
    parser.mend()
    assert replayed(run_on_servers, "--all")["sent"] == {"parsed": 1}
    services.work()
    assert {view: rows(database, view) for view in before} == before


def test_a_page_that_fails_again_is_a_new_case_and_the_old_one_is_done_with(
    run_on_servers: Run, services: Services, parser: BreakingParser, database: psycopg.Connection
) -> None:
    services.bring([visited(ONE, story("BROKEN"))])
    (old,) = cases_of(database)
    replayed(run_on_servers, str(old))
    services.work()
    old, new = rows(database, "quarantine")
    assert new["flight_id"] == old["replay_flight_id"]
    assert (new["url"], new["source"], new["page_bytes"]) == (old["url"], old["source"], old["page_bytes"])
    (left,) = replayed(run_on_servers, str(old["quarantine_id"]), status=1)["left"]
    assert left["quarantine_id"] == old["quarantine_id"]
    assert left["why"].startswith("it was replayed on ")
    parser.mend()
    assert replayed(run_on_servers, "--all")["sent"] == {"parsed": 1}
    services.work()
    assert [row["fate"] for row in rows(database, "pages")] == ["stored"]


def test_a_page_without_bytes_is_fetched_again_as_it_was_asked_for(
    run_on_servers: Run, services: Services, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    (command,) = at_fetch(backbone.ledger, client, ONE)
    visit = Visit(of_source=True)
    command = changed(command, source="Harbours", found_on=TWO, fresh=True, visit=visit)
    break_fetcher(services, backbone, command)
    lost, _ = visited(TWO, b"", visit=Visit(replayed=True))
    end_outside(backbone, quarantined("parse", lost, LookupError("no page")))
    services.work()
    sent = replayed(run_on_servers, "--reason", "unforeseen")
    assert sent["sent"] == {"parsed": 0, "fetched": 2}
    flights = {flight.origin.url: flight for flight in flights_of(client)}
    again = flights[ONE]
    assert (again.origin.source, again.origin.found_on, again.fresh, again.follow) == (
        "Harbours",
        TWO,
        True,
        command.follow,
    )
    assert (again.origin.visit, again.origin.batch, again.origin.attempt) == (visit, sent["batch"], 1)
    assert flights[TWO].origin.visit == Visit()
    assert backbone.ledger.counts()["waiting"] == 2
    assert {row["replay_flight_id"].hex for row in rows(database, "quarantine")} == {
        flight.flight_id for flight in flights.values()
    }


def test_a_page_that_is_being_fetched_is_not_fetched_twice(
    run_on_servers: Run, services: Services, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    break_fetcher(services, backbone, *at_fetch(backbone.ledger, client, ONE))
    (flying,) = backbone.ledger.accept([FetchRequest(origin=Origin(url=ONE))])
    assert replayed(run_on_servers, "--all")["sent"] == {"parsed": 0, "fetched": 1}
    assert [row["replay_flight_id"].hex for row in rows(database, "quarantine")] == [flying.flight_id]
    assert backbone.ledger.counts()["waiting"] == 1


def test_a_page_that_could_not_be_stored_is_parsed_again(
    run_on_servers: Run, services: Services, backbone: Backbone, flights: Flights, database: psycopg.Connection
) -> None:
    backbone.publisher.publish("index", [encode_record(flights.stand(ONE, b"no parse result"))], time.time())
    services.work()
    assert replayed(run_on_servers, "--stage", "index")["sent"] == {"parsed": 1}
    services.work()
    (row,) = rows(database, "pages")
    assert (row["parser_version"] is not None, row["fetched_at"]) == (True, NOON)


@pytest.fixture
def flights(backbone: Backbone, client: "redis.Redis") -> Flights:
    return Flights(backbone, client)


def test_an_end_that_could_not_be_stored_is_stored_again(
    run_on_servers: Run, services: Services, backbone: Backbone, flights: Flights, database: psycopg.Connection
) -> None:
    """One of a page that is gone is stored as such; one of a quarantined page leads back to what broke."""
    record = flights.stand(ONE, page(), minutes=5)
    gone = dropped("fetch", record, GiveUp("http_410", "It is gone."), "gone")
    again, body = visited(TWO, story("Harbour"))
    broken = quarantined("parse", again, LookupError("no harbour"))
    end_outside(backbone, dropped("index", gone, GiveUp("unforeseen", "It broke."), "quarantined"))
    backbone.store.put_many("page", {broken.flight_id: body})
    end = dropped("index", broken, GiveUp("unforeseen", "It broke."), "quarantined")
    end_outside(backbone, end)
    services.work()
    sent = replayed(run_on_servers, "--all")
    assert sent["sent"] == {"parsed": 1, "stored": 1}
    services.work()
    fates = {row["url"]: row["fate"] for row in rows(database, "pages")}
    assert fates == {ONE: "gone", TWO: "stored"}


def test_what_cannot_be_read_stays_and_is_told_of(
    run_on_servers: Run,
    services: Services,
    backbone: Backbone,
    parser: BreakingParser,
    database: psycopg.Connection,
) -> None:
    for text in ("garbage", '{"kind": "fetch_page.v9", "url": "u"}'):
        end_outside(backbone, unreadable("fetch", text, "cannot be read"))
    record, _ = visited(ONE, b"")
    newer = msgspec.structs.replace(quarantined("fetch", record, LookupError()), message='{"kind": "fetch_page.v9"}')
    end_outside(backbone, newer)
    services.bring([visited(TWO, story("BROKEN"))])
    parser.mend()
    sent = replayed(run_on_servers, "--all", status=1)
    first, second, third, _ = cases_of(database)
    assert [left["quarantine_id"] for left in sent["left"]] == [first, second, third]
    assert "know which page" in sent["left"][0]["why"]
    assert "fetch_page.v9" in sent["left"][2]["why"]
    assert sent["sent"] == {"parsed": 1}
    services.work()
    assert [row["replayed_at"] is not None for row in rows(database, "quarantine")] == [False, False, False, True]
    ran = run_on_servers("quarantine", "replay", "--all")
    assert ran.status == 1
    assert f"2 because nobody can read the message, and know which page it is about: cases {first}, {second}" in ran.err
    assert "sent: none" in ran.err


class Killed(BaseException):
    """As `kill -9`: nothing that the command would still do is done."""


@pytest.mark.parametrize("moment", ["before", "after", "landed"])
@pytest.mark.parametrize("how", ["parsed", "fetched"])
def test_whatever_the_moment_of_the_end_nothing_is_lost_and_nothing_doubled(  # noqa: PLR0917
    moment: str,
    how: str,
    run_on_servers: Run,
    services: Services,
    backbone: Backbone,
    parser: BreakingParser,
    client: "redis.Redis",
    database: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before it is sent, after that and before it is noted, and when its page has even landed in between."""
    record, body = visited(ONE, story("BROKEN"))
    if how == "parsed":
        services.bring([(record, body)])
    else:
        break_fetcher(services, backbone, *at_fetch(backbone.ledger, client, ONE))
    parser.mend()
    with monkeypatch.context() as patch:
        dispatch = Replay._dispatch

        def ends(self: Replay, going: Any) -> Any:
            if moment != "before":
                dispatch(self, going)
            if moment == "landed":
                lands(services, backbone, client)
            raise Killed

        patch.setattr(Replay, "_dispatch", ends)
        with contextlib.suppress(Killed):
            run_on_servers("quarantine", "replay", "--all")
    assert [row["replayed_at"] for row in rows(database, "quarantine")] == [None]
    in_between = rows(database, "quarantine")[0]["replay_flight_id"]
    sent = replayed(run_on_servers, "--all")["sent"]
    assert sent.get("earlier", 0) == (0 if moment == "before" else 1)
    assert sum(sent.values()) == 1
    assert sum(backbone.ledger.counts().values()) == (0 if moment == "landed" else 1)
    lands(services, backbone, client)
    assert [row["replay_flight_id"] for row in rows(database, "quarantine")] == [in_between]
    visits = [(row["flight_id"] == in_between, row["fate"]) for row in rows(database, "visits")]
    assert visits == [(False, "quarantined"), (True, "stored" if how == "parsed" else "gone")]


def lands(services: Services, backbone: Backbone, client: "redis.Redis") -> None:
    """What waits to be parsed is stored, and what waits to be fetched is found to be gone."""
    services.work()
    for command in flights_of(client):
        end = dropped("fetch", command, GiveUp("http_410", "It is gone."), "gone")
        publish_moves(backbone, "waiting", [Move(flight_id=end.flight_id, stage="index", record=end)])
    services.work()


def test_a_replay_of_many_that_is_killed_goes_on_where_it_was(  # noqa: PLR0917
    run_on_servers: Run,
    services: Services,
    backbone: Backbone,
    parser: BreakingParser,
    database: psycopg.Connection,
    redis_url: str,
    database_url: str,
    tmp_path: Path,
) -> None:
    pages = many(160)
    services.bring(pages)
    parser.mend()
    env = {**os.environ, "DEPECHE_REDIS_URL": redis_url, "DEPECHE_DATABASE_URL": database_url}
    env |= {"DEPECHE_MAX_IN_AIR": "60", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "cli.main", "quarantine", "replay", "--all"]
    with subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: backbone.ledger.counts()["parse"] >= 100, what="no more room")
        wait_until(lambda: sum(row["replayed_at"] is not None for row in rows(database, "quarantine")) == 100)
        process.send_signal(signal.SIGKILL)
    assert replayed(run_on_servers, "--all")["sent"] == {"parsed": 60}
    assert backbone.ledger.counts()["parse"] == 160
    all_are_stored_once(services, database, [record.origin.url for record, _ in pages])


def test_of_two_replays_at_once_each_case_goes_with_one(
    services: Services, parser: BreakingParser, database: psycopg.Connection, redis_url: str, database_url: str
) -> None:
    pages = many(160)
    services.bring(pages)
    parser.mend()
    together = threading.Barrier(2)
    replays: list[Replay] = []

    def work() -> None:
        with connect(database_url) as connection, Sender(redis_url, 1000) as sender:
            found = sizes(connection, Chosen(replayed=False))
            replay = Replay(connection, sender)
            replays.append(replay)
            together.wait(timeout=10)
            assert sum(replay.send(found)) == 160

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one, other = replays
    assert one.sent["parsed"] + other.sent["parsed"] == 160
    assert one.sent["earlier"] + other.sent["earlier"] == 0
    assert set(one.flights) ^ set(other.flights) == set(cases_of(database))
    assert set(one.left) == set(other.flights)
    assert set(one.left.values()) | set(other.left.values()) == {"another command has replayed or dropped it meanwhile"}
    all_are_stored_once(services, database, [record.origin.url for record, _ in pages])


def test_large_pages_go_a_few_at_a_time(
    services: Services, parser: BreakingParser, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.bring(many(5))
    monkeypatch.setattr(quarantine_replay, "BYTES_AT_ONCE", 2 * len(story("BROKEN 0")))
    with connect(database_url) as connection, Sender(redis_url, 1000) as sender:
        assert list(Replay(connection, sender).send(sizes(connection, Chosen()))) == [2, 2, 1]
