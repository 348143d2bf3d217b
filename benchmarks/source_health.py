"""How often does source health cry wolf, and how soon does it show a redesign? python -m benchmarks.source_health

Sources are simulated, not measured: how many articles a day they have, how these spread over the hours, and how a field
varies by hour, by day and at weekends. The decision itself is the indexer's (services/indexer/source_falls.py), made
every hour as the indexer would, from sums of whole days.
"""

import argparse
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from benchmarks.report import setting, table, write_section
from services.indexer.source_falls import Measure, Values, has_fallen

PAST_DAYS, MONTH_DAYS = 28, 30
# The window of depeche.source_fields: today and yesterday, and more days until there are so many pages.
NOW_PAGES, NOW_DAYS = 8, 7
LOOK_HOURS = 1
# How articles spread over the hours of a day: few at night.
BY_HOUR = np.array([2, 2, 2, 2, 3, 5, 8, 10, 10, 9, 9, 9, 9, 8, 8, 8, 8, 7, 6, 5, 4, 3, 3, 2], dtype=float)
NIGHT = slice(0, 6)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """How a field behaves where nothing is wrong: a share, or a length's logarithm with its spread."""

    name: str
    measure: Measure = "share"
    usual: float  # share, or mean logarithm
    by_day: float  # standard deviation of the days' log-odds, or of their mean logarithm
    at_night: float = 0.0  # added at night: agencies' copy has no author, briefs are short
    at_weekend: float = 0.0
    spread: float = 0.7  # of single pages' logarithms
    redesigns: tuple[float, ...] = (0.0,)  # what becomes of it: times its share, or times its length


FIELDS = [
    Field(name="title, date: always there", usual=0.995, by_day=0.3, redesigns=(0.0, 0.5)),
    Field(name="author: nearly always", usual=0.95, by_day=0.5, at_night=-1.5, at_weekend=-0.5, redesigns=(0.0, 0.5)),
    Field(name="author: mostly", usual=0.7, by_day=0.5, at_night=-1.5, at_weekend=-0.7),
    Field(name="author: less than half", usual=0.4, by_day=0.6, at_night=-1.5, at_weekend=-0.7),
    Field(name="read as article", usual=0.9, by_day=0.5, at_weekend=-0.5, redesigns=(0.0, 0.3)),
    Field(
        name="body",
        measure="typical",
        usual=8.0,
        by_day=0.12,
        at_night=-0.3,
        at_weekend=-0.15,
        redesigns=(0.5, 0.2),
    ),
]  # fmt: skip


def stream(rng: np.random.Generator, a_day: float, days: int) -> np.ndarray:
    """The moments of pages, in days: busier and quieter days, half as many at weekends."""
    shape = BY_HOUR / BY_HOUR.sum()
    moments = []
    for day in range(days):
        expected = a_day * rng.lognormal(-0.045, 0.3) * (0.5 if day % 7 >= 5 else 7 / 6)
        hours = rng.choice(24, rng.poisson(expected), p=shape)
        moments.append(day + (hours + rng.random(len(hours))) / 24)
    return np.sort(np.concatenate(moments))


def values_of(rng: np.random.Generator, field: Field, moments: np.ndarray) -> np.ndarray:
    """Each page's value, where nothing is wrong."""
    day = moments.astype(int)
    shift = rng.normal(0, field.by_day, day.max(initial=0) + 1)[day]
    shift += field.at_weekend * (day % 7 >= 5) + field.at_night * ((moments % 1) < NIGHT.stop / 24)
    if field.measure == "typical":
        return np.asarray(field.usual + shift + rng.normal(0, field.spread, len(moments)))
    odds = np.log(field.usual / (1 - field.usual)) + shift
    return np.asarray(rng.random(len(moments)) < 1 / (1 + np.exp(-odds)), dtype=float)


def redesigned(rng: np.random.Generator, field: Field, values: np.ndarray, to: float) -> np.ndarray:
    """The same pages after a redesign."""
    return values * (rng.random(len(values)) < to) if field.measure == "share" else values + np.log(to)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day's sums, as depeche.source_days has them."""

    pages: int
    total: float
    squares: float


def days_of(moments: np.ndarray, values: np.ndarray, until: float) -> dict[int, Day]:
    """The sums of each of the last days that has pages, up to this moment."""
    begin, end = np.searchsorted(moments, [int(until) - PAST_DAYS - NOW_DAYS, until])
    known = moments[begin:end].astype(int)
    sums: dict[int, Day] = {}
    for day in np.unique(known):
        of_day = values[begin:end][known == day]
        sums[int(day)] = Day(pages=len(of_day), total=float(of_day.sum()), squares=float((of_day**2).sum()))
    return sums


def falls_at(measure: Measure, days: dict[int, Day], today: int) -> bool:
    """What the indexer would say."""
    now: list[Day] = []
    past: list[Day] = []
    seen = 0
    for day in sorted(days, reverse=True):
        is_now = day >= today - 1 or (seen < NOW_PAGES and day > today - NOW_DAYS)
        if is_now or day >= today - PAST_DAYS:
            (now if is_now else past).append(days[day])
        seen += days[day].pages
    return bool(now and past) and has_fallen(measure, sums(now), sums(past))


def sums(days: list[Day]) -> Values:
    """The days together."""
    return Values(
        pages=sum(day.pages for day in days),
        days=len(days),
        total=sum(day.total for day in days),
        squares=sum(day.squares for day in days),
        by_day=sum(day.total**2 / day.pages for day in days),
        pages_squared=sum(day.pages**2 for day in days),
    )


Changed = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def looks(
    field: Field, moments: np.ndarray, values: np.ndarray, begin: float, end: float
) -> Iterator[tuple[float, bool]]:
    """Every look of the indexer between two moments. Whole days are summed once."""
    for today in range(int(begin), int(np.ceil(end))):
        whole = days_of(moments, values, today)
        for hour in range(0, 24, LOOK_HOURS):
            at = today + (hour + 1) / 24
            if not begin < at <= end:
                continue
            first, last = np.searchsorted(moments, [today, at])
            part = values[first:last]
            days = dict(whole)
            if len(part):
                days[today] = Day(pages=len(part), total=float(part.sum()), squares=float((part**2).sum()))
            yield at, falls_at(field.measure, days, today)


def false_alarms(rng: np.random.Generator, field: Field, a_day: float) -> int:
    """Falls that are shown in a month in which nothing is wrong."""
    moments = stream(rng, a_day, PAST_DAYS + MONTH_DAYS)
    values = values_of(rng, field, moments)
    shown = [fell for _, fell in looks(field, moments, values, PAST_DAYS, PAST_DAYS + MONTH_DAYS)]
    return sum(after and not before for before, after in zip([False, *shown], shown, strict=False))


def hours_until_shown(rng: np.random.Generator, field: Field, a_day: float, to: float) -> float:
    """From a redesign at a random moment until it is shown, within two weeks."""
    moments = stream(rng, a_day, PAST_DAYS + 22)
    at = PAST_DAYS + 7 * rng.random()
    values = values_of(rng, field, moments)
    after = moments >= at
    values[after] = redesigned(rng, field, values[after], to)
    return next(((look - at) * 24 for look, fell in looks(field, moments, values, at, at + 14) if fell), np.inf)


def measure(runs: int, volumes: list[float]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Both tables."""
    rng = np.random.default_rng(1)
    alarms, delays = [], []
    for field in FIELDS:
        row: dict[str, object] = {"field": field.name}
        for a_day in volumes:
            found = [false_alarms(rng, field, a_day) for _ in range(runs)]
            row[f"{a_day:g} a day"] = f"{sum(found) / runs:.3f}"
        alarms.append(row)
        for to in field.redesigns:
            row = {"field": field.name, "becomes": f"{to:g} times"}
            for a_day in volumes:
                hours = sorted(hours_until_shown(rng, field, a_day, to) for _ in range(runs))
                row[f"{a_day:g} a day"] = f"{_hours(hours[runs // 2])} ({_hours(hours[runs * 9 // 10])})"
            delays.append(row)
    return alarms, delays


def _hours(hours: float) -> str:
    return "never" if hours == np.inf else f"{hours:.0f} h"


def main() -> None:
    """Simulate, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="source-months of each kind")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    options = parser.parse_args()
    alarms, delays = measure(options.runs, [1, 5, 20, 200])
    text = "\n\n".join(
        [
            f"{setting('numpy')} {options.runs} source-months of each kind.",
            "**False alarms of a field a source-month**",
            table(alarms),
            "**Hours until a redesign is shown: median (nine of ten)**",
            table(delays),
        ]
    )
    if options.write:
        write_section("source health", text)
    else:
        print(text)


if __name__ == "__main__":
    main()
