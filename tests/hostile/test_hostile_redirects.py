"""Redirects and URLs that lead astray: in circles, to other schemes, to addresses inside, to what is no URL."""

from dataclasses import replace

import pytest

from services.fetcher.download.address_guard import AddressGuard
from services.fetcher.errors import Refused
from shared.failures import PageFailure
from tests.hostile.failing_downloads import (
    OPTIONS,
    TOTAL_ENDS_IT,
    assert_failed,
    assert_refused,
    assert_retried,
    failure_from,
    failure_of,
    redirect_to,
    sending,
)
from tests.support.hostile_server import HostileServer, Visit, answer, serving


def test_redirect_to_itself() -> None:
    assert_failed(failure_from(sending(redirect_to("/page#elsewhere"))), "redirect_loop")


def test_redirect_in_a_circle() -> None:
    with serving(redirect_to("/a"), redirect_to("/b"), redirect_to("/page")) as server:
        failure = failure_of(server.url("/page"))
        assert len(server.heads) == 3
    assert_failed(failure, "redirect_loop")


def test_redirects_that_grow_without_end() -> None:
    with HostileServer(lambda visit: visit.send(redirect_to(visit.path + "/more"))) as server:
        failure = failure_of(server.url("/page"))
        assert len(server.heads) == OPTIONS.max_redirects + 1
    assert_failed(failure, "too_many_redirects")


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://news.example/", "gopher://x/", "javascript:x", "data:,x"]
)
def test_redirect_to_another_scheme(location: str) -> None:
    failure = failure_from(sending(redirect_to(location)))
    assert_refused(failure, "scheme_unsupported")
    assert "redirects" in failure.detail


def test_redirect_to_a_denied_address() -> None:
    with (
        HostileServer(sending(answer(b"secret")), address="127.0.0.2") as inside,
        serving(redirect_to(inside.url("/metadata"))) as outside,
    ):
        failure = failure_of(outside.url("/page"))
        assert inside.heads == []
    assert_refused(failure, "address_denied")
    assert "127.0.0.2" in failure.detail


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0", "[::]"])
def test_redirect_to_an_address_in_disguise(host: str) -> None:
    assert_refused(failure_from(sending(redirect_to(f"http://{host}/"))), "address_denied")


@pytest.mark.parametrize(
    "location",
    [
        "http://[::1/",
        "http://0177.0.0.1/",
        "http://a:99999999/",
        "http://a:0/",
        "http://xn--/x",
        "http://ex\x7fample/",
        "http://" + "a" * 64 + ".example/",
        "/" + "a" * 70_000,
        "/" + "a" * 8_000,
        "/" + "ü" * 3_000,
        "http://☃︎./",
    ],
)
def test_redirect_to_what_is_no_url(location: str | bytes) -> None:
    failure = failure_from(sending(redirect_to(location)))
    assert isinstance(failure, PageFailure)
    assert_refused(failure, "invalid_url")


def test_redirect_without_location() -> None:
    assert_failed(failure_from(sending(answer(b"", status="302 Found"))), "http_302")


def test_redirects_that_each_take_a_while_share_one_deadline() -> None:
    def behaviour(visit: Visit) -> None:
        visit.dribble([redirect_to(visit.path + "1")], every=0.2)

    options = replace(TOTAL_ENDS_IT, max_redirects=1000)
    assert_retried(failure_from(behaviour, options), "total_timeout")


@pytest.mark.parametrize(
    "url", ["", "/path", "news.example/a", "http://", "http:///a", "http://a:b/", "http://a:70000/"]
)
def test_what_is_no_url(url: str) -> None:
    failure = failure_of(url)
    assert isinstance(failure, Refused)
    assert failure.reason in ("invalid_url", "scheme_unsupported")


@pytest.mark.parametrize(
    "url", ["http://\ud800.example/", "http://a.example/\ud800", "http://a.example/\n/", "http://⑴.example/"]
)
def test_urls_that_cannot_be_encoded(url: str) -> None:
    assert_refused(failure_of(url), "invalid_url")


@pytest.mark.parametrize("url", ["ftp://news.example/a", "file:///etc/passwd", "mailto:desk@news.example", "data:,a"])
def test_schemes_other_than_http(url: str) -> None:
    assert_refused(failure_of(url), "scheme_unsupported")


@pytest.mark.parametrize(
    "host", ["2130706433", "127.1", "0x7f000001", "[::1]", "[::ffff:7f00:1]", "10.0.0.1", "localhost"]
)
def test_loopback_however_it_is_written(host: str) -> None:
    guarded = replace(OPTIONS, allow_networks=())
    with serving(answer(b"secret")) as server:
        failure = failure_of(f"http://{host}:{server.port}/", guarded)
        assert server.heads == []
    assert failure.reason in ("address_denied", "dns_failed")  # Some resolvers know fewer spellings.


def test_a_name_that_is_rebound_between_two_redirects() -> None:
    leads_to = iter([["127.0.0.1"], ["127.0.0.2"]])
    guard = AddressGuard(OPTIONS.allow_networks, resolve=lambda *_: next(leads_to))
    with serving(redirect_to("/b"), answer(b"secret")) as server:
        failure = failure_of(f"http://rebind.example:{server.port}/a", guard=guard)
        assert len(server.heads) == 1
    assert_refused(failure, "address_denied")
