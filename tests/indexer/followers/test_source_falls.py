"""What counts as a fall, by numbers alone."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.followers.source_falls import LEAST_ALIKE, Measure, Values, has_fallen, has_recovered

Days = list[list[float]]


def values(days: Days) -> Values:
    """The sums of these days' values."""
    pages = [value for day in days for value in day]
    return Values(
        pages=len(pages),
        days=len(days),
        total=sum(pages),
        squares=sum(value**2 for value in pages),
        by_day=sum(sum(day) ** 2 / len(day) for day in days),
        pages_squared=sum(len(day) ** 2 for day in days),
    )


FILLED: Days = [[1.0] * 10] * 20


@pytest.mark.parametrize(
    ("measure", "now", "past", "fell"),
    [
        ("share", [[0.0] * 10], FILLED, True),
        ("share", [[0.0] * 3], FILLED, False),
        ("share", [[1.0] * 8 + [0.0] * 2], FILLED, False),
        ("share", [[0.0] * 10], [[0.0] * 10] * 20, False),
        ("share", [[0.0] * 10], [[1.0] * 10] * 4, False),
        ("share", [[0.0] * 20] * 2, [[1.0] * 10, [0.0] * 10] * 10, False),
        ("share", [[0.0] * 20] * 2, [[1.0] * 5 + [0.0] * 5] * 20, True),
        ("typical", [[math.log(1000)] * 10], [[math.log(3000)] * 10] * 20, True),
        ("typical", [[math.log(2500)] * 100], [[math.log(3000)] * 10] * 20, False),
        ("daily", [[0.0]], [[math.log(21)]] * 20, True),
        ("daily", [[0.0]], [[math.log(21)]] * 10, False),
        ("daily", [[0.0]], [[math.log(21)], [0.0]] * 10, False),
    ],
    ids=[
        *("gone", "too few pages", "a few missing", "never there", "too few days of past"),
        *("on some days only", "half of every day's", "a third as long", "a little shorter"),
        *("silent", "silent after few days", "often silent"),
    ],
)
def test_what_is_a_fall(measure: Measure, now: Days, past: Days, fell: bool) -> None:
    assert has_fallen(measure, values(now), values(past)) is fell


def test_pages_of_a_day_are_as_alike_as_its_days_differ() -> None:
    assert values(FILLED).alike() == LEAST_ALIKE
    assert values([[1.0] * 10, [0.0] * 10] * 10).alike() == pytest.approx(1.0)
    chance = random.Random(1)
    mixed = [[float(chance.random() < 0.5) for _ in range(50)] for _ in range(20)]
    assert values(mixed).alike() == LEAST_ALIKE


def test_what_fell_has_recovered_when_it_is_nearly_what_it_was() -> None:
    assert has_recovered("share", values([[1.0] * 9 + [0.0]]), 0.95)
    assert not has_recovered("share", values([[1.0] * 8 + [0.0] * 2]), 0.95)
    assert not has_recovered("share", values([[1.0] * 4]), 0.95)
    assert has_recovered("daily", values([[3.0]]), 3.05)


COUNTS = st.lists(st.lists(st.floats(0, 12), min_size=1, max_size=8), min_size=1, max_size=12)
FLAGS = st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=8), min_size=1, max_size=12)


@given(now=COUNTS, past=COUNTS, measure=st.sampled_from(["typical", "daily"]))
def test_any_numbers_have_an_answer(now: Days, past: Days, measure: Measure) -> None:
    assert has_fallen(measure, values(now), values(past)) in {True, False}


@given(now=FLAGS, past=FLAGS)
def test_any_shares_have_an_answer(now: Days, past: Days) -> None:
    assert has_fallen("share", values(now), values(past)) in {True, False}
    assert not has_fallen("share", values(past), values(past)), "what is as it was has not fallen"
