"""What the roles may do, and nothing more."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
import redis
import structlog
from psycopg.conninfo import make_conninfo

from services.indexer.app import open_pool
from services.indexer.followers.follower import advance
from services.indexer.followers.search import SEARCH
from services.indexer.followers.stories import STORIES
from services.indexer.index import Indexer
from services.indexer.schema import migrate as migrating
from services.indexer.schema.files import Migration
from services.indexer.schema.migrate import migrate, require_current
from shared.flight.intake import Backbone
from shared.messages import Origin, PageDropped
from tests.support.flights import ONE, TWO, at_index, message_of
from tests.support.pages import HEADLINES, NOON, ORDER, Flights, article, page, rows
from tests.support.servers import PostgresForTests, users
from tests.support.waiting import PATIENCE_S

USERS = {"a_reader": "depeche_reader", "a_writer": "depeche_writer", "a_migrator": None}


@pytest.fixture(autouse=True)
def _users(database: psycopg.Connection) -> Iterator[None]:
    with users(database, USERS):
        yield


def test_a_reader_reads_all_of_news_and_hears_of_changes(
    database_url: str, database: psycopg.Connection, indexer: Indexer, flights: Flights
) -> None:
    with psycopg.connect(make_conninfo(database_url, user="a_reader"), autocommit=True) as reader:
        reader.execute("LISTEN news_changes")
        indexer.run(flights.message(ONE, page()))
        views = [name for (name,) in database.execute("SELECT viewname FROM pg_views WHERE schemaname = 'news'")]
        assert set(ORDER) <= set(views)
        for view in views:
            reader.execute(f"SELECT * FROM news.{view}".encode())
        assert len(reader.execute("SELECT * FROM news.changes_since()").fetchall()) == 1
        assert reader.execute("SELECT news.cursor_now()").fetchone()
        assert list(reader.notifies(timeout=PATIENCE_S, stop_after=1))


FORBIDDEN_TO_READERS = [
    "SELECT * FROM depeche.articles",
    "SELECT depeche.feed_txid()",
    "INSERT INTO news.pages (url) VALUES ('x')",
    "UPDATE news.quarantine SET url = 'x'",
    "DELETE FROM news.quarantine",
    "CREATE TABLE news.mine (x int)",
    "CREATE VIEW news.mine AS SELECT 1",
    "CREATE OR REPLACE FUNCTION news.cursor_now() RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE public.mine (x int)",
    "CREATE SCHEMA mine",
    "DROP VIEW news.articles",
    "COMMENT ON VIEW news.articles IS 'x'",
    "BEGIN; LOCK TABLE news.articles IN ACCESS EXCLUSIVE MODE",
    "COPY depeche.articles TO STDOUT",
    "COPY news.pages (url) FROM STDIN",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
    "SET ROLE depeche_writer",
    "SET session_replication_role = replica",
    "GRANT depeche_reader TO a_migrator",
    "ALTER ROLE a_writer SET search_path = mine",
    "ALTER ROLE depeche_reader SET work_mem = '1GB'",
    "ALTER SYSTEM SET work_mem = '1GB'",
]
FORBIDDEN_TO_WRITERS = [
    "DELETE FROM depeche.articles",
    "TRUNCATE depeche.headlines",
    "UPDATE depeche.changes SET version = 1",
    "UPDATE depeche.article_versions SET title = 'x'",
    "UPDATE depeche.visits SET fate = 'stored'",
    "UPDATE depeche.quarantine SET message = 'x'",
    "DELETE FROM depeche.quarantine",
    "UPDATE depeche.feed SET txid_offset = 1",
    "INSERT INTO depeche.schema_migrations VALUES (9999, 'x')",
    "DROP TABLE depeche.articles",
    "ALTER TABLE depeche.articles DISABLE TRIGGER ALL",
    "CREATE TABLE depeche.mine (x int)",
    "CREATE TRIGGER mine AFTER INSERT ON depeche.articles EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE OR REPLACE FUNCTION depeche.feed_txid() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    "SELECT depeche.grant_roles()",
    "GRANT depeche_writer TO a_reader",
    "ALTER ROLE a_reader SET search_path = mine",
]


@pytest.mark.parametrize("statement", FORBIDDEN_TO_READERS)
def test_a_reader_may_not(statement: str, database_url: str) -> None:
    refuse(make_conninfo(database_url, user="a_reader"), statement)


@pytest.mark.parametrize("statement", FORBIDDEN_TO_WRITERS)
def test_a_writer_may_not(statement: str, database_url: str) -> None:
    refuse(make_conninfo(database_url, user="a_writer"), statement)


def test_functions_that_run_with_the_owners_rights_look_nowhere_but_where_they_say(
    database: psycopg.Connection,
) -> None:
    """Else whoever calls one could put tables or functions of their own in the way."""
    found = database.execute("SELECT oid::regprocedure::text, proconfig FROM pg_proc WHERE prosecdef").fetchall()
    assert "news.search" in str(found)
    assert [name for name, settings in found if "search_path=pg_catalog, pg_temp" not in (settings or [])] == []


def refuse(url: str, statement: str) -> None:
    with (
        psycopg.connect(url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


LATER = """
CREATE TABLE depeche.later (x int); CREATE VIEW news.later AS SELECT x FROM depeche.later
"""
USED = """
SET ROLE a_writer; INSERT INTO depeche.later VALUES (1);
SET ROLE a_reader; SELECT x FROM news.later;
RESET ROLE
"""


def test_tables_of_a_migration_may_be_used_as_soon_as_they_are_there(
    database_url: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the migrations have ended: a trigger may make workers of the version before write to them."""
    two = [Migration(version=9000 + n, name=f"900{n}.sql", sql=sql) for n, sql in enumerate((LATER, USED))]
    monkeypatch.setattr(migrating, "all_migrations", lambda: two)
    assert migrate(database_url) == ["9000.sql", "9001.sql"]
    assert database.execute("SELECT count(*) FROM news.later").fetchone() == (1,)
    assert database.execute("SELECT defaclacl FROM pg_default_acl").fetchall() == [], "nothing of it is left in a dump"


def test_an_indexer_needs_no_more_than_a_writer_may(
    database_url: str, database: psycopg.Connection, backbone: Backbone, client: "redis.Redis", flights: Flights
) -> None:
    url = make_conninfo(database_url, user="a_writer")
    require_current(url)
    with open_pool(url, 1) as pool:
        indexer = Indexer(backbone, pool)
        indexer.run(flights.message(ONE, page()))
        moved = [*HEADLINES[2:], HEADLINES[0]]
        indexer.run(flights.message(ONE, page(moved, article=article("Closed again.")), minutes=1))
        for minutes, fate in enumerate(("gone", "unchanged", "failed", "quarantined"), start=2):
            (record,) = at_index(backbone.ledger, client, ONE)
            at = (NOON + timedelta(minutes=minutes)).isoformat()
            facts = {"stage": "parse", "reason": "r", "detail": "d", "fate": fate, "dropped_at": at}
            indexer.run(message_of(PageDropped(flight_id=record.flight_id, origin=Origin(url=ONE), **facts)))  # type: ignore[arg-type]
        indexer.run(flights.message(TWO, b"no parse result"))
    assert [change["kind"] for change in rows(database, "changes")] == ["new", "edited", "withdrawn", "restored"]
    assert [kept["url"] for kept in rows(database, "quarantine")] == [ONE, TWO]
    assert "permission" not in str(rows(database, "quarantine"))
    assert len(rows(database, "visits")) == 7


def test_followers_need_no_more_than_a_writer_may(
    database_url: str, database: psycopg.Connection, indexer: Indexer, flights: Flights
) -> None:
    text = " ".join(f"word{number}" for number in range(200))
    for minutes, url in enumerate((ONE, TWO, ONE)):
        indexer.run(flights.message(url, page(article=article(f"{text} {minutes}")), minutes=minutes))
    with psycopg.connect(make_conninfo(database_url, user="a_writer"), autocommit=True) as writer:
        for follower in (STORIES, SEARCH):
            assert advance(writer, follower)
    assert [row["articles"] for row in rows(database, "stories")] == [2]
    assert len(database.execute("SELECT 1 FROM news.search('word7')").fetchall()) == 2


def test_a_user_who_may_not_create_roles_migrates_all_the_same(
    postgres: PostgresForTests, database: psycopg.Connection
) -> None:
    """The roles then are granted once somebody has made them and `depeche migrate` has run again."""
    with postgres.database(template="template0") as url, psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"GRANT CREATE ON DATABASE {admin.info.dbname} TO a_migrator".encode())
        own_url = make_conninfo(url, user="a_migrator")
        rename(admin, "depeche_reader", "set_aside")
        try:
            with structlog.testing.capture_logs() as logs:
                migrate(own_url)
            require_current(own_url)
            (warning,) = [line for line in logs if line["event"] == "migration_warning"]
            assert "CREATE ROLE depeche_reader" in warning["detail"]
        finally:
            rename(admin, "set_aside", "depeche_reader")
        assert not may_read(admin)
        migrate(own_url)
        assert may_read(admin)
        admin.execute("DROP OWNED BY a_migrator CASCADE")


def rename(admin: psycopg.Connection, role: str, name: str) -> None:
    admin.execute(f"ALTER ROLE {role} RENAME TO {name}".encode())


def may_read(admin: psycopg.Connection) -> bool:
    row = admin.execute("SELECT has_table_privilege('depeche_reader', 'news.articles', 'SELECT')").fetchone()
    return bool(row and row[0])
