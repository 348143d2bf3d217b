"""Serves a process' metrics to Prometheus, and to whatever else reads its format (KEDA), at http://HOST:PORT/metrics."""

import contextlib
import re
import threading
from collections.abc import Iterator
from http import HTTPStatus
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import REGISTRY, disable_created_metrics, start_http_server
from prometheus_client.registry import Collector

from shared.failures import UserError
from shared.messages import Origin
from shared.settings import BrokerSettings

log = structlog.get_logger()

# Workers that share a machine are given one setting, and each takes the first port that is free, of this many.
PORTS = 32
# Reasons come out of messages. Whoever can write messages could else make a series of each; all that Depeche itself has
# are half as many.
MOST_REASONS = 100
SLUG = re.compile(r"[a-z][a-z_]{1,40}")
HTTP_REASONS = frozenset(f"http_{status.value}" for status in HTTPStatus)


@contextlib.contextmanager
def served(settings: BrokerSettings, *facts: Collector) -> Iterator[None]:
    """Answer scrapes with what this process has counted, and with `facts`, which are collected for each scrape.

    Does nothing without a port. Raises UserError if the port and all that may stand for it are taken.
    """
    if settings.metrics_port is None:
        yield
        return
    disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the series, to say when each began
    server, thread = _listen(settings.metrics_host, settings.metrics_port)
    for collector in facts:
        REGISTRY.register(collector)
    log.info("metrics_served", host=settings.metrics_host, port=server.server_port)
    try:
        yield
    finally:
        for collector in facts:
            REGISTRY.unregister(collector)
        server.shutdown()
        server.server_close()
        thread.join()


def _listen(host: str, first: int) -> tuple[WSGIServer, threading.Thread]:
    last = min(first + PORTS - 1, 65_535)
    for port in range(first, last + 1):
        try:
            return start_http_server(port, host, REGISTRY)
        except OSError as error:
            problem = error
    raise UserError(
        f"Cannot serve metrics at {host}, port {first} to {last}: {problem.strerror or problem}. "
        "Set another DEPECHE_METRICS_PORT or DEPECHE_METRICS_HOST, or no port for no metrics."
    ) from problem


def kind_of(origin: Origin) -> str:
    """Returns why the page is fetched, as a label: one of five."""
    if origin.visit.replayed:
        return "replayed"
    if origin.visit.of_source:
        return "source"
    if origin.visit.is_revisit:
        return "revisit"
    return "followed" if origin.found_on else "asked"


_reasons: set[str] = set()


def reason_label(reason: str | None) -> str:
    """Returns the reason as a label; `other` for what is no slug of ours, and when there are too many of them."""
    reason = reason or "none"
    if reason not in HTTP_REASONS and not SLUG.fullmatch(reason):
        return "other"
    if reason not in _reasons and len(_reasons) >= MOST_REASONS:
        return "other"
    _reasons.add(reason)
    return reason
