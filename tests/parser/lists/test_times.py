"""Dates and times at the ends of headlines, and numbers that are part of one."""

import pytest

from services.parser.lists.times import days_beside, split_times

LINES = ("Újra megnyílt a kikötő", "Elmarad a híd építése", "Döntőben a falu csapata")


def split(*texts: str) -> list[tuple[str, str | None]]:
    return [(one.text, one.day) for one in split_times(list(texts))]


@pytest.mark.parametrize(
    ("form", "days"),
    [
        ("{0}/11/2026 {1}", ["2026-11-18", "2026-11-09", "2026-11-08"]),
        ("2026-11-{0} – {1}", ["2026-11-18", "2026-11-09", "2026-11-08"]),
        ("2026.11.{0}. 14:05 {1}", ["2026-11-18", "2026-11-09", "2026-11-08"]),
        ("[{0}.11.2026] {1}", ["2026-11-18", "2026-11-09", "2026-11-08"]),
        ("2026년 11월 {0}일 {1}", ["2026-11-18", "2026-11-09", "2026-11-08"]),
        ("{1} ({0}.11.2026)", ["2026-11-18", "2026-11-09", "2026-11-08"]),
        ("{0}.11. | {1}", [None, None, None]),
        ("12:{0} - {1}", [None, None, None]),
    ],
)
def test_forms(form: str, days: list[str | None]) -> None:
    texts = [form.format(day, line) for day, line in zip(("18", "09", "08"), LINES, strict=True)]
    assert split(*texts) == list(zip(LINES, days, strict=True))


def test_the_other_dates_of_the_list_tell_day_and_month_apart() -> None:
    assert [day for _, day in split("11/18/2026 Aki mer", "11/09/2026 Az nyer")] == ["2026-11-18", "2026-11-09"]
    assert [day for _, day in split("18/11/2026 Aki mer", "9/11/2026 Az nyer")] == ["2026-11-18", "2026-11-09"]


def test_a_date_that_may_be_read_in_two_ways_is_no_time() -> None:
    assert split("05/03/2026 Aki mer az nyer") == [("Aki mer az nyer", None)]


@pytest.mark.parametrize(
    "text",
    [
        "9/11 után huszonöt évvel",
        "24/7 segélyvonal indul",
        "2026 a változás éve lesz",
        "20.15 óra a főműsoridő kezdete",
        "Összefoglaló 14/10/2026",
        "5 km a maratonból hátra volt",
    ],
)
def test_a_number_that_a_headline_begins_or_ends_with_stays(text: str) -> None:
    assert split(text, *LINES)[0] == (text, None)


def test_dates_beside_headlines() -> None:
    assert days_beside(["18.11.2026 14:05", "kedd", "1/2.11"]) == ["2026-11-18", None, None]
