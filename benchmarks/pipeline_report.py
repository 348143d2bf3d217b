"""The results of the runs of benchmarks/pipeline.py, and the report on them: medians over the runs, in Markdown."""

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

import msgspec

from benchmarks.cpu import Cost
from benchmarks.floor import Sizes, Steps
from benchmarks.report import setting, significant, table

# Not part of what a page costs: the web's share.
APART = "page server"


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from acceptance to the row in Postgres."""

    p50: float
    p95: float


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the pipeline."""

    cost: Cost
    latency: Latency
    fates: dict[str, int]


class Floored(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the bare floor."""

    cost: Cost
    steps: Steps


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All runs, by what was run."""

    pipeline: list[Ingested]
    bare: dict[int, list[Floored]]  # by pages a transaction
    noop: dict[int, list[Cost]]  # by pages a message
    paced: Ingested
    sizes: Sizes


T = TypeVar("T")


def mid(runs: Sequence[T], value: Callable[[T], float]) -> float:
    """The median of a value over runs."""
    return median(value(run) for run in runs)


def markdown(results: Results) -> str:
    """The section of docs/benchmarks.md."""
    pages = results.pipeline[0].cost.pages
    fates: Counter[str] = sum((Counter(run.fates) for run in results.pipeline), Counter())
    head = (
        f"{setting('celery', 'kombu', 'redis', 'psycopg', 'selectolax')} Medians over {len(results.pipeline)} runs of "
        f"{pages} pages each, {significant(results.sizes.page / 1000)} KB a page on average. The page server, the "
        f"workers and the servers share the machine. The pages' fates: "
        f"{', '.join(f'{number:,} {fate}' for fate, number in fates.items())}."
    )
    parts = [head, _comparison(results), _groups(results), _steps(results)]
    parts += [_difference(results), _latency(results), _redis(results)]
    return "\n\n".join(parts)


def _comparison(results: Results) -> str:
    runs: dict[str, list[Cost]] = {"the pipeline": [run.cost for run in results.pipeline]}
    runs |= {
        f"one process, no queue, {_count(size, 'page')} a transaction": [floored.cost for floored in floors]
        for size, floors in results.bare.items()
    }
    runs |= {
        f"Celery alone: three stages that do nothing, {_count(size, 'page')} a message": costs
        for size, costs in results.noop.items()
    }
    ours = runs["the pipeline"]
    rows = [
        {
            "": name,
            "pages/s": mid(costs, lambda cost: cost.pages_per_s),
            "from": min(cost.pages_per_s for cost in costs),
            "to": max(cost.pages_per_s for cost in costs),
            "CPU ms a page": mid(costs, lambda cost: cost.total_cpu_ms(APART)),
            # Of the same turn, since the machine may be faster at one time than at another.
            "pipeline's CPU, times this": median(
                our.total_cpu_ms(APART) / cost.total_cpu_ms(APART) for our, cost in zip(ours, costs, strict=True)
            ),
            "pipeline's pages/s, times this": median(
                our.pages_per_s / cost.pages_per_s for our, cost in zip(ours, costs, strict=True)
            ),
        }
        for name, costs in runs.items()
    ]
    return "**Throughput, beside what the same work costs at the least**\n\n" + table(rows)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("s" if number > 1 else "")


def _groups(results: Results) -> str:
    costs = [run.cost for run in results.pipeline]
    total = mid(costs, lambda cost: cost.total_cpu_ms(APART))
    rows: list[dict[str, object]] = []
    for group in costs[0].cpu_ms:
        spent = median(cost.cpu_ms[group] for cost in costs)
        share = None if group == APART else f"{100 * spent / total:.0f} %"
        rows.append({"processes": group, "CPU ms a page": spent, "share": share})
    return "**Where the pipeline's CPU goes** (the page server stands for the web and is not counted)\n\n" + table(rows)


def _steps(results: Results) -> str:
    rows: list[dict[str, object]] = [
        {
            "one process, CPU ms a page": f"{_count(size, 'page')} a transaction",
            **{step: median(getattr(f.steps, step) for f in floors) for step in Steps.__struct_fields__},
            "Postgres": mid(floors, lambda f: f.cost.cpu_ms["Postgres"]),
        }
        for size, floors in results.bare.items()
    ]
    return table(rows)


# Which of the floor's steps do the same work as a worker.
SAME_WORK = {"fetcher": ("fetch",), "parser": ("parse",), "indexer": ("insert", "follow")}


def _difference(results: Results) -> str:
    """What each process costs beyond the same work of the floor with the largest transactions."""
    floors, pipeline = results.bare[max(results.bare)], [run.cost for run in results.pipeline]
    rows: list[dict[str, object]] = []
    for group in pipeline[0].cpu_ms:
        if group == APART:
            continue
        steps = SAME_WORK.get(group)
        least = [
            sum(getattr(floor.steps, step) for step in steps) if steps else floor.cost.cpu_ms.get(group, 0.0)
            for floor in floors
        ]
        spent = median(cost.cpu_ms[group] for cost in pipeline)
        more = median(cost.cpu_ms[group] - of_floor for cost, of_floor in zip(pipeline, least, strict=True))
        rows.append({"CPU ms a page": group, "the pipeline": spent, "the floor": median(least), "more": more})
    floor_costs = [floor.cost for floor in floors]
    share = median(
        floor.total_cpu_ms(APART) / ours.total_cpu_ms(APART) for ours, floor in zip(pipeline, floor_costs, strict=True)
    )
    head = f"**The pipeline beside its floor**, which takes {100 * share:.0f} % of its CPU"
    return f"{head}\n\n{table(rows)}"


def _latency(results: Results) -> str:
    rows: list[dict[str, object]] = [
        {
            "from accepted to stored": f"all {results.pipeline[0].cost.pages} pages accepted at once",
            "p50 ms": mid(results.pipeline, lambda run: run.latency.p50),
            "p95 ms": mid(results.pipeline, lambda run: run.latency.p95),
        },
        {
            "from accepted to stored": f"one by one, {significant(results.paced.cost.pages_per_s)} pages/s",
            "p50 ms": results.paced.latency.p50,
            "p95 ms": results.paced.latency.p95,
        },
    ]
    return table(rows)


def _redis(results: Results) -> str:
    def column(costs: Sequence[Cost]) -> dict[str, object]:
        uses = [cost.redis for cost in costs]
        return {
            "round trips": mid(uses, lambda use: use.reads),
            "commands, Lua's included": mid(uses, lambda use: use.commands),
            "messages": mid(uses, lambda use: use.messages),
            "KB in": mid(uses, lambda use: use.bytes_in) / 1000,
            "KB out": mid(uses, lambda use: use.bytes_out) / 1000,
        }

    rows: list[dict[str, object]] = [
        {"Redis, a page": "the pipeline", **column([run.cost for run in results.pipeline])},
        {"Redis, a page": "the pipeline, paced", **column([results.paced.cost])},
    ]
    rows += [
        {"Redis, a page": f"Celery alone, {_count(size, 'page')} a message", **column(costs)}
        for size, costs in results.noop.items()
    ]
    stored = results.sizes
    note = (
        f"Claim check: a page takes {significant(stored.page_stored / 1000)} KB of Redis "
        f"({significant(stored.page / 1000)} KB before compression), its parse result "
        f"{significant(stored.result_stored / 1000)} KB ({significant(stored.result / 1000)} KB)."
    )
    return f"{table(rows)}\n\n{note}"
