"""The deadline of a download, which bounds each of its steps, and what is known of its connection."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from shared.failures import RetryLater


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """The end of a download's time, by the monotonic clock, and how long that time was (s)."""

    total: float
    ends: float

    @classmethod
    def after(cls, total: float) -> "Deadline":
        """Returns the deadline of a download that starts now and may take `total` seconds."""
        return cls(total=total, ends=time.monotonic() + total)


NO_TIME = Deadline(total=0.0, ends=0.0)


class Wire:
    """What is known of the request under way: its deadline, and whether the server has closed the connection."""

    def __init__(self) -> None:
        self._deadline = NO_TIME  # outside a request
        self._cut_short = False
        self.peer_closed = False

    @contextmanager
    def until(self, deadline: Deadline) -> Iterator[None]:
        """Bound everything inside by the deadline."""
        self._deadline = deadline
        try:
            yield
        finally:
            self._deadline = NO_TIME

    def limit(self, timeout: float | None) -> float:
        """Returns the seconds that the next step may take; raises httpcore.TimeoutException when none are left."""
        left = self._deadline.ends - time.monotonic()
        self._cut_short = timeout is None or left < timeout
        if left <= 0:
            raise httpcore.TimeoutException("the total is used up")
        return left if timeout is None else min(left, timeout)

    def timeout_failure(self, url: str, exc: httpcore.TimeoutException) -> RetryLater:
        """Returns the failure for this timeout: that of the step itself, or the total that cut the step short."""
        if self._cut_short:
            return RetryLater(
                "total_timeout",
                f"{url} was not complete after {self._deadline.total:g} s, redirects included (DEPECHE_TOTAL_TIMEOUT).",
            )
        if isinstance(exc, httpcore.ConnectTimeout):
            return RetryLater("connect_timeout", f"No connection to {url} in time (DEPECHE_CONNECT_TIMEOUT).")
        return RetryLater("read_timeout", f"{url} fell silent before it was complete (DEPECHE_READ_TIMEOUT).")
