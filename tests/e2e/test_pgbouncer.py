"""PgBouncer in transaction mode before Postgres: indexers and readers work through it, and what cannot says so."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.stack.stack import Endpoints, Workers
from services.indexer.schema.migrate import migrate
from services.indexer.upkeep.logins import Login
from shared.broker.redis_client import connect_redis
from tests.e2e.stack import SETTINGS, Stack
from tests.e2e.test_pages import served_feed, story
from tests.support.pgbouncer import MISSING, PGBOUNCER, pgbouncer
from tests.support.servers import PostgresForTests
from tests.support.site import Site
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason=MISSING)

WRITER = "a_pooled_writer"
NEEDS_SESSION = "needs a session of Postgres of its own"
TIMEOUTS = ("SET statement_timeout = '20s'", "SET lock_timeout = '10s'")


@pytest.fixture
def direct(postgres: PostgresForTests) -> Iterator[str]:
    """A database with a user for indexers; past PgBouncer, as its owner."""
    with postgres.database() as url:
        migrate(url, logins=[Login(url=make_conninfo(url, user=WRITER, password="a password"), role="depeche_writer")])
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f"ALTER ROLE {WRITER} RESET ALL".encode())
        yield url


@pytest.fixture
def pooled(direct: str) -> Iterator[str]:
    """The same database through PgBouncer, as its owner."""
    with pgbouncer(direct, str(conninfo_to_dict(direct)["user"]), WRITER) as url:
        yield url


def run(module: str, *arguments: str, database_url: str, redis_url: str = "") -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "DEPECHE_DATABASE_URL": database_url, "DEPECHE_REDIS_URL": redis_url}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def test_pages_land_through_it(direct: str, pooled: str, redis_server: str, tmp_path: Path, site: Site) -> None:
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    with psycopg.connect(direct, autocommit=True) as admin:
        for timeout in TIMEOUTS:
            admin.execute(f"ALTER ROLE {WRITER} {timeout}".encode())
    reached = Endpoints(redis_url=redis_url, database_url=make_conninfo(pooled, user=WRITER))
    with Workers(tmp_path, reached, {**SETTINGS, "DEPECHE_INDEXER_THREADS": "4"}, cwd=tmp_path) as workers:
        stack = Stack(Endpoints(redis_url=redis_url, database_url=direct), workers, tmp_path)
        urls = [site.serve(f"/pooled/{n}", story(f"Pooled {n}")) for n in range(60)]
        rows = stack.land(served_feed(site, "/pooled.xml", *urls), *urls)
        assert [rows[url]["fate"] for url in urls] == ["stored"] * 60
        behind = "SELECT 1 FROM depeche.followers WHERE EXISTS (SELECT FROM news.changes_since(cursor, 1))"
        wait_until(lambda: not stack.rows(behind), what="the followers to catch up")
        locks = "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE locktype = 'advisory'"
        wait_until(lambda: not stack.rows(f"{locks} AND usename = '{WRITER}'"), what="all locks to be given back")
        stack.client.close()
    log = (tmp_path / "logs" / "indexer.log").read_text("utf-8")
    assert [word for word in ("postgres_unavailable", "follower_failed", "chore_failed", "error") if word in log] == []
    read = run("cli.main", "articles", "--limit", "100", "--json", database_url=pooled)
    assert (read.returncode, len(read.stdout.splitlines())) == (0, 60)


def test_an_indexer_whose_user_has_no_timeouts_refuses_to_go_through_it(pooled: str, redis_server: str) -> None:
    refused = run("services.indexer.app", database_url=make_conninfo(pooled, user=WRITER), redis_url=redis_server)
    assert refused.returncode == 2
    assert f"ALTER ROLE {WRITER} SET statement_timeout" in refused.stderr


@pytest.mark.parametrize(
    "command", [["migrate"], ["retention", "--apply"], ["export", "--to", "articles.jsonl"], ["backup", "news.dump"]]
)
def test_a_command_that_needs_a_session_says_so(command: list[str], pooled: str, tmp_path: Path) -> None:
    arguments = [str(tmp_path / word) if "." in word else word for word in command]
    refused = run("cli.main", *arguments, database_url=pooled)
    assert refused.returncode == 2
    assert NEEDS_SESSION in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("knows", ["this database", "all databases"])
def test_a_restore_through_it_says_so_and_changes_nothing(knows: str, direct: str, tmp_path: Path) -> None:
    user = str(conninfo_to_dict(direct)["user"])
    saved = run("cli.main", "backup", str(tmp_path / "news.dump"), database_url=direct)
    assert saved.returncode == 0, saved.stderr
    with pgbouncer(direct, user, every_database=knows == "all databases") as url:
        refused = run("cli.main", "restore", str(tmp_path / "news.dump"), "--yes", database_url=url)
    assert refused.returncode == 2
    assert NEEDS_SESSION in refused.stderr
    with psycopg.connect(direct) as connection:
        name = connection.info.dbname
        others = "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s"
        assert connection.execute(others, [name, name]).fetchone() == (0,)


def test_a_replay_of_the_quarantine_through_it_says_so_and_sends_nothing(
    direct: str, pooled: str, redis_server: str
) -> None:
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail)"
            " VALUES (gen_random_uuid(), 'https://news.example/a', 'fetch', 'r', 'd')"
        )
    refused = run("cli.main", "quarantine", "replay", "--all", database_url=pooled, redis_url=redis_url)
    assert refused.returncode == 2
    assert NEEDS_SESSION in refused.stderr
    assert connect_redis(redis_url).keys() == []
