"""The committed table of words is what its script makes of Babel and of the file by hand."""

import pytest
from babel import Locale
from babel.dates import format_date

from benchmarks.dates import DAYS, LOCALES, YEAR, read_ways
from services.parser.fields.date_words import lexicon_of, month_named
from services.parser.fields.dates import date, habits_of, stamps_in
from tools.date_words import WRITTEN, written


def test_the_table_is_up_to_date() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == written(), "run `make date-words`"


@pytest.mark.parametrize("identifier", LOCALES)
def test_every_month_of_a_language_in_every_form(identifier: str) -> None:
    locale, tag = Locale.parse(identifier), identifier.replace("_", "-")
    habits = habits_of(tag[:2], tag, None)
    for month, day in enumerate(DAYS, start=1):
        said = date(YEAR, month, day)
        for form in ("long", "medium", "full"):
            text = format_date(said, form, locale=locale)
            assert [stamp.value for stamp in stamps_in(text, habits)] == [said.isoformat()], text


def test_half_past_three_is_never_another_time() -> None:
    fates = [reading.fate for reading in read_ways()]
    assert set(fates) <= {"right", "day alone"}
    assert fates.count("day alone") <= 2


def test_a_language_that_nobody_knows_has_the_words_of_all() -> None:
    lexicon = lexicon_of("xx")
    assert lexicon is lexicon_of(None)
    month = month_named("novembre", lexicon)
    assert month is not None
    assert month.number == 11
    assert month_named("listopada", lexicon) is None
