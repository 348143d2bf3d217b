"""Moments as people write and read them, and numbers of things."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import typer

from cli.times import exactly, moment, shown, span, use_zone
from cli.wording import counted, plural

NOON = datetime(2025, 5, 8, 12, 0, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_paris(zone: Callable[[str], None]) -> None:
    zone("Europe/Paris")
    use_zone(utc=False)


def test_moments_are_shown_with_their_zone() -> None:
    assert shown(NOON) == "2025-05-08 14:00 CEST"
    assert exactly(NOON - timedelta(days=120)) == "2025-01-08 13:00:07 CET"
    assert shown(NOON.replace(tzinfo=None)) == "2025-05-08 12:00"
    use_zone(utc=True)
    assert exactly(NOON) == "2025-05-08 12:00:07 UTC"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2025-05-08", datetime(2025, 5, 7, 22, tzinfo=UTC)),
        ("2025-01-08T13:30", datetime(2025, 1, 8, 12, 30, tzinfo=UTC)),
        ("2025-05-08 13:30:07", datetime(2025, 5, 8, 11, 30, 7, tzinfo=UTC)),
        ("2025-05-08T13:30Z", datetime(2025, 5, 8, 13, 30, tzinfo=UTC)),
        ("2025-05-08T13:30-04:00", datetime(2025, 5, 8, 17, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_local(text: str, meant: datetime) -> None:
    assert moment(text) == meant


def test_a_moment_in_utc() -> None:
    use_zone(utc=True)
    assert moment("2025-05-08") == datetime(2025, 5, 8, tzinfo=UTC)


def test_how_long_ago() -> None:
    before = datetime.now(UTC) - timedelta(hours=6)
    assert before <= moment("6h") <= datetime.now(UTC) - timedelta(hours=6)


@pytest.mark.parametrize("text", ["", "soon", "6", "2025-13-01", "0h", "999999999d", "2025-05-08T25:00", "0001-01-01"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no moment"):
        moment(text)


@pytest.mark.parametrize(
    ("seconds", "written"), [(-3, "0s"), (89, "89s"), (600, "10m"), (7500, "2h05m"), (7200, "2h"), (400_000, "5d")]
)
def test_spans(seconds: float, written: str) -> None:
    assert span(seconds) == written


def test_numbers_of_things() -> None:
    assert [counted(n, "page") for n in (0, 1, 1204)] == ["0 pages", "1 page", "1,204 pages"]
    assert [counted(2, noun) for noun in ("story", "day", "fetch", "page of a host")] == [
        "2 stories",
        "2 days",
        "2 fetches",
        "2 pages of a host",
    ]
    assert [plural(n, "is") for n in (1, 2)] == ["is", "are"]
