"""The tables of a measurement."""

import os
from collections.abc import Sequence

from benchmarks.capacity.model import (
    BUSY,
    DAY_S,
    PEAK,
    air_at_most,
    default,
    limits,
    needs,
    pages_a_day_in,
    predicted_highest,
    remembered_a_day,
)
from benchmarks.capacity.stack import Load
from benchmarks.capacity.trials import Measured, is_sustained
from benchmarks.report import significant, table

PAGES_A_DAY = (100_000.0, 1_000_000.0, 10_000_000.0)
KB, MB, GB = 1e3, 1e6, 1e9
# What the compose file gives Redis, and larger ones.
REDIS_MEMORY = (0.512 * GB, 2 * GB, 8 * GB, 32 * GB, 128 * GB)


def markdown(measured: Measured) -> str:
    """Returns all tables."""
    parts = [_rate(measured), _costs(measured), _redis(measured), _postgres(measured), _prediction(measured)]
    return "\n\n".join([*parts, _needs(measured), _limits(measured)])


def _rate(measured: Measured) -> str:
    loads = [*measured.tried, measured.highest, measured.half]
    rows: list[dict[str, object]] = [
        {
            "pages/s accepted": load.rate,
            "in the air, mean": sum(load.in_air) / max(1, len(load.in_air)),
            "more each second": load.backlog_per_s,
            "sustained": "yes" if is_sustained(load) else "no",
            "p50 ms": 1000 * load.latency_p50,
            "p95 ms": 1000 * load.latency_p95,
            "CPU ms a page": load.cost.total_cpu_ms("page server", "accepting"),
        }
        for load in loads
    ]
    parsers = f"{measured.processes} process" + ("es" if measured.processes > 1 else "")
    rate = f"{significant(measured.highest.rate)} pages a second"
    found = (
        f"The highest sustained rate: {rate}." if is_sustained(measured.highest) else f"Not even {rate} were sustained."
    )
    head = (
        f"**{found}** With always enough pages in the air, {significant(measured.ceiling)} landed a second. One "
        f"fetcher, one parser of {parsers}, one indexer; a page has {significant(measured.page_bytes / KB)} KB on the "
        "network, compressed."
    )
    return f"{head}\n\n{table(rows)}"


def _costs(measured: Measured) -> str:
    columns = {
        "at the highest rate": measured.highest,
        "at half of it": measured.half,
        "an unchanged page": measured.unchanged,
    }
    groups = [group for group in measured.half.cost.cpu_ms if group not in ("page server", "accepting")]
    rows = [_row(f"CPU ms, {group}", {n: c.cost.cpu_ms[group] for n, c in columns.items()}) for group in groups]
    total = {name: load.cost.total_cpu_ms("page server", "accepting") for name, load in columns.items()}
    rows += [
        _row("**CPU ms in all**", total),
        _row("Redis, commands, Lua's included", {n: c.cost.redis.commands for n, c in columns.items()}),
        _row("Redis, round trips", {n: c.cost.redis.reads for n, c in columns.items()}),
        _row("Redis, KB in", {n: c.cost.redis.bytes_in / KB for n, c in columns.items()}),
        _row("Redis, KB out", {n: c.cost.redis.bytes_out / KB for n, c in columns.items()}),
        _row("Redis, KB of its file", {n: c.redis_file_bytes / KB for n, c in columns.items()}),
        _row("Postgres, KB of WAL", {n: c.wal_bytes / KB for n, c in columns.items()}),
        _row("of it whole pages, %", {n: 100 * c.wal_of_full_pages for n, c in columns.items()}),
        _row("archive, KB", {n: c.archive_bytes / KB for n, c in columns.items()}),
    ]
    fates = "; ".join(f"{name}: {_fates(load)}" for name, load in columns.items())
    return f"**What a page costs** ({fates})\n\n{table(rows)}"


def _row(name: str, values: dict[str, float]) -> dict[str, object]:
    return {"a page": name, **values}


def _fates(load: Load) -> str:
    return ", ".join(f"{number:,} {fate}" for fate, number in sorted(load.fates.items()))


def _redis(measured: Measured) -> str:
    sizes = measured.redis
    rows: list[dict[str, object]] = [{"Redis' memory": "a URL that waits for its host", "KB": sizes.waiting / KB}]
    rows += [{"Redis' memory": f"a page in the stage {stage}", "KB": each / KB} for stage, each in sizes.in_air.items()]
    rows += [
        {"Redis' memory": "what is remembered of a URL, 30 days", "KB": sizes.seen / KB},
        {"Redis' memory": "the validators of a page, 8 days", "KB": sizes.validators / KB},
        {"Redis' memory": "all else, at rest", "KB": sizes.at_rest / KB},
    ]
    return table(rows)


def _postgres(measured: Measured) -> str:
    rows: list[dict[str, object]] = [
        {
            "Postgres, a new page": one.name,
            "rows": one.rows,
            "KB of table": one.table / KB,
            "KB of indexes": one.indexes / KB,
        }
        for one in measured.postgres
        if one.table + one.indexes >= 10
    ]
    tables, indexes = (sum(values) for values in zip(*((r.table, r.indexes) for r in measured.postgres), strict=True))
    rows.append({"Postgres, a new page": "**all**", "KB of table": tables / KB, "KB of indexes": indexes / KB})
    return table(rows)


def _prediction(measured: Measured) -> str:
    """The costs at half of the highest rate, taken to the highest, beside what was seen there."""
    half, highest = measured.half, measured.highest
    used_up = predicted_highest(measured, os.cpu_count() or 1)
    first = min(used_up, key=used_up.__getitem__)
    rows: list[dict[str, object]] = [
        _seen(f"pages/s when {first} are used up", used_up[first], measured.ceiling),
        _seen("cores busy", highest.rate * sum(half.cost.cpu_ms.values()) / 1000, _cores(highest)),
        _seen("Redis, commands/s", highest.rate * half.cost.redis.commands, highest.rate * highest.cost.redis.commands),
        _seen("Redis, % of a core", _busy(highest.rate, half, "Redis"), _busy(highest.rate, highest, "Redis")),
        _seen("Postgres, % of a core", _busy(highest.rate, half, "Postgres"), _busy(highest.rate, highest, "Postgres")),
        _seen("WAL, MB/s", highest.rate * half.wal_bytes / MB, highest.rate * highest.wal_bytes / MB),
        _seen("Redis' memory, MB", _memory(measured) / MB, highest.redis_memory / MB),
    ]
    head = (
        f"**At {significant(highest.rate)} pages a second: what the costs at half of that predict, and what was seen**"
    )
    return f"{head}\n\n{table(rows)}"


def _seen(name: str, predicted: float, seen: float) -> dict[str, object]:
    return {"": name, "predicted": predicted, "seen": seen, "seen, of predicted": f"{100 * seen / predicted:.0f} %"}


def _busy(rate: float, load: Load, group: str) -> float:
    return rate * load.cost.cpu_ms[group] / 10


def _cores(load: Load) -> float:
    return load.rate * sum(load.cost.cpu_ms.values()) / 1000


def _memory(measured: Measured) -> float:
    """What Redis should hold with the most pages in the air that there were, and what is remembered by then."""
    sizes, before = measured.redis, measured.highest.urls_before
    in_air = max(measured.highest.in_air, default=0) * max(sizes.in_air.values(), default=0.0)
    return sizes.at_rest + in_air + (before + measured.highest.cost.pages) * (sizes.seen + sizes.validators)


def _needs(measured: Measured) -> str:
    of = [needs(measured, pages) for pages in PAGES_A_DAY]
    rows: list[dict[str, object]] = [
        _need("pages a second, mean", [one.pages_a_day / DAY_S for one in of]),
        _need(f"pages a second at the peak, {PEAK:.0f} times that", [one.peak for one in of]),
        _need("cores in all", [one.cores for one in of]),
        _need(f"fetchers, of {default('fetcher_threads'):.0f} threads", [one.fetchers for one in of]),
        _need("parser processes", [one.parsers for one in of]),
        _need("indexers", [one.indexers for one in of]),
        _need(f"hosts at the least, with {default('host_delay'):.0f} s between requests", [one.hosts for one in of]),
        _need("network, MB/s", [one.network_per_s / MB for one in of]),
        _need("Redis, commands/s", [one.redis_ops_per_s for one in of]),
        _need("Redis, % of its one core", [100 * one.redis_busy for one in of]),
        _need("Redis, GB of memory after a month", [one.redis_memory / GB for one in of]),
        _need("Redis, MB/s of its file", [one.redis_file_per_s / MB for one in of]),
        _need("Postgres, cores", [one.postgres_cores for one in of]),
        _need("Postgres, connections", [one.postgres_connections for one in of]),
        _need("Postgres, GB of tables and indexes a day", [one.postgres_a_day / GB for one in of]),
        _need("Postgres, MB/s of WAL at the peak", [one.wal_per_s / MB for one in of]),
        _need("Postgres, GB of WAL a day", [one.wal_a_day / GB for one in of]),
        _need("archive, GB a day", [one.archive_a_day / GB for one in of]),
        _need("the busiest follower, % of its time", [100 * one.followers_busy for one in of]),
    ]
    return f"**What so many new pages a day need**\n\n{table(rows)}"


def _need(name: str, values: Sequence[float]) -> dict[str, object]:
    return {"new pages a day": name} | {f"{n:,.0f}": v for n, v in zip(PAGES_A_DAY, values, strict=True)}


def _limits(measured: Measured) -> str:
    bears: list[dict[str, object]] = [
        {
            "there is one of it": name,
            "pages/s that it bears": rate,
            "million pages a day": rate / PEAK * DAY_S / 1e6,
        }
        for name, rate in sorted(limits(measured).items(), key=lambda pair: pair[1])
    ]
    memory: list[dict[str, object]] = [
        {"Redis' `maxmemory`, GB": size / GB, "new pages a day": f"{pages_a_day_in(measured, size):,.0f}"}
        for size in REDIS_MEMORY
    ]
    note = (
        f"A core at {100 * BUSY:.0f} %, and a peak of {PEAK:.0f} times the mean. For each new page a day Redis holds "
        f"{significant(remembered_a_day(measured) / KB)} KB in the long run, and "
        f"{significant(air_at_most(measured) / MB)} MB for as many pages in the air as there may be."
    )
    return f"**Where one ends**\n\n{table(bears)}\n\n{note}\n\n{table(memory)}"
