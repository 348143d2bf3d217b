"""Days in many languages, orders and calendars; the table of words comes from CLDR."""

from datetime import date

import pytest

from services.parser.fields.dates import DateHabits, habits_of, read_moment, stamps_in

LATEST = date(2026, 12, 2)


def read(
    text: str, language: str | None = None, country: str | None = None, latest: date | None = LATEST
) -> str | None:
    stamps = stamps_in(text, DateHabits(language=language, country=country, latest=latest))
    return stamps[0].value if stamps else None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("gu", "9 ઑગસ્ટ, 2025"),
        ("pa", "9 ਅਗਸਤ 2025"),
        ("te", "9 ఆగస్టు, 2025"),
        ("kn", "ಆಗಸ್ಟ್ 9, 2025"),
        ("ml", "2025 ഓഗസ്റ്റ് 9"),
        ("si", "2025 අගෝස්තු 9"),
        ("my", "၂၀၂၅ ဩဂုတ် ၉"),
        ("km", "៩ សីហា ២០២៥"),
        ("lo", "9 ສິງຫາ 2025"),
        ("ka", "9 აგვისტო, 2025"),
        ("eu", "2025(e)ko abuztuaren 9(a)"),
        ("lv", "2025. gada 9. augusts"),
        ("mn", "2025 оны 8-р сарын 9"),
        ("ky", "2025-ж., 9-август"),
        ("uz", "9-avgust, 2025-yil"),
        ("az", "9 avqust 2025-ci il"),
        ("mt", "9 ta’ Awwissu 2025"),
        ("ga", "9 Lúnasa 2025"),
        ("is", "9. ágúst 2025"),
        ("ca", "9 d’agost del 2025"),
        ("ckb", "٩ی ئابی ٢٠٢٥"),
        ("am", "ኦገስት 9 ቀን 2025"),
        ("zu", "Agasti 9, 2025"),
        ("ko", "2025년 8월 9일"),
        ("zh", "2025年8月9日"),
        ("he", "9 באוגוסט 2025"),
        ("yi", "9טן אויגוסט 2025"),
        ("ar", "\u200f9 آب/أغسطس \u200f2025"),
        ("ar", "9\u200f/8\u200f/2025"),
        ("tr", "9 AĞUSTOS 2025"),
        ("ht", "9 out 2025"),
    ],
)
def test_the_ninth_of_august(language: str, text: str) -> None:
    assert read(text, language) == "2025-08-09"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fa", "۱۸ مرداد ۱۴۰۴", "2025-08-09"),
        ("ps", "۱۸ زمری ۱۴۰۴", "2025-08-09"),
        ("fa", "۱۴۰۴/۰۵/۱۸", "2025-08-09"),
        ("fa", "۰۴/۰۵/۱۸", None),
        ("th", "9 ส.ค. 2568", "2025-08-09"),
        ("th", "9 ส.ค. 68", "2025-08-09"),
        ("lo", "9/8/2568", "2025-08-09"),
        ("ja", "令和元年5月1日", "2019-05-01"),
        ("ja", "平成31年4月30日", "2019-04-30"),
        ("ja", "H31.4.30", "2019-04-30"),
        ("zh", "二〇二五年八月九日", "2025-08-09"),
        ("ja", "令和七年十二月二十四日", "2025-12-24"),
        ("zh", "114/08/09", "2025-08-09"),
        ("ne", "२०८२ साउन २५", "2025-08-10"),
        ("hi", "सावन 25, 2082", None),
        ("ar", "15 صفر 1447 هـ", "2025-08-09"),
        ("id", "15 safar 1447", None),
        ("am", "ነሐሴ 3 ቀን 2017", "2025-08-09"),
        ("bn", "২৫ শ্রাবণ ১৪৩২", None),
        ("ar", "15/02/1447", None),
        ("ko", "25.08.09", "2025-08-09"),
    ],
)
def test_other_calendars_are_converted_where_that_is_sure(language: str, text: str, expected: str | None) -> None:
    assert read(text, language) == expected


def test_an_islamic_day_of_a_country_that_looks_for_the_moon_is_none() -> None:
    assert read("15 صفر 1447 هـ", "ar", "ma") is None
    assert read("15 صفر 1447 هـ", "ar", "sa") == "2025-08-09"
    assert read("16 صفر 1447 - 9 غشت 2025", "ar", "ma") == "2025-08-09"


def test_the_pages_language_decides_on_a_word() -> None:
    assert read("12 listopada 2021", "hr") == "2021-10-12"
    assert read("12 listopada 2021", "pl") == "2021-11-12"
    assert read("12 listopada 2021", "en") is None
    assert read("3 lipnja 2021", "en") == "2021-06-03"


def test_words_between_day_and_year_must_be_known() -> None:
    assert read("3 may see 2021", "en") is None
    assert read("Room 12, March and April 2021", "en") is None


def test_what_comes_after_the_visit_is_no_date() -> None:
    assert read("5 December 2026", "en") is None
    assert read("2 December 2026", "en") == "2026-12-02"
    habits = DateHabits(language="en", latest=LATEST)
    assert read_moment("2026-12-05T10:00:00Z", habits) is None
    assert read_moment("20261205", habits) is None
    assert read_moment("1796500000", habits) is None


def test_numbers_beside_letters_are_dates_only_where_no_version_is_meant() -> None:
    assert read("v7.11.24", "en") is None
    assert read("eröffnet20.10.2021", "de") == "2021-10-20"
    assert read("Datum:26. Januar 2022Ausgabe:2", "de") == "2022-01-26"


def test_a_weekday_belongs_to_the_date() -> None:
    text = "Anne Larkin, Donnerstag, 8. Mai 2025"
    (stamp,) = stamps_in(text, DateHabits(language="de"))
    assert text[stamp.start : stamp.end] == "Donnerstag, 8. Mai 2025"


def test_habits_know_country_and_script() -> None:
    assert habits_of("zh", "zh-Hant", "news.example").country == "tw"
    assert habits_of("ar", "ar-MA", "news.example").country == "ma"
    assert habits_of("en", "en", "news.example.ie").country == "ie"
    assert habits_of("es", "es-PR", "news.example").month_first
    assert habits_of(None, "fil-PH", None).language == "fil"


@pytest.mark.parametrize("line", ["⁷", "10 km² ² tháng 5", "¹² ngày", "②月③日"])
@pytest.mark.parametrize("language", ["vi", "mn", "en"])
def test_raised_numbers_are_no_days(line: str, language: str) -> None:
    assert stamps_in(line, DateHabits(language=language)) == []
