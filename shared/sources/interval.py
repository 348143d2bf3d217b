"""How long is the interval until a source is visited again?

The rule is that of Nutch's AdaptiveFetchSchedule: an answer without news makes the interval longer by 0.4 of itself, an
answer with news shorter by 0.2 of itself, between a floor and a ceiling. There is one change: each new story counts as
an answer with news, so that a burst is noticed at once; a single visit halves the interval at most. A source that
publishes evenly settles at about three new stories in four visits (tests/shared/sources/test_interval.py has the
simulation).
"""

import math

import msgspec

LONGER_WITHOUT_NEWS = 1.4
SHORTER_A_STORY = 0.8
SHORTEST_STEP = 0.5
# A new source starts with this interval (s), within its bounds.
FIRST_INTERVAL_S = 900.0
# The waits of a failing source double with each failure, up to this (s) or its own interval, whichever is longer.
FAILING_CEILING_S = 6 * 3600.0


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Floor and ceiling of an interval (s); both are the same where the operator has fixed the interval."""

    shortest: float
    longest: float

    def around(self, interval: float) -> float:
        """Returns the interval, or the bound that it exceeds."""
        return min(self.longest, max(self.shortest, interval))


def first_interval(bounds: Bounds) -> float:
    """Returns the first interval (s) of a new source."""
    return bounds.around(FIRST_INTERVAL_S)


def next_interval(interval: float, new_stories: int, bounds: Bounds) -> float:
    """Returns the interval (s) after a visit that brought `new_stories` new stories."""
    factor = max(SHORTEST_STEP, math.pow(SHORTER_A_STORY, new_stories)) if new_stories else LONGER_WITHOUT_NEWS
    return bounds.around(interval * factor)


def interval_while_failing(interval: float, failures: int) -> float:
    """Returns the interval (s) after `failures` failed visits in a row. The first may be chance and changes nothing."""
    doublings = min(failures - 1, 32)
    return max(interval, min(FAILING_CEILING_S, interval * math.pow(2, doublings)))
