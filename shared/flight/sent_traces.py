"""Sends traces to an OpenTelemetry collector, by OTLP over HTTP; the standard's variables say where and how many.

Each flight is one trace. Its root, `page`, spans the whole way, and is sent when the page has landed. The root's id is
made of the flight's, so that the spans of all stages name it as their parent before anybody has sent it. Whether a
flight is sampled is decided by the trace's id alone, and so by every service in the same way.
"""

import hashlib
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from celery import signals
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared.failures import PageFailure
from shared.flight.ledger import Acceptance
from shared.flight.traces import Facts, Landed, Tell, Traces
from shared.messages import FetchPage, FetchRequest, Origin, PageDropped, PageFetched, PageParsed, StageName
from shared.metrics import kind_of
from shared.version import VERSION

# A service that ends waits this long (s) for a collector that does not answer. What it has not taken is lost.
END_S = 3.0
# The fates of a page that is not to be had, and is not as it should be.
WRONG = ("failed", "quarantined")


class SentTraces(Traces):
    """Traces that are sent in the background; a collector that is away holds up nothing."""

    is_on = True

    def __init__(self, service: str) -> None:
        name = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"depeche-{service}"}
        resource = Resource.create({"service.namespace": "depeche", "service.version": VERSION, **name})
        self._ids = FlightIds()
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("depeche", VERSION)
        # One line for each batch of spans that is lost, and none for each time that it is tried again.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
        # A parser's pages are parsed in children, each of which sends its own.
        signals.worker_process_shutdown.connect(self._end_of_child, weak=False)

    def accepted(
        self, requests: Sequence[FetchRequest], answers: Sequence[Acceptance], *, led_by: str | None = None
    ) -> None:
        leader = led_by and self._root_of(led_by)
        links = [Link(leader, {"depeche.link": "found_on"})] if leader else []
        for request, answer in zip(requests, answers, strict=True):
            root = answer.flight_id and self._root_of(answer.flight_id)
            if answer.outcome == "new" and root:
                self._tracer.start_span(
                    "accept", _under(root), SpanKind.PRODUCER, _of_origin(request.origin), links=links
                ).end()

    @contextmanager
    def stage(self, stage: StageName, record: FetchPage | PageFetched) -> Iterator[Tell]:
        root = self._root_of(record.flight_id)
        if root is None:
            yield lambda _facts: None
            return
        facts: Facts = {**_of_origin(record.origin), "depeche.stage": stage, "depeche.attempt": record.origin.attempt}
        with self._span(stage, facts, _under(root), SpanKind.CONSUMER) as tell:
            yield tell

    def download(self, url: str) -> AbstractContextManager[Tell]:
        return self._span("download", {"server.address": _host(url)})

    def request(self, url: str) -> AbstractContextManager[Tell]:
        return self._span("request", {"server.address": _host(url), "http.request.method": "GET"}, kind=SpanKind.CLIENT)

    def landed(self, pages: Iterable[Landed]) -> None:
        now = time.time_ns()
        for page in pages:
            record, root = page.record, self._root_of(page.record.flight_id)
            if root is None:
                continue
            facts = {**_of_origin(record.origin), **_of_end(record), "depeche.attempt": record.origin.attempt}
            index = self._tracer.start_span("index", _under(root), SpanKind.CONSUMER, start_time=page.began_ns)
            index.set_attributes({**facts, "depeche.stage": "index", "depeche.batch_pages": page.batch})
            _judge(index, facts)
            index.end(now)
            begun = page.began_ns if page.accepted_at is None else int(page.accepted_at * 1e9)
            with self._ids.of(root):
                whole = self._tracer.start_span("page", Context(), attributes=facts, start_time=begun)
            _judge(whole, facts)
            whole.end(now)

    def end(self) -> None:
        # The library would wait half a minute for a collector that is away.
        ending = threading.Thread(target=self._provider.shutdown, name="traces-end", daemon=True)
        ending.start()
        ending.join(END_S)

    def _end_of_child(self, **_: Any) -> None:
        self.end()

    @contextmanager
    def _span(
        self, name: str, facts: Facts, context: Context | None = None, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Tell]:
        """A span of the block. How the block failed is told by the failure's reason, and never by its words."""
        with self._tracer.start_as_current_span(
            name, context, kind, facts, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield partial(_tell, span)
            except PageFailure as failure:
                _tell(span, {"error.type": failure.reason, "http.response.status_code": failure.http_status})
                raise
            except Exception as error:
                _tell(span, {"error.type": type(error).__name__})
                raise

    def _root_of(self, flight_id: str) -> SpanContext | None:
        """Returns the root of a flight's trace; None for an id that is none."""
        try:
            trace_id = uuid.UUID(flight_id).int
        except ValueError:
            return None
        decision = self._provider.sampler.should_sample(None, trace_id, "page").decision
        flags = TraceFlags(TraceFlags.SAMPLED if decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT)
        return SpanContext(trace_id, root_span_id(trace_id), is_remote=True, trace_flags=flags)


class FlightIds(RandomIdGenerator):
    """Draws ids, but for the root of a flight's trace, whose ids are those of the flight."""

    def __init__(self) -> None:
        self._root = threading.local()

    @contextmanager
    def of(self, root: SpanContext) -> Iterator[None]:
        """Within the block, a span without a parent is this root."""
        self._root.now = root
        try:
            yield
        finally:
            self._root.now = None

    def generate_trace_id(self) -> int:
        root: SpanContext | None = getattr(self._root, "now", None)
        return root.trace_id if root else super().generate_trace_id()

    def generate_span_id(self) -> int:
        root: SpanContext | None = getattr(self._root, "now", None)
        return root.span_id if root else super().generate_span_id()


def root_span_id(trace_id: int) -> int:
    """Returns the id of the root's span, by the trace's id."""
    return int.from_bytes(hashlib.blake2b(trace_id.to_bytes(16, "big"), digest_size=8).digest(), "big") or 1


def _under(root: SpanContext) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(root), Context())


def _tell(span: Span, facts: Facts) -> None:
    span.set_attributes({name: value for name, value in facts.items() if value is not None})
    _judge(span, facts)


def _judge(span: Span, facts: Facts) -> None:
    if facts.get("depeche.result") in WRONG or "error.type" in facts:
        span.set_status(Status(StatusCode.ERROR))


def _of_origin(origin: Origin) -> dict[str, str | int]:
    """Returns what may be told of a page: of its address the host alone, since more of it may be a secret."""
    facts = {"server.address": _host(origin.url), "depeche.source": origin.source, "depeche.kind": kind_of(origin)}
    return {name: value for name, value in facts.items() if value}


def _of_end(record: PageParsed | PageDropped) -> dict[str, str | int]:
    """Returns how a visit ended, by the record that was stored of it."""
    answer, dropped = record.answer, record if isinstance(record, PageDropped) else None
    status = answer.http_status if answer else dropped.http_status if dropped else None
    facts: dict[str, str | int | None] = {
        "depeche.result": dropped.fate if dropped else "parsed",
        "depeche.reason": dropped.reason if dropped else None,
        "depeche.dropped_at_stage": dropped.stage if dropped else None,
        "http.response.status_code": status,
        "http.response.body.size": answer.body_bytes if answer else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
