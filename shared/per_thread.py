"""One instance of a client per thread, made on first use; for clients that threads must not share."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class PerThread(Generic[T]):
    """Makes and stores one instance for each thread."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._local = threading.local()

    def get(self) -> T:
        """Returns this thread's own instance."""
        if not hasattr(self._local, "value"):
            self._local.value = self._make()
        return cast(T, self._local.value)
