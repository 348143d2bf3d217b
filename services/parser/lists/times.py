"""Do the headlines of a list begin or end with their dates or times?

A ticker writes "18/03/2016 Strike enters third week" or "14:05 | Strike …". The date is the story's time, no part of
its headline. Whether 5/3 is the 5th of March is told by the other dates of the list, by a number over 12 or by their
order; where nothing tells it, there is no date.
"""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise

import msgspec

# No headline begins with a date and its year; "11/9" or "20.15" may stand in one, and so may a date at its end, unless
# most entries have one there.
FEWEST_TIMED, TIMED_SHARE = 3, 0.8
FIRST_YEAR, LAST_YEAR = 1990, 2099
FEWEST_CHARS_LEFT = 6

_CLOCK = r"\d{1,2}\s?[:.hH٫時时点시]\s?\d{2}(?::\d{2})?(?:分|분)?(?:\s?[ap]\.?m\.?|\s?uhr)?"
_FULL = (
    r"(?P<year>\d{4})(?P<between>[./-]|\s?[年년]\s?)(?P<month>\d{1,2})(?:[./-]|\s?[月월]\s?)(?P<day>\d{1,2})(?:\s?[日일])?"
    r"|(?P<one>\d{1,2})(?P<mark>[./-])(?P<two>\d{1,2})(?P=mark)(?P<last>\d{4})"
)
_SHORT = r"\d{1,2}[./-]\d{1,2}(?:[./-](?:\d\d)?)?|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
_BEGIN, _LEFT = r"^[\s\[(|•·*–—-]*", r"[\s\])|,;:.•·*–—»>-]*"
_AFTER = rf"(?![\d%€$£])(?:\.?\s*[,|–—-]?\s*{_CLOCK}(?!\d))?(?=[\W_]|[^\x00-\x7f]|$)"
_FULL_FIRST = re.compile(rf"{_BEGIN}(?:{_CLOCK}\s*[,|–—-]?\s*)?(?:{_FULL}){_AFTER}{_LEFT}", re.I)
_FULL_LAST = re.compile(rf"[\s(\[|,•·–—-]+(?:{_CLOCK}\s*[,|–—-]?\s*)?(?:{_FULL}){_AFTER}[\s)\].|]*$", re.I)
_FULL_ANYWHERE = re.compile(rf"(?<![\d./-])(?:{_FULL})(?![\d./-]*\d)")
_SHORT_FIRST = re.compile(rf"{_BEGIN}(?:{_SHORT}|{_CLOCK}){_AFTER}{_LEFT}", re.I)
_SHORT_LAST = re.compile(rf"(?:\s*[(\[|]|\s+[–—-])\s*(?:{_SHORT}|{_CLOCK}){_AFTER}[\s)\].|]*$", re.I)


class TimedText(msgspec.Struct, frozen=True, kw_only=True):
    """A headline without its date, and the date as ISO 8601 writes it, if it is sure."""

    text: str
    day: str | None = None


def split_times(texts: list[str]) -> list[TimedText]:
    """Returns the texts without the dates and times at their ends, and the dates."""
    if not any(
        text[:1].isdigit() or text[-1:].isdigit() or not text[:1].isalpha() or text[-1:] == ")" for text in texts
    ):
        return [TimedText(text=text) for text in texts]
    shown = [_FULL_FIRST.search(text) for text in texts]
    if not any(shown):
        behind = [_FULL_LAST.search(text) for text in texts]
        shown = behind if _most_have(behind) else shown
    days = _days_of(shown)
    rests = [_without(text, match) for text, match in zip(texts, shown, strict=True)]
    for form in (_SHORT_FIRST, _SHORT_LAST):
        found = [form.search(text) for text in rests]
        if _most_have(found):
            rests = [_without(text, match) for text, match in zip(rests, found, strict=True)]
    return [TimedText(text=text, day=day) for text, day in zip(rests, days, strict=True)]


def _most_have(found: list[re.Match[str] | None]) -> bool:
    return sum(match is not None for match in found) >= max(FEWEST_TIMED, TIMED_SHARE * len(found))


def days_beside(texts: list[str]) -> list[str | None]:
    """Returns the date that each text names in numbers, with its year; None where none is sure."""
    return _days_of([_FULL_ANYWHERE.search(text) for text in texts])


def _without(text: str, match: re.Match[str] | None) -> str:
    if match is None:
        return text
    rest = (text[: match.start()] + text[match.end() :]).strip()
    return rest if len(rest) >= FEWEST_CHARS_LEFT else text


def _days_of(shown: list[re.Match[str] | None]) -> list[str | None]:
    if not any(shown):
        return [None] * len(shown)
    read = _reader([match for match in shown if match is not None])
    days = [read(match) if match is not None else None for match in shown]
    return [day.isoformat() if day is not None else None for day in days]


def _reader(shown: list[re.Match[str]]) -> Callable[[re.Match[str]], date | None]:
    """Returns the reading, day first or month first, that the dates of the list allow; one for neither if both do."""
    ambiguous = [match for match in shown if match["one"]]
    day_first = [_day_first(match) for match in ambiguous]
    month_first = [_month_first(match) for match in ambiguous]
    if None in month_first or any(match["mark"] == "." for match in ambiguous):
        return _day_first if None not in day_first else _year_first
    if None in day_first or (_run_in_order(month_first) and not _run_in_order(day_first)):
        return _month_first
    return _day_first if _run_in_order(day_first) and not _run_in_order(month_first) else _year_first


def _run_in_order(days: list[date | None]) -> bool:
    known = [day for day in days if day is not None]
    return all(one >= other for one, other in pairwise(known)) or all(one <= other for one, other in pairwise(known))


def _year_first(match: re.Match[str]) -> date | None:
    return _date(match["year"], match["month"], match["day"]) if match["year"] else None


def _day_first(match: re.Match[str]) -> date | None:
    return _year_first(match) if match["year"] else _date(match["last"], match["two"], match["one"])


def _month_first(match: re.Match[str]) -> date | None:
    return _year_first(match) if match["year"] else _date(match["last"], match["one"], match["two"])


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if FIRST_YEAR <= int(year) <= LAST_YEAR else None
    except ValueError:
        return None
