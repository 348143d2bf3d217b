"""Every behaviour of cases.py against a real socket: its page gets the fate that it must, within bounds.

The bounds are on time (the download's deadline, and what a busy machine adds) and on memory, however much is on offer.
"""

import itertools
import time
import tracemalloc
from dataclasses import replace

import brotli
import pytest
import redis

from services.fetcher.app import make_politeness
from services.fetcher.download.address_guard import AddressGuard
from services.fetcher.download.download import Downloader
from services.fetcher.settings import FetcherSettings
from shared.failures import GiveUp, PageFailure, RetryLater
from shared.urls import host_of
from tests.hostile.cases import CASES, PAGE, Case, encoded, endless
from tests.hostile.failing_downloads import MEBIBYTE, OPTIONS, redirect_to, sending
from tests.support.hostile_server import Behaviour, HostileServer, Visit, answer

LIMITS = replace(OPTIONS, connect_timeout=3.0, read_timeout=0.4, total_timeout=0.8, max_bytes=MEBIBYTE)
# Bombs and floods end by their size, and not by the clock, on the busiest machine.
PATIENT = replace(LIMITS, read_timeout=20.0, total_timeout=60.0)
SLACK_S = 5.0


def test_there_are_enough_behaviours() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fate_time_and_memory(case: Case) -> None:
    ends_by_the_clock = case.reason in ("read_timeout", "total_timeout")
    limits = LIMITS if ends_by_the_clock else PATIENT
    with HostileServer(case.behaviour) as server:
        downloader = Downloader(limits)
        tracemalloc.start()
        started = time.monotonic()
        try:
            end = _end_of(downloader, server.url(case.path, scheme=case.scheme), case)
        finally:
            elapsed = time.monotonic() - started
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            downloader.close()
    assert end == (case.fate, case.reason)
    assert elapsed < limits.total_timeout + SLACK_S
    assert peak < case.peak * MEBIBYTE


def _end_of(downloader: Downloader, url: str, case: Case) -> tuple[str, str]:
    """The page's fate and reason; `page` and none for one that is read."""
    try:
        response = downloader.download(url)
    except RetryLater as failure:
        return "retried", failure.reason
    except GiveUp as failure:
        return failure.fate, failure.reason
    assert response.body == case.body
    return "page", ""


ROBOTS: dict[str, tuple[Behaviour, str]] = {
    "a flood": (endless(b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /page\n", b"#" * 9000), "robots_disallowed"),
    "a bomb": (
        encoded("br", brotli.compress(b"User-agent: *\nDisallow: /page\n" + bytes(50 * MEBIBYTE), quality=1)),
        "robots_disallowed",
    ),
    "a million rules": (
        sending(answer(b"User-agent: *\nDisallow: /page\n" + b"Disallow: /*x*y*z$\n" * 100_000)),
        "robots_disallowed",
    ),
    "an image": (sending(answer(b"\x89PNG\r\n\x1a\n" + bytes(500), "Content-Type: image/png")), ""),
    "surrogates and zeros": (sending(answer(b"User-agent: *\nDisallow: /\xed\xa0\x80\0\xff")), ""),
    "a redirect inwards": (sending(redirect_to("http://169.254.169.254/robots.txt")), ""),
    "a redirect to a file": (sending(redirect_to("file:///etc/passwd")), ""),
    "a circle": (sending(redirect_to("/robots.txt")), ""),
    "a wait of a year": (sending(answer(b"User-agent: *\nCrawl-delay: 31536000\n")), "host_busy"),
    "silence": (Visit.say_nothing, "robots_unreachable"),
    "garbage": (sending(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "robots_unreachable"),
    "an error without end": (endless(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 9000), "robots_unreachable"),
}


@pytest.mark.parametrize("form", ROBOTS)
def test_hostile_forms_of_robots_txt(client: "redis.Redis", form: str) -> None:
    """A bad robots.txt costs its site its pages at the worst; it never costs the fetcher more than its limits."""
    robots, reason = ROBOTS[form]

    def behaviour(visit: Visit) -> None:
        if visit.path == "/robots.txt":
            robots(visit)
        else:
            visit.send(answer(PAGE))

    politeness = make_politeness(client, FetcherSettings(host_delay=0), host_of)
    downloader = Downloader(replace(OPTIONS, read_timeout=1.0, max_bytes=MEBIBYTE))
    tracemalloc.start()
    try:
        with HostileServer(behaviour) as server:
            politeness.download(downloader, server.url("/page"))
            end = ""
    except PageFailure as failure:
        end = failure.reason
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        downloader.close()
    assert end == reason
    assert peak < 24 * MEBIBYTE


def test_a_name_that_leads_elsewhere_at_each_look_up() -> None:
    """Rebinding: what was judged is what is connected to, on each connection anew."""
    leads_to = itertools.cycle([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.2", "169.254.169.254"]])
    guard = AddressGuard(OPTIONS.allow_networks, resolve=lambda *_: next(leads_to))
    downloader = Downloader(OPTIONS, guard=guard)
    with HostileServer(lambda visit: visit.send(answer(PAGE))) as server:
        ends = [_reason(downloader, f"http://rebind.example:{server.port}/") for _ in range(6)]
    downloader.close()
    assert ends == ["", "address_denied", "address_denied"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1.", "LOCALHOST", "127.0.0.1@rebind.example", "rebind.example%00.example"])
def test_tricks_with_the_host(host: str) -> None:
    guard = AddressGuard((), resolve=lambda *_: ["127.0.0.1"])
    downloader = Downloader(OPTIONS, guard=guard)
    with HostileServer(lambda visit: visit.send(answer(b"secret"))) as server:
        reason = _reason(downloader, f"http://{host}:{server.port}/")
        assert server.heads == []
    downloader.close()
    assert reason in ("address_denied", "invalid_url")


def _reason(downloader: Downloader, url: str) -> str:
    try:
        downloader.download(url)
    except PageFailure as failure:
        return failure.reason
    return ""
