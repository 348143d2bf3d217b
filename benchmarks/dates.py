"""Reads dates as 85 locales write them, and a time of day as news prints it: a section of docs/benchmarks.md.

Each date is the only one of a small page, in a line below the headline, and goes through the whole parser. Dates are
those of CLDR, by Babel: every month, long, of middle length and in full with the weekday. The locales and the times of
day stand in dates.toml; `--all` takes every locale that Babel has, and writes nothing.
"""

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from babel import Locale
from babel.dates import format_date
from babel.localedata import locale_identifiers

from benchmarks.report import setting, table, write_section
from services.parser.page import parse_page
from shared.service import exit_status

# A day a month that no other reading of the numbers gives; February and November have days that could be months.
DAYS = (24, 3, 28, 17, 30, 19, 14, 31, 5, 22, 11, 25)
FORMS = ("long", "medium", "full")
YEAR = 2025
VISITED_AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
READ = tomllib.loads(Path(__file__).with_name("dates.toml").read_text(encoding="utf-8"))
LOCALES: list[str] = READ["locales"].split()
AFTERNOON = "2025-11-24T15:30:00"
PAGE = """<!DOCTYPE html>
<html lang="{tag}"><head><meta charset="utf-8"><title>Old water tower becomes a library</title></head>
<body><main><article><h1>Old water tower becomes a library</h1>
<div class="meta">{line}</div>{text}</article></main></body>
</html>"""
TEXT = (
    "<p>The town has turned its old water tower into a library, and on Monday people carried four thousand books up "
    "the stairs themselves, as the council had asked them to do in the spring.</p>"
) * 3


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A date line, what it says and what the parser reads; `fate` is right, day alone, none or wrong."""

    tag: str
    line: str
    said: str
    read: str | None

    @property
    def fate(self) -> str:
        """The offset does not count."""
        if self.read is None:
            return "none"
        if self.read[: len(self.said)] == self.said:
            return "right"
        return "day alone" if self.read == self.said[:10] else "wrong"


def read_all(locales: list[str]) -> Iterator[Reading]:
    """Every month in every form in each locale."""
    for identifier in locales:
        locale = Locale.parse(identifier)
        for month, day in enumerate(DAYS, start=1):
            said = date(YEAR, month, day)
            for form in FORMS:
                line = format_date(said, form, locale=locale)
                yield _read(identifier.replace("_", "-"), line, said.isoformat())


def read_ways() -> Iterator[Reading]:
    """The time of day in every language's ways."""
    for tag, lines in READ["ways"].items():
        for line in lines:
            yield _read(tag, line, AFTERNOON)


def _read(tag: str, line: str, said: str) -> Reading:
    body = PAGE.format(tag=tag, line=line, text=TEXT).encode()
    article = parse_page(body, url="https://courier.example/story.html", visited_at=VISITED_AT).article
    return Reading(tag=tag, line=line, said=said, read=article.published_at if article else None)


def section(dates: list[Reading], ways: list[Reading]) -> str:
    """The section of docs/benchmarks.md."""
    rows = []
    for name, readings in ((f"CLDR, {len(LOCALES)} locales", dates), ("15:30 as printed", ways)):
        fates = Counter(reading.fate for reading in readings)
        rows.append({"": name, "dates": len(readings)} | {f: fates[f] for f in ("right", "day alone", "none", "wrong")})
    return f"{setting('babel')}\n\n{table(rows)}\n\nLocales: {', '.join(LOCALES)}."


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--all", action="store_true", help="every locale that Babel has; the document is left alone")
    options.add_argument("-v", "--verbose", action="store_true", help="print what was not read")
    given = options.parse_args()
    dates = list(read_all(sorted(locale_identifiers()) if given.all else LOCALES))
    ways = list(read_ways())
    for reading in (*dates, *ways):
        if reading.fate == "wrong" or (given.verbose and reading.fate != "right"):
            print(f"{reading.fate}: {reading.tag}: {reading.line}: {reading.read}")
    text = section(dates, ways)
    print(text)
    if not given.all:
        write_section("dates", text)


if __name__ == "__main__":
    sys.exit(exit_status("bench-dates", main))
