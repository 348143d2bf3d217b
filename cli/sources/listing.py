"""A source as a row: its next visit, how the last one ended, what visits bring, and what is wrong."""

from cli.output import Row
from cli.times import span
from cli.wording import counted
from shared.sources.log import SourceState

# Columns that are left out where they would be empty.
RARE = frozenset({"failing", "held", "faults", "brings"})
COLUMNS = {
    "name": "Source",
    "next": "Next visit",
    "last": "Last visit",
    "result": "Result",
    "new": "New a visit",
    "interval": "Interval",
    "failing": "Failing for",
    "held": "Held back",
    "faults": "Faults",
    "brings": "New stories in a week",
}


def listed(state: SourceState, now: float) -> Row:
    """Return a source as a row; `now` is a Unix time."""
    result = state.result if state.reason is None or state.result == "unchanged" else f"{state.result}: {state.reason}"
    return {
        "name": state.name,
        "next": _next(state, now),
        "last": None if state.last_at is None else f"{span(now - state.last_at)} ago",
        "result": result,
        "new": None if state.new_a_visit is None else f"{state.new_a_visit:.1f}",
        "interval": span(state.wait),
        "failing": None
        if state.failing_since is None
        else f"{span(now - state.failing_since)} ({counted(state.failures, 'visit')})",
        "faults": state.faults,
    }


def _next(state: SourceState, now: float) -> str:
    if state.paused:
        return "paused" if state.paused_until is None else f"paused for {span(state.paused_until - now)}"
    return "now" if state.due <= now else f"in {span(state.due - now)}"
