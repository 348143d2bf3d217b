"""Is a day in a text one end of a range? `12 to 14 February` is when something happens, not when it was published."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Final

from services.parser.fields.date_tokens import word_key
from services.parser.fields.date_words import lexicon_of, month_named
from services.parser.fields.days import Day

# So many characters before a day may hold the other end of its range: "Monday, 12 September to ".
BEFORE: Final = 40
_WORDS: Final = tomllib.loads((Path(__file__).parent / "date_ranges.toml").read_text("utf-8"))
_TO: Final = rf"(?:\s?[-–—~～〜]\s?|\s(?:{'|'.join(_WORDS['to'].split())})\s(?:the\s|le\s|el\s|il\s)?)"
_FIRST_DAY = re.compile(rf"(?<![\d:./-])(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|ª|º|o)?{_TO}$", re.I)
_FIRST_DAY_AND_MONTH = re.compile(rf"(?<![\d:./-])\d{{1,2}}\.?\s(?:de\s)?(?P<month>[^\W\d_]{{3,15}})\.?{_TO}$", re.I)
_ONLY_TO = re.compile(rf"[\s.,]*{_TO}", re.I)
_LAST_DAY = re.compile(
    r"\s?(?:\(.\))?\s?(?:[-–—~～〜至到]|から|부터)\s?(?:\d{1,2}\s?[月월]\s?)?\d{1,2}\s?(?:[日일号號]|\(.\)|$)"
)


def without_ranges(text: str, days: list[Day]) -> list[Day]:
    """The days that are no end of a range."""
    ends = {day for day in days if _ends_range(text, day) or _LAST_DAY.match(text, day.end)}
    for one, other in pairwise(days):
        if one.day < other.day and _ONLY_TO.fullmatch(text, one.end, other.start):
            ends |= {one, other}
    return [day for day in days if day not in ends] if ends else days


def _ends_range(text: str, day: Day) -> bool:
    before = text[max(0, day.start - BEFORE) : day.start]
    found = _FIRST_DAY.search(before)
    if found is not None:
        return 0 < int(found["day"]) < day.day.day
    found = _FIRST_DAY_AND_MONTH.search(before)
    return found is not None and month_named(word_key(found["month"]), lexicon_of(None)) is not None
