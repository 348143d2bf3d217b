"""Has a source's field fallen? Compares its pages of now with its own past, by numbers alone.

A field has one value per page: 1 or 0 for whether it is filled, or ln(1 + n) of a length or a number n. Of a number
per day, each day counts as such a page. Pages of one day are more alike than pages of two days, since a weekend, an
agency's wire or a live blog shapes them all. So how much a page tells depends on how much the days of the past differ.

The thresholds are chosen by simulation: `python -m benchmarks.source_health`, docs/benchmarks.md.
"""

import math
from typing import Literal

import msgspec

Measure = Literal["share", "typical", "daily"]

# With fewer pages now, or fewer pages or days of the past, nothing can be said.
FEWEST_NOW, FEWEST_PAST, FEWEST_DAYS = 5, 20, 5
# Of a number per day, yesterday's is enough, compared with two weeks.
FEWEST_DAYS_OF_DAILY = 14
# A value has fallen if it is at most this much of what it was: a share, or the typical length or number.
FALLEN_TO = 0.7
# How much likelier the pages have to be with a fallen value than with the past one, as a natural logarithm.
EVIDENCE = 7.0
# A field that was always filled is taken to be missing once in so many pages: the past is too short to know.
SELDOM = 50
# Pages of a day are taken to be at least as alike as this, and lengths to differ by at least this factor, whatever the
# past says.
LEAST_ALIKE, LEAST_SPREAD = 0.1, 0.2
# A field that fell has recovered when it is at this much of what it was.
RECOVERED_AT = 0.9


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """The values of some days' pages, as sums.

    `squares` is the sum of the squared values; `by_day` the sum, over the days, of the day's squared total divided by
    its number of pages; `pages_squared` the sum of the days' squared numbers of pages. These three tell how much days
    differ, apart from how much pages do.
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
        """Return how alike the pages of one day are: 0 for not at all, 1 for all the same (intraclass correlation)."""
        if self.days < 2 or self.pages <= self.days:
            return LEAST_ALIKE
        between = max(0.0, self.by_day - self.total**2 / self.pages) / (self.days - 1)
        within = max(0.0, self.squares - self.by_day) / (self.pages - self.days)
        a_day = (self.pages - self.pages_squared / self.pages) / (self.days - 1)
        spread = between + (a_day - 1) * within
        return max(LEAST_ALIKE, (between - within) / spread) if spread > 0 else LEAST_ALIKE


def has_fallen(measure: Measure, now: Values, past: Values) -> bool:
    """Return whether `now` is so far below `past` that neither chance nor a bad day explains it."""
    if not (_is_enough(measure, now) and _is_past_enough(measure, past)):
        return False
    if not _is_below(measure, now.mean, past.mean, FALLEN_TO):
        return False
    alike = past.alike()
    telling = 1 / (1 / _independent(now, alike) + 1 / _independent(past, alike))
    return telling * _unlikely(measure, now.mean, past) >= EVIDENCE


def has_recovered(measure: Measure, now: Values, fell_from: float) -> bool:
    """Return whether a field that had fallen is nearly what it was: `fell_from`, its mean before the fall."""
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
    """Return how many pages that are independent of each other would tell as much."""
    return values.pages / (1 + (values.pages / values.days - 1) * alike)


def _unlikely(measure: Measure, mean: float, past: Values) -> float:
    """Return how much one independent page speaks against the past: the divergence of the two distributions."""
    if measure != "share":
        variance = max(past.squares / past.pages - past.mean**2, LEAST_SPREAD**2)
        return (past.mean - mean) ** 2 / (2 * variance)
    expected = min(past.mean, 1 - 1 / SELDOM)
    filled = mean * math.log(mean / expected) if mean > 0 else 0.0
    return filled + (1 - mean) * math.log((1 - mean) / (1 - expected))
