"""The results of benchmarks/peer.py, and the report on them: medians over the turns, in Markdown."""

from collections.abc import Callable, Sequence
from statistics import median

import msgspec

from benchmarks.cpu import Cost
from benchmarks.report import machine_load, setting, significant, table

# Not part of what a page costs: the web's share.
APART = "page server"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What the same pages have cost Depeche and, right after, the peer."""

    depeche: Cost
    peer: Cost

    @property
    def cpu(self) -> float:
        """How many times Depeche's CPU the peer has used."""
        return self.peer.total_cpu_ms(APART) / self.depeche.total_cpu_ms(APART)

    @property
    def speed(self) -> float:
        """How many times as many pages/s Depeche has done."""
        return self.depeche.pages_per_s / self.peer.pages_per_s


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All turns, by how Depeche ran; the pages' length on the wire; and which fields each side has filled."""

    turns: dict[str, list[Turn]]
    page_kb: float
    filled: dict[str, dict[str, float]]


def markdown(results: Results) -> str:
    """The section of docs/benchmarks.md."""
    turns = next(iter(results.turns.values()))
    head = (
        f"{setting('celery', 'redis', 'psycopg', 'selectolax')} Medians over {len(turns)} turns of "
        f"{turns[0].depeche.pages} pages each, {significant(results.page_kb)} KB a page on the wire; {machine_load()}"
    )
    return "\n\n".join([head, _comparison(results), _groups(results), _filled(results)])


def _comparison(results: Results) -> str:
    def of(turns: Sequence[Turn], value: Callable[[Turn], float]) -> float:
        return median(value(turn) for turn in turns)

    rows: list[dict[str, object]] = [
        {
            "Depeche": way,
            "CPU ms a page": of(turns, lambda turn: turn.depeche.total_cpu_ms(APART)),
            "the peer's": of(turns, lambda turn: turn.peer.total_cpu_ms(APART)),
            "times cheaper": of(turns, lambda turn: turn.cpu),
            "pages/s": of(turns, lambda turn: turn.depeche.pages_per_s),
            "the peer's pages/s": of(turns, lambda turn: turn.peer.pages_per_s),
            "times as many": of(turns, lambda turn: turn.speed),
        }
        for way, turns in results.turns.items()
    ]
    return table(rows)


def _groups(results: Results) -> str:
    costs = {f"Depeche {way}": [turn.depeche for turn in turns] for way, turns in results.turns.items()}
    costs["the peer"] = [turn.peer for turns in results.turns.values() for turn in turns]
    groups = dict.fromkeys(group for some in costs.values() for group in some[0].cpu_ms)
    rows: list[dict[str, object]] = [
        {
            "CPU ms a page": group,
            **{
                side: median(cost.cpu_ms[group] for cost in some) if group in some[0].cpu_ms else None
                for side, some in costs.items()
            },
        }
        for group in groups
    ]
    return table(rows)


def _filled(results: Results) -> str:
    ours, peers = results.filled["Depeche"], results.filled["the peer"]
    rows: list[dict[str, object]] = [
        {"stored of 100 pages": name, "Depeche": share, "the peer": peers[name]} for name, share in ours.items()
    ]
    return table(rows)
