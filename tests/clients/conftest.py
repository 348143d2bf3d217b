"""A live stack, and the environment of the other schedulers' packages: `make test-clients` makes it, and runs these."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.stack.stack import Endpoints
from shared.broker.redis_client import connect_redis
from tests.e2e.stack import Stack, running_stack
from tests.support.documented import ROOT
from tests.support.servers import PostgresForTests
from tests.support.site import Site

BIN = ROOT / ".venv-clients" / "bin"
# Seconds. Airflow takes half a minute of CPU to make its database, and as long to run a DAG.
PATIENCE_S = 600

Client = Callable[..., str]


@pytest.fixture(scope="module")
def stack(redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    redis_url = redis_server.removesuffix("/0") + "/3"
    connect_redis(redis_url).flushdb()
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        with running_stack(tmp_path_factory.mktemp("stack"), endpoints) as stack:
            yield stack


@pytest.fixture
def page(site: Site) -> str:
    """A page that is to be fetched."""
    return site.serve("/", b"<html><head><title>Harbour</title></head><body><p>The harbour is open.</p></body></html>")


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Runs a program of the clients' environment, and gives what it printed; fails if it fails."""

    def run(program: str, *arguments: str, **variables: str) -> str:
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        environment = {**keep, "PATH": f"{BIN}:{keep['PATH']}", **variables}
        command = [BIN / program, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    return run
