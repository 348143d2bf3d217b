"""Gives memory back that a worker no longer needs.

glibc keeps what has been freed in the middle of a heap, and a fetcher's peaks, hundreds of pages in one moment, leave
much of that. Nobody else would ever use it.
"""

import ctypes
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from shared.background import in_background

# Seconds. A trim takes a millisecond or two; what it gives back too early costs a page fault for each 4 KB.
EVERY_S = 5.0


def trimmed(every: float = EVERY_S) -> AbstractContextManager[None]:
    """Give freed memory back from time to time while the block lasts."""

    def trim(stop: threading.Event) -> None:
        give_back = _malloc_trim()
        while give_back is not None and not stop.wait(every):
            give_back(0)

    return in_background("heap", trim)


def _malloc_trim() -> Callable[[int], int] | None:
    """Returns glibc's function; None with another library."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
