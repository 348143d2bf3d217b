"""Has a source's field fallen? Pages of now against the same source's past, by numbers alone.

Of each page a field has one value: 1 or 0 for whether it is filled, or ln(1 + n) of a length or a number n; of a
number a day, each day is such a page. Pages of one day are more alike than pages of two days, since a weekend, an
agency's wire or a live blog shapes them all. So how much a page tells is taken from how much days of the past differ.

The thresholds are chosen by simulation: `python -m benchmarks.source_health`, docs/benchmarks.md.
"""

import math
from typing import Literal

import msgspec

Measure = Literal["share", "typical", "daily"]

# Fewer pages, or fewer days of past, say nothing.
FEWEST_NOW, FEWEST_PAST, FEWEST_DAYS = 5, 20, 5
# Of a number a day, yesterday's is enough, beside two weeks.
FEWEST_DAYS_OF_DAILY = 14
# What has fallen is at most so much of what it was: a share, or the typical length or number.
FALLEN_TO = 0.7
# How much likelier the pages are with a value that has fallen than with that of the past, as a natural logarithm.
EVIDENCE = 7.0
# What was always filled may be missing once in so many pages: the past is too short to know.
SELDOM = 50
# Pages of a day are at least as alike as this, whatever the past says, and lengths differ by this factor at the least.
LEAST_ALIKE, LEAST_SPREAD = 0.1, 0.2
# A field that fell has recovered when it is at this much of what it was.
RECOVERED_AT = 0.9


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """The values of some days' pages, as sums.

    `squares` sums the squares of single values; `by_day` the square of each day's sum through its pages, and
    `pages_squared` the squares of each day's pages: what it takes to tell the days' differences from the pages'.
    """

    pages: int
    days: int
    total: float
    squares: float = 0.0
    by_day: float = 0.0
    pages_squared: float = 0.0

    @property
    def mean(self) -> float:
        """The mean of all pages."""
        return self.total / self.pages

    def alike(self) -> float:
        """How alike the pages of one day are: 0 for not at all, 1 for all the same (intraclass correlation)."""
        if self.days < 2 or self.pages <= self.days:
            return LEAST_ALIKE
        between = max(0.0, self.by_day - self.total**2 / self.pages) / (self.days - 1)
        within = max(0.0, self.squares - self.by_day) / (self.pages - self.days)
        a_day = (self.pages - self.pages_squared / self.pages) / (self.days - 1)
        spread = between + (a_day - 1) * within
        return max(LEAST_ALIKE, (between - within) / spread) if spread > 0 else LEAST_ALIKE


def has_fallen(measure: Measure, now: Values, past: Values) -> bool:
    """Whether `now` is so far below `past` that neither chance nor a bad day explains it."""
    if not (_is_enough(measure, now) and _is_past_enough(measure, past)):
        return False
    if not _is_below(measure, now.mean, past.mean, FALLEN_TO):
        return False
    alike = past.alike()
    telling = 1 / (1 / _independent(now, alike) + 1 / _independent(past, alike))
    return telling * _unlikely(measure, now.mean, past) >= EVIDENCE


def has_recovered(measure: Measure, now: Values, fell_from: float) -> bool:
    """Whether what had fallen is nearly what it was."""
    return _is_enough(measure, now) and not _is_below(measure, now.mean, fell_from, RECOVERED_AT)


def _is_enough(measure: Measure, now: Values) -> bool:
    return now.pages >= (1 if measure == "daily" else FEWEST_NOW)


def _is_past_enough(measure: Measure, past: Values) -> bool:
    if measure == "daily":
        return past.days >= FEWEST_DAYS_OF_DAILY
    return past.pages >= FEWEST_PAST and past.days >= FEWEST_DAYS


def _is_below(measure: Measure, now: float, past: float, factor: float) -> bool:
    return now <= past * factor if measure == "share" else now <= past + math.log(factor)


def _independent(values: Values, alike: float) -> float:
    """How many pages that have nothing to do with each other would tell as much."""
    return values.pages / (1 + (values.pages / values.days - 1) * alike)


def _unlikely(measure: Measure, mean: float, past: Values) -> float:
    """What one independent page says against its being as in the past: the divergence of the two distributions."""
    if measure != "share":
        variance = max(past.squares / past.pages - past.mean**2, LEAST_SPREAD**2)
        return (past.mean - mean) ** 2 / (2 * variance)
    expected = min(past.mean, 1 - 1 / SELDOM)
    filled = mean * math.log(mean / expected) if mean > 0 else 0.0
    return filled + (1 - mean) * math.log((1 - mean) / (1 - expected))
