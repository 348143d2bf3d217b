"""How the interval of a source follows what it publishes, on simulated rates."""

import random
from itertools import pairwise
from statistics import mean

import pytest

from shared.sources.interval import (
    FAILING_CEILING_S,
    FIRST_INTERVAL_S,
    Bounds,
    first_interval,
    interval_while_failing,
    next_interval,
)

WIDE = Bounds(shortest=60, longest=86_400)
HOUR = 3600.0


def simulate(stories_an_hour: float, bounds: Bounds, *, hours: float = 500.0) -> list[tuple[float, int]]:
    """The intervals and new stories of the visits to a source that publishes at random, evenly (Poisson)."""
    chance = random.Random(7)
    visits, at, interval = [], 0.0, first_interval(bounds)
    while at < hours * HOUR:
        at += interval
        new = poisson(chance, stories_an_hour * interval / HOUR)
        visits.append((interval, new))
        interval = next_interval(interval, new, bounds)
    return visits


def poisson(chance: random.Random, expected: float) -> int:
    count, left = 0, chance.expovariate(1.0)
    while left < expected:
        count += 1
        left += chance.expovariate(1.0)
    return count


@pytest.mark.parametrize("stories_an_hour", [0.1, 1.0, 12.0])
def test_it_settles_where_a_visit_brings_about_three_quarters_of_a_story(stories_an_hour: float) -> None:
    settled = simulate(stories_an_hour, WIDE)[20:]
    assert 0.55 < mean(new for _, new in settled) < 1.0
    assert mean(interval for interval, _ in settled) == pytest.approx(0.75 * HOUR / stories_an_hour, rel=0.35)


def test_the_bounds_hold() -> None:
    bounds = Bounds(shortest=300, longest=1800)
    assert {interval for interval, _ in simulate(200.0, bounds)[10:]} == {300}
    assert {interval for interval, _ in simulate(0.0, bounds)[10:]} == {1800}
    assert {interval for interval, _ in simulate(3.0, Bounds(shortest=900, longest=900))} == {900}
    assert (first_interval(Bounds(shortest=3600, longest=7200)), first_interval(WIDE)) == (3600, FIRST_INTERVAL_S)


def test_after_a_quiet_night_a_busy_morning_is_noticed_within_a_few_visits() -> None:
    bounds = Bounds(shortest=300, longest=3600)
    interval, waited = 3600.0, 0.0
    for _ in range(4):
        interval = next_interval(interval, round(20 * interval / HOUR), bounds)
        waited += interval
    assert interval == 300
    assert waited < HOUR


def test_a_single_visit_halves_the_interval_at_the_most() -> None:
    steps = [next_interval(1000, new, WIDE) for new in (0, 1, 2, 3, 4, 500)]
    assert steps == pytest.approx([1400, 800, 640, 512, 500, 500])


def test_a_failing_source_is_asked_less_and_less_but_asked() -> None:
    intervals = [interval_while_failing(900, failures) for failures in range(1, 400)]
    assert intervals[:5] == [900, 1800, 3600, 7200, 14_400]
    assert set(intervals[5:]) == {FAILING_CEILING_S}
    assert all(later >= earlier for earlier, later in pairwise(intervals))
    assert interval_while_failing(86_400, 9) == 86_400
