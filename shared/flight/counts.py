"""Counts what becomes of the pages that a stage works on, for Prometheus.

A stage that works in child processes (the parser) cannot count in them: a scrape reaches the parent only, and a child
may be ended at any moment. Its children tell the parent what to count, by one datagram for each message of pages.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

import msgspec
from prometheus_client import Counter, Histogram

from shared.messages import StageName
from shared.metrics import reason_label

PAGES = Counter(
    "depeche_stage_pages",
    "Pages that a stage has worked on: passed on, to be tried again (waits), or the fate with which they ended.",
    ["stage", "result", "kind"],
)
SECONDS = Histogram(
    "depeche_stage_page_seconds",
    "Time that a stage took for one page, waits for its host's turn included.",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RETRIES = Counter("depeche_stage_retries", "Attempts after which a page waits for another.", ["stage", "reason"])

# A parent that does not read for this long (s) does not get to know of these pages; the parser goes on.
SEND_TIMEOUT_S = 1.0
LARGEST_DATAGRAM = 1 << 16


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage's work on one page has come to; `reason` is that of the failure after which the page waits."""

    stage: StageName
    result: str
    kind: str
    seconds: float
    reason: str | None = None


Count = Callable[[Sequence[Worked]], None]


def count(pages: Sequence[Worked]) -> None:
    """Count the pages in this process."""
    for page in pages:
        PAGES.labels(page.stage, page.result, page.kind).inc()
        SECONDS.labels(page.stage).observe(page.seconds)
        if page.result == "waits":
            RETRIES.labels(page.stage, reason_label(page.reason)).inc()


class CountsOfChildren:
    """Counts in this process what children that it forks later tell."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._writer.settimeout(SEND_TIMEOUT_S)
        self._thread = threading.Thread(target=self._read, name="counts-of-children", daemon=True)

    def tell(self, pages: Sequence[Worked]) -> None:
        """Tell the parent to count the pages; called in a child."""
        for page in range(0, len(pages), 200):  # so many are never more than a datagram holds
            try:
                self._writer.send(msgspec.msgpack.encode(pages[page : page + 200]))
            except OSError:
                return

    def __enter__(self) -> "CountsOfChildren":
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._writer.send(b"")
        self._thread.join()
        self._writer.close()
        self._reader.close()

    def _read(self) -> None:
        while datagram := self._reader.recv(LARGEST_DATAGRAM):
            count(msgspec.msgpack.decode(datagram, type=list[Worked]))
