"""An OpenTelemetry collector on loopback: it takes traces by OTLP over HTTP, and keeps them."""

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A span as it came; ids are in hex, and `links` are pairs of the ids of a trace and a span."""

    service: str
    trace: str
    id: str
    parent: str
    name: str
    began: int
    ended: int
    facts: dict[str, Any]
    links: list[tuple[str, str]]
    is_error: bool
    events: int


class Collector:
    """The running collector: `with Collector() as collector: ...; collector.spans()`."""

    def __init__(self) -> None:
        self._requests: list[tuple[str, ExportTraceServiceRequest]] = []
        self._lock = Lock()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 30

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                with collector._lock:
                    collector._requests.append((self.path, ExportTraceServiceRequest.FromString(body)))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.end_headers()
                self.wfile.write(ExportTraceServiceResponse().SerializeToString())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The endpoint, without the path of the traces."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> set[str]:
        """The paths at which something came."""
        with self._lock:
            return {path for path, _ in self._requests}

    def spans(self) -> list[Sent]:
        """All spans that have come."""
        with self._lock:
            return [span for _, request in self._requests for span in _spans(request)]


def _spans(request: ExportTraceServiceRequest) -> Iterator[Sent]:
    for of_resource in request.resource_spans:
        service = _facts(of_resource.resource.attributes)["service.name"]
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield Sent(
                    service=service,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    name=span.name,
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    facts=_facts(span.attributes),
                    links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
                    is_error=span.status.code == 2,
                    events=len(span.events),
                )


def _facts(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
