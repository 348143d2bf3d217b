"""The tables of a run."""

from collections.abc import Mapping

from benchmarks.chaos.plain import LATE_S, PlainResult
from benchmarks.chaos.report import Recovery, Result
from benchmarks.report import table


def markdown(result: Result, plain: PlainResult) -> str:
    """What was counted, beside plain Celery; and the times of recovery."""
    return f"{_counted(result, plain)}\n\n{_recovery(result.recovery)}"


def _counted(result: Result, plain: PlainResult) -> str:
    lines: list[tuple[str, object, object]] = [
        ("accepted", result.accepted, plain.sent),
        ("landed", result.landed, plain.sent - plain.lost),
        ("rows: visits, articles", f"{result.visits}, {result.articles}", None),
        ("**lost**", len(result.lost), plain.lost),
        ("**double**", len(result.double), plain.double),
        ("older than what was fetched last", len(result.stale), None),
        ("neither stored nor unchanged", len(result.not_stored), None),
        ("quarantined", result.quarantined, None),
        (f"later than {LATE_S:.0f} s", result.late, plain.late),
        ("the latest, s", result.longest, plain.longest),
        ("longest time without a landing, s", result.longest_stall, None),
        ("processes killed", result.kills, plain.kills),
        ("faults of all kinds", result.faults, None),
    ]
    return table([{"": name, "Depeche": ours, "plain Celery": theirs} for name, ours, theirs in lines])


def _recovery(kinds: Mapping[str, Recovery]) -> str:
    rows: list[dict[str, object]] = [
        {
            "recovery from": kind,
            "faults": measured.faults,
            "p50, s": measured.p50,
            "p95, s": measured.p95,
            "longest, s": measured.longest,
            "longest after its end, s": measured.after_end,
        }
        for kind, measured in kinds.items()
    ]
    return table(rows)
