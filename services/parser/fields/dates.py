"""When was this published? Reads the dates that news pages write, in markup or in words.

Results are ISO 8601 strings: a date without a time stays a date, a time keeps the offset that the page gives. The forms
that pages use are read by a few regular expressions on short strings and a table of month names. A library that knows
all forms in 200 languages is a thousand times slower and found nothing more on 1,240 pages in 30 languages.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

from services.parser.fields.months import ZONES, month_number

# The web's newspapers are younger; a date outside is a mistake of the page or of ours.
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099
# Iran counts its own years; no newspaper of these years is on the web, so the number alone tells.
PERSIAN_YEARS: Final = range(1370, 1480)
# Longer text is prose and not searched for dates.
LONGEST_DATE_TEXT: Final = 300
# "2024-05-03"
LENGTH_OF_DAY: Final = 10
# Clocks on earth are this far from Greenwich, in steps of a quarter of an hour.
FARTHEST_WEST: Final = timedelta(hours=-12)
FARTHEST_EAST: Final = timedelta(hours=14)
QUARTER: Final = timedelta(minutes=15)

_ZONE = r"(?:\s*\(?(?P<zone>Z\b|(?:UTC|GMT)?\s?[+-]\d{1,2}:?\d{2}\b|[A-Z]{3,4}\b))?"
_TIME = r"(?P<hour>\d{1,2})(?:[:.h]|\s[:h]\s)(?P<minute>\d{2})(?!\d)(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
_CLOCK = re.compile(_TIME + r"(?:\s*(?P<half>[AaPp])\.?[Mm]\b\.?)?" + _ZONE)
_HOUR = re.compile(r"(?P<hour>\d{1,2})\s?(?P<half>[AaPp])\.?[Mm]\b\.?" + _ZONE)
_WORD = r"(?P<word>[^\W\d_]{2,}(?:\s(?:الأول|الاول|الثاني))?)"
_FORMS = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)T?"),
    re.compile(
        r"(?<![\d/.])(?P<year>\d{4})(?:[/.]\s?|\s?[年년]\s*)(?P<month>\d{1,2})(?:[/.]\s?|\s?[月월]\s*)(?P<day>\d{1,2})(?!\d)"
    ),
    re.compile(
        r"(?<!\d)(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th|er|º|°|-го|\.))?[\s,./-]{0,3}(?:(?:de|of|d['’])\s?)?"
        + _WORD
        + r"(?:\s?/\s?[^\W\d_]{3,})?[.,،]{0,2}[\s./-]{0,3}(?:(?:de|del|of)\s)?"
        r"(?P<year>\d{4}|['’]?\d{2}(?![\d:.h]))(?!\d)"
    ),
    re.compile(
        _WORD
        + r"[.,]{0,2}[\s/-]{1,2}(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:[\s,./-]{1,3}|\sat\s)(?P<year>\d{4})(?!\d)"
    ),
    re.compile(r"(?<!\d)(?P<year>\d{4})[.,]?\s+" + _WORD + r"\s+(?P<day>\d{1,2})(?!\d)"),
    re.compile(
        r"(?<![\d/.:-])(?P<a>\d{1,2})(?P<mark>\s?[./-]\s?)(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?![\d/-])"
    ),
)
_RFC_822 = re.compile(r"[A-Z][a-z]{2}\s+([A-Z][a-z]{2}\s+\d{1,2})\s+(\d{2}:\d{2}:\d{2}\s+(?:[A-Z]{3,4}\s+)?)(\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2}):?(\d{2})(?::?\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_BEFORE_CLOCK = re.compile(
    r"[\s,،|–—•·@/;()-]*(?:at|um|à|às|a las|alle|ore|kl\.?|klo|om|o godz\.|saat|в|à|الساعة|as of|-)?[\s,:|]*(?=\d)",
    re.I,
)
_AFTER_CLOCK = re.compile(r"[\s,|–—•·/-]*(?:uhr|on|le|am|del|el|de)?[\s,|–—•·-]*(?:[^\W\d_]{2,12}\.?,?\s*)?", re.I)
_MARKUP = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?$")
_URL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?!\d)|(?<!\d)(20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
)
_URL_DAY_FIRST = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])([-._/])(0[1-9]|1[0-2])\2((?:19|20)\d{2})(?!\d)")
_MONTH_FIRST_HOSTS = frozenset({"com", "us", "net", "org", "gov", "edu", "ph"})


class DateHabits(msgspec.Struct, frozen=True, kw_only=True):
    """How dates on this page are to be read: the language of month names, and whether 5/8 is the 5th of August."""

    language: str | None = None
    month_first: bool = False


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A date found in a text, from `start` to `end`."""

    value: str
    start: int
    end: int


def habits_of(language: str | None, language_tag: str | None, host: str | None) -> DateHabits:
    """Only Americans (and Filipinos) put the month first; English pages of other countries give themselves away."""
    tag = (language_tag or "").lower().replace("_", "-")
    if language != "en":
        return DateHabits(language=language)
    if "-" in tag and tag != "en-us":
        return DateHabits(language=language)
    ending = (host or "").rsplit(".", maxsplit=1)[-1]
    return DateHabits(language=language, month_first=not ending or ending in _MONTH_FIRST_HOSTS or tag == "en-us")


def read_moment(text: str | None, habits: DateHabits) -> str | None:
    """The moment that an attribute or a field of structured data states, or None."""
    if not text:
        return None
    text = text.strip()
    plain = _MARKUP.match(text)
    if plain:
        year, month, day, *clock = plain.groups()
        return _iso(_day(int(year), int(month), int(day)), clock)
    rfc_822 = _RFC_822.match(text)
    if rfc_822:
        text = f"{rfc_822[1]} {rfc_822[3]} {rfc_822[2]}"
    stamps = stamps_in(text, habits)
    return _compact(text) or (stamps[0].value if stamps else None)


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
    if not any(map(str.isdigit, text)):
        return []
    days: list[tuple[re.Match[str], date]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            day = _day_of(match, habits)
            if day and not any(other.start() < match.end() and match.start() < other.end() for other, _ in days):
                days.append((match, day))
    stamps: list[Stamp] = []
    for match, day in sorted(days, key=lambda found: found[0].start()):
        stamps.append(_with_clock(text, match, day, since=stamps[-1].end if stamps else 0))
    return stamps


def date_in_url(url: str | None) -> str | None:
    """The day in a path like `/2024/05/03/`, `/article-20240503.html` or, with the day first, `/news/03-05-2024`."""
    for match in _URL_DATE.finditer(url or ""):
        year, month, day = (int(g) for g in match.groups() if g)
        found = _day(year, month, day)
        if found:
            return found.isoformat()
    turned = _URL_DAY_FIRST.search(url or "")
    found = _day(int(turned[4]), int(turned[3]), int(turned[1])) if turned else None
    return found.isoformat() if found else None


def _compact(text: str) -> str | None:
    """`20240503`, `20240503T1012`, and seconds or milliseconds since 1970."""
    if _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        return moment.isoformat() if FIRST_YEAR <= moment.year <= LAST_YEAR else None
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    day = _day(int(match[1]), int(match[2]), int(match[3]))
    return _iso(day, [match[4], match[5], None, match[6]])


def _day_of(match: re.Match[str], habits: DateHabits) -> date | None:
    parts = match.groupdict()
    year = int(parts["year"].lstrip("'’"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    if parts.get("word"):
        month = month_number(parts["word"], habits.language)
        return _day(year, month, int(parts["day"])) if month else None
    if parts.get("a"):
        return _ordered(
            int(parts["a"]), int(parts["b"]), year, month_first=habits.month_first and "." not in parts["mark"]
        )
    return _day(year, int(parts["month"]), int(parts["day"]))


def _ordered(first: int, second: int, year: int, *, month_first: bool) -> date | None:
    """A numeric date: a number over 12 cannot be the month, whatever the language prefers."""
    if first > 12 or (second <= 12 and not month_first):
        return _day(year, second, first)
    return _day(year, first, second)


def _with_clock(text: str, match: re.Match[str], day: date, *, since: int) -> Stamp:
    """The time of day stands right after the date, seldom right before it."""
    gap = _BEFORE_CLOCK.match(text, match.end())
    at = gap.end() if gap else match.end()
    clock = _CLOCK.match(text, at) or _HOUR.match(text, at)
    if clock:
        return Stamp(value=_iso(day, _clock_parts(clock)) or day.isoformat(), start=match.start(), end=clock.end())
    for clock in _CLOCK.finditer(text, max(since, match.start() - 30), match.start()):
        if _AFTER_CLOCK.fullmatch(text, clock.end(), match.start()):
            return Stamp(value=_iso(day, _clock_parts(clock)) or day.isoformat(), start=clock.start(), end=match.end())
    return Stamp(value=day.isoformat(), start=match.start(), end=match.end())


def _clock_parts(match: re.Match[str]) -> list[str | None]:
    """Hour, minute, second, zone; on a clock of 24 hours."""
    parts = match.groupdict()
    hour, half = int(parts["hour"]), (parts.get("half") or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return [str(hour), parts.get("minute"), parts.get("second"), parts.get("zone")]


def _iso(day: date | None, clock: list[str | None]) -> str | None:
    """Put together; a time of day that no clock shows is left out."""
    if day is None or clock[0] is None:
        return day.isoformat() if day else None
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if hour > 23 or minute > 59 or second > 59:
        return day.isoformat()
    return f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}{_offset(clock[3])}"


def _offset(zone: str | None) -> str:
    if not zone:
        return ""
    zone = zone.lower()
    if zone in ZONES:
        return ZONES[zone]
    digits = re.fullmatch(r"(?:utc|gmt)?\s?([+-])(\d{1,2}):?(\d{2})", zone)
    if not digits or int(digits[2]) > 14 or int(digits[3]) > 59:
        return ""
    return f"{digits[1]}{int(digits[2]):02}:{digits[3]}"


def _day(year: int, month: int, day: int) -> date | None:
    if year in PERSIAN_YEARS and month <= 12 and day <= 31:
        return _from_persian(year, month, day)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _from_persian(year: int, month: int, day: int) -> date:
    """The Persian calendar's 33-year cycle of leap years, right from 1178 to 1633 (Birashk, A Comparative Calendar)."""
    years = year + 1595
    leap_days = years // 33 * 8 + (years % 33 + 3) // 4
    day_of_year = (month - 1) * 31 + day if month < 7 else (month - 7) * 30 + 186 + day
    return date.fromordinal(365 * years + leap_days + day_of_year - 356033)
