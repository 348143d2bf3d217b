"""Known days of other calendars, and days that these do not have."""

from datetime import date

import pytest

from services.parser.fields.calendars import day_of_calendar


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        ("persian", (1404, 1, 1), date(2025, 3, 21)),
        ("persian", (1403, 12, 30), date(2025, 3, 20)),
        ("persian", (1404, 7, 31), None),
        ("islamic", (1446, 9, 1), date(2025, 3, 1)),
        ("islamic", (1447, 1, 1), date(2025, 6, 26)),
        ("islamic", (1447, 13, 1), None),
        ("islamic", (1600, 1, 1), None),
        ("bikram", (2082, 1, 1), date(2025, 4, 14)),
        ("bikram", (2081, 12, 32), None),
        ("bikram", (2200, 1, 1), None),
        ("ethiopian", (2018, 1, 1), date(2025, 9, 11)),
        ("ethiopian", (2015, 13, 6), date(2023, 9, 11)),
        ("ethiopian", (2016, 13, 6), None),
    ],
)
def test_known_days(calendar: str, day: tuple[int, int, int], expected: date | None) -> None:
    assert day_of_calendar(calendar, *day) == expected
