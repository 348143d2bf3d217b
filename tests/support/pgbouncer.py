"""A real PgBouncer in transaction mode, before a database of the tests' Postgres."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.stack.embedded import spawn, stop_process
from tests.support.site import dead_port
from tests.support.waiting import wait_until

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "There is no PgBouncer on this machine; apt has it as pgbouncer."

# So few sessions that each is used by everybody.
CONFIGURATION = """
[databases]
{databases} = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 3
server_lifetime = 2
{as_user}
"""


@contextlib.contextmanager
def pgbouncer(database_url: str, *users: str, every_database: bool = False) -> Iterator[str]:
    """Run it for these users, and for one or all databases; yields the DSN of the same database through it."""
    direct = conninfo_to_dict(database_url)
    host, port = str(direct["host"]), dead_port()
    with tempfile.TemporaryDirectory(prefix="depeche-pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        owner = Path(host).owner()
        text = CONFIGURATION.format(
            databases="*" if every_database else direct["dbname"],
            host=host,
            port=direct.get("port", 5432),
            listen=port,
            folder=folder,
            as_user=f"user = {owner}" if os.geteuid() == 0 else "",
        )
        (folder / "pgbouncer.ini").write_text(text)
        (folder / "users.txt").write_text("".join(f'"{user}" ""\n' for user in users))
        process = spawn(
            [str(PGBOUNCER), str(folder / "pgbouncer.ini")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        url = make_conninfo(database_url, host="127.0.0.1", port=port)
        try:
            wait_until(lambda: _answers(make_conninfo(url, user=users[0])), what="PgBouncer's start")
            yield url
        finally:
            stop_process(process, patience=10.0)


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False
