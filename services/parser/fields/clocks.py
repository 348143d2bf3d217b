"""The time of day beside a date, on a clock of 24 hours, with its offset from UTC where the page gives one."""

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from services.parser.fields.date_tokens import TOKEN, word_key
from services.parser.fields.date_words import SKIPPED_BEFORE_CLOCK, WORDS, Hours, Lexicon, half_named, lexicon_of
from services.parser.fields.days import DateHabits

# Words between a date and its time of day, at most: "viernes, a las", "วันจันทร์ เวลา".
MOST_WORDS: Final = 5
# An afternoon mark has few words: "de la tarde", "de l'après-midi".
LONGEST_MARK: Final = 4
# A mark for another part of the day than its clock's is not understood.
FARTHEST_FROM_MARK: Final = 4
# Twelve o'clock is the first hour of the afternoon and no hour of the morning.
JUST_OUTSIDE: Final = 0.01
FARTHEST_EAST: Final = 14
FARTHEST_WEST: Final = 12
# How far before a date its time of day may begin.
BEFORE_DATE: Final = 40

_GAP = re.compile(r"[\s,،|–—•·@/:;.()'\-『』「」~⹁፣]{0,8}")
_SMALL_GAP = re.compile(r"[\s.,]{0,3}")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:"
    r"(?:[:.hH]|\s?[:hH]\s|\s?[時时點点시]\s?)(?P<minute>\d{2})(?!\d)(?:\s?[分분])?"
    r"|\s?[時时點点시]\s?(?P<minute1>\d)\s?[分분]"
    r"|\s?(?:giờ|g)\s?(?P<minute2>\d{2})(?!\d)(?:\s?phút)?)"
    r"(?:[:.](?P<second>\d{2})(?!\d)(?:[.,]\d+)?|\s?(?P<second1>\d{1,2})\s?[秒초])?(?![./]\d)"
)
_HOUR = re.compile(r"(?P<hour>\d{1,2})(?!\d)(?=\s?(?:[時时點点시](?!\s?\d)|Uhr\b|uhr\b|h\b|giờ))(?:\s?[時时點点시])?")
_MILITARY = re.compile(r"(?P<hour>\d\d)(?P<minute>\d\d)(?=\s?(?:hrs|hours|hs)\b)")
_BARE_HOUR = re.compile(r"(?P<hour>\d{1,2})(?![\d:.,/])")
_ZONE = re.compile(
    r"\s*[(\[]?\s?(?:(?P<area>[A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)"
    r"|(?P<name>[A-Za-z]{1,5}|[А-Яа-я]{3}|غرينتش)?(?:\s?(?P<sign>[+\-–])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?![\d:]))?)"
    r"(?![^\W\d_])"
)
_BARE_OFFSET = re.compile(r"\+\d\d(?::?\d\d)?|-\d{4}|-\d\d:\d\d|\s\+\d\d?(?::?\d\d)?|\s-\d{4}|-\d\d")


class Clock(msgspec.Struct, frozen=True):
    """A time of day in ISO's form, from `start` to `end`; None where it is there, but cannot be told."""

    start: int
    end: int
    time: str | None


class _Mark(msgspec.Struct, frozen=True):
    """A word for a part of the day; no hours where its language counts them in its own way."""

    end: int
    hours: Hours | None


class _Line(msgspec.Struct, frozen=True):
    """A plain text, the day whose time is looked for in it, and the page's habits."""

    text: str
    day: date
    habits: DateHabits
    lexicon: Lexicon


def clock_after(text: str, at: int, day: date, habits: DateHabits) -> Clock | None:
    """The time of day that follows a date in a plain text, with small words and the weekday between."""
    line = _Line(text, day, habits, lexicon_of(habits.language))
    mark: _Mark | None = None
    for _ in range(MOST_WORDS + 1):
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if text[at : at + 1].isdigit():
            return _clock_at(line, at, mark)
        word = TOKEN.match(text, at)
        if word is None:
            return None
        found = _mark_at(text, at, line.lexicon)
        if found is not None and len(text[at : found.end].rstrip(" .")) > 1:
            mark, at = found, found.end
        elif len(key := word_key(word[0])) == 1 or key in SKIPPED_BEFORE_CLOCK or _in_brackets(text, word):
            at = word.end()
        else:
            return None
    return None


def clock_before(text: str, since: int, start: int, day: date, habits: DateHabits) -> Clock | None:
    """The time of day right before a date."""
    line = _Line(text, day, habits, lexicon_of(habits.language))
    for match in _CLOCK.finditer(text, max(since, start - BEFORE_DATE), start):
        clock = _clock_at(line, match.start(), _mark_before(text, match.start(), line.lexicon))
        if clock is not None and clock.end <= start and _only_small_words(text, clock.end, start):
            return clock
    return None


def _only_small_words(text: str, at: int, end: int) -> bool:
    rest = text[at:end]
    words = TOKEN.findall(rest)
    known = SKIPPED_BEFORE_CLOCK | WORDS.behind_clock
    return (
        len(words) <= MOST_WORDS
        and all(word_key(word) in known for word in words)
        and all(_GAP.fullmatch(between) for between in TOKEN.split(rest))
    )


def _in_brackets(text: str, word: re.Match[str]) -> bool:
    """A weekday in brackets, in whatever language: `(月)`."""
    return text[word.start() - 1 : word.start()] == "(" and text[word.end() : word.end() + 1] == ")"


def _clock_at(line: _Line, at: int, mark: _Mark | None) -> Clock | None:
    text, lexicon = line.text, line.lexicon
    match = _CLOCK.match(text, at) or _HOUR.match(text, at) or _MILITARY.match(text, at)
    end = match.end() if match else at
    if match is None:
        match = _BARE_HOUR.match(text, at)
        if match is None:
            return None
        behind = _mark_at(text, _gap_end(text, match.end()), lexicon)
        if behind is None and mark is None:
            return None
        end = match.end()
    end = _behind_clock(text, end)
    behind = _mark_at(text, _gap_end(text, end), lexicon)
    if behind is not None:
        counted_otherwise = mark is not None and mark.hours is None
        mark, end = mark if counted_otherwise else behind, _behind_clock(text, behind.end)
    time = _time_of(match, mark)
    if time is None:
        return Clock(at, end, None)
    end, offset = _zone_at(line, end, time, seconds=match.groupdict().get("second") is not None)
    return Clock(at, end, time + offset)


def _gap_end(text: str, at: int) -> int:
    gap = _SMALL_GAP.match(text, at)
    return gap.end() if gap else at


def _behind_clock(text: str, at: int) -> int:
    """The end of `Uhr`, `hod.`, `น.` and the like."""
    word = TOKEN.match(text, _gap_end(text, at))
    if word is None or word_key(word[0]) not in WORDS.behind_clock:
        return at
    return word.end() + (text[word.end() : word.end() + 1] == ".")


def _mark_before(text: str, at: int, lexicon: Lexicon) -> _Mark | None:
    """A mark that ends right before a clock."""
    words = list(TOKEN.finditer(text, max(0, at - BEFORE_DATE), at))[-LONGEST_MARK:]
    for word in words:
        if (
            len(word[0]) > 1
            and (found := _mark_at(text, word.start(), lexicon))
            and not text[found.end : at].strip(" .:")
        ):
            return found
    return None


def _mark_at(text: str, at: int, lexicon: Lexicon) -> _Mark | None:
    """The longest mark that begins here: `p. m.`, `de la tarde`, `μ.μ.`, `下午`."""
    found, phrase = None, ""
    for _ in range(LONGEST_MARK):
        word = TOKEN.match(text, at)
        if word is None or word[0].isdigit():
            break
        phrase = f"{phrase} {word_key(word[0])}".strip()
        end = word.end() + (text[word.end() : word.end() + 1] == ".")
        if phrase in lexicon.no_clock:
            return _Mark(end, None)
        hours = half_named(phrase, lexicon)
        if hours is not None:
            found = _Mark(end, hours)
        at = _gap_end(text, word.end())
    return found


def _time_of(match: re.Match[str], mark: _Mark | None) -> str | None:
    """On a clock of 24 hours; None where the mark does not tell which half of the day is meant."""
    parts = match.groupdict()
    hour = int(parts["hour"])
    minute = int(parts.get("minute") or parts.get("minute1") or parts.get("minute2") or 0)
    second = int(parts.get("second") or parts.get("second1") or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    if mark is not None and 1 <= hour <= 12:
        told = _hour_of_day(hour, minute, mark.hours) if mark.hours is not None else None
        if told is None:
            return None
        hour = told
    return f"{hour:02}:{minute:02}:{second:02}"


def _hour_of_day(hour: int, minute: int, hours: Hours) -> int | None:
    """The reading that is within the mark's hours, or nearer to them by far: 9:30 "early" is not 21:30."""
    early, late = (min(_distance(h + minute / 60, each) for each in hours) for h in (hour % 12, hour % 12 + 12))
    if early == late or min(early, late) > FARTHEST_FROM_MARK:
        return None
    return hour % 12 + (12 if late < early else 0)


def _distance(hour: float, hours: tuple[float, float]) -> float:
    """How far a time of day is from a span of hours, around midnight too."""
    start, end = hours
    if any(start <= hour + turn < end for turn in (0, 24)):
        return 0
    return JUST_OUTSIDE + min(abs(edge - hour - turn) for edge in (start, end) for turn in (-24, 0, 24))


def _zone_at(line: _Line, at: int, time: str, *, seconds: bool) -> tuple[int, str]:
    """The end of the zone that stands here, and its offset; an empty offset for none, or one that is not known."""
    match = _ZONE.match(line.text, at)
    if match is None or match.end() == at:
        return at, ""
    name = (match["name"] or "").lower()
    if match["area"]:
        offset = _offset_of_area(match["area"], line.day, time)
    elif match["sign"]:
        offset = "" if not _is_offset(line.text, match, seconds=seconds) else _signed(match)
    else:
        offset = offset_of_name(name, line.day, time, line.habits)
    return (match.end(), offset) if offset else (at, "")


def _is_offset(text: str, match: re.Match[str], *, seconds: bool) -> bool:
    """Whether a number with a sign is an offset: `GMT+7`, `+07`, `-0500`; `14:05-15:30` are hours of opening."""
    if match["name"]:
        return match["name"].lower() in ("gmt", "utc", "ut", "z")
    said = text[match.start() : match.end()].replace("(", "")
    bare = _BARE_OFFSET.fullmatch(said.rstrip())
    return bare is not None and (seconds or "-" not in said or re.fullmatch(r"\s?-\d{4}", said) is not None)


def _signed(match: re.Match[str]) -> str:
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    west = match["sign"] != "+"
    if minutes > 59 or hours + minutes / 60 > (FARTHEST_WEST if west else FARTHEST_EAST):
        return ""
    return f"{'-' if west else '+'}{hours:02}:{minutes:02}"


def offset_of_name(name: str, day: date, time: str, habits: DateHabits) -> str:
    """By the page's country, then by its language, where a name means several zones."""
    local = WORDS.local_zones.get(name)
    if local is not None:
        return next(local[place] for place in (habits.country, habits.language, "") if place in local)
    if name in WORDS.areas:
        return _offset_of_area(WORDS.areas[name], day, time)
    return WORDS.zones.get(name, "")


def _offset_of_area(area: str, day: date, time: str) -> str:
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{time}").replace(tzinfo=ZoneInfo(area))
    except (LookupError, ValueError, OSError):
        return ""
    return moment.isoformat()[19:25]
