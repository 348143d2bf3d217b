"""Traces are off unless they are asked for, and say at once when they cannot be had."""

import sys

import pytest

from shared.failures import UserError
from shared.flight.traces import NO_TRACES, traces_of

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "true"},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nobody_is_told_unless_it_is_asked_for(environ: dict[str, str]) -> None:
    assert traces_of("fetcher", environ) is NO_TRACES


def test_another_protocol_is_refused() -> None:
    with pytest.raises(UserError, match=r"sent by http/protobuf alone.*not grpc"):
        traces_of("fetcher", {**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "shared.flight.sent_traces", raising=False)
    with pytest.raises(UserError, match=r"opentelemetry is not installed. Install requirements/otel.txt"):
        traces_of("fetcher", ENDPOINT)
