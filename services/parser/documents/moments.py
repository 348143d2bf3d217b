"""The times that feeds and sitemaps give: RFC 822, ISO 8601, and what scripts make of them.

A field for a time holds nothing else, so more may be read there than on a page: an hour of one digit, an offset behind
a space, a year behind the clock. What none of these forms is goes to fields/dates.py, which reads words of all
languages. An offset that is not known is left out: the time is then the publisher's own, and not one in UTC.
"""

import re
from datetime import date, datetime, timedelta

from services.parser.fields.clocks import offset_of_name
from services.parser.fields.date_words import lexicon_of, month_named
from services.parser.fields.dates import LENGTH_OF_DAY, DateHabits, read_moment
from services.parser.fields.days import valid_day

# Longer text is no time.
LONGEST = 100

_CLOCK = (
    r"(?P<hour>\d\d?):(?P<minute>\d\d?)(?::(?P<second>\d\d?)(?:[.,]\d+)?)?"
    r"(?:\s?(?P<half>[AaPp]\.?[Mm]\.?(?![A-Za-z])))?"
)
_ZONE = (
    r"(?:[\s:(]{0,2}(?P<name>[A-Za-z]{1,5}(?![A-Za-z]))\)?)?"
    r"(?:[\s:]{0,2}-?(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?(?::00)?(?!\d))?"
    r"(?:\s?\(?[A-Za-z ]{1,40}\)?)?"
)
_YEAR = r"(?P<year>\d{4}|\d\d)"
_WEEKDAY = r"(?:[^\W\d_]{2,9}\.?\s?,?\s?)?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
# `Fri, 03 May 2024 10:12:13 +0200`, `May 3, 2024 10:12 PM`, `Fri May 03 10:12:13 +0200 2024`, `2024-05-03 10:12 +02`
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_WEEKDAY}(?P<day>\d\d?)[\s,-]{{1,2}}{_MONTH}[\s,-]{{1,2}}{_YEAR}(?:,?\s?{_CLOCK}{_ZONE})?",
        rf"{_WEEKDAY}{_MONTH}\s(?P<day>\d\d?)[\s,]{{1,2}}(?P<year>\d{{4}})(?:,?\s{_CLOCK}{_ZONE})?",
        rf"{_WEEKDAY}{_MONTH}\s(?P<day>\d\d?),?\s{_CLOCK}{_ZONE}\s(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})-(?P<number>\d\d?)-(?P<day>\d\d?)(?:(?:\s?T\s?|\s){_CLOCK}{_ZONE}|Z?)",
        rf"(?P<year>\d{{4}})(?P<number>\d\d)(?P<day>\d\d)T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<half>){_ZONE}",
    )
)
# Twelve and fourteen hours from Greenwich there are clocks, and no farther.
_FARTHEST = {"-": timedelta(hours=12), "+": timedelta(hours=14)}
_NOON = 12
_TWO_DIGITS = 100


def read_feed_moment(text: str | None, habits: DateHabits) -> str | None:
    """The time that a field of a feed states, in ISO 8601; None for one that cannot be told."""
    written = text.strip() if text else ""
    if not written:
        return None
    if _is_usual(written) and (moment := _usual(written, habits)):
        return moment
    written = " ".join(written.split())
    for form in _FORMS if len(written) <= LONGEST else ():
        if (found := form.fullmatch(written)) and (day := _day(found, habits)):
            return _with_clock(day, found, habits)
    return read_moment(written, habits)


def _is_usual(written: str) -> bool:
    return written[4:5] == "-" and written[7:8] == "-"


def _usual(written: str, habits: DateHabits) -> str | None:
    """`2024-05-03T10:12:13Z` and the like, which most feeds and all sitemaps write, in a tenth of the time."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    day, offset = moment.date(), moment.utcoffset()
    in_range = offset is None or -_FARTHEST["-"] <= offset <= _FARTHEST["+"]
    if not in_range or valid_day(day.year, day.month, day.day, habits) != day:
        return None
    return written if len(written) == LENGTH_OF_DAY else moment.isoformat(timespec="seconds")


def _day(found: re.Match[str], habits: DateHabits) -> date | None:
    parts = found.groupdict()
    if parts.get("number"):
        month = int(parts["number"])
    else:
        named = month_named(parts["month"].casefold(), lexicon_of(habits.language))
        if named is None or named.calendar is not None:
            return None
        month = named.number
    year = int(parts["year"])
    return valid_day(year + 2000 if year < _TWO_DIGITS else year, month, int(parts["day"]), habits)


def _with_clock(day: date, found: re.Match[str], habits: DateHabits) -> str:
    """The day alone where no clock shows such an hour."""
    parts = found.groupdict()
    if parts["hour"] is None:
        return day.isoformat()
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), min(int(parts["second"] or 0), 59)
    if parts["half"] and 1 <= hour <= _NOON:
        hour = hour % _NOON + (_NOON if parts["half"][0] in "Pp" else 0)
    if (hour, minute, second) == (24, 0, 0):  # the end of a day is the beginning of the next
        day, hour = day + timedelta(days=1), 0
    if hour > 23 or minute > 59:
        return day.isoformat()
    clock = f"{hour:02}:{minute:02}:{second:02}"
    return f"{day.isoformat()}T{clock}{_offset(parts, day, clock, habits)}"


def _offset(parts: dict[str, str | None], day: date, clock: str, habits: DateHabits) -> str:
    """`+02:00`, by the number where there is one: `GMT+7` is seven hours ahead."""
    sign, hours = parts["sign"], parts["hours"]
    if not sign or not hours:
        return offset_of_name(parts["name"].lower(), day, clock, habits) if parts["name"] else ""
    minutes = int(parts["minutes"] or 0)
    if minutes > 59 or timedelta(hours=int(hours), minutes=minutes) > _FARTHEST[sign]:
        return ""
    return f"{sign}{int(hours):02}:{minutes:02}"
