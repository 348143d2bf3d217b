"""What long work tells on stderr: a line that grows on a terminal, and one every ten seconds elsewhere."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.filesize import decimal

from cli.output import say, stderr

TELL_EVERY_S = 10.0

Measure = Callable[[], int]


@contextlib.contextmanager
def told(what: str, measure: Measure, *, of: int | None = None) -> Iterator[Callable[[], None]]:
    """Yield what is to be called now and then; `measure` gives the bytes done, `of` about how many there will be."""
    last = time.monotonic()
    total = f" of about {decimal(of)}" if of else ""

    if stderr.is_terminal:
        with stderr.status(what) as line:
            yield lambda: line.update(f"{what}: {decimal(measure())}{total}")
        return

    def tell() -> None:
        nonlocal last
        if time.monotonic() >= last + TELL_EVERY_S:
            last = time.monotonic()
            say(f"{what}: {decimal(measure())}{total}")

    yield tell
