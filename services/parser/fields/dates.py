"""When was this published? Reads the dates that news pages write, in markup or in words.

Results are ISO 8601 strings: a date without a time stays a date, a time keeps the offset that the page gives. Days are
found by days.py, the time of day beside them by clocks.py, with words from CLDR (date_words.py). A library that knows
all forms in 200 languages is a thousand times slower and is wrong where these give none.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

from services.parser.fields.clocks import clock_after, clock_before
from services.parser.fields.date_ranges import without_ranges
from services.parser.fields.date_tokens import TOKEN, plain, word_key
from services.parser.fields.date_words import WORDS
from services.parser.fields.days import FIRST_YEAR, LAST_YEAR, DateHabits, Day, days_in, in_time, valid_day

__all__ = ["DateHabits", "Stamp", "date_in_url", "habits_of", "in_local_time", "latest_day", "read_moment", "stamps_in"]

# Longer text is prose and not searched for dates.
LONGEST_DATE_TEXT: Final = 300
# A weekday stands within so many letters before a date.
LONGEST_WEEKDAY: Final = 20
# "2024-05-03"
LENGTH_OF_DAY: Final = 10
# A moment so long after the visit is no date of publication: of an event, of another calendar, or a mistake.
LATEST_AFTER_VISIT: Final = timedelta(days=2)
# Clocks on earth are this far from Greenwich, in steps of a quarter of an hour.
FARTHEST_WEST: Final = timedelta(hours=-12)
FARTHEST_EAST: Final = timedelta(hours=14)
QUARTER: Final = timedelta(minutes=15)

_RFC_822 = re.compile(r"[A-Z][a-z]{2}\s+([A-Z][a-z]{2}\s+\d{1,2})\s+(\d{2}:\d{2}:\d{2}\s+(?:[A-Z]{3,4}\s+)?)(\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2}):?(\d{2})(?::?\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_MARKUP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d?):(\d\d)(?::(\d\d?)(?:[.,]\d+)?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?)?"
)
_URL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?!\d)|(?<!\d)(20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
)
_URL_DAY_FIRST = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])([-._/])(0[1-9]|1[0-2])\2((?:19|20)\d{2})(?!\d)")
_MONTH_FIRST_HOSTS = frozenset({"com", "us", "net", "org", "gov", "edu", "ph"})
# Endings of hosts that are no country's, or no longer only a country's.
_NO_COUNTRIES = frozenset({"tv", "io", "me", "co", "ai", "fm", "to", "ws", "cc", "la", "eu"})


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A date found in a text, from `start` to `end`."""

    value: str
    start: int
    end: int


def habits_of(
    language: str | None, language_tag: str | None, host: str | None, visited_at: datetime | None = None
) -> DateHabits:
    """Only Americans (and Filipinos) put the month first; English pages of other countries give themselves away."""
    tag = (language_tag or "").strip().lower().replace("_", "-")
    code, *others = tag.split("-")
    ending = (host or "").rsplit(".", maxsplit=1)[-1]
    country = next((part for part in others if len(part) == 2 and part.isalpha()), None)
    if country is None and len(ending) == 2 and ending not in _NO_COUNTRIES:
        country = {"uk": "gb"}.get(ending, ending)
    elif country is None and "hant" in others:
        country = "tw"
    month_first = tag in WORDS.month_first
    if language == "en" and not others:
        month_first = not ending or ending in _MONTH_FIRST_HOSTS
    return DateHabits(
        language=code if code in WORDS.months or code in WORDS.halves else language,
        month_first=month_first,
        country=country,
        latest=latest_day(visited_at) if visited_at is not None else None,
    )


def latest_day(visited_at: datetime) -> date:
    """The last day on which a page may say that it was published."""
    return (visited_at + LATEST_AFTER_VISIT).date()


def read_moment(text: str | None, habits: DateHabits) -> str | None:
    """The moment that an attribute or a field of structured data states, or None."""
    if not text:
        return None
    text = plain(text.strip())
    exact = _MARKUP.fullmatch(text)
    if exact:
        year, month, day, *clock = exact.groups()
        return _iso(valid_day(int(year), int(month), int(day), habits), clock)
    rfc_822 = _RFC_822.match(text)
    if rfc_822:
        text = f"{rfc_822[1]} {rfc_822[3]} {rfc_822[2]}"
    stamps = stamps_in(text, habits)
    return _compact(text, habits) or (stamps[0].value if stamps else None)


def in_local_time(moment: str, others: Iterable[str | None]) -> str:
    """A moment in UTC, in the publisher's own time where the page gives that away.

    Publishing systems state UTC in the head and show local time to readers; shortly before or after midnight the two
    differ in the day. The same moment with an offset tells it; so does a time shown without one, by the difference;
    and a day shown alone, by the smallest offset that agrees with it. The moment remains the same.
    """
    if not moment.endswith("+00:00"):
        return moment
    known = datetime.fromisoformat(moment)
    for other in others:
        offset = (
            _offset_between(known, datetime.fromisoformat(other), day_only=len(other) == LENGTH_OF_DAY)
            if other
            else None
        )
        if offset:
            return known.astimezone(timezone(offset)).isoformat()
    return moment


def _offset_between(known: datetime, shown: datetime, *, day_only: bool) -> timedelta | None:
    """How far from UTC a clock is that shows the same moment so, or None if it is another moment."""
    if shown.tzinfo:
        return shown.utcoffset() if abs(shown - known) < timedelta(minutes=1) else None
    utc = known.replace(tzinfo=None)
    if day_only:
        days = (shown.date() - utc.date()).days
        offset = {-1: timedelta(hours=-1 - utc.hour), 1: timedelta(hours=24 - utc.hour)}.get(days)
    else:
        offset = QUARTER * round((shown - utc) / QUARTER)
        if abs(shown - utc - offset) >= timedelta(minutes=1):
            return None
    return offset if offset and FARTHEST_WEST <= offset <= FARTHEST_EAST else None


def stamps_in(text: str, habits: DateHabits) -> list[Stamp]:
    """All dates in a short text, in order, each with its time of day where one stands beside it."""
    text = text[:LONGEST_DATE_TEXT]
    if not any(map(str.isdigit, text)) and "年" not in text:
        return []
    text = plain(text)
    stamps: list[Stamp] = []
    days = without_ranges(text, days_in(text, habits))
    for index, day in enumerate(days):
        since = stamps[-1].end if stamps else 0
        until = days[index + 1].start if index + 1 < len(days) else len(text)
        stamps.append(_with_clock(text, day, habits, since, until))
    return stamps


def _since_weekday(text: str, start: int) -> int:
    """Where the date begins with its weekday, if one stands before it: `Thứ Hai, 24/11`, `Montag, den`."""
    for word in reversed(list(TOKEN.finditer(text, max(0, start - LONGEST_WEEKDAY), start))):
        if word_key(word[0]) not in WORDS.weekdays or text[word.end() : start].strip(" ,.،"):
            break
        start = word.start()
    return start


def _with_clock(text: str, day: Day, habits: DateHabits, since: int, until: int) -> Stamp:
    """The time of day stands right after the date, seldom right before it."""
    found = day.day.isoformat()
    clock = clock_after(text, day.end, day.day, habits)
    if clock is None or until < len(text):  # a clock between two dates may be the second one's
        ours = clock if clock is not None and clock.end <= until else None
        clock = clock_before(text, since, day.start, day.day, habits) or ours
    start = max(since, _since_weekday(text, day.start))
    if clock is None:
        return Stamp(value=found, start=start, end=day.end)
    value = f"{found}T{clock.time}" if clock.time else found
    return Stamp(value=value, start=min(start, clock.start), end=max(day.end, clock.end))


def date_in_url(url: str | None, latest: date | None = None) -> str | None:
    """The day in a path like `/2024/05/03/`, `/article-20240503.html` or, with the day first, `/news/03-05-2024`."""
    habits = DateHabits(latest=latest)
    for match in _URL_DATE.finditer(url or ""):
        year, month, day = (int(g) for g in match.groups() if g)
        found = valid_day(year, month, day, habits)
        if found:
            return found.isoformat()
    turned = _URL_DAY_FIRST.search(url or "")
    found = valid_day(int(turned[4]), int(turned[3]), int(turned[1]), habits) if turned else None
    return found.isoformat() if found else None


def _compact(text: str, habits: DateHabits) -> str | None:
    """`20240503`, `20240503T1012`, and seconds or milliseconds since 1970."""
    if _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        in_range = FIRST_YEAR <= moment.year <= LAST_YEAR and in_time(moment.date(), habits)
        return moment.isoformat() if in_range else None
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    day = valid_day(int(match[1]), int(match[2]), int(match[3]), habits)
    return _iso(day, [match[4], match[5], None, match[6]])


def _iso(day: date | None, clock: list[str | None]) -> str | None:
    """Put together; a time of day that no clock shows is left out."""
    if day is None or clock[0] is None:
        return day.isoformat() if day else None
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if hour > 23 or minute > 59 or second > 59:
        return day.isoformat()
    return f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}{_offset(clock[3])}"


def _offset(zone: str | None) -> str:
    """`Z`, `+02:00`, `-0500` or `+07`; nothing for what no clock on earth has."""
    if not zone:
        return ""
    if zone in "Zz":
        return "+00:00"
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > FARTHEST_EAST.total_seconds() / 3600 or minutes > 59:
        return ""
    return f"{zone[0]}{hours:02}:{minutes:02}"
