"""What do the words of dates mean? Names of months, small words between, halves of the day, time zones.

The tables are made from CLDR and from what news pages write (tools/date_words.py). Where languages disagree on a word
(`listopad` is October in Croatian, November in Polish) the page's language decides, and without one the word is
unknown.
"""

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from services.parser.fields.date_tokens import Token

# No name of a month has more words; those of Makonde have so many.
MOST_WORDS: Final = 7

Hours = tuple[tuple[float, float], ...]


class Month(msgspec.Struct, frozen=True):
    """A month of a calendar; Gregorian where `calendar` is None."""

    number: int
    calendar: str | None = None


class _Tables(msgspec.Struct, frozen=True):
    """date_words.json. The tables of single languages are read when a page of the language comes."""

    anywhere: dict[str, int]
    months: dict[str, msgspec.Raw]
    calendars: dict[str, dict[str, int]]
    between: frozenset[str]
    before_clock: frozenset[str]
    behind_clock: frozenset[str]
    before_month: frozenset[str]
    behind_month: frozenset[str]
    weekdays: frozenset[str]
    published: str
    modified: str
    published_behind: str
    modified_behind: str
    halves_anywhere: msgspec.Raw
    halves: dict[str, msgspec.Raw]
    no_clock: dict[str, frozenset[str]]
    month_first: frozenset[str]
    spaced: frozenset[str]
    zones: dict[str, str]
    areas: dict[str, str]
    local_zones: dict[str, dict[str, str]]


WORDS: Final = msgspec.json.decode((Path(__file__).parent / "date_words.json").read_bytes(), type=_Tables)
_MONTHS: Final = {number: Month(number) for number in range(1, 13)}
_NOTHING: Final = msgspec.Raw(b"{}")
SKIPPED_BEFORE_CLOCK: Final = WORDS.before_clock | WORDS.between | WORDS.weekdays


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """The words that are known on pages of a language: its own before those on which all languages agree."""

    months: dict[str, Month]
    first_words: frozenset[str]
    halves: dict[str, Hours]
    no_clock: frozenset[str]


@cache
def lexicon_of(language: str | None) -> Lexicon:
    """There are as many as CLDR has languages; pages of all others are read with the words of all."""
    code = language or ""
    if code not in WORDS.months and code not in WORDS.halves:
        return lexicon_of(None) if language is not None else _lexicon("", {}, {})
    months = msgspec.json.decode(WORDS.months.get(code, _NOTHING), type=dict[str, int])
    halves = msgspec.json.decode(WORDS.halves.get(code, _NOTHING), type=dict[str, Hours])
    return _lexicon(code, months, halves)


def _lexicon(code: str, months: dict[str, int], halves: dict[str, Hours]) -> Lexicon:
    known = _months_anywhere() | {key: _MONTHS[number] for key, number in months.items()}
    return Lexicon(
        months=known,
        first_words=frozenset(key.split(" ", 1)[0] for key in known if " " in key),
        halves=_halves_anywhere() | halves,
        no_clock=WORDS.no_clock.get(code, frozenset()),
    )


@cache
def _months_anywhere() -> dict[str, Month]:
    months = {key: _MONTHS[number] for key, number in WORDS.anywhere.items()}
    for calendar, names in WORDS.calendars.items():
        months |= {key: Month(number, calendar) for key, number in names.items()}
    return months


@cache
def _halves_anywhere() -> dict[str, Hours]:
    return msgspec.json.decode(WORDS.halves_anywhere, type=dict[str, Hours])


def month_named(key: str, lexicon: Lexicon) -> Month | None:
    """The month that a folded word names in this language or, failing that, in all that know it."""
    return lexicon.months.get(key)


def half_named(key: str, lexicon: Lexicon) -> Hours | None:
    """The hours of the day that a folded word stands for."""
    return lexicon.halves.get(key)


def months_among(tokens: list[Token], lexicon: Lexicon) -> dict[int, tuple[int, Month]]:
    """The tokens that name a month, each with the last token of its name; the longest name counts."""
    found: dict[int, tuple[int, Month]] = {}
    at = 0
    while at < len(tokens):
        last, month = _month_at(tokens, at, lexicon)
        if month is not None:
            found.update(dict.fromkeys(range(at, last + 1), (last, month)))
        at = last + 1
    return found


def _month_at(tokens: list[Token], at: int, lexicon: Lexicon) -> tuple[int, Month | None]:
    key = tokens[at].key
    if key is None:
        return at, None
    if key in lexicon.first_words:
        phrase, phrases = key, []
        for token in tokens[at + 1 : at + MOST_WORDS]:
            if token.key is None:
                break
            phrase = f"{phrase} {token.key}"
            phrases.append(phrase)
        for length in range(len(phrases), 0, -1):
            month = month_named(phrases[length - 1], lexicon)
            if month is not None:
                return at + length, month
    return at, month_named(key, lexicon)
