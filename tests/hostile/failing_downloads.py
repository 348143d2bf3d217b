"""What the tests of hostile servers share: tight limits, and what to expect of a failure."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from services.fetcher.download.address_guard import AddressGuard
from services.fetcher.download.download import Downloader, DownloadOptions
from services.fetcher.errors import Refused
from shared.failures import GiveUp, PageFailure, RetryLater
from tests.support.hostile_server import Behaviour, HostileServer

OPTIONS = DownloadOptions(
    user_agent="depeche-test/1",
    connect_timeout=5,
    read_timeout=5,
    total_timeout=20,
    max_bytes=1_000_000,
    max_redirects=5,
    allow_networks=(ip_network("127.0.0.1/32"),),
)
# Each is used where the other could not have ended the download.
SILENCE_ENDS_IT = replace(OPTIONS, read_timeout=0.3)
TOTAL_ENDS_IT = replace(OPTIONS, connect_timeout=3600, read_timeout=3600, total_timeout=0.5)
MEBIBYTE = 1 << 20


def failure_of(url: str, options: DownloadOptions = OPTIONS, *, guard: AddressGuard | None = None) -> PageFailure:
    """How the download of `url` fails; that it fails is part of the test."""
    downloader = Downloader(options, guard=guard)
    try:
        with pytest.raises(PageFailure) as failure:
            downloader.download(url)
    finally:
        downloader.close()
    return failure.value


def failure_from(behaviour: Behaviour, options: DownloadOptions = OPTIONS) -> PageFailure:
    """How a download from a server that behaves like this fails."""
    with HostileServer(behaviour) as server:
        return failure_of(server.url("/page"), options)


def assert_refused(failure: PageFailure, reason: str) -> None:
    assert isinstance(failure, Refused)
    assert (failure.reason, failure.fate) == (reason, "refused")


def assert_failed(failure: PageFailure, reason: str) -> None:
    assert isinstance(failure, GiveUp)
    assert (failure.reason, failure.fate) == (reason, "failed")


def assert_retried(failure: PageFailure, reason: str) -> None:
    assert isinstance(failure, RetryLater)
    assert failure.reason == reason


def sending(*pieces: bytes) -> Behaviour:
    """The behaviour of a server that sends these bytes and hangs up."""
    return lambda visit: visit.send(b"".join(pieces))


def redirect_to(location: str | bytes) -> bytes:
    """A redirect to `location`, sent as it is given."""
    raw = location if isinstance(location, bytes) else location.encode("utf-8")
    return b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + raw + b"\r\n\r\n"
