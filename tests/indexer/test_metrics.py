"""The metrics as a real scrape finds them."""

import contextlib
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import psycopg
import pytest
import redis
from psycopg.conninfo import make_conninfo

from services.indexer.app import open_pool
from services.indexer.connection import Connection, Pool
from services.indexer.followers.chores import Chore, do, doing
from services.indexer.followers.follower import Follower, advance, following
from services.indexer.followers.search import SEARCH
from services.indexer.followers.source_health import look
from services.indexer.followers.stories import STORIES
from services.indexer.index import Indexer
from services.indexer.metrics import metrics_served
from shared.failures import UserError
from shared.flight.intake import Backbone
from shared.messages import Origin, PageDropped
from shared.metrics import PORTS
from shared.parsed_page import FeedFaults
from shared.settings import BrokerSettings
from tests.support.flights import ONE, TWO, at_index, message_of
from tests.support.pages import NOON, Flights, page
from tests.support.records import changed
from tests.support.site import dead_port
from tests.support.source_visits import day_of, past
from tests.support.waiting import wait_until

# An address of no machine, set aside for documents.
NOT_OURS = "192.0.2.1"
SAMPLE = re.compile(r"^(depeche_\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


def scrape(port: int) -> dict[str, float]:
    """Every sample of Depeche's own."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return {name: float(value) for name, value in SAMPLE.findall(answer.read().decode())}


@pytest.fixture
def port(pool: Pool) -> Iterator[int]:
    """Where this process' metrics are served."""
    settings = BrokerSettings(metrics_port=dead_port())
    with metrics_served(settings, pool):
        assert settings.metrics_port
        yield settings.metrics_port


def test_a_scrape_says_what_was_stored_and_who_is_behind(
    port: int, indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis"
) -> None:
    before = scrape(port)
    indexer.run(flights.message(ONE, page()))
    indexer.run(flights.message(TWO, page()))
    (record,) = at_index(backbone.ledger, client, ONE)
    at = (NOON + timedelta(minutes=1)).isoformat()
    gone = {"stage": "fetch", "fate": "gone", "reason": "http_410", "detail": "d", "dropped_at": at}
    indexer.run(message_of(PageDropped(flight_id=record.flight_id, origin=Origin(url=ONE), **gone)))  # type: ignore[arg-type]
    after = scrape(port)
    assert after["depeche_database_up"] == 1
    landed = {result: f'depeche_pages_landed_total{{kind="asked",result="{result}"}}' for result in ("parsed", "gone")}
    assert {result: after[name] - before.get(name, 0) for result, name in landed.items()} == {"parsed": 2, "gone": 1}
    assert after["depeche_batch_seconds_count"] - before["depeche_batch_seconds_count"] == 3
    for follower in ("stories", "search"):
        assert after[f'depeche_follower_lag_changes{{follower="{follower}"}}'] == 3
        assert after[f'depeche_follower_lag_seconds{{follower="{follower}"}}'] > 0


def test_broken_feeds_are_counted_by_how(port: int, indexer: Indexer, flights: Flights) -> None:
    names = {way: f'depeche_feeds_broken_total{{fault="{way}"}}' for way in ("mended", "passed_over", "stopped")}
    before = scrape(port)
    faults = FeedFaults(entries=3, mended=2, line=7, fault="a bare &", stopped_at=90)
    indexer.run(flights.message(ONE, changed(page(), page_type="feed", article=None, faults=faults)))
    indexer.run(flights.message(TWO, page()))
    after = scrape(port)
    counted = {way: after.get(name, 0) - before.get(name, 0) for way, name in names.items()}
    assert counted == {"mended": 1, "passed_over": 0, "stopped": 1}


def test_who_is_up_to_date_is_not_behind(port: int, indexer: Indexer, flights: Flights, pool: Pool) -> None:
    indexer.run(flights.message(ONE, page()))
    with pool.connection() as connection:
        advance(connection, STORIES)
    after = scrape(port)
    assert after['depeche_follower_lag_changes{follower="stories"}'] == 0
    assert after['depeche_follower_lag_seconds{follower="stories"}'] == 0
    assert after['depeche_follower_lag_changes{follower="search"}'] == 1


def test_a_transaction_that_holds_up_the_feed_is_seen(
    port: int, indexer: Indexer, flights: Flights, database_url: str
) -> None:
    assert scrape(port)["depeche_feed_held_seconds"] == 0
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_current_xact_id()")
        indexer.run(flights.message(ONE, page()))
        held = scrape(port)
        assert held["depeche_feed_held_seconds"] > 0
        assert held['depeche_follower_lag_changes{follower="search"}'] == 0, "nothing that it could work on"


def refused_by_postgres(connection: Connection, _articles: Sequence[int]) -> None:
    connection.execute("SELECT 1 / 0")


def wrong(_connection: Connection, _articles: Sequence[int]) -> None:
    raise LookupError("nobody foresaw this")


@pytest.mark.parametrize("work", [refused_by_postgres, wrong])
def test_a_follower_that_always_fails_is_counted(
    work: Callable[[Connection, Sequence[int]], None], port: int, indexer: Indexer, flights: Flights, pool: Pool
) -> None:
    failures = 'depeche_follower_failures_total{follower="stories"}'
    changes = 'depeche_follower_changes_total{follower="search"}'
    before = scrape(port)
    indexer.run(flights.message(ONE, page()))
    with following(pool, [Follower(name="stories", work=work), SEARCH]):
        wait_until(lambda: scrape(port).get(failures, 0) > before.get(failures, 0))
        wait_until(lambda: scrape(port).get(changes, 0) > before.get(changes, 0))
    after = scrape(port)
    assert after['depeche_follower_failures_total{follower="search"}'] == 0
    assert after['depeche_follower_lag_changes{follower="stories"}'] == 1


def test_a_chore_that_always_fails_is_counted_and_the_others_are_done(port: int, pool: Pool) -> None:
    def fail(_connection: Connection) -> None:
        raise LookupError("nobody foresaw this")

    done = threading.Event()
    failing = Chore(name="failing", every_s=0.01, work=fail)
    with doing(pool, [failing, Chore(name="other", every_s=60.0, work=lambda _connection: done.set())]):
        wait_until(done.is_set)
        wait_until(lambda: scrape(port)['depeche_chore_failures_total{chore="failing"}'] >= 2)


def test_a_chore_notes_when_it_was_done_and_when_it_is_due(pool: Pool) -> None:
    def fail(_connection: Connection) -> None:
        raise LookupError("nobody foresaw this")

    done = Chore(name="done", every_s=90.0, work=lambda _connection: None)
    with pool.connection() as keeper, pool.connection() as connection:
        assert do(keeper, connection, done)
        assert do(keeper, connection, done)
        with pytest.raises(LookupError):
            do(keeper, connection, Chore(name="failing", every_s=90.0, work=fail))
        noted = connection.execute("SELECT name, due_at - done_at FROM depeche.chores").fetchall()
    assert noted == [("done", timedelta(seconds=90))]


def test_without_postgres_the_rest_is_still_served(database_url: str) -> None:
    settings = BrokerSettings(metrics_port=dead_port())
    with open_pool(database_url, 1) as pool, metrics_served(settings, pool):
        pool.close()
        after = scrape(settings.metrics_port or 0)
    assert after["depeche_database_up"] == 0
    assert "depeche_batches_postponed_total" in after
    assert not [name for name in after if name.startswith("depeche_follower_lag")]


def test_a_writer_may_read_all_of_it(database: psycopg.Connection, database_url: str) -> None:
    database.execute("CREATE ROLE a_scraped_writer LOGIN IN ROLE depeche_writer")
    settings = BrokerSettings(metrics_port=dead_port())
    try:
        with open_pool(make_conninfo(database_url, user="a_scraped_writer"), 1) as pool, metrics_served(settings, pool):
            assert scrape(settings.metrics_port or 0)["depeche_database_up"] == 1
    finally:
        database.execute("DROP ROLE a_scraped_writer")


def test_no_port_no_server(pool: Pool) -> None:
    before = set(threading.enumerate())
    with metrics_served(BrokerSettings(), pool):
        assert set(threading.enumerate()) <= before  # those of tests before it may be ending


def test_a_port_in_use_is_passed_over(pool: Pool, port: int) -> None:
    with metrics_served(BrokerSettings(metrics_port=port), pool):
        assert any(answers(at) for at in range(port + 1, port + PORTS))


def test_an_address_that_cannot_be_had_is_named(pool: Pool) -> None:
    settings = BrokerSettings(metrics_port=9464, metrics_host=NOT_OURS)
    with pytest.raises(UserError, match=f"{NOT_OURS}, port 9464 to 9495: Cannot assign .*DEPECHE_METRICS_PORT"):
        metrics_served(settings, pool).__enter__()


def answers(port: int) -> bool:
    """Whether an indexer's metrics are here; it answers a moment before it has them all."""
    with contextlib.suppress(OSError, ValueError):
        return scrape(port).get("depeche_database_up") == 1
    return False


def indexer_process(redis_url: str, database_url: str, port: int, **settings: str) -> "subprocess.Popen[str]":
    servers = {"DEPECHE_REDIS_URL": redis_url, "DEPECHE_DATABASE_URL": database_url}
    env = {**os.environ, **servers, "DEPECHE_METRICS_PORT": str(port), **settings}
    return subprocess.Popen([sys.executable, "-m", "services.indexer.app"], env=env, stderr=subprocess.PIPE, text=True)


@pytest.mark.workers
def test_the_running_indexer_serves_them(redis_url: str, database_url: str) -> None:
    port = dead_port()

    with indexer_process(redis_url, database_url, port) as process:
        try:
            wait_until(lambda: answers(port))
            wait_until(lambda: scrape(port).get('depeche_chore_seconds_count{chore="source_health"}') == 1)
        finally:
            process.terminate()


@pytest.mark.workers
def test_an_indexer_does_not_start_without_the_address_that_it_is_told(redis_url: str, database_url: str) -> None:
    with indexer_process(redis_url, database_url, 9464, DEPECHE_METRICS_HOST=NOT_OURS) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"depeche indexer: Cannot serve metrics at {NOT_OURS}, port 9464 to 9495: Cannot assign requested" in said


def test_what_has_fallen_has_series_and_what_has_not_has_none(port: int, database: psycopg.Connection) -> None:
    past(database)
    past(database, source="calm")
    day_of(database, 0, source="calm")
    day_of(database, 0, articles=10, authors=0)
    look(database)
    after = scrape(port)
    labels = '{field="author",source="beacon"}'
    assert {name: value for name, value in after.items() if name.startswith("depeche_source_")} == {
        "depeche_source_fields_fallen": 1,
        f"depeche_source_field_fell{labels}": 1,
        f"depeche_source_field_filled{labels}": 0,
    }


def test_there_are_never_too_many_series(port: int, database: psycopg.Connection) -> None:
    database.execute(
        "INSERT INTO depeche.source_falls (source, field, mean_past, pages_past, parser_changed) "
        "SELECT 's' || n, 'author', 1, 100, false FROM generate_series(1, 150) n"
    )
    database.execute(
        "INSERT INTO depeche.source_days "
        "SELECT 's' || n, now()::date, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 0, 9, 70, 500, '1' "
        "FROM generate_series(1, 150) AS n"
    )
    after = scrape(port)
    assert after["depeche_source_fields_fallen"] == 150
    assert sum(name.startswith("depeche_source_field_fell") for name in after) == 100
