"""Logical replication as docs/reading.md has it, to a real subscriber; and keys without which deletions would fail."""

import contextlib
import datetime as dt
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.indexer.schema.migrate import connect, migrate
from services.indexer.upkeep.retention import KINDS
from services.indexer.upkeep.retention_steps import apply_policy
from tests.support.documented import ROOT
from tests.support.history import HISTORIES, fill, month, past_months, visit
from tests.support.own_servers import Server
from tests.support.servers import data_folder, users
from tests.support.waiting import wait_until

PUBLISHED = {
    "pages": "page_id",
    "sources": "name",
    "articles": "article_id",
    "changes": "txid, change_id",
    "article_versions": "article_id, version",
    "headlines": "headline_id",
    "headline_positions": "headline_id, from_at",
    "headline_wordings": "headline_id, from_at",
    "visits": "flight_id, at",
}
WITHOUT_A_KEY = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace IN ('depeche'::regnamespace, 'depeche_history'::regnamespace) AND c.relkind = 'r'
    AND NOT (c.relreplident IN ('f', 'i')
             OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
"""
BY_WHOLE_ROWS = "SELECT count(*) FROM pg_class WHERE relreplident = 'f'"
DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.postgres


def documented() -> tuple[str, str, str]:
    """What is run at the publisher, and the two statements that are run at the subscriber."""
    section = (ROOT / "docs" / "reading.md").read_text("utf-8").partition("## Logical replication")[2]
    blocks = section.partition("\n## ")[0].split("```\n")[1::2]
    publish, subscribe = blocks
    subscription, revocation, rest = subscribe.split(";\n")
    assert not rest
    return publish, subscription, revocation


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A publisher and a subscriber, each with a migrated database."""
    with data_folder() as folder, contextlib.ExitStack() as stack:
        folder.chmod(0o755)
        publisher, subscriber = Server(folder / "one"), Server(folder / "two")
        for server in (publisher, subscriber):
            stack.callback(server.crash)
            server.make()
            server.start("wal_level=logical")
            migrate(server.url)
        yield publisher, subscriber


def contents(connection: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: connection.execute(f"SELECT * FROM depeche.{table} ORDER BY {key}".encode()).fetchall()
        for table, key in PUBLISHED.items()
    }


def subscribe(publisher: Server, subscriber: psycopg.Connection) -> None:
    _, subscription, revocation = documented()
    facts = conninfo_to_dict(publisher.url)
    given = make_conninfo(host=facts["host"], user=facts["user"], dbname=facts["dbname"])
    there = subscription.partition("'")[2].partition("'")[0]
    subscriber.execute(subscription.replace(there, given).encode())
    subscriber.execute(revocation.encode())


def test_every_table_names_its_rows_and_so_do_partitions_to_come(database: psycopg.Connection) -> None:
    assert database.execute(WITHOUT_A_KEY).fetchall() == []
    assert database.execute(BY_WHOLE_ROWS).fetchone() == (0,)
    database.execute("CREATE TABLE depeche.example (a integer)")
    assert database.execute(WITHOUT_A_KEY).fetchall() == [("depeche.example",)]
    database.execute("SELECT depeche.identify_rows('depeche.example')")
    assert database.execute(WITHOUT_A_KEY).fetchall() == []
    database.execute("CREATE TABLE depeche.keyed (a integer NOT NULL UNIQUE, b integer UNIQUE)")
    database.execute("SELECT depeche.identify_rows('depeche.keyed')")
    found = database.execute("SELECT relname FROM pg_class JOIN pg_index ON oid = indexrelid WHERE indisreplident")
    assert ("keyed_a_key",) in found.fetchall()
    assert database.execute(BY_WHOLE_ROWS).fetchone() == (1,)


def test_a_subscriber_has_what_the_publisher_has(pair: tuple[Server, Server]) -> None:
    publisher, subscriber = pair
    with connect(publisher.url) as here, connect(subscriber.url) as there:
        for minutes in range(3):
            visit(here, "https://news.example/before", month(0) + dt.timedelta(minutes=minutes))
        here.execute(documented()[0].encode())
        subscribe(publisher, there)
        for table in HISTORIES:  # the net takes rows of moments that no partition is for
            assert here.execute(f"SELECT count(*) FROM depeche.{table}".encode()).fetchone() != (0,)
        for number in range(4):
            visit(here, f"https://news.example/{number % 2}", month(2) + number * DAY)
            visit(here, f"https://news.example/{number % 2}", month(30) + number * DAY)
        here.execute("UPDATE depeche.articles SET withdrawn_at = fetched_at WHERE article_id = 1")
        here.execute("DELETE FROM depeche.visits WHERE at >= %s", [month(30) + DAY])
        here.execute("DELETE FROM depeche.headlines WHERE gone_at < %s", [month(1)])
        here.execute("UPDATE depeche.visits SET detail = 'seen' WHERE at >= %s", [month(2)])
        wait_until(lambda: contents(there) == contents(here), what="the same rows")
        for view in ("articles", "article_versions", "headline_positions", "stories"):
            query = f"SELECT v::text FROM news.{view} AS v ORDER BY 1".encode()
            assert there.execute(query).fetchall() == here.execute(query).fetchall(), view
        (moment,) = here.execute("SELECT max(recorded_at) FROM depeche.changes WHERE article_id = 1").fetchone() or ()
        query_as_of = "SELECT t::text FROM news.articles_as_of(%s) AS t ORDER BY 1"
        for at in (moment, moment - dt.timedelta(microseconds=1)):
            known = here.execute(query_as_of, [at]).fetchall()
            assert there.execute(query_as_of, [at]).fetchall() == known != []
        with users(there, {"a_reader": "depeche_reader"}):
            there.execute("SET ROLE a_reader")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                there.execute("SELECT * FROM news.changes_since()")
            there.execute("RESET ROLE")
        there.execute("DROP SUBSCRIPTION depeche_news")


def test_retention_deletes_under_a_publication_of_all_tables(pair: tuple[Server, Server]) -> None:
    publisher, _ = pair
    with connect(publisher.url) as here:
        for table in set(HISTORIES) - {"visits"}:
            past_months(here, table)
        here.execute("CREATE PUBLICATION everything FOR ALL TABLES")
        visit(here, "https://news.example/net", month(40))  # in the net of each history
        fill(here)
        here.execute("UPDATE depeche.followers SET cursor = news.cursor_now()")
        here.execute(
            "INSERT INTO depeche.visits (page_id, flight_id, at, fate, attempts)"
            " SELECT 1, gen_random_uuid(), '9999-01-01', 'stored', 1"
        )
        done = list(apply_policy(here, dict.fromkeys(KINDS, DAY)))
        assert [step.held for step in done if step.held] == []
        assert {step.kind for step in done if step.rows} >= {"headlines", "changes", "versions"}
        last = "DELETE FROM depeche.visits WHERE at = '9999-01-01' RETURNING 1"
        here.execute("ALTER TABLE depeche_history.visits_net REPLICA IDENTITY DEFAULT")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="does not have a replica identity"):
            here.execute(last)
        here.execute("SELECT depeche.identify_rows('depeche_history.visits_net')")
        assert here.execute(last).fetchall() == [(1,)]
