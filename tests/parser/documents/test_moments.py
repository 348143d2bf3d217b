"""Times as feeds and sitemaps write them: the same moment however it is written, and none that is not told."""

from datetime import UTC, datetime

import pytest

from services.parser.documents.moments import read_feed_moment
from services.parser.fields.dates import habits_of

VISITED_AT = datetime(2025, 12, 1, tzinfo=UTC)


def read(written: str, tag: str = "en", host: str = "news.example.com") -> str | None:
    return read_feed_moment(written, habits_of(tag.partition("-")[0], tag, host, VISITED_AT))


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 24 Nov 2025 15:04:05 +0700", "Mon,24 Nov 2025 15:04:05 +0700", "24-Nov-25 15:04:05 +0700",
        "Mon, 24 Nov 2025 03:04:05 PM +0700", "Monday, 24 November 2025, 15:04:05 +07:00",
        "Mon, 24 Nov 2025 15:04:05 GMT+7", "Mon, 24 Nov 2025 15:04:05 +07", "Mon, 24 Nov 2025 15:04:05 UTC+07:00",
        "Mon, 24 Nov 2025 15:04:05 WIB", "Mon, 24 Nov 2025 15:04:05 +0700 (WIB)", "Mon, 24 Nov 2025 15:4:5 WIB+0700",
        "Mon Nov 24 15:04:05 +0700 2025", "Mon Nov 24 2025 15:04:05 GMT+0700 (Indochina Time)",
        "Mon Nov 24 15:04:05 WIB 2025", "November 24, 2025 3:04:05 p.m. +0700", "2025-11-24T15:04:05+07:00",
        "2025-11-24 15:04:05.123 +0700", "2025-11-24T15:04:05+07", "2025-11-24T15:04:05+07:00:00",
        "20251124T150405+0700",
        "2025-11-24T15:04:05:+0700", "2025-11-24 3:04:05 PM WIB", "2025-11-24T15:04:05+07:00[Asia/Jakarta]",
    ],
)  # fmt: skip
def test_one_moment_in_many_forms(written: str) -> None:
    assert read(written) == "2025-11-24T15:04:05+07:00"


@pytest.mark.parametrize(
    ("written", "tag", "host", "offset"),
    [
        ("Mo, 24 Nov 2025 15:04:05 MEZ", "de", "bote.example.de", "+01:00"),
        ("Δευ, 24 Νοε 2025 15:04:05 EET", "el", "nea.example.gr", "+02:00"),
        ("Mon, 24 Nov 2025 15:04:05 PKT", "ur", "khabar.example.pk", "+05:00"),
        ("Mon, 24 Nov 2025 15:04:05 MSK", "ru", "vesti.example.ru", "+03:00"),
        ("Mon, 24 Nov 2025 15:04:05 YEKT", "ru", "ural.example.ru", "+05:00"),
        ("Mon, 24 Nov 2025 15:04:05 ET", "en-US", "post.example.com", "-05:00"),
        ("Mon, 24 Nov 2025 15:04:05 HNE", "fr-CA", "phare.example.ca", "-05:00"),
        ("Mon, 24 Nov 2025 15:04:05 CST", "zh-CN", "bao.example.cn", "+08:00"),
        ("Mon, 24 Nov 2025 15:04:05 CST", "es-MX", "diario.example.mx", "-06:00"),
        ("Mon, 24 Nov 2025 15:04:05 AMT", "pt-BR", "folha.example.br", "-04:00"),
        ("Mon, 24 Nov 2025 15:04:05 AMT", "hy", "lur.example.am", "+04:00"),
        ("Mon, 24 Nov 2025 15:04:05 AFT", "fa", "khabar.example.af", "+04:30"),
        ("Mon, 24 Nov 2025 15:04:05 MMT", "my", "thadin.example.mm", "+06:30"),
        ("Mon, 24 Nov 2025 15:04:05 IST", "he", "yom.example.il", "+02:00"),
        ("Mon, 24 Nov 2025 15:04:05 BST", "bn", "khobor.example.bd", "+06:00"),
        ("Mon, 24 Nov 2025 15:04:05", "sv", "blad.example.se", ""),
        ("Mon, 24 Nov 2025 15:04:05 XQT", "sv", "blad.example.se", ""),
        ("Mon, 24 Nov 2025 15:04:05 AMT", "sv", "blad.example.se", ""),
        ("Mon, 24 Nov 2025 15:04:05 +1900", "sv", "blad.example.se", ""),
    ],
)
def test_zones_by_language_and_country(written: str, tag: str, host: str, offset: str) -> None:
    """A time whose zone is not known has no offset; it is not one in UTC."""
    assert read(written, tag, host) == f"2025-11-24T15:04:05{offset}"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Mon, 24 Nov 2025 24:00:00 GMT", "2025-11-25T00:00:00+00:00"),
        ("Sun, 31 Dec 2023 23:59:60 GMT", "2023-12-31T23:59:59+00:00"),
        ("Mon, 24 Nov 2025 31:04:05 GMT", "2025-11-24"),
        ("Mon, 24 Nov 2025", "2025-11-24"),
        ("2025-11-24Z", "2025-11-24"),
        ("২৪ নভেম্বর ২০২৫", "2025-11-24"),
        ("2568-11-24", "2025-11-24"),
        ("Mon, 30 Feb 2025 10:00:00 GMT", None),
        ("2025-13-01T00:00:00Z", None),
        ("0000-00-00 00:00:00", None),
        ("-0001-11-30T00:00:00+00:00", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("2027-11-24T15:04:05Z", None),  # long after the visit
        ("2025-11", None),
        ("gestern", None),
        (" ", None),
    ],
)
def test_what_no_clock_and_no_calendar_shows(written: str, shown: str | None) -> None:
    assert read(written) == shown
