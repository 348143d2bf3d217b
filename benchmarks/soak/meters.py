"""Reads how much each part of a running stack holds: memory, files, threads, connections, keys, disk."""

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
import psutil
import redis

from benchmarks.database import postgres_pid
from cli import reading
from cli.stack.stack import Endpoints, Workers
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import PREFIX

MB = 1_000_000
# What Redis remembers of each URL and of each host, by kind of key; docs/capacity.md says what bounds it.
OF_URLS = frozenset({"seen", "validators", "failed"})
OF_HOSTS = frozenset({"robots", "robots_fresh", "tdmrep", "touched", "slots", "pace", "lies", "liar", "refusing"})
# What Redis has of a page while it is in the air.
OF_PAGES_IN_AIR = frozenset(
    {"flight", "page", "result", "stage", "air", "host", "again", "fetching", "leases", "batch", "in_hand", "queue"}
)
KNOWN = OF_URLS | OF_HOSTS | OF_PAGES_IN_AIR
# Redis' tables have a pointer for each place, and their size doubles; an expiry is an entry of a second table.
POINTER_BYTES, EXPIRY_BYTES = 8, 32
CHUNK = 1_000


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of Redis whose names begin alike. `entries` counts what stands in them, where that is what grows."""

    keys: int
    entries: int
    bytes: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What the stack holds at second `at` of the run: what must not grow, what grows with the pages, Redis' keys."""

    at: float
    visits: int  # that have landed
    in_air: int
    held: dict[str, float]
    grown: dict[str, float]
    kinds: dict[str, Kind]


class Meters:
    """Reads a stack that runs."""

    def __init__(self, endpoints: Endpoints, workers: Workers, home: Path, client: "redis.Redis") -> None:
        self._endpoints = endpoints
        self._workers = workers
        self._home = home
        self._redis = client
        self._ledger = Ledger(client)

    def read(self, at: float) -> Sample:
        """Returns what the stack holds now."""
        info = cast(dict[str, Any], self._redis.info())
        kinds = kinds_of_keys(self._redis)
        held = self._of_workers() | self._of_servers(info, kinds)
        grown = {
            "URLs that Redis remembers": float(kinds["seen"].entries if "seen" in kinds else 0),
            "Redis, all of its memory, MB": info["used_memory"] / MB,
            "Redis, its process, MB": info["used_memory_rss"] / MB,
            "Redis, its file, MB": folder_bytes(self._home / "redis") / MB,
            "Postgres, data, MB": float(reading.query(self._endpoints.database_url, DATABASE_BYTES)[0]["size"]) / MB,
            "Postgres, open files": float(self._postgres_files()),
            "logs, MB": folder_bytes(self._home / "logs") / MB,
            "archive, MB": folder_bytes(self._home / "archive") / MB,
        }
        visits = int(reading.query(self._endpoints.database_url, VISITS)[0]["landed"])
        in_air = sum(self._ledger.counts().values())
        return Sample(at=at, visits=visits, in_air=in_air, held=held, grown=grown, kinds=kinds)

    def _postgres_files(self) -> float:
        return sum(_summed(self._tree_of_postgres(), lambda process: process.num_fds()))

    def _tree_of_postgres(self) -> list[psutil.Process]:
        return _tree(postgres_pid(self._home / "postgres"))

    def _of_workers(self) -> dict[str, float]:
        held: dict[str, float] = {}
        for name, pid in self._workers.pids().items():
            tree = _tree(pid)
            held[f"{name}, MB"] = sum(_summed(tree, _pss)) / MB
            held[f"{name}, threads"] = sum(_summed(tree, lambda process: process.num_threads()))
            held[f"{name}, open files"] = sum(_summed(tree, lambda process: process.num_fds()))
        return held

    def _of_servers(self, info: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, float]:
        url, postgres = self._endpoints.database_url, self._tree_of_postgres()
        return {
            "Redis beside pages and what it remembers, MB": (info["used_memory"] - known_bytes(info, kinds)) / MB,
            "Redis, keys beside these": float(sum(k.keys for name, k in kinds.items() if name not in KNOWN)),
            "Redis, connections": float(info["connected_clients"]),
            "Postgres beside its shared buffers, MB": sum(_summed(postgres, _anonymous)) / MB,
            "Postgres, connections": float(reading.query(url, CONNECTIONS)[0]["open"]),
        }


VISITS = "SELECT count(*) AS landed FROM news.visits"
DATABASE_BYTES = "SELECT pg_database_size(current_database()) AS size"
CONNECTIONS = "SELECT count(*) AS open FROM pg_stat_activity WHERE backend_type = 'client backend'"


def kinds_of_keys(client: "redis.Redis") -> dict[str, Kind]:
    """Returns what Depeche has in Redis by kind, which is the name of a key without what follows its colon."""
    keys, entries, sizes = Counter[str](), Counter[str](), Counter[str]()
    found = cast(list[bytes], list(client.scan_iter(PREFIX + "*", count=CHUNK)))
    for start in range(0, len(found), CHUNK):
        some = found[start : start + CHUNK]
        pipeline = client.pipeline(transaction=False)
        for key in some:
            pipeline.memory_usage(key, samples=0)
        for key, size in zip(some, pipeline.execute(), strict=True):
            kind = key.decode().removeprefix(PREFIX).split(":")[0]
            keys[kind] += 1
            sizes[kind] += size or 0  # it may have gone since
    entries["seen"] = cast(int, client.zcard(PREFIX + "seen"))
    return {
        kind: Kind(keys=keys[kind], entries=entries[kind] or keys[kind], bytes=sizes[kind]) for kind in sorted(keys)
    }


def known_bytes(info: Mapping[str, Any], kinds: Mapping[str, Kind]) -> int:
    """Returns how much of Redis' memory is of pages in the air, URLs and hosts, with the tables of all keys."""
    database = info.get("db0", {"keys": 0, "expires": 0})
    tables = sum(POINTER_BYTES * (1 << max(2, (database[of] - 1).bit_length())) for of in ("keys", "expires"))
    kept = sum(kind.bytes for name, kind in kinds.items() if name in KNOWN)
    return int(kept + tables + EXPIRY_BYTES * database["expires"])


def _tree(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _summed(tree: list[psutil.Process], read: Callable[[psutil.Process], float]) -> list[float]:
    values: list[float] = []
    for process in tree:
        with contextlib.suppress(psutil.Error, OSError):  # it has ended since
            values.append(read(process))
    return values


def _pss(process: psutil.Process) -> float:
    """Returns the bytes of a process, each page divided by the number of processes that share it."""
    return rollup(process.pid, "Pss")


def _anonymous(process: psutil.Process) -> float:
    """Returns the same without files and shared memory."""
    return rollup(process.pid, "Pss_Anon")


def rollup(pid: int, field: str) -> float:
    """Returns one figure of what a process holds, in bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith(f"{field}:"):
            return 1024.0 * int(line.split()[1])
    raise OSError(f"Linux does not say {field} of process {pid}")


def folder_bytes(folder: Path) -> int:
    """Returns the length of all files in a folder; 0 if there is none."""
    total = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # it has gone since
            total += file.stat().st_size
    return total
