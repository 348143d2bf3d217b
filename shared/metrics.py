"""Serves a process' metrics to Prometheus, and to whatever else reads its format (KEDA), at http://HOST:PORT/metrics."""

import contextlib
from collections.abc import Iterator

import structlog
from prometheus_client import REGISTRY, disable_created_metrics, start_http_server
from prometheus_client.registry import Collector

from shared.failures import UserError

log = structlog.get_logger()


@contextlib.contextmanager
def served(host: str, port: int | None, facts: Collector, *, setting: str) -> Iterator[None]:
    """Answer scrapes with what this process has counted, and with `facts`, which are collected for each scrape.

    Does nothing without a port. Raises UserError, which names the port's setting, if the address cannot be bound.
    """
    if port is None:
        yield
        return
    disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the series, to say when each began
    try:
        server, thread = start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise UserError(
            f"Cannot serve metrics at {host}:{port}: {error.strerror or error}. "
            f"Set another {setting} or DEPECHE_METRICS_HOST, or none for no metrics."
        ) from error
    REGISTRY.register(facts)
    log.info("metrics_served", host=host, port=port)
    try:
        yield
    finally:
        REGISTRY.unregister(facts)
        server.shutdown()
        server.server_close()
        thread.join()
