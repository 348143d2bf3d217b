"""A relay's life: it shows a sign of life while it waits, and ends when it is told to."""

import threading
import time

from shared.health import BEAT_S, beat


class Life:
    """Waits, with a sign of life every few seconds, until `stop` is set."""

    def __init__(self, stop: threading.Event, health_file: str | None) -> None:
        self._stop = stop
        self._health_file = health_file

    @property
    def ends(self) -> bool:
        """Whether the relay has been told to end; each look is a sign of life."""
        if self._health_file:
            beat(self._health_file)
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the relay has to end."""
        deadline = time.monotonic() + seconds
        while not self.ends and (left := deadline - time.monotonic()) > 0:
            self._stop.wait(min(left, BEAT_S))
