"""The results of the rounds of benchmarks/fetcher.py, and the report on them."""

from statistics import median

import msgspec

from benchmarks.report import setting, table


class Bare(msgspec.Struct, frozen=True, kw_only=True):
    """A round of the bare loop."""

    pages_per_s: float
    cpu_ms: float


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A round of the fetcher; the CPU is that of its process."""

    pages_per_s: float
    cpu_ms: float


class Results(msgspec.Struct, kw_only=True):
    """All rounds: with servers that take their time, and with servers that answer at once."""

    latency_s: float
    slow_threads: int
    fast_threads: int
    hosts: int
    slow: list[Fetched] = []
    slow_bare: list[Bare] = []
    fast: list[Fetched] = []
    fast_bare: list[Bare] = []


def markdown(results: Results) -> str:
    """The section of docs/benchmarks.md."""
    ideal = results.slow_threads / results.latency_s
    slow = f"{1000 * results.latency_s:.0f} ms, {results.slow_threads} threads"
    fast = f"0 ms, {results.fast_threads} threads on one core"
    rows: list[dict[str, object]] = [
        {"latency": slow, "": "ideal", "pages/s": ideal},
        _row(slow, "httpx alone", results.slow_bare, ideal),
        _row(slow, "the fetcher", results.slow, ideal),
        _row(fast, "httpx alone", results.fast_bare, None),
        _row(fast, "the fetcher", results.fast, median(run.pages_per_s for run in results.fast_bare)),
    ]
    head = (
        f"{setting('httpx', 'httpcore', 'celery', 'redis')} Medians over {len(results.slow)} rounds; pages of 60 KB, "
        f"compressed, from {results.hosts:,} hosts. Servers, Redis, the tick and the fetcher share the machine."
    )
    return f"{head}\n\n{table(rows)}"


def _row(latency: str, name: str, runs: "list[Bare] | list[Fetched]", limit: float | None) -> dict[str, object]:
    rates = [run.pages_per_s for run in runs]
    return {
        "latency": latency,
        "": name,
        "pages/s": median(rates),
        "from": min(rates),
        "to": max(rates),
        "CPU ms a page": median(run.cpu_ms for run in runs),
        "of the limit": f"{100 * median(rates) / limit:.0f} %" if limit else None,
    }
