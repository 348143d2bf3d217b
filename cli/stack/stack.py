"""The whole of Depeche on one machine: where its servers are, and the workers and the tick, kept running."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from cli.settings import CliSettings
from cli.stack.embedded import is_running, spawn, stop_process
from shared.failures import UserError

WORKERS = {
    "fetcher": "services.fetcher.app",
    "parser": "services.parser.app",
    "indexer": "services.indexer.app",
    "tick": "services.fetcher.tick",
}
# Unless told otherwise, glibc gives each thread a heap of its own, and keeps what its peaks have left there. With two
# heaps a fetcher of 16 threads held 78 MB instead of 100 after seven minutes of `make soak` (docs/capacity.md).
HEAPS = {"MALLOC_ARENA_MAX": "2"}
STOP_S = 15.0
# A worker that dies at once is restarted after this pause, doubled up to a cap, so that it does not spin. The cap is
# low: whatever kills a worker again and again, its stage stands still no longer than that.
RESTART_S = 1.0
RESTART_CAP_S = 5.0
# A worker that has lived this long (s) is restarted with the shortest pause again.
STABLE_S = 20.0


# The folder of DEPECHE_HOME in which `depeche demo` has its own stack.
DEMO = "demo"


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where the servers of a running stack are."""

    redis_url: str
    database_url: str
    pid: int | None = None


def run_file(home: Path) -> Path:
    """Return the path of the file in which a running stack says where its servers are."""
    return home / "run" / "stack.json"


def home_of_stack(settings: CliSettings) -> Path:
    """Return the home of the stack that runs: DEPECHE_HOME or, while a demo runs there, its home; else DEPECHE_HOME."""
    home = settings.home.resolve()
    demo = home / DEMO
    return demo if running_stack(home) is None and running_stack(demo) is not None else home


def find_endpoints(settings: CliSettings) -> Endpoints:
    """Return the servers that are set, else those of the stack in DEPECHE_HOME; raises UserError if there are none."""
    running = running_stack(home_of_stack(settings))
    redis_url = settings.redis_url or (running and running.redis_url)
    database_url = settings.database_url or (running and running.database_url)
    missing = [
        name for name, url in (("DEPECHE_REDIS_URL", redis_url), ("DEPECHE_DATABASE_URL", database_url)) if not url
    ]
    if not redis_url or not database_url:
        demo = settings.home / DEMO
        ended = f" (`depeche demo --keep` or DEPECHE_HOME={demo} for what the demo has stored)" if demo.is_dir() else ""
        raise UserError(
            f"No stack is running in {settings.home.resolve()}: start one with `depeche up`{ended}, with Docker by "
            f"`docker compose up -d`, or set {' and '.join(missing)}."
        )
    return Endpoints(redis_url=redis_url, database_url=database_url)


def find_database(settings: CliSettings) -> str:
    """Return the URL of the database that is set, else of the running stack's; raises UserError if there is none."""
    return settings.database_url or find_endpoints(settings).database_url


def find_redis(settings: CliSettings) -> str:
    """Return the URL of the Redis that is set, else of the running stack's; raises UserError if there is none."""
    running = running_stack(home_of_stack(settings))
    url = settings.redis_url or (running and running.redis_url)
    if not url:
        raise UserError(f"No stack is running in {settings.home.resolve()}, and DEPECHE_REDIS_URL is not set.")
    return url


def running_stack(home: Path) -> Endpoints | None:
    """Return the servers of the stack that runs in `home`; None if none runs."""
    try:
        endpoints = msgspec.json.decode(run_file(home).read_bytes(), type=Endpoints)
    except (OSError, msgspec.DecodeError):
        return None
    return endpoints if endpoints.pid and is_running(endpoints.pid) else None


class Workers:
    """The workers as child processes; a worker that dies is started again. `modules` has name -> module to run."""

    modules = WORKERS

    def __init__(
        self, home: Path, endpoints: Endpoints, extra_env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self._cwd = cwd
        self._logs = home.resolve() / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._env = {
            **HEAPS,
            **os.environ,
            **(extra_env or {}),
            "DEPECHE_REDIS_URL": endpoints.redis_url,
            "DEPECHE_DATABASE_URL": endpoints.database_url,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._pause: dict[str, float] = dict.fromkeys(self.modules, RESTART_S)
        self._due: dict[str, float] = {}
        self._log_start: dict[str, int] = {}

    def __enter__(self) -> "Workers":
        try:
            for name in self.modules:
                self._start(name)
        except BaseException:  # interrupted: workers that run must end before their servers do
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        running = [process for process in self._processes.values() if process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_S
        for process in running:
            stop_process(process, patience=max(0.1, deadline - time.monotonic()))

    def mend(self, say: Callable[[str], None]) -> None:
        """Start the workers again that have died; `say` gets a sentence per death."""
        now = time.monotonic()
        for name, process in self._processes.items():
            if process.poll() is None:
                continue
            if name not in self._due:
                if now - self._started[name] > STABLE_S:
                    self._pause[name] = RESTART_S
                self._due[name] = now + self._pause[name]
                say(
                    f"{name} ended with status {process.returncode}; starting it again in {self._pause[name]:.0f} s "
                    f"(log: {self._logs / name}.log){self._last_words(name)}"
                )
                self._pause[name] = min(RESTART_CAP_S, self._pause[name] * 2)
            elif now >= self._due[name]:
                del self._due[name]
                self._start(name)

    def _last_words(self, name: str) -> str:
        """Return the sentence with which the worker said why it cannot start; none without one."""
        with (self._logs / f"{name}.log").open("rb") as log:
            log.seek(self._log_start[name])
            lines = log.read().decode("utf-8", "replace").splitlines()
        said = [line for line in lines if line.startswith(f"depeche {name}: ")]
        return f"\n  {said[-1]}" if said else ""

    def pids(self) -> dict[str, int]:
        """Return name -> process id of the workers."""
        return {name: process.pid for name, process in self._processes.items()}

    def environment(self, name: str) -> dict[str, str]:  # noqa: ARG002 - for workers that are not all alike
        """Return the environment of a worker."""
        return self._env

    def _start(self, name: str) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            self._log_start[name] = log.tell()
            self._processes[name] = spawn(
                [sys.executable, "-m", self.modules[name]],
                env=self.environment(name),
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._started[name] = time.monotonic()
