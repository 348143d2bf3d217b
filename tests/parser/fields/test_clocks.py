"""The time of day beside a date: marks of the afternoon, words between, offsets and zones."""

import pytest

from services.parser.fields.dates import DateHabits, stamps_in


def read(text: str, language: str, country: str | None = None) -> str:
    return stamps_in(text, DateHabits(language=language, country=country))[0].value


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "9 de agosto de 2025, às 7h40 da noite"),
        ("it", "9 agosto 2025, 7:40 di sera"),
        ("hu", "2025. augusztus 9. este 7:40"),
        ("fa", "۹ اوت ۲۰۲۵ ساعت ۷:۴۰ بعدازظهر"),
        ("ur", "9 اگست 2025 شام 7:40 بجے"),
        ("he", "9 באוגוסט 2025, 7:40 בערב"),
        ("mr", "९ ऑगस्ट २०२५, सायंकाळी ७:४०"),
        ("ta", "9 ஆகஸ்ட் 2025, மாலை 7:40 மணி"),
        ("ml", "2025 ഓഗസ്റ്റ് 9, 7:40 PM"),
        ("ko", "2025년 8월 9일(토) 오후 7시 40분"),
        ("ja", "2025年8月9日(土) 午後7時40分"),
        ("zh", "2025年8月9日 星期六 晚上7点40分"),
        ("vi", "9/8/2025, 7:40 tối"),
        ("sq", "9 gusht 2025, 7:40 e pasdites"),
        ("fi", "9. elokuuta 2025 klo 19.40"),
        ("cs", "9. srpna 2025 v 19:40 hodin"),
        ("mk", "9 август 2025 г. во 19:40 часот"),
        ("lt", "2025 m. rugpjūčio 9 d. 19:40 val."),
        ("ro", "9 august 2025, ora 19:40"),
        ("en", "7:40 p.m., Saturday, August 9, 2025"),
    ],
)
def test_twenty_to_eight_in_the_evening(language: str, text: str) -> None:
    assert read(text, language) == "2025-08-09T19:40:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12:05 AM", "00:05"),
        ("12:05 PM", "12:05"),
        ("11:59 pm", "23:59"),
        ("0:30", "00:30"),
        ("19:40 PM", "19:40"),
    ],
)
def test_noon_and_midnight(text: str, expected: str) -> None:
    assert read(f"August 9, 2025 {text}", "en") == f"2025-08-09T{expected}:00"


def test_a_clock_that_counts_from_sunrise_is_left_out() -> None:
    assert read("9 Agosti 2025, saa 1:40 usiku", "sw") == "2025-08-09"
    assert read("9 Agosti 2025, saa 19:40", "sw") == "2025-08-09T19:40:00"


def test_an_era_after_the_year_is_no_afternoon() -> None:
    assert read("9 أغسطس 2025 م - 10:05", "ar") == "2025-08-09T10:05:00"


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("GMT+5:30", "+05:30"),
        ("GMT +8", "+08:00"),
        ("(UTC+3)", "+03:00"),
        ("UTC−3", "-03:00"),
        ("GMT", "+00:00"),
        ("+0900", "+09:00"),
        ("MESZ", "+02:00"),
        ("ET", "-04:00"),
        ("America/Bogota", "-05:00"),
        ("Nowhere/Town", ""),
        ("XYZ", ""),
        ("-21:30", ""),
        ("GMT+99", ""),
    ],
)
def test_offsets_as_pages_give_them(zone: str, offset: str) -> None:
    assert read(f"August 9, 2025 19:40 {zone}", "en") == f"2025-08-09T19:40:00{offset}"


def test_a_name_of_several_zones_is_that_of_the_country() -> None:
    assert read("9 August 2025 19:40 IST", "en", "ie").endswith("+01:00")
    assert read("9 August 2025 19:40 IST", "en", "in").endswith("+05:30")
    assert read("2025年8月9日 19:40 CST", "zh").endswith("+08:00")
    assert read("9 August 2025 19:40 EST", "en", "au").endswith("+10:00")


def test_times_belong_to_their_dates() -> None:
    stamps = stamps_in("10:00, 9 August 2025 | 11:00, 10 August 2025", DateHabits(language="en"))
    assert [stamp.value for stamp in stamps] == ["2025-08-09T10:00:00", "2025-08-10T11:00:00"]
