"""Waiting for something to become true, instead of sleeping for as long as it usually takes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.02
# Seconds. Nothing here takes more than a few on an idle machine; a busy one that is slow may take ten times as long.
PATIENCE_S = 60.0


def wait_until(condition: Callable[[], T], *, timeout: float = PATIENCE_S, what: str = "the condition") -> T:
    """What `condition` gives once that is true; AssertionError when it is not within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what} did not come true within {timeout:.0f} s")
        time.sleep(POLL_S)
