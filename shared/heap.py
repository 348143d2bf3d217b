"""Gives memory back that a worker no longer needs.

glibc keeps what has been freed in the middle of a heap, and a fetcher's peaks, hundreds of pages in one moment, leave
much of that. Nobody else would ever use it.
"""

import contextlib
import ctypes
import threading
from collections.abc import Callable, Iterator

# Seconds. A trim takes a millisecond or two; what it gives back too early costs a page fault for each 4 KB.
EVERY_S = 5.0


@contextlib.contextmanager
def trimmed(every: float = EVERY_S) -> Iterator[None]:
    """Give freed memory back from time to time while the block lasts."""
    stop = threading.Event()
    thread = threading.Thread(target=_trim, args=(stop, every), name="heap", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _trim(stop: threading.Event, every: float) -> None:
    trim = _malloc_trim()
    while trim is not None and not stop.wait(every):
        trim(0)


def _malloc_trim() -> Callable[[int], int] | None:
    """Returns glibc's function; None with another library."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
