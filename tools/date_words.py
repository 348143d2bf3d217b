"""Writes services/parser/fields/date_words.json: the words of dates, from CLDR and from news.

CLDR's come out of Babel, for all locales that it has; spellings of the news stand in date_words.toml. Run it for a
new version of Babel, or after a change of that file: `make date-words`. The result is committed, and all that the
parser reads: Babel is needed here, by the tests and by `make bench-dates`.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import babel
import msgspec
from babel import Locale
from babel.dates import tokenize_pattern
from babel.localedata import locale_identifiers

from services.parser.fields.date_tokens import TOKEN, plain, word_key

FIELDS = Path(__file__).parent.parent / "services" / "parser" / "fields"
BY_HAND = FIELDS / "date_words.toml"
WRITTEN = FIELDS / "date_words.json"

# Codes by which pages call these languages, beside CLDR's.
SAME_LANGUAGE = {
    "no": ("nb", "nn"),
    "tl": ("fil",),
    "iw": ("he",),
    "in": ("id",),
    "ji": ("yi",),
    "sh": ("sr",),
    "mo": ("ro",),
}
# Small words that are written together with the month.
PREFIXES = {"he": ("ב", "ל"), "yi": ("ב",)}
WIDTHS = ("wide", "abbreviated")
# A month of three letters in a pattern is its short name, of four the long one.
SHORTEST_NAME = 3
# Rows of regular expressions.
_LABELS = ("published", "modified", "published_behind", "modified_behind")
# A word of other languages' pages must be as long as this, since short ones mean all sorts of things.
SHORTEST_ANYWHERE = 3
SHORTEST_HALF_ANYWHERE = 5
# CLDR's names of the parts of the day that every language has, in hours.
HALVES: dict[str, list[float]] = {"am": [0, 12], "pm": [12, 24], "noon": [11, 15]}

# CLDR has the American order for more languages than print it so; these are sure.
MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "PR", "PA", "GU", "AS", "VI", "UM", "MH", "MP"})
MONTH_FIRST_LANGUAGES = frozenset({"fil", "ceb"})

Months = dict[str, dict[str, int]]
Halves = dict[str, dict[str, list[list[float]]]]


class _Words:
    """What is collected, by language."""

    def __init__(self) -> None:
        self.months: Months = defaultdict(dict)
        self.halves: Halves = defaultdict(dict)
        self.between: set[str] = set()
        self.before_clock: set[str] = set()
        self.weekdays: dict[str, set[str]] = defaultdict(set)
        self.month_first: set[str] = set()

    def add_month(self, language: str, key: str, number: int) -> None:
        """The first meaning of a word stays: those of the language itself come before those of its countries."""
        if key and not any(map(str.isdigit, key)):
            self.months[language].setdefault(key, number)

    def add_half(self, language: str, key: str, hours: list[float]) -> None:
        known = self.halves[language].setdefault(key, [])
        if key and hours not in known:
            known.append(hours)


def main() -> None:
    WRITTEN.write_text(written(), encoding="utf-8")


def written() -> str:
    """The whole file; one line a table, so that a change is seen where it is."""
    by_hand = tomllib.loads(BY_HAND.read_text(encoding="utf-8"))
    words = _Words()
    _add_by_hand(words, by_hand)
    for identifier in sorted(locale_identifiers(), key=lambda name: (name.count("_"), name)):
        _add_locale(words, Locale.parse(identifier), identifier)
    for code, others in SAME_LANGUAGE.items():
        for other in others:
            words.months[code] = {**words.months[other], **words.months[code]}
            words.halves[code] = {**words.halves[other], **words.halves[code]}
    tables = _tables(words, by_hand)
    return "{\n" + ",\n".join(_lines(tables)) + "\n}\n"


def _lines(tables: dict[str, Any]) -> Iterator[str]:
    for name, table in tables.items():
        if name in ("months", "halves"):
            rows = ",\n".join(f"{_json(language)}:{_json(row)}" for language, row in sorted(table.items()) if row)
            yield f"{_json(name)}:{{\n{rows}\n}}"
        else:
            yield f"{_json(name)}:{_json(table)}"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _tables(words: _Words, by_hand: dict[str, Any]) -> dict[str, Any]:
    scope = by_hand["scope"]["anywhere"].split()
    anywhere = _agreed({language: words.months[language] for language in scope})
    anywhere = {key: month for key, month in anywhere.items() if len(key) >= SHORTEST_ANYWHERE or not key.isascii()}
    anywhere |= words.months["en"]
    months = {
        language: {key: number for key, number in sorted(row.items()) if anywhere.get(key) != number}
        for language, row in words.months.items()
    }
    calendars = {name: _numbered(rows) for name, rows in by_hand["calendars"].items()}
    small = {name: _keys(value) for name, value in by_hand["words"].items()}
    labels = {name: by_hand["words"][name].replace("\n", "") for name in _LABELS}
    return {
        "made_from": f"Babel {babel.__version__} and date_words.toml",
        "anywhere": dict(sorted(anywhere.items())),
        "months": months,
        "calendars": {name: dict(sorted(row.items())) for name, row in calendars.items()},
        "between": sorted(words.between | small["between"]),
        "before_clock": sorted(words.before_clock | small["before_clock"]),
        "behind_clock": sorted(small["behind_clock"]),
        "before_month": sorted(small["before_month"]),
        "behind_month": sorted(small["behind_month"]),
        **labels,
        "weekdays": sorted(
            {key for language in scope for key in words.weekdays[language] if len(key) > 1 or not key.isascii()}
        ),
        "halves_anywhere": dict(sorted(_halves_anywhere(words.halves, scope).items())),
        "halves": {language: dict(sorted(row.items())) for language, row in words.halves.items()},
        "no_clock": {language: sorted(_keys(value)) for language, value in by_hand["no_clock"].items()},
        "month_first": sorted(words.month_first | {"tl", "tl-ph"}),
        "spaced": by_hand["scope"]["spaced"].split(),
        "zones": by_hand["zones"],
        "areas": by_hand["areas"],
        "local_zones": by_hand["local_zones"],
    }


def _agreed(rows: Months) -> dict[str, int]:
    """The words on whose month all languages agree that have them."""
    meanings: dict[str, set[int]] = defaultdict(set)
    for row in rows.values():
        for key, number in row.items():
            meanings[key].add(number)
    return {key: next(iter(numbers)) for key, numbers in meanings.items() if len(numbers) == 1}


def _halves_anywhere(halves: Halves, scope: list[str]) -> dict[str, list[list[float]]]:
    """The words that mean the same half of the day in all languages that have them; English ones win."""
    meanings: dict[str, list[list[float]]] = defaultdict(list)
    for language in scope:
        for key, hours in halves[language].items():
            meanings[key] += [each for each in hours if each not in meanings[key]]
    agreed = {
        key: hours
        for key, hours in meanings.items()
        if len({sum(each) / 2 < 12 for each in hours}) == 1
        and (not key.isascii() or len(key) >= SHORTEST_HALF_ANYWHERE)
    }
    return agreed | halves["en"]


def _add_by_hand(words: _Words, by_hand: dict[str, Any]) -> None:
    for language, rows in by_hand["months"].items():
        for key, number in _numbered(rows).items():
            words.add_month(language, key, number)
            for prefix in PREFIXES.get(language, ()):
                words.add_month(language, prefix + key, number)
    for language, names in by_hand["halves"].items():
        for name, alternatives in names.items():
            for key in _keys(alternatives):
                words.add_half(language, key, by_hand["hours"][name])


def _numbered(rows: list[str]) -> dict[str, int]:
    return {key: number for number, row in enumerate(rows, start=1) for key in _keys(row)}


def _keys(alternatives: str) -> set[str]:
    """Words divided by "|", as the parser folds them; a word of several is joined by spaces."""
    return {key for each in alternatives.replace("\n", "").split("|") if (key := _key(each))}


def _key(text: str) -> str:
    return " ".join(word_key(word) for word in TOKEN.findall(plain(text)))


def _add_locale(words: _Words, locale: Locale, identifier: str) -> None:
    language = locale.language
    for context in locale.months:
        for width in WIDTHS:
            for number, name in _told_apart(locale.months[context][width]).items():
                words.add_month(language, _key(name), number)
                words.add_month(language, _key(_without_article(name)), number)
            for name in locale.days[context][width].values():
                words.weekdays[language] |= {
                    word_key(word) for word in TOKEN.findall(plain(name)) if not word.isdigit()
                }
    for width in ("full", "long", "medium"):
        _add_pattern(words, locale, locale.date_formats[width].pattern)
    for skeleton in ("yMMMd", "yMMMMd", "yMMMEd", "yMMMMEEEEd", "GyMMMd"):
        if skeleton in locale.datetime_skeletons:
            _add_pattern(words, locale, locale.datetime_skeletons[skeleton].pattern)
    _add_order(words, locale, identifier)
    _add_clock_words(words, locale)


def _told_apart(names: dict[int, str]) -> dict[int, str]:
    """The names of months without those that are one word when folded."""
    times = Counter(map(_key, names.values()))
    return {number: name for number, name in names.items() if times[_key(name)] == 1}


def _without_article(name: str) -> str:
    """`gener` of Catalan `de gener`."""
    for article in ("de ", "d’", "d'", "da ", "di ", "mis "):
        if name.startswith(article):
            return name.removeprefix(article)
    return name


def _add_pattern(words: _Words, locale: Locale, pattern: str) -> None:
    """The month's name as it stands in the pattern, with the endings that cling to it, and the words between."""
    parts: list[Any] = tokenize_pattern(pattern)
    month = next((value for kind, value in parts if kind == "field" and value[0] in "ML"), None)
    if month is None or month[1] < SHORTEST_NAME:
        return
    names = locale.months["format" if month[0] == "M" else "stand-alone"][WIDTHS[month[1] == SHORTEST_NAME]]
    for number, name in _told_apart(names).items():
        before, behind = (plain(text) for text in _around(parts, month, locale))
        text, end = before + plain(name) + behind, len(before) + len(name)
        named = [word for word in TOKEN.finditer(text) if word.start() < end and word.end() > len(before)]
        if any(word[0].isdigit() for word in named):
            continue
        words.add_month(locale.language, " ".join(word_key(word[0]) for word in named), number)
        others = TOKEN.findall(text[: named[0].start()]) + TOKEN.findall(text[named[-1].end() :])
        words.between |= {word_key(word) for word in others if not word.isdigit()}


def _around(parts: list[Any], month: Any, locale: Locale) -> tuple[str, str]:
    """What a pattern has before its month and behind, with numbers for the numbers and a bar for all else."""
    sides = ["", ""]
    side = 0
    for kind, value in parts:
        if kind == "field" and value == month:
            side = 1
        elif kind == "chars":
            sides[side] += value
        elif value[0] == "G":
            sides[side] += locale.eras["abbreviated"].get(1, "")
        else:
            sides[side] += {"d": "22", "y": "2222"}.get(value[0], "|")
    return sides[0], sides[1]


def _add_order(words: _Words, locale: Locale, identifier: str) -> None:
    """Which numbers come first where a date is written in numbers alone."""
    parts: list[Any] = tokenize_pattern(locale.date_formats["short"].pattern)
    letters = [value[0] for kind, value in parts if kind == "field"]
    order = "".join(dict.fromkeys(letter.replace("L", "M") for letter in letters if letter in "dMLy"))
    if order == "Mdy" and (locale.territory in MONTH_FIRST_COUNTRIES or locale.language in MONTH_FIRST_LANGUAGES):
        words.month_first.add(identifier.lower().replace("_", "-"))


def _add_clock_words(words: _Words, locale: Locale) -> None:
    rules: Any = locale.day_period_rules.get(None) or {}
    for context in locale.day_periods.values():
        for width in WIDTHS:
            for name, text in context.get(width, {}).items():
                hours = HALVES.get(name) or _hours(rules.get(name))
                if hours and text:
                    words.add_half(locale.language, _key(text), hours)
    for name in ("full", "long"):
        pattern = str(locale.datetime_formats.get(name, ""))
        words.before_clock |= {word_key(word) for word in TOKEN.findall(plain(pattern)) if not word.isdigit()}


def _hours(rules: list[dict[str, int]] | None) -> list[float] | None:
    """CLDR's rule for a part of the day as hours; past midnight they go on counting."""
    rule = next((each for each in rules or () if "from" in each and "before" in each), None)
    if rule is None:
        return None
    start, end = rule["from"] / 3600, rule["before"] / 3600
    return [start, end if end > start else end + 24]


if __name__ == "__main__":
    main()
