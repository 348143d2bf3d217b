"""Many indexers at once, and a Postgres that goes away in the middle."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis
import structlog
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from benchmarks.chaos.network import Loop, Proxy, to_unix
from services.fetcher.timing.frontier import Frontier
from services.indexer.app import open_pool
from services.indexer.connection import ImpatientConnection
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.messages import PageParsed
from shared.urls import url_key
from tests.support.flights import message_of
from tests.support.pages import Flights, article, page, rows
from tests.support.servers import PostgresForTests
from tests.support.waiting import PATIENCE_S, wait_until


def test_indexers_with_the_same_pages_in_different_order(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    """Ten pages of one article and forty of their own; every page is in two messages at the same time."""
    records = [
        flights.stand(f"https://news.example/{n}", page(canonical_url="https://news.example/one" if n < 10 else None))
        for n in range(50)
    ]
    messages = [message_of(*records), message_of(*reversed(records)), message_of(*records[25:], *records[:25])]
    run_at_once(indexer, messages)
    drain(indexer, backbone, records)
    assert {row["fate"] for row in rows(database, "pages")} <= {"stored", "unchanged"}
    assert len(rows(database, "pages")) == 50
    assert len(rows(database, "articles")) == 41
    assert len(rows(database, "headlines")) == 50 * 4
    assert rows(database, "quarantine") == []


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
CREATE TRIGGER slow AFTER INSERT OR UPDATE ON depeche.articles FOR EACH ROW EXECUTE FUNCTION slow();
"""


def test_indexers_never_wait_in_a_circle_for_articles_that_have_two_addresses(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    """Both batches lead to the same two articles, and the order of the pages' keys is that of neither's articles."""
    database.execute(SLOW.encode())
    urls = sorted((f"https://news.example/{n}" for n in range(4)), key=url_key)
    stories = ["https://news.example/a", "https://news.example/b", "https://news.example/b", "https://news.example/a"]
    records = [
        flights.stand(url, page(canonical_url=story), minutes=n)
        for n, (url, story) in enumerate(zip(urls, stories, strict=True))
    ]
    run_at_once(indexer, [message_of(*records[:2]), message_of(*records[2:])])
    assert sum(backbone.ledger.counts().values()) == 0, "neither batch had to be stored a second time"
    assert len(rows(database, "articles")) == 2


def test_a_lock_that_is_not_given_in_time_makes_the_batch_wait(
    backbone: Backbone, flights: Flights, database: psycopg.Connection, database_url: str
) -> None:
    records = [flights.stand(f"https://news.example/{n}", page()) for n in range(3)]
    with open_pool(make_conninfo(database_url, application_name="impatient"), 1) as pool:
        impatient = Indexer(backbone, pool, pause_s=0.05)
        with pool.connection() as connection:
            connection.execute("SET lock_timeout = '50ms'")
        with psycopg.connect(database_url) as other:
            other.execute("LOCK TABLE depeche.headlines")
            impatient.run(message_of(*records))
            assert set(backbone.ledger.in_air([r.flight_id for r in records]).values()) == {"waiting"}
            assert rows(database, "pages") == [], "all or nothing"
        drain(impatient, backbone, records)
    assert [row["fate"] for row in rows(database, "pages")] == ["stored"] * 3


def test_a_connection_that_is_cut_in_the_middle_of_a_batch_loses_nothing(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    """Postgres ends the session from within, after the second article."""
    database.execute(CUT.encode())
    records = [flights.stand(f"https://news.example/{n}", page()) for n in range(4)]
    indexer.run(message_of(*records))
    assert set(backbone.ledger.in_air([r.flight_id for r in records]).values()) == {"waiting"}
    assert rows(database, "pages") == []
    database.execute("DROP TRIGGER cut ON depeche.articles")
    drain(indexer, backbone, records)
    assert [row["fate"] for row in rows(database, "pages")] == ["stored"] * 4
    assert [change["kind"] for change in rows(database, "changes")] == ["new"] * 4


@pytest.mark.parametrize(
    "state",
    [
        "disk_full",
        "out_of_memory",
        "admin_shutdown",
        "deadlock_detected",
        "query_canceled",
        "insufficient_privilege",
        "read_only_sql_transaction",
    ],
)
def test_a_batch_that_postgres_cannot_store_now_waits(
    state: str, indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    """The errors of a server in trouble, raised by the second article of the batch."""
    database.execute(TROUBLE.replace("STATE", state).encode())
    records = [flights.stand(f"https://news.example/{n}", page()) for n in range(3)]
    indexer.run(message_of(*records))
    assert set(backbone.ledger.in_air([r.flight_id for r in records]).values()) == {"waiting"}
    assert rows(database, "pages") == []
    database.execute("DROP TRIGGER trouble ON depeche.articles")
    drain(indexer, backbone, records)
    assert [row["fate"] for row in rows(database, "pages")] == ["stored"] * 3
    assert rows(database, "quarantine") == []


TROUBLE = """
CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM depeche.articles) >= 2 THEN RAISE 'trouble' USING ERRCODE = 'STATE'; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trouble AFTER INSERT ON depeche.articles FOR EACH ROW EXECUTE FUNCTION trouble();
"""
CUT = """
CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM depeche.articles) >= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cut AFTER INSERT ON depeche.articles FOR EACH ROW EXECUTE FUNCTION cut();
"""


def run_at_once(indexer: Indexer, messages: list[dict[str, Any]]) -> None:
    start = threading.Barrier(len(messages))

    def run(message: dict[str, Any]) -> None:
        start.wait()
        indexer.run(message)

    threads = [threading.Thread(target=run, args=(message,)) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drain(indexer: Indexer, backbone: Backbone, records: list[PageParsed]) -> None:
    """Release what waits for Postgres, without the pause, until all have landed."""
    client = backbone.ledger.client
    by_id = {record.flight_id: record for record in records}

    def landed() -> bool:
        client.zadd("depeche:retry", dict.fromkeys(client.zrange("depeche:retry", 0, -1), 0) or {"none": 0})
        _, released = Frontier(client, host_delay=0).release(500, room=0)
        if released:
            indexer.run(message_of(*(by_id[flight.flight_id] for flight in released)))
        return sum(backbone.ledger.counts().values()) == 0

    wait_until(landed, what="landing")


def test_a_postgres_restart_in_the_middle_loses_nothing(
    indexer: Indexer, flights: Flights, backbone: Backbone, postgres: PostgresForTests, database_url: str
) -> None:
    records = [flights.stand(f"https://news.example/{n}", page(article=article(f"Text {n}."))) for n in range(120)]
    first_batches = threading.Event()

    def work() -> None:
        for start in range(0, len(records), 4):
            indexer.run(message_of(*records[start : start + 4]))
            if start == 20:
                first_batches.set()

    worker = threading.Thread(target=work)
    worker.start()
    assert first_batches.wait(PATIENCE_S)
    postgres.restart()
    worker.join(PATIENCE_S)
    assert not worker.is_alive()
    drain(indexer, backbone, records)
    with psycopg.connect(database_url) as database:
        assert [row["fate"] for row in rows(database, "pages")] == ["stored"] * 120
        assert len(rows(database, "articles")) == 120
        assert len(rows(database, "headlines")) == 480
        assert rows(database, "quarantine") == []


def test_pages_wait_in_the_frontier_while_there_is_no_postgres(
    backbone: Backbone, flights: Flights, client: "redis.Redis"
) -> None:
    record = flights.stand("https://news.example/one", page())
    with open_pool("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1", 1) as pool:
        pool.timeout = 0.5
        Indexer(backbone, pool).run(message_of(record))
    assert backbone.ledger.in_air([record.flight_id]) == {record.flight_id: "waiting"}
    assert backbone.store.get("result", record.flight_id) is not None


@pytest.fixture
def proxied(postgres: PostgresForTests, database_url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before Postgres, and the database's DSN through it."""
    folder = str(conninfo_to_dict(database_url)["host"])
    with Loop() as loop:
        proxy = Proxy(to_unix(f"{folder}/.s.PGSQL.5432"), loop)
        yield proxy, make_conninfo(database_url, host="127.0.0.1", port=proxy.open())


def test_a_connection_on_which_no_answer_comes_any_more_is_given_up(
    backbone: Backbone, flights: Flights, proxied: tuple[Proxy, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network has forgotten it, and resets nothing: first in the middle of a batch, then as it lies in the pool."""
    monkeypatch.setattr(ImpatientConnection, "answer_s", 2.0)
    monkeypatch.setattr("services.indexer.connection.CHECK_S", 2.0)
    proxy, url = proxied
    with open_pool(url, 1) as pool:
        indexer = Indexer(backbone, pool, pause_s=0.05)
        with pool.connection() as connection:
            proxy.forget()
            with pytest.raises(psycopg.OperationalError, match="no answer within 2 s"):
                connection.execute("SELECT 1")
        for part in "ab":
            records = [flights.stand(f"https://news.example/{part}/{n}", page()) for n in range(3)]
            indexer.run(message_of(*records))
            drain(indexer, backbone, records)
            proxy.forget()
    with psycopg.connect(url) as database:
        assert [row["fate"] for row in rows(database, "pages")] == ["stored"] * 6


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other names for these")
def test_the_kernel_is_told_to_end_connections_whose_other_side_is_gone(proxied: tuple[Proxy, str]) -> None:
    url = make_conninfo(proxied[1], keepalives_idle=60)
    with (
        open_pool(url, 1) as pool,
        pool.connection() as connection,
        socket.socket(fileno=os.dup(connection.fileno())) as of,
    ):
        told = {
            name: of.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        }
    assert told == {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}


def test_what_comes_while_postgres_is_away_waits_for_the_same_moment_without_trying(
    backbone: Backbone, flights: Flights, client: "redis.Redis"
) -> None:
    """So that an outage costs, and logs, one attempt at a time, however many pages are in the air."""
    records = [flights.stand(f"https://news.example/{n}", page()) for n in range(60)]
    with open_pool("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1", 1) as pool:
        pool.timeout = 0.1
        indexer = Indexer(backbone, pool, pause_s=3600)
        begun, _ = client.time()
        with structlog.testing.capture_logs() as logs:
            for record in records:
                indexer.run(message_of(record))
    assert [line["event"] for line in logs] == ["postgres_unavailable"]
    due = client.zrange("depeche:retry", 0, -1, withscores=True)
    assert len(due) == 60
    assert all(at_ms / 1000 > begun + 3600 for _, at_ms in due)


def test_a_redis_that_goes_away_after_the_commit_leaves_the_flight_to_be_landed_again(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    record = flights.stand("https://news.example/one", page())
    message = message_of(record)

    class NotLanding:
        """A ledger that cannot be reached any more when the flight lands."""

        def __getattr__(self, name: str) -> Any:
            return getattr(backbone.ledger, name)

        def land(self, *_: object) -> None:
            raise redis.ConnectionError("gone")

    broken = Backbone(ledger=NotLanding(), store=backbone.store, publisher=backbone.publisher)  # type: ignore[arg-type]
    Indexer(broken, indexer._pool).run(message)
    assert backbone.ledger.in_air([record.flight_id]) == {record.flight_id: "index"}
    (before,) = rows(database, "pages")
    indexer.run(message)
    assert sum(backbone.ledger.counts().values()) == 0
    assert rows(database, "pages") == [before]
