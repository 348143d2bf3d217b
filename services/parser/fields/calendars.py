"""Which day of ours is a day of another calendar? Only what is sure is converted (docs/decisions/0012-calendars.md)."""

import tomllib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

# Buddhist years are 543 ahead: 2533 is 1990. No year of ours is as high for long.
BUDDHIST_YEARS: Final = range(2533, 2643)
BUDDHIST_AHEAD: Final = 543
# Of the Buddhist year 2568 pages print 68; what is lower than this is a year of ours.
BUDDHIST_SHORT_FROM: Final = 33
# 1370 is 1991. Numbers below 1410 can be nothing else: the Islamic year 1410 is 1989.
PERSIAN_YEARS: Final = range(1370, 1480)
PERSIAN_ALONE: Final = range(1370, 1410)
PERSIAN_LANGUAGES: Final = frozenset({"fa", "ps", "prs", "ckb", "tg", "mzn", "lrc", "glk", "haz", "bal"})
ISLAMIC_YEARS: Final = range(1410, 1490)
# Elsewhere the month begins when the moon has been seen there, a day later or earlier.
UMM_AL_QURA: Final = frozenset({None, "sa", "ae", "qa", "kw", "bh", "ye"})
BIKRAM_YEARS: Final = range(2047, 2101)
ETHIOPIAN_YEARS: Final = range(1982, 2090)
MINGUO_YEARS: Final = range(79, 190)
MINGUO_BEHIND: Final = 1911
ERAS: Final = {"令和": 2018, "平成": 1988, "R": 2018, "H": 1988, "㋿": 2018, "㍻": 1988}


def day_of_calendar(calendar: str, year: int, month: int, day: int) -> date | None:
    """The day of ours, or None for a day that the calendar does not have or of a year that no news is of."""
    convert = _CALENDARS[calendar]
    try:
        return convert(year, month, day)
    except (ValueError, IndexError):
        return None


def _from_persian(year: int, month: int, day: int) -> date | None:
    """The Persian calendar's 33-year cycle of leap years, right from 1178 to 1633 (Birashk, A Comparative Calendar)."""
    if year not in PERSIAN_YEARS or not 1 <= month <= 12 or not 1 <= day <= (31 if month < 7 else 30):
        return None
    years = year + 1595
    leap_days = years // 33 * 8 + (years % 33 + 3) // 4
    day_of_year = (month - 1) * 31 + day if month < 7 else (month - 7) * 30 + 186 + day
    return date.fromordinal(365 * years + leap_days + day_of_year - 356033)


def _from_ethiopian(year: int, month: int, day: int) -> date | None:
    """Twelve months of 30 days and a short one; every fourth year is a leap year, without exceptions."""
    longest = 30 if month < 13 else 6 if year % 4 == 3 else 5
    if year not in ETHIOPIAN_YEARS or not 1 <= month <= 13 or not 1 <= day <= longest:
        return None
    return date.fromordinal(2796 + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1)


def _from_islamic(year: int, month: int, day: int) -> date | None:
    table = _tables()["islamic"]
    long_months = table["long_months"]
    index = year - table["first_year"]
    if index < 0 or not 1 <= month <= 12 or not 1 <= day <= 29 + (long_months[index] >> (month - 1) & 1):
        return None
    days = sum(12 * 29 + mask.bit_count() for mask in long_months[:index])
    days += sum(29 + (long_months[index] >> before & 1) for before in range(month - 1))
    start: date = table["start"]
    return date.fromordinal(start.toordinal() + days + day - 1)


def _from_bikram(year: int, month: int, day: int) -> date | None:
    table = _tables()["bikram"]
    months = table["months"]
    index = year - table["first_year"]
    if index < 0 or not 1 <= month <= 12 or not 1 <= day <= months[index][month - 1]:
        return None
    days = sum(map(sum, months[:index])) + sum(months[index][: month - 1])
    start: date = table["start"]
    return date.fromordinal(start.toordinal() + days + day - 1)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "calendars.toml").read_text(encoding="utf-8"))


_CALENDARS: Final[dict[str, Callable[[int, int, int], date | None]]] = {
    "persian": _from_persian,
    "islamic": _from_islamic,
    "bikram": _from_bikram,
    "ethiopian": _from_ethiopian,
}
