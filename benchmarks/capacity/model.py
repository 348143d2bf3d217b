"""From what a page costs to what so many pages a day need. All of it is arithmetic on measured figures."""

import math

import msgspec

from benchmarks.capacity.trials import Measured
from services.fetcher.settings import FetcherSettings
from services.indexer.settings import IndexerSettings
from shared.flight.ledger import KNOWN_S, VALIDATORS_KEPT_S

DAY_S = 86_400.0
# News comes by day: the busiest minutes bring so many times the mean of the day.
PEAK = 3.0
# A core that is busier than this makes pages wait.
BUSY = 0.7
# Seconds that a download takes on the open web, from the first packet to the last; loopback says nothing of it.
DOWNLOAD_S = 2.0
# Connections of an indexer beside one for each thread: for followers, chores and metrics.
MORE = 3


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What so many new pages a day need, at their peak."""

    pages_a_day: float
    peak: float  # pages a second
    cores: float  # all in all, none of them busier than BUSY
    fetchers: int
    parsers: int  # processes
    indexers: int
    hosts: float  # at the least, each asked once in DEPECHE_HOST_DELAY seconds
    redis_busy: float  # share of the one core that Redis uses
    redis_ops_per_s: float
    redis_memory: float  # bytes
    redis_file_per_s: float  # bytes
    postgres_cores: float
    postgres_connections: int
    postgres_a_day: float  # bytes of tables and indexes
    wal_per_s: float  # bytes
    wal_a_day: float
    archive_a_day: float  # bytes
    followers_busy: float  # share of the time of the busiest follower
    network_per_s: float  # bytes


def needs(measured: Measured, pages_a_day: float) -> Needs:
    """Returns what so many pages a day need, by what a page cost at half of the highest rate."""
    load, peak = measured.half, PEAK * pages_a_day / DAY_S
    cpu, cost = load.cost.cpu_ms, load.cost
    indexers = processes(peak, cpu["indexer"])
    return Needs(
        pages_a_day=pages_a_day,
        peak=peak,
        cores=peak * cost.total_cpu_ms("page server", "accepting") / 1000 / BUSY,
        fetchers=max(processes(peak, cpu["fetcher"]), math.ceil(peak * DOWNLOAD_S / default("fetcher_threads"))),
        parsers=processes(peak, cpu["parser"]),
        indexers=indexers,
        hosts=peak * default("host_delay"),
        redis_busy=peak * cpu["Redis"] / 1000,
        redis_ops_per_s=peak * cost.redis.commands,
        redis_memory=redis_memory(measured, pages_a_day),
        redis_file_per_s=peak * load.redis_file_bytes,
        postgres_cores=peak * cpu["Postgres"] / 1000 / BUSY,
        postgres_connections=indexers * (int(IndexerSettings.model_fields["indexer_threads"].default) + MORE),
        postgres_a_day=pages_a_day * sum(one.table + one.indexes for one in measured.postgres),
        wal_per_s=peak * load.wal_bytes,
        wal_a_day=pages_a_day * load.wal_bytes,
        archive_a_day=pages_a_day * load.archive_bytes,
        followers_busy=peak / min(measured.followers.values()),
        network_per_s=peak * measured.page_bytes,
    )


def processes(pages_per_s: float, cpu_ms: float) -> int:
    """Returns how many processes that use one core each, none busier than BUSY."""
    return max(1, math.ceil(pages_per_s * cpu_ms / 1000 / BUSY))


def redis_memory(measured: Measured, pages_a_day: float) -> float:
    """Returns what Redis holds after a month: what it remembers, and as many pages in the air as there may be."""
    sizes = measured.redis
    return sizes.at_rest + air_at_most(measured) + pages_a_day * remembered_a_day(measured)


def air_at_most(measured: Measured) -> float:
    """Returns the bytes of Redis that DEPECHE_MAX_IN_AIR pages take."""
    return default("max_in_air") * max(measured.redis.in_air.values(), default=0.0)


def remembered_a_day(measured: Measured) -> float:
    """Returns the bytes that Redis holds in the long run for each new page a day."""
    return (measured.redis.seen * KNOWN_S + measured.redis.validators * VALIDATORS_KEPT_S) / DAY_S


def pages_a_day_in(measured: Measured, memory: float) -> float:
    """Returns for how many new pages a day so much memory of Redis is enough."""
    return max(0.0, memory - measured.redis.at_rest - air_at_most(measured)) / remembered_a_day(measured)


def limits(measured: Measured) -> dict[str, float]:
    """Returns how many pages a second each part bears of which there is one only, with a core of its own at BUSY.

    By the costs at the highest rate, which have the least idle time in them.
    """
    cpu = measured.highest.cost.cpu_ms
    return {
        "Redis": 1000 * BUSY / cpu["Redis"],
        "the tick": 1000 * BUSY / cpu["tick"],
        **{f"follower {name}": BUSY * rate for name, rate in measured.followers.items()},
    }


def predicted_highest(measured: Measured, cores: int) -> dict[str, float]:
    """Returns the pages a second at which each thing is used up on this machine, by the costs at half the rate."""
    cpu = measured.half.cost.cpu_ms
    return {
        "all cores": 1000 * cores / sum(cpu.values()),
        "the parser's processes": 1000 * min(cores, measured.processes) / cpu["parser"],
        "the fetcher's process": 1000 / cpu["fetcher"],
        "the indexer's process": 1000 / cpu["indexer"],
    }


def default(name: str) -> float:
    """Returns what a setting of the fetcher is unless it is set."""
    return float(FetcherSettings.model_fields[name].default)
