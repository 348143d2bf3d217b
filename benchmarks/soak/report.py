"""Judges a soak: what has grown, and what each page has left behind."""

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from benchmarks.report import significant, table
from benchmarks.soak.meters import MB, OF_HOSTS, OF_PAGES_IN_AIR, OF_URLS, Kind, Sample

# What must not grow may be so much more at the end than after the warm-up. Less than the second figure is noise: a page
# in the air more or less, a connection of a pool.
GROWTH, LEAST = 0.05, {"MB": 0.5, "": 1.0}
# The first and the last value are medians over this share of the time after the warm-up.
WINDOW = 0.2
# More pages in the air than land in this time (s) are a backlog.
BACKLOG_S = 30.0
# What grows with the pages, and what bounds it.
BOUNDS = {
    "URLs that Redis remembers": "forgotten 30 days after they were last accepted",
    "Redis, all of its memory, MB": "the URLs above; at `maxmemory` it refuses new pages",
    "Redis, its process, MB": "the same",
    "Redis, its file, MB": "written anew when it has doubled (`auto-aof-rewrite-percentage`)",
    "Postgres, data, MB": "`DEPECHE_KEEP_*` with `depeche retention`; articles are kept",
    "Postgres, open files": "the tables and indexes there are, for each session; `max_files_per_process`",
    "logs, MB": "Compose's log driver; rotate those of `depeche up` yourself",
    "archive, MB": "whoever deletes old files; it stops at `DEPECHE_ARCHIVE_MIN_FREE`",
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A meter after the warm-up, at the end, and at its highest after the warm-up; `visits` landed in between."""

    name: str
    first: float
    last: float
    highest: float
    visits: float

    @property
    def has_grown(self) -> bool:
        """Whether it is more than GROWTH above what it was."""
        least = LEAST["MB" if self.name.endswith("MB") else ""]
        return self.last - self.first > max(GROWTH * self.first, least)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A soak, judged."""

    seconds: float
    visits: int
    pages_per_s: float
    fates: dict[str, int]
    in_air: Line
    held: list[Line]
    grown: list[Line]
    kinds: dict[str, Kind]  # of Redis' keys at the end
    stuck: int  # pages that are in the air, or to be fetched again, long after the last one was published
    left: dict[str, int]  # kinds of keys of pages in the air that are there although none is
    restarts: list[str]  # what was started again, which must be nothing

    @property
    def faults(self) -> list[str]:
        """What is wrong, a sentence each."""
        found = [
            f"{line.name}: {significant(line.first)} after the warm-up, {significant(line.last)} at the end."
            for line in self.held
            if line.has_grown
        ]
        found += [
            f"{keys} keys of kind {kind} are left in Redis, and no page is in the air."
            for kind, keys in self.left.items()
        ]
        if self.stuck:
            found.append(f"{self.stuck} pages have not landed, long after the last one was published.")
        if self.in_air.last > BACKLOG_S * self.pages_per_s:
            found.append(
                f"{self.in_air.last:.0f} pages are in the air at the end: this machine does not bear the rate."
            )
        return found + self.restarts


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """What must not grow, what grows with the pages, and the pages in the air."""

    held: list[Line]
    grown: list[Line]
    in_air: Line


def lines(samples: Sequence[Sample], warm_s: float) -> Lines:
    """Returns the lines of a run; raises ValueError without samples after the warm-up."""
    after = [sample for sample in samples if sample.at >= warm_s]
    if not after:
        raise ValueError("no samples after the warm-up")
    return Lines(
        held=[_line(name, [sample.held[name] for sample in after], after) for name in after[0].held],
        grown=[_line(name, [sample.grown[name] for sample in after], after) for name in after[0].grown],
        in_air=_line("pages in the air", [float(sample.in_air) for sample in after], after),
    )


def _line(name: str, values: Sequence[float], samples: Sequence[Sample]) -> Line:
    count = max(1, round(WINDOW * len(values)))
    first, last = slice(None, count), slice(-count, None)
    landed = [float(sample.visits) for sample in samples]
    return Line(
        name=name,
        first=median(values[first]),
        last=median(values[last]),
        highest=max(values),
        visits=median(landed[last]) - median(landed[first]),
    )


def left_over(kinds: Mapping[str, Kind], consumers: int) -> dict[str, int]:
    """Returns the keys of pages in the air by kind, when none is; a consumer may have a list of what is in its hand."""
    found = {kind: kinds[kind].keys for kind in sorted(OF_PAGES_IN_AIR) if kind in kinds}
    return {kind: keys for kind, keys in found.items() if kind != "in_hand" or keys > consumers}


def markdown(result: Result) -> str:
    """Returns the tables of a soak."""
    fates = ", ".join(f"{number:,} {fate}" for fate, number in sorted(result.fates.items()))
    head = (
        f"{result.visits:,} visits landed, {significant(result.pages_per_s)} a second ({fates}); in the air were "
        f"{result.in_air.first:.0f} pages after the warm-up, {result.in_air.last:.0f} at the end, and at most "
        f"{result.in_air.highest:.0f}."
    )
    return "\n\n".join([head, table([_row(line) for line in result.held]), _grown(result), _remembered(result.kinds)])


def _row(line: Line) -> dict[str, object]:
    change = f"{100 * (line.last / line.first - 1):+.1f} %" if line.first else None
    return {
        "must not grow": line.name,
        "after warm-up": line.first,
        "at the end": line.last,
        "highest": line.highest,
        "change": f"**{change}**" if line.has_grown else change,
    }


def _grown(result: Result) -> str:
    rows: list[dict[str, object]] = [
        {
            "grows with the pages": line.name,
            "after warm-up": line.first,
            "at the end": line.last,
            "a visit": _for_each(line),
            "bounded by": BOUNDS[line.name],
        }
        for line in result.grown
    ]
    return table(rows)


def _for_each(line: Line) -> str:
    grown = (line.last - line.first) / line.visits if line.visits else 0.0
    return f"{significant(grown * MB / 1000)} KB" if line.name.endswith("MB") else significant(grown)


def _remembered(kinds: Mapping[str, Kind]) -> str:
    rows: list[dict[str, object]] = [
        {
            "remembered in Redis": kind,
            "of": "URLs" if kind in OF_URLS else "hosts",
            "entries": found.entries,
            "bytes each": found.bytes / found.entries,
        }
        for kind, found in kinds.items()
        if kind in OF_URLS | OF_HOSTS
    ]
    return table(rows)
