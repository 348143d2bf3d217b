"""One instance of something a thread, made on first use; for clients that must not be shared."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class PerThread(Generic[T]):
    """`get()` gives this thread's own instance."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._local = threading.local()

    def get(self) -> T:
        """This thread's instance."""
        if not hasattr(self._local, "value"):
            self._local.value = self._make()
        return cast(T, self._local.value)
