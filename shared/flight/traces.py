"""A page's way through the services as one OpenTelemetry trace, where the operator asks for it (docs/operations.md).

The id of the trace is the flight's id, so that every service knows it and no message has to carry it
(docs/decisions/0021-traces.md).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

import msgspec

from shared.failures import UserError
from shared.flight.ledger import Acceptance
from shared.messages import FetchPage, FetchRequest, PageDropped, PageFetched, PageParsed, StageName

# The standard's variables that say where traces go. Without either there are none.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"

Facts = Mapping[str, str | int | None]
Tell = Callable[[Facts], None]


class Landed(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is stored: as it came to be stored, when it was accepted (Unix s), and when its batch began (ns)."""

    record: PageParsed | PageDropped
    accepted_at: float | None
    began_ns: int
    batch: int


class Traces:
    """What a service tells of a page's way; this one tells nobody, and costs nothing. To be used as a context."""

    is_on = False

    def accepted(
        self, requests: Sequence[FetchRequest], answers: Sequence[Acceptance], *, led_by: str | None = None
    ) -> None:
        """Tell that pages were accepted; `led_by` is the flight of the page that led to them."""

    def stage(self, _stage: StageName, _record: FetchPage | PageFetched) -> AbstractContextManager[Tell]:
        """Tell of a stage's work on a page; what it has come to is told within."""
        return NOBODY

    def download(self, _url: str) -> AbstractContextManager[Tell]:
        """Tell of the download of a page, with its waits for the host's turn."""
        return NOBODY

    def request(self, _url: str) -> AbstractContextManager[Tell]:
        """Tell of one request of a download: that of its robots.txt, of a redirect, of the page."""
        return NOBODY

    def landed(self, pages: Iterable[Landed]) -> None:
        """Tell that pages were stored, and so of their whole way."""

    def end(self) -> None:
        """Send what has not been sent yet."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.end()


def _tell_nobody(_facts: Facts) -> None:
    pass


NOBODY: AbstractContextManager[Tell] = nullcontext(_tell_nobody)
NO_TRACES = Traces()


def traces_of(service: str, environ: Mapping[str, str] = os.environ) -> Traces:
    """Returns the traces that the environment asks for, of this service; raises UserError if they cannot be had."""
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    if off or not any(environ.get(name) for name in ENDPOINTS):
        return NO_TRACES
    asked_for = next((environ[name] for name in PROTOCOLS if environ.get(name)), PROTOCOL)
    if asked_for != PROTOCOL:
        raise UserError(f"Traces are sent by {PROTOCOL} alone. Leave {PROTOCOLS[1]} unset, not {asked_for}.")
    try:
        from shared.flight.sent_traces import SentTraces  # noqa: PLC0415 - a library that only traces need
    except ImportError as error:
        raise UserError(
            f"{ENDPOINTS[1]} asks for traces, and {error.name} is not installed. Install requirements/otel.txt (in "
            "images: the build argument OTEL=1), or unset the variable."
        ) from error
    return SentTraces(service)
