"""Measures what a piece of work costs: wall time, CPU time per group of processes, and commands to Redis."""

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec
import psutil
import redis


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The meters at one moment: seconds of CPU by group, and Redis' own counters."""

    at: float
    cpu_s: dict[str, float]
    redis: "RedisUse"


class RedisUse(msgspec.Struct, frozen=True, kw_only=True):
    """Redis' counters, or the difference of two readings."""

    reads: float  # arrivals of one or more commands at once, that is, round trips
    commands: float  # those inside Lua scripts included
    messages: float  # LPUSH, which only Celery uses
    bytes_in: float
    bytes_out: float


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of `pages` pages; everything but the wall time is for one page."""

    pages: int
    wall_s: float
    cpu_ms: dict[str, float]
    redis: RedisUse

    @property
    def pages_per_s(self) -> float:
        """Throughput."""
        return self.pages / self.wall_s

    def total_cpu_ms(self, *apart: str) -> float:
        """CPU of all groups but those `apart`."""
        return sum(ms for group, ms in self.cpu_ms.items() if group not in apart)


class Meter:
    """Reads the meters of groups of processes, each named by the process at the root of its tree."""

    def __init__(self, roots: Mapping[str, int], client: "redis.Redis") -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in roots.items()}
        self._redis = client

    def read(self) -> Snapshot:
        """The meters now."""
        cpu = {name: cpu_seconds(root) for name, root in self._roots.items()}
        return Snapshot(at=time.monotonic(), cpu_s=cpu, redis=redis_use(self._redis))

    def cost_since(self, start: Snapshot, pages: int) -> Cost:
        """What `pages` pages have cost since `start`."""
        end = self.read()
        return Cost(
            pages=pages,
            wall_s=end.at - start.at,
            cpu_ms={name: 1e3 * (end.cpu_s[name] - start.cpu_s[name]) / pages for name in self._roots},
            redis=RedisUse(
                **{
                    field: (getattr(end.redis, field) - getattr(start.redis, field)) / pages
                    for field in RedisUse.__struct_fields__
                }
            ),
        )


def cpu_seconds(root: "psutil.Process") -> float:
    """User and system time of a process, of its living descendants and of those that ended; of our own, without any."""
    if root.pid == os.getpid():
        return time.process_time()
    total = 0.0
    for process in _tree(root):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:  # it ended since; its parent has its time
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _tree(root: "psutil.Process") -> "Iterator[psutil.Process]":
    yield root
    try:
        yield from root.children(recursive=True)
    except psutil.NoSuchProcess:
        return


def redis_use(client: "redis.Redis") -> RedisUse:
    """Redis' counters since it started."""
    stats = cast(dict[str, Any], client.info("stats"))
    commands = cast(dict[str, Any], client.info("commandstats"))
    return RedisUse(
        reads=stats["total_reads_processed"],
        commands=stats["total_commands_processed"],
        messages=commands.get("cmdstat_lpush", {"calls": 0})["calls"],
        bytes_in=stats["total_net_input_bytes"],
        bytes_out=stats["total_net_output_bytes"],
    )
