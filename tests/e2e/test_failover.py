"""Postgres fails over to its standby: the workers follow by themselves, and every page lands, once."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.stack.stack import Endpoints
from shared.messages import FetchRequest, Follow, Origin
from tests.e2e.stack import running_stack
from tests.e2e.test_crashes import PAGES, all_landed_once, asked
from tests.e2e.test_pages import served_feed, story
from tests.support.own_servers import Server
from tests.support.site import Site
from tests.support.waiting import wait_until


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary that answers once its standby has it, too, and this standby."""
    with tempfile.TemporaryDirectory(prefix="depeche-pair-") as folder, contextlib.ExitStack() as stack:
        Path(folder).chmod(0o755)
        primary, standby = Server(Path(folder) / "one"), Server(Path(folder) / "two")
        for server in (primary, standby):
            stack.callback(server.crash)
        primary.make()
        primary.start()
        standby.copy(primary)
        standby.start()
        with psycopg.connect(primary.url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
            state = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait_until(lambda: admin.execute(state).fetchone(), what="replication")
        yield primary, standby


@pytest.mark.workers
def test_workers_follow_postgres_to_its_promoted_standby(
    pair: tuple[Server, Server], redis_server: str, tmp_path: Path, site: Site
) -> None:
    primary, standby = pair
    both = f"{primary.home},{standby.home}"
    url = make_conninfo(primary.url, host=both, target_session_attrs="read-write")
    redis_url = redis_server.removesuffix("/0") + "/3"
    with running_stack(tmp_path / "stack", Endpoints(redis_url=redis_url, database_url=url)) as stack:
        stack.client.flushdb()
        urls = [site.serve(f"/failover/{n}", story(f"Failover {n}")) for n in range(PAGES)]
        pids = stack.workers.pids()
        stack.ledger.accept([FetchRequest(origin=Origin(url=served_feed(site, "/feed.xml", *urls)), follow=Follow())])
        wait_until(lambda: asked(site, urls) >= PAGES // 4, what="the middle of it")
        wait_until(lambda: stack.rows("SELECT 1 FROM news.pages LIMIT 1"), what="the first rows")
        primary.crash()
        standby.promote()
        stack.wait_until_landed()
        assert stack.workers.pids() == pids, "no worker had to be started again"
        all_landed_once(stack, urls)
    with psycopg.connect(standby.url) as after:
        assert after.execute("SELECT count(*) FROM news.articles").fetchone() == (PAGES,)
