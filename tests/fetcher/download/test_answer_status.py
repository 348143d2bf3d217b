"""What becomes of a page by its status, and how long a server asks us to wait."""

from datetime import UTC, datetime

import pytest

from services.fetcher.download.answer_status import MAX_RETRY_AFTER_SECONDS, failure_of_status, seconds_to_wait
from services.fetcher.errors import Gone
from shared.failures import GiveUp, RetryLater


@pytest.mark.parametrize("status", [200, 201, 203, 206, 299])
def test_success_is_no_failure(status: int) -> None:
    assert failure_of_status(status, "u", retry_after=None) is None


@pytest.mark.parametrize(
    ("status", "kind", "fate"),
    [
        (404, Gone, "gone"),
        (410, Gone, "gone"),
        (304, GiveUp, "failed"),
        (401, GiveUp, "failed"),
        (403, GiveUp, "failed"),
        (451, GiveUp, "failed"),
        (999, GiveUp, "failed"),
    ],
)
def test_statuses_that_end_a_page(status: int, kind: type[GiveUp], fate: str) -> None:
    failure = failure_of_status(status, "https://news.example/a", retry_after="5")
    assert type(failure) is kind
    assert (failure.reason, failure.fate, failure.http_status) == (f"http_{status}", fate, status)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 599])
def test_statuses_that_may_pass(status: int) -> None:
    failure = failure_of_status(status, "u", retry_after="7")
    assert isinstance(failure, RetryLater)
    assert (failure.reason, failure.after, failure.http_status) == (f"http_{status}", 7.0, status)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("²", None),
        ("9" * 400, MAX_RETRY_AFTER_SECONDS),
        ("Mon, 02 Feb 2026 08:01:30 GMT", 90.0),
        ("Mon, 02 Feb 2026 08:01:30 -0000", 90.0),
        ("Mon, 02 Feb 2026 07:00:00 GMT", 0.0),
        ("Mon, 02 Feb 2099 08:00:00 GMT", MAX_RETRY_AFTER_SECONDS),
        ("Mon, 02 Feb 2026 08:00:00 +99999999999999999999", None),
        ("Mon, 99 Feb 2026 08:00:00 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, now=datetime(2026, 2, 2, 8, 0, tzinfo=UTC)) == seconds
