"""How long until a source is visited again.

The rule is that of Nutch's AdaptiveFetchSchedule: an answer without news makes the interval 0.4 longer, one with news
0.2 shorter, between a floor and a ceiling. One change: each new story counts as an answer with news, so that a burst is
noticed at once; a single visit halves the interval at the most. A source that publishes evenly settles where a visit
brings about three new stories in four visits (tests/shared/sources/test_interval.py has the simulation).
"""

import math

import msgspec

LONGER_WITHOUT_NEWS = 1.4
SHORTER_A_STORY = 0.8
SHORTEST_STEP = 0.5
# Where a new source starts, within its bounds.
FIRST_INTERVAL_S = 900.0
# A source that fails is tried again ever later, but never less often than its own interval or this.
FAILING_CEILING_S = 6 * 3600.0


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Floor and ceiling of an interval (s); both are the same where the operator has fixed it."""

    shortest: float
    longest: float

    def around(self, interval: float) -> float:
        """The interval, or the bound that it exceeds."""
        return min(self.longest, max(self.shortest, interval))


def first_interval(bounds: Bounds) -> float:
    """The interval (s) of a source that nothing is known of."""
    return bounds.around(FIRST_INTERVAL_S)


def next_interval(interval: float, new_stories: int, bounds: Bounds) -> float:
    """The interval (s) after a visit that brought so many new stories."""
    factor = max(SHORTEST_STEP, math.pow(SHORTER_A_STORY, new_stories)) if new_stories else LONGER_WITHOUT_NEWS
    return bounds.around(interval * factor)


def interval_while_failing(interval: float, failures: int) -> float:
    """The interval (s) after so many failed visits in a row. The first may be chance and changes nothing."""
    doublings = min(failures - 1, 32)
    return max(interval, min(FAILING_CEILING_S, interval * math.pow(2, doublings)))
