"""Dates as pages write them."""

from datetime import UTC, datetime

import pytest

from services.parser.fields.dates import DateHabits, date_in_url, habits_of, in_local_time, read_moment, stamps_in

DAY_FIRST = DateHabits(language="fr")
AMERICAN = DateHabits(language="en", month_first=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03T10:12:13Z", "2024-05-03T10:12:13+00:00"),
        ("2024-05-03T10:12:13.389+0200", "2024-05-03T10:12:13+02:00"),
        ("2024-05-03 10:12", "2024-05-03T10:12:00"),
        ("2024-05-03T10:12-05:00", "2024-05-03T10:12:00-05:00"),
        ("2024-5-3", "2024-05-03"),
        ("20240503", "2024-05-03"),
        ("20240503T1012", "2024-05-03T10:12:00"),
        ("2024/05/03 07:08", "2024-05-03T07:08:00"),
        ("1714731133", "2024-05-03T10:12:13+00:00"),
        ("1714731133389", "2024-05-03T10:12:13+00:00"),
        ("Fri, 03 May 2024 10:12:13 GMT", "2024-05-03T10:12:13+00:00"),
        ("Fri May 03 10:12:13 CEST 2024", "2024-05-03T10:12:13+02:00"),
        ("2024-02-31", None),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        ("yesterday", None),
        ("1402", None),
    ],
)
def test_markup(text: str, expected: str | None) -> None:
    assert read_moment(text, DAY_FIRST) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Publié le 8 mai 2025 à 14h05", "2025-05-08T14:05:00"),
        ("fr", "1er août 2023", "2023-08-01"),
        ("de", "03. Mai 2024, 17:47 Uhr", "2024-05-03T17:47:00"),
        ("de", "Freitag, 3. März 2023", "2023-03-03"),
        ("de", "03.05.2024 17:47", "2024-05-03T17:47:00"),
        ("de", "3. Jänner 2024", "2024-01-03"),
        ("en", "May 3, 2024 at 5:47 p.m. EDT", "2024-05-03T17:47:00-04:00"),
        ("en", "Friday 3 May 2024 12:05 AM", "2024-05-03T00:05:00"),
        ("en", "3rd of May 2024", "2024-05-03"),
        ("en", "Sept. 9, 2021", "2021-09-09"),
        ("en", "10:12 GMT, 3 May 2024", "2024-05-03T10:12:00+00:00"),
        ("es", "15 de octubre de 2024 - 08:22 CEST", "2024-10-15T08:22:00+02:00"),
        ("pt", "20/01/2026 18h33", "2026-01-20T18:33:00"),
        ("it", "5 gennaio 2025, alle 03:56", "2025-01-05T03:56:00"),
        ("pl", "12 listopada 2021", "2021-11-12"),
        ("hr", "12. listopada 2021.", "2021-10-12"),
        ("fi", "12. lokakuuta 2021", "2021-10-12"),
        ("ru", "8 января 2026, 17:46", "2026-01-08T17:46:00"),
        ("uk", "24 жовтня 2025, 15:26", "2025-10-24T15:26:00"),
        ("el", "5 Μαΐου 2020", "2020-05-05"),
        ("hu", "2021. október 5.", "2021-10-05"),
        ("tr", "7 Ağustos 2022 - 09:10", "2022-08-07T09:10:00"),
        ("id", "Selasa, 20 Januari 2026 18:33 WIB", "2026-01-20T18:33:00+07:00"),
        ("ar", "الخميس ٨ مايو ٢٠٢٥", "2025-05-08"),
        ("ar", "8 تشرين الثاني 2020", "2020-11-08"),
        ("ja", "2025年1月13日 21時37分", "2025-01-13T21:37:00"),
        ("ko", "2024년 5월 3일", "2024-05-03"),
        ("ko", "2024.05.03 17:47", "2024-05-03T17:47:00"),
        (None, "12 listopada 2021", None),
    ],
)
def test_words_of_many_languages(language: str | None, text: str, expected: str | None) -> None:
    stamps = stamps_in(text, DateHabits(language=language))
    assert (stamps[0].value if stamps else None) == expected


def test_order_of_day_and_month() -> None:
    assert read_moment("05/08/2024", DAY_FIRST) == "2024-08-05"
    assert read_moment("05/08/2024", AMERICAN) == "2024-05-08"
    assert read_moment("25/08/2024", AMERICAN) == "2024-08-25"
    assert read_moment("05.08.2024", AMERICAN) == "2024-08-05"


def test_who_puts_the_month_first() -> None:
    assert habits_of("en", "en-US", "news.example").month_first
    assert habits_of("en", "en", "news.example.com").month_first
    assert not habits_of("en", "en-GB", "news.example.com").month_first
    assert not habits_of("en", "en", "news.example.co.uk").month_first
    assert not habits_of("fr", "fr", "news.example.com").month_first


def test_numbers_that_are_no_dates() -> None:
    for text in ("Ep 89. 2025 views", "call 555-12-1234", "192.168.1.20", "score 3-2-1", "version 10.2.3.4"):
        assert stamps_in(text, AMERICAN) == []


def test_two_dates_keep_their_places() -> None:
    published, updated = stamps_in("Published 3 May 2024 10:00 | Updated 4 May 2024", DateHabits(language="en"))
    assert published.value == "2024-05-03T10:00:00"
    assert updated.value == "2024-05-04"


def test_an_impossible_time_leaves_the_day() -> None:
    assert read_moment("2024-05-03T25:61", DAY_FIRST) == "2024-05-03"


def test_the_persian_calendar() -> None:
    persian = DateHabits(language="fa")
    assert read_moment("۱۸ خرداد ۱۳۹۹", persian) == "2020-06-07"
    assert read_moment("۱۳۹۹/۱۲/۳۰", persian) == "2021-03-20"
    assert read_moment("1400/01/01 10:20", persian) == "2021-03-21T10:20:00"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2024-05-02T22:30:00-04:00", "2024-05-02T22:30:05-04:00"),
        ("2024-05-02T22:30:00", "2024-05-02T22:30:05-04:00"),
        ("2024-05-03T08:00:00", "2024-05-03T08:00:05+05:30"),
        ("2024-05-02", "2024-05-02T23:30:05-03:00"),
        ("2024-05-03", "2024-05-03T02:30:05+00:00"),
        ("2024-05-03T02:30:00", "2024-05-03T02:30:05+00:00"),
        ("2024-05-02T22:37:00", "2024-05-03T02:30:05+00:00"),
        ("2024-05-07T22:30:00", "2024-05-03T02:30:05+00:00"),
        ("2024-04-30", "2024-05-03T02:30:05+00:00"),
        (None, "2024-05-03T02:30:05+00:00"),
    ],
)
def test_a_moment_in_utc_takes_the_clock_that_readers_see(shown: str | None, expected: str) -> None:
    assert in_local_time("2024-05-03T02:30:05+00:00", [None, shown]) == expected
    assert datetime.fromisoformat(expected) == datetime(2024, 5, 3, 2, 30, 5, tzinfo=UTC)


def test_a_day_after_utc() -> None:
    assert in_local_time("2024-05-03T22:30:00+00:00", ["2024-05-04"]) == "2024-05-04T00:30:00+02:00"
    assert in_local_time("2024-05-03T02:30:00+00:00", ["2024-05-04"]) == "2024-05-03T02:30:00+00:00"


def test_other_moments_are_left_alone() -> None:
    assert in_local_time("2024-05-03", ["2024-05-02"]) == "2024-05-03"
    assert in_local_time("2024-05-03T02:30:00+02:00", ["2024-05-02"]) == "2024-05-03T02:30:00+02:00"


def test_persian_months_from_an_arabic_keyboard() -> None:
    assert read_moment("2 تير 1399 - 12:09", DateHabits(language="fa")) == "2020-06-22T12:09:00"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.example/2024/05/03/title", "2024-05-03"),
        ("https://news.example/2024/5/3/title", "2024-05-03"),
        ("https://news.example/a-20240503.html", "2024-05-03"),
        ("https://news.example/2024-05-03-title", "2024-05-03"),
        ("https://news.example/a/120240503123", None),
        ("https://news.example/2024/13/03/", None),
        (None, None),
        ("https://a.example/news/29-10-2021", "2021-10-29"),
        ("https://a.example/news/40-10-2021", None),
    ],
)
def test_dates_in_addresses(url: str | None, expected: str | None) -> None:
    assert date_in_url(url) == expected
