"""Does the faults to a running stack, and the same to plain Celery beside it."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil

from benchmarks.chaos.network import Proxy
from benchmarks.chaos.schedule import LONG, Fault
from benchmarks.chaos.server_faults import ServerFaults
from benchmarks.database import postgres_pid
from cli.stack.stack import Workers

STAGES = ("fetcher", "parser", "indexer")
# A killed Redis is back after about a second; each of four kills in a row waits for that, no longer than this (s).
BACK_S, LOOK_EVERY_S = 20.0, 0.05
# What a slow Postgres takes for each statement (s).
SLOW_S = 2.0


class Victims(msgspec.Struct, frozen=True, kw_only=True):
    """All that may be hurt. `redis_pid` and `plain_redis_pid` give None while there is no such process."""

    workers: Workers
    redis_pid: Callable[[], int | None]
    redis_data: Path
    postgres_data: Path
    servers: ServerFaults
    redis_network: Proxy
    postgres_network: Proxy
    plain_workers: Workers
    plain_redis_pid: Callable[[], int | None]


class Chaos:
    """Does faults; what is stopped goes on again at the latest when `ending` is set."""

    def __init__(self, victims: Victims, ending: threading.Event) -> None:
        self._victims = victims
        self._ending = ending
        self.kills = 0
        self.plain_kills = 0

    def do(self, fault: Fault) -> None:
        """Do the fault and, if it lasts, wait until it is over."""
        kind = fault.kind
        if kind.startswith("connections to "):
            self._harm_network(fault)
        elif kind in ("Postgres refuses", "Postgres slow"):
            self._harm_postgres_network(fault)
        elif " without " in kind:
            self._use_up(fault)
        elif kind == LONG or kind.endswith(("stopped", "stopped for long")):
            self._stop(self._to_be_stopped(fault), fault.lasts)
        elif "Redis" in kind:
            self._kill_redis(4 if "four" in kind else 1)
        elif "Postgres" in kind:
            self._kill_postgres(fault)
        elif "process" in kind:
            self._kill_child(fault)
        else:
            self._kill_workers(fault)

    def _harm_network(self, fault: Fault) -> None:
        redis = "Redis" in fault.kind
        network = self._victims.redis_network if redis else self._victims.postgres_network
        if fault.kind.endswith("cut"):
            network.cut()
            return
        network.hold(True)
        self._ending.wait(fault.lasts)
        network.hold(False)

    def _harm_postgres_network(self, fault: Fault) -> None:
        network = self._victims.postgres_network
        if fault.kind == "Postgres slow":
            network.slow(SLOW_S)
            self._ending.wait(fault.lasts)
            network.slow(0)
            return
        network.refuse(True)
        self._ending.wait(fault.lasts)
        network.refuse(False)

    def _use_up(self, fault: Fault) -> None:
        servers = self._victims.servers
        if "memory" in fault.kind:
            servers.fill_memory(fault.lasts)
        elif "disk" in fault.kind:
            servers.fill_disk(self._victims.redis_pid(), self._victims.redis_data, fault.lasts)
        else:
            servers.take_connections(fault.lasts)

    def _kill_workers(self, fault: Fault) -> None:
        """Kill one or all workers of a stage, each with its children, as the kernel does when memory runs out."""
        _, stage, _ = fault.kind.split()
        names = [name for name in self._victims.workers.pids() if name.startswith(stage.removesuffix("s"))]
        plain = sorted(self._victims.plain_workers.pids())
        if not fault.kind.startswith("all"):
            names = [names[fault.pick % len(names)]]
            plain = [plain[fault.pick % len(plain)]]
        for name in names:
            self.kills += kill_session(self._victims.workers.pids()[name])
        for name in plain:
            self.plain_kills += kill_session(self._victims.plain_workers.pids()[name])

    def _kill_child(self, fault: Fault) -> None:
        """Kill a process that works for a worker's main process, which lives on."""
        parsers = [pid for name, pid in self._victims.workers.pids().items() if name.startswith("parser")]
        self.kills += _kill_one([child for pid in parsers for child in _children(pid)], fault.pick)
        plain = self._victims.plain_workers.pids().values()
        self.plain_kills += _kill_one([child for pid in plain for child in _children(pid)], fault.pick)

    def _kill_redis(self, times: int) -> None:
        for number in range(times):
            if number:
                self._wait_for(self._victims.redis_pid)
            self.kills += _kill(self._victims.redis_pid())
            self.plain_kills += _kill(self._victims.plain_redis_pid())

    def _kill_postgres(self, fault: Fault) -> None:
        postmaster = _postmaster(self._victims.postgres_data)
        if postmaster is None:
            return
        if "session" in fault.kind:
            sessions = [child for child in _children(postmaster) if _is_session(child)]
            self.kills += _kill_one(sessions, fault.pick)
        else:
            self.kills += _kill(postmaster, signal.SIGQUIT)

    def _to_be_stopped(self, fault: Fault) -> list[int]:
        if fault.kind in ("Redis stopped", LONG):
            pid = self._victims.redis_pid()
            return [pid] if pid else []
        if fault.kind == "Postgres stopped":
            pid = _postmaster(self._victims.postgres_data)
            return [pid, *_children(pid)] if pid else []
        pids = list(self._victims.workers.pids().values())
        pid = pids[fault.pick % len(pids)]
        return [pid, *_children(pid)]

    def _stop(self, pids: list[int], seconds: float) -> None:
        processes = [process for process in map(_process, pids) if process is not None]
        try:
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    process.suspend()
            self._ending.wait(seconds)
        finally:
            for process in processes:  # psutil sees to it that the id is not another process' by now
                with contextlib.suppress(psutil.Error):
                    process.resume()

    def _wait_for(self, pid: Callable[[], int | None]) -> None:
        waited = 0.0
        while pid() is None and waited < BACK_S and not self._ending.wait(LOOK_EVERY_S):
            waited += LOOK_EVERY_S
        self._ending.wait(0.5)  # so that it has begun to read its file, at least


def redis_of(data: Path) -> Callable[[], int | None]:
    """Returns a function that gives the process id of this process' Redis with its data in a folder."""

    def find() -> int | None:
        for process in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if "redis" in process.name() and Path(process.cwd()) == data.resolve():
                    return int(process.pid)
        return None

    return find


def _postmaster(data: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return postgres_pid(data)
    return None


def _is_session(pid: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return "[local]" in " ".join(psutil.Process(pid).cmdline())
    return False


def _process(pid: int) -> psutil.Process | None:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid)
    return None


def _children(pid: int) -> list[int]:
    process = _process(pid)
    with contextlib.suppress(psutil.Error):
        return [child.pid for child in process.children(recursive=True)] if process else []
    return []


def _kill_one(pids: list[int], pick: int) -> int:
    return _kill(sorted(pids)[pick % len(pids)]) if pids else 0


def _kill(pid: int | None, number: int = signal.SIGKILL) -> int:
    """Kill a process; returns how many were killed."""
    if pid is None:
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return 1
    return 0


def kill_session(pid: int) -> int:
    """Kill a worker, which leads a session of its own, and all its children; it counts as one."""
    with contextlib.suppress(ProcessLookupError, psutil.Error):
        if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            os.killpg(pid, signal.SIGKILL)
            return 1
    return 0


@contextlib.contextmanager
def in_threads(started: list[threading.Thread], ending: threading.Event) -> Iterator[None]:
    """Set `ending` after the block, and wait for the threads that were started in it."""
    try:
        yield
    finally:
        ending.set()
        for thread in started:
            thread.join()
