"""What a response's status means for the page."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from services.fetcher.errors import Gone
from shared.failures import GiveUp, PageFailure, RetryLater

RETRYABLE_CLIENT_ERRORS = frozenset({408, 429})
# A server may ask for a pause of weeks, but after this time (s) a page of news is requested again.
MAX_RETRY_AFTER_SECONDS = 6 * 3600.0


def failure_of_status(status: int, url: str, *, retry_after: str | None) -> PageFailure | None:
    """Returns the failure that `status` stands for, or None for 2xx. `retry_after` is the header as it came."""
    if 200 <= status < 300:
        return None
    reason, detail = f"http_{status}", f"{url} answered with HTTP status {status}."
    if status in (404, 410):
        return Gone("http_404" if status == 404 else "http_410", detail, http_status=status)
    if 500 <= status < 600 or status in RETRYABLE_CLIENT_ERRORS:
        return RetryLater(reason, detail, after=seconds_to_wait(retry_after), http_status=status)
    return GiveUp(reason, detail, http_status=status)


def seconds_to_wait(retry_after: str | None, *, now: datetime | None = None) -> float | None:
    """Returns the seconds from now that Retry-After (seconds or an HTTP date) asks for, capped.

    None where the header is missing or unreadable.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        # Ten digits are three centuries; a text of any length might exceed a float's range.
        return min(float(text[:10]), MAX_RETRY_AFTER_SECONDS)
    try:
        due = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if due.tzinfo is None:  # RFC 5322: "-0000" is UTC, and says nothing about the local zone.
        due = due.replace(tzinfo=UTC)
    wait = (due - (now or datetime.now(UTC))).total_seconds()
    return min(max(wait, 0.0), MAX_RETRY_AFTER_SECONDS)
