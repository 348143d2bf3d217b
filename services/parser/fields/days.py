"""The days that a short text names, in numbers or with the month's name, in any order and calendar."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from services.parser.fields.calendars import (
    BIKRAM_YEARS,
    BUDDHIST_AHEAD,
    BUDDHIST_SHORT_FROM,
    BUDDHIST_YEARS,
    ERAS,
    ISLAMIC_YEARS,
    MINGUO_BEHIND,
    MINGUO_YEARS,
    PERSIAN_ALONE,
    PERSIAN_LANGUAGES,
    PERSIAN_YEARS,
    UMM_AL_QURA,
    day_of_calendar,
)
from services.parser.fields.date_tokens import Token, tokens_of
from services.parser.fields.date_words import WORDS, Month, lexicon_of, months_among

# The web's newspapers are younger; a date outside is a mistake of the page or of ours.
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099
# Small words in a row between day, month and year: "ngày 24 tháng 11 năm", "de la".
MOST_BETWEEN: Final = 3

_GAP = re.compile(r"[\s,./'()#\-–—ºª°·،⹁፣፥၊]{0,4}")
_CLOCK_FOLLOWS = re.compile(r"\s?[:h]\s?\d|[.]\d\d(?![\d.])|\s?(?:[uU]hr|[時时點点시])")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)T?"
    r"|(?<![\d/.])(?P<year2>\d{4})(?:[/.]\s?)(?P<month2>\d{1,2})(?:[/.]\s?)(?P<day2>\d{1,2})(?!\d|[-–~]\d{1,2}(?![\d:.h]))"
)
_NUMERALS = "〇一二三四五六七八九"
_EAST_ASIAN = re.compile(
    r"(?P<era>令和|平成|㋿|㍻|民國|民国)?\s?(?<!\d)(?P<year>[\d〇零一二三四五六七八九十]{1,4}|元)\s?[年년](?:도)?\s*"
    r"(?P<month>[\d一二三四五六七八九十]{1,2})\s?[月월]\s*(?P<day>[\d一二三四五六七八九十]{1,3})(?!\d)\s?[日號号일]?"
)
_ERA_IN_NUMBERS = re.compile(
    r"(?<![A-Za-z])(?P<era>[RH])(?P<year>\d{1,2})[./](?P<month>\d{1,2})[./](?P<day>\d{1,2})(?!\d)"
)
_MINGUO_IN_NUMBERS = re.compile(
    r"(?<![\d/.:-])(?P<year>1\d\d)(?P<mark>[./-])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![\d/-])"
)
_YEAR_LAST = re.compile(
    r"(?<![\d/.:-])(?<!\b[A-Za-z])(?P<a>\d{1,2})(?P<mark>\s?[./-]\s?)(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?![\d/-])"
)
_SPACED = re.compile(r"(?<![\d/.:-])(?P<a>\d{1,2})(?P<mark>\s)(?P<b>\d{1,2})\s(?P<year>\d{4})(?![\d/-])")
_ISLAMIC = re.compile(r"\s?\(?(?:هـ|ه(?![^\W\d_])|A\.?H\b)")
_NUMBERED_MONTHS = frozenset({"vi", "mn", "bo", "dz", "km", "lo", None})


class DateHabits(msgspec.Struct, frozen=True, kw_only=True):
    """How dates on this page are to be read.

    By the language of its words; whether 5/8 is the 5th of August; by its country, a code of two letters. A day after
    `latest` is no day of the page, since it was visited before that.
    """

    language: str | None = None
    month_first: bool = False
    country: str | None = None
    latest: date | None = None


class Day(msgspec.Struct, frozen=True):
    """A day of ours, and where the text names it; whether by the Islamic calendar, which is a day off in places."""

    start: int
    end: int
    day: date
    islamic: bool = False


def days_in(text: str, habits: DateHabits) -> list[Day]:
    """All days in a plain text, in order. What one form has read, no other reads again."""
    days: list[Day] = []
    for found in _all_readings(text, habits):
        if not any(other.start < found.end and found.start < other.end for other in days):
            days.append(found)
    if len(days) > 1 and not all(found.islamic for found in days):
        days = [found for found in days if not found.islamic]
    return sorted(days, key=lambda found: found.start)


def valid_day(year: int, month: int, day: int, habits: DateHabits) -> date | None:
    """A day in numbers, in the calendar that its year and the page's language tell; None where nothing does."""
    found = None
    if FIRST_YEAR <= year <= LAST_YEAR:
        if habits.language == "ne" and year in BIKRAM_YEARS:
            found = day_of_calendar("bikram", year, month, day)
        else:
            found = _gregorian(year, month, day)
    elif year in BUDDHIST_YEARS:
        found = _gregorian(year - BUDDHIST_AHEAD, month, day)
    elif year in PERSIAN_ALONE or (year in PERSIAN_YEARS and habits.language in PERSIAN_LANGUAGES):
        found = day_of_calendar("persian", year, month, day)
    return in_time(found, habits)


def in_time(day: date | None, habits: DateHabits) -> date | None:
    """The day, unless it comes after the page was visited."""
    return None if day is None or (habits.latest is not None and day > habits.latest) else day


def _gregorian(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def _all_readings(text: str, habits: DateHabits) -> Iterator[Day]:
    yield from _year_first(text, habits)
    if not text.isascii():
        yield from _east_asian(text, habits)
    if habits.language == "ja":
        yield from _eras(_ERA_IN_NUMBERS, text, habits)
    if habits.language == "zh" and habits.country in ("tw", None):
        yield from _eras(_MINGUO_IN_NUMBERS, text, habits)
    yield from _named_months(text, habits)
    yield from _year_last(text, habits)


def _year_first(text: str, habits: DateHabits) -> Iterator[Day]:
    for match in _YEAR_FIRST.finditer(text):
        year, month, day = (int(part) for part in match.groups() if part)
        if year in ISLAMIC_YEARS and (named := _ISLAMIC.match(text, match.end())):
            found = _islamic(year, month, day, habits)
            if found:
                yield Day(match.start(), named.end(), found, islamic=True)
        elif found := valid_day(year, month, day, habits):
            yield Day(match.start(), match.end(), found)


def _east_asian(text: str, habits: DateHabits) -> Iterator[Day]:
    if "年" in text or "년" in text:
        yield from _eras(_EAST_ASIAN, text, habits)


def _eras(form: re.Pattern[str], text: str, habits: DateHabits) -> Iterator[Day]:
    """Years since an emperor's accession, since the Republic of China, or ours."""
    for match in form.finditer(text):
        era = match.groupdict().get("era")
        year, month, day = (_number(match[part]) for part in ("year", "month", "day"))
        if era in ERAS:
            year += ERAS[era]
        elif year in MINGUO_YEARS and (era or habits.language == "zh"):
            year += MINGUO_BEHIND
        elif era or match["year"] == "元":
            continue
        found = valid_day(year, month, day, habits)
        if found:
            yield Day(match.start(), match.end(), found)


def _number(text: str) -> int:
    """`24`, `二十四`, `二〇二五`, and the first year of an era."""
    if text == "元":
        return 1
    if "十" in text:
        tens, _, ones = text.partition("十")
        return 10 * (_number(tens) if tens else 1) + (_number(ones) if ones else 0)
    return int("".join(str(_NUMERALS.find(sign)) if sign in _NUMERALS else sign for sign in text.replace("零", "〇")))


def _year_last(text: str, habits: DateHabits) -> Iterator[Day]:
    forms = (_YEAR_LAST, _SPACED) if habits.language in WORDS.spaced else (_YEAR_LAST,)
    for form in forms:
        for match in form.finditer(text):
            first, second, year = int(match["a"]), int(match["b"]), int(match["year"])
            islamic = year in ISLAMIC_YEARS and _ISLAMIC.match(text, match.end())
            if islamic:
                found = _islamic(year, second, first, habits)
            elif len(match["year"]) == 2:
                found = _short_year(first, second, year, habits)
            else:
                found = _ordered(first, second, year, habits, month_first=_is_month_first(match["mark"], habits))
            if found:
                yield Day(match.start(), islamic.end() if islamic else match.end(), found, islamic=bool(islamic))


def _is_month_first(mark: str, habits: DateHabits) -> bool:
    return habits.month_first and "." not in mark


def _ordered(first: int, second: int, year: int, habits: DateHabits, *, month_first: bool) -> date | None:
    """A numeric date: a number over 12 cannot be the month, whatever the language prefers."""
    if first > 12 or (second <= 12 and not month_first):
        return valid_day(year, second, first, habits)
    return valid_day(year, first, second, habits)


def _short_year(first: int, second: int, third: int, habits: DateHabits) -> date | None:
    """Three numbers of two digits: of Korea, China and Japan the year is the first, of Iran it is nobody's guess."""
    if habits.language in PERSIAN_LANGUAGES or habits.language == "ne":
        return None
    if habits.language in ("ko", "ja", "zh"):
        return valid_day(2000 + first, second, third, habits)
    return _ordered(first, second, whole_year(third, habits), habits, month_first=habits.month_first)


def whole_year(year: int, habits: DateHabits) -> int:
    """The year of which a page prints two digits."""
    if habits.language == "th" and year >= BUDDHIST_SHORT_FROM:
        return 2500 - BUDDHIST_AHEAD + year
    return year + (2000 if year < 70 else 1900)


def _islamic(year: int, month: int, day: int, habits: DateHabits) -> date | None:
    if habits.country not in UMM_AL_QURA or habits.language not in ("ar", "en", None):
        return None
    return in_time(day_of_calendar("islamic", year, month, day), habits)


def _named_months(text: str, habits: DateHabits) -> Iterator[Day]:
    tokens = tokens_of(text)
    months = months_among(tokens, lexicon_of(habits.language))
    if habits.language in _NUMBERED_MONTHS:
        _add_numbered_months(tokens, months)
    for at, (last, month) in months.items():
        if at == 0 or at - 1 not in months or months[at - 1][0] != last:
            line = _Line(text, tokens, months, habits)
            found = line.day_around(at, last, month)
            if found:
                yield found


def _add_numbered_months(tokens: list[Token], months: dict[int, tuple[int, Month]]) -> None:
    """`tháng 11` and `11-р сарын` name a month, too."""
    for at, token in enumerate(tokens):
        if token.key is not None or len(token.text) > 2 or not 1 <= int(token.text) <= 12:
            continue
        before = tokens[at - 1].key if at else None
        behind = " ".join(other.key or "" for other in tokens[at + 1 : at + 3])
        is_counted = before in WORDS.before_month or not {behind, behind.split(" ")[0]}.isdisjoint(WORDS.behind_month)
        if is_counted:
            months[at] = (at, Month(int(token.text)))


class _Line(msgspec.Struct, frozen=True):
    """A text in tokens, to look for the numbers that belong to a month."""

    text: str
    tokens: list[Token]
    months: dict[int, tuple[int, Month]]
    habits: DateHabits

    def day_around(self, first: int, last: int, month: Month) -> Day | None:
        """Day and year beside a month's name: 24 M 2025, M 24 2025, 2025 M 24, 2025 24 M, 24 M 25."""
        left, right = self._numbers(first, -1, month), self._numbers(last, 1, month)
        orders = (
            (left[:1], right[:1], 4),
            (right[:1], right[1:], 4),
            (right[:1], left[:1], 4),
            (left[:1], left[1:], 4),
            (left[:1], right[:1], 2),
        )
        for day, year, digits in orders:
            if day and year and digits == 2 and year[0] + 1 in self.months:
                continue  # the other end of a range: "12 February – 14 March"
            if day and year and (found := self._date(day[0], year[0], digits, month)):
                used = (first, last, day[0], year[0])
                start, end = self.tokens[min(used)].start, self.tokens[max(used)].end
                return Day(start, end, found, islamic=month.calendar == "islamic")
        return None

    def _numbers(self, at: int, step: int, month: Month) -> list[int]:
        """The next two numbers on one side, with nothing but small words before each."""
        found: list[int] = []
        small = 0
        while 0 <= at + step < len(self.tokens) and len(found) < 2 and small <= MOST_BETWEEN:
            here, there = sorted((self.tokens[at], self.tokens[at + step]), key=lambda token: token.start)
            if not _GAP.fullmatch(self.text, here.end, there.start):
                break
            at += step
            key = self.tokens[at].key
            if key is None:
                found.append(at)
                small = 0
            elif key in WORDS.between or key in WORDS.before_month or self._is_same(at, month):
                small += 1
            else:
                break
        return found

    def _is_same(self, at: int, month: Month) -> bool:
        """Whether the word is another name of the month: `نوفمبر/تشرين الثاني`, or what follows a month's number."""
        return (at in self.months and self.months[at][1] == month) or self.tokens[at].key in _WORDS_BEHIND_MONTH

    def _date(self, day: int, year: int, digits: int, month: Month) -> date | None:
        day_text, year_text = self.tokens[day].text, self.tokens[year].text
        if len(day_text) > 2 or len(year_text) != digits or self._is_of_clock(day) or self._is_of_clock(year):
            return None
        if month.calendar is None:
            number = int(year_text) if digits == 4 else whole_year(int(year_text), self.habits)
            ours = number - BUDDHIST_AHEAD if number in BUDDHIST_YEARS else number
            return in_time(_gregorian(ours, month.number, int(day_text)), self.habits)
        return _of_calendar(month, int(year_text), int(day_text), self.habits) if digits == 4 else None

    def _is_of_clock(self, at: int) -> bool:
        token = self.tokens[at]
        before = self.text[max(0, token.start - 2) : token.start]
        return (before.endswith(":") and before[0].isdigit()) or bool(_CLOCK_FOLLOWS.match(self.text, token.end))


_WORDS_BEHIND_MONTH: Final = frozenset(word for phrase in WORDS.behind_month for word in phrase.split(" "))


def _of_calendar(month: Month, year: int, day: int, habits: DateHabits) -> date | None:
    """A day of another calendar's month. India's months of Bikram Sambat have Nepal's names, but not their days."""
    if month.calendar is None or (month.calendar == "bikram" and habits.language != "ne"):
        return None
    if month.calendar == "islamic":
        return _islamic(year, month.number, day, habits)
    return in_time(day_of_calendar(month.calendar, year, month.number, day), habits)
