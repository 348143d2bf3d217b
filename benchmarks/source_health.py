"""How often does source health raise a false alarm, how soon does it show a redesign, and what does a look cost?

  python -m benchmarks.source_health [--runs N]

Sources are simulated, not measured: how many articles they have per day, how these spread over the hours, and how a
field varies by hour, by day and at weekends. The decision itself is the indexer's
(services/indexer/followers/source_falls.py), made every two hours from sums of whole days, as the indexer does. Its
cost is measured on an embedded Postgres. The result is printed and, without options, written into docs/benchmarks.md.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import psycopg

from benchmarks.report import setting, table, write_section
from cli.stack.embedded import embedded_postgres
from services.indexer.followers.source_falls import Measure, Values, has_fallen
from services.indexer.followers.source_health import look
from services.indexer.schema.migrate import migrate

PAST_DAYS, MONTH_DAYS = 28, 30
# The window of depeche.source_fields: today and yesterday, and more days until there are so many pages.
NOW_PAGES, NOW_DAYS = 8, 7
LOOK_HOURS = 2
# Source-months of each kind, and how many pages or visits these have a day.
RUNS, A_DAY = 200, (1, 5, 20, 200)
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
    Field(name="ticker: always", usual=0.99, by_day=0.5),
    Field(name="ticker: on most days, on others not at all", usual=0.9, by_day=6.0),
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


def measure(runs: int) -> list[str]:
    """The tables."""
    rng = np.random.default_rng(1)
    alarms: list[dict[str, object]] = []
    delays: list[dict[str, object]] = []
    for field in FIELDS:
        row: dict[str, object] = {"field": field.name}
        for a_day in A_DAY:
            row[f"{a_day} a day"] = f"{sum(false_alarms(rng, field, a_day) for _ in range(runs)) / runs:.3f}"
        alarms.append(row)
        for to in field.redesigns:
            row = {"field": field.name, "becomes": f"{to:g} times"}
            for a_day in A_DAY:
                hours = sorted(hours_until_shown(rng, field, a_day, to) for _ in range(runs))
                row[f"{a_day} a day"] = f"{_hours(hours[runs // 2])} ({_hours(hours[runs * 9 // 10])})"
            delays.append(row)
    return [
        "**False alarms of a field a source-month**",
        table(alarms),
        "**Hours from a redesign until it shows: median (nine of ten)**",
        table(delays),
        "**A source that leads to no story any more** (`stories`; it shows after the first silent day)",
        table(silence(rng, runs)),
    ]


def silence(rng: np.random.Generator, runs: int) -> list[dict[str, object]]:
    """False alarms of `stories` a source-month, and how many of the sources that fall silent are found."""
    alarms: dict[str, object] = {"": "false alarms a source-month"}
    found: dict[str, object] = {"": "shows, of those that fall silent"}
    for a_day in A_DAY:
        fell, silent = 0, 0
        for _ in range(runs):
            days = PAST_DAYS + MONTH_DAYS
            numbers = np.log1p(np.bincount(stream(rng, a_day, days).astype(int), minlength=days))
            fell += sum(is_silent(numbers[today - PAST_DAYS : today]) for today in range(PAST_DAYS, days))
            silent += is_silent(np.append(numbers[: PAST_DAYS - 1], 0.0))
        alarms[f"{a_day} a day"], found[f"{a_day} a day"] = f"{fell / runs:.3f}", f"{silent / runs:.0%}"
    return [alarms, found]


def is_silent(numbers: np.ndarray) -> bool:
    """What the indexer would say, the last day being yesterday."""
    days = [Day(pages=1, total=float(n), squares=float(n**2)) for n in numbers]
    return has_fallen("daily", sums(days[-1:]), sums(days[:-1]))


def _hours(hours: float) -> str:
    return "never" if hours == np.inf else f"{hours:.0f} h"


SOURCES, VISITS_A_DAY = 10_000, 200_000
FILL_DAYS = """
INSERT INTO depeche.source_days
SELECT 's' || s, (now() AT TIME ZONE 'UTC')::date - d, 100, 100, 40, 40, 148, 548, 10, 10, 10, 10, 10, 9, 10, 80, 640,
       '2'
FROM generate_series(1, %s) s, generate_series(2, 29) d
"""
FILL_VISITS = """
INSERT INTO depeche.visits (page_id, at, flight_id, attempts, source, of_source, fate, page_type, parser_version,
                            has_title, authors, has_published, body_chars, headlines, tickers)
SELECT n, now() - n * %(days)s * interval '1 day' / %(visits)s, gen_random_uuid(), 1, 's' || (1 + n %% %(sources)s),
       false, 'stored', 'article', '2', true, 1, true, 3000, 40, 3
FROM generate_series(1, %(visits)s) n
"""


def cost() -> list[dict[str, object]]:
    """Seconds of a look, by how many sources have been visited since the look before."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as home, embedded_postgres(Path(home)) as url:
        migrate(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FILL_DAYS, [SOURCES])
            for name, visits, days in (
                (f"all of {SOURCES:,}, the first look", 2 * VISITS_A_DAY, 2),
                ("none", 0, 0),
                ("700", 700, 0),
            ):
                connection.execute(FILL_VISITS, {"sources": SOURCES, "visits": visits, "days": days})
                connection.execute("VACUUM ANALYZE")
                begin = time.perf_counter()
                look(connection)
                rows.append({"sources visited since": name, "seconds": time.perf_counter() - begin})
    return rows


def main() -> None:
    """Simulate and measure, then print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, help="source-months of each kind")
    options = parser.parse_args()
    text = "\n\n".join(
        [
            f"{setting('numpy')} {options.runs} source-months of each kind.",
            *measure(options.runs),
            f"**A look at {SOURCES:,} sources** with 28 days of past and {VISITS_A_DAY:,} visits a day",
            table(cost()),
        ]
    )
    print(text)
    if options.runs == RUNS:
        write_section("source health", text)


if __name__ == "__main__":
    main()
