"""Is Redis there, does it keep what it is given, and do its workers live?"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import redis
from rich.filesize import decimal

from cli.doctor.finding import Finding, fault, warning
from cli.status.status import NEARLY_FULL, STANDS_STILL_S
from cli.wording import counted
from cli.workers import NAMES, silence
from shared.broker.consumers import Consumers
from shared.broker.redis_client import connect_redis
from shared.broker.redis_url import without_password
from shared.failures import UserError
from shared.version import VERSION

# Clocks that differ by more than this (s) make times hard to compare; the ledger itself goes by Redis' clock alone.
CLOCKS_DIFFER_S = 2.0


def redis_server(url: str) -> Iterator[Finding]:
    """Look at the server and at its workers."""
    try:
        client = connect_redis(url)
        yield from _server(client, url)
        yield from _workers(client)
    except UserError as error:
        yield fault("redis", str(error), "start Redis, or mend DEPECHE_REDIS_URL")
    except redis.RedisError as error:
        do = "give its user the rights that docs/operations.md names" if "NOPERM" in str(error) else "look at its log"
        yield fault("redis", " ".join(str(error).split()), do)


def _server(client: "redis.Redis", url: str) -> Iterator[Finding]:
    try:
        told = cast(dict[str, Any], client.info())
    except redis.ResponseError:
        yield warning("redis", "its user may not ask INFO: nothing more is known", "allow that user the command INFO")
        return
    yield Finding(subject="redis", found=f"version {told.get('redis_version')} at {without_password(url)}")
    if told.get("maxmemory_policy", "noeviction") != "noeviction":
        found = f"its maxmemory-policy is {told['maxmemory_policy']}, which throws away pages in the air"
        yield fault("redis", found, "set maxmemory-policy noeviction")
    if not told.get("aof_enabled"):
        found = "it keeps no append-only file, so a restart forgets all that is in the air"
        yield fault("redis", found, "set appendonly yes")
    elif "err" in (told.get("aof_last_write_status"), told.get("aof_last_bgrewrite_status")):
        yield fault("redis", "it cannot write its append-only file", "make room on its disk, and look at its log")
    yield from _memory(int(told["used_memory"]), int(told.get("maxmemory") or 0))
    yield clock("redis", cast(tuple[int, int], client.time())[0], "Redis")


def _memory(used: int, limit: int) -> Iterator[Finding]:
    if limit and used >= NEARLY_FULL * limit:
        found = f"it uses {decimal(used)} of {decimal(limit)}; full, it takes no more pages"
        yield warning("redis", found, "raise its maxmemory (docs/operations.md), or add workers")
    else:
        yield Finding(subject="redis", found=f"it uses {decimal(used)}" + (f" of {decimal(limit)}" if limit else ""))


def clock(subject: str, theirs: float, server: str) -> Finding:
    """Compare a server's clock (Unix seconds) with that of this machine."""
    apart = abs(theirs - time.time())
    if apart > CLOCKS_DIFFER_S:
        found = f"the clocks of {server} and of this machine are {apart:,.0f} s apart"
        return warning(subject, found, "let both machines set their clocks by NTP")
    return Finding(subject=subject, found=f"the clocks of {server} and of this machine agree")


def _workers(client: "redis.Redis") -> Iterator[Finding]:
    consumers = Consumers(client)
    for stage, since in consumers.silent_since().items():
        do = f"start one: `depeche up`, or `docker compose up -d {NAMES[stage]}`; `depeche logs` says why one ended"
        yield fault("workers", silence(stage, since), do)
    workers = consumers.all()
    versions = sorted({worker.version for worker in workers} - {VERSION})
    if versions:
        others = counted(sum(worker.version != VERSION for worker in workers), "worker")
        found = f"{others} of version {', '.join(versions)} beside this command's {VERSION}"
        yield warning("workers", found, "end the upgrade: restart the workers with one version")
    now = datetime.now(UTC)
    hung = [worker for worker in workers if worker.since and (now - worker.since).total_seconds() > STANDS_STILL_S]
    for worker in hung:
        found = f"{NAMES[worker.stage]} {worker.pid} on {worker.host} has been at {worker.at} for over ten minutes"
        yield warning("workers", found, f"look at its log, and restart that {NAMES[worker.stage]}")
    yield Finding(subject="workers", found=counted(len(workers), "worker"))
