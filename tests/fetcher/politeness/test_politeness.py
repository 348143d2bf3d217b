"""Downloads from a real server are polite: robots.txt, turns, pauses; a page that cannot have its turn comes back."""

from typing import Any

import pytest
import redis

from services.fetcher.app import make_politeness
from services.fetcher.download.download import Downloader, Response
from services.fetcher.download.terms import PLAIN_TERMS, Terms
from services.fetcher.politeness import politeness as module
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.options import SourceOptions
from shared.failures import GiveUp, RetryLater
from shared.urls import host_of
from tests.support.site import Answer, Site

PAGE = Answer(b"<title>A page</title><p>Text")
MOVED = {"Content-Type": "text/html", "Location": ""}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT_S", 1.0)


def polite(client: "redis.Redis", **settings: Any) -> Politeness:
    return make_politeness(client, FetcherSettings(**{"host_delay": 0, **settings}), host_of)


def get(politeness: Politeness, downloader: Downloader, url: str, terms: Terms = PLAIN_TERMS) -> Response:
    return politeness.download(downloader, url, terms)


def moved(to: str, status: int = 302) -> Answer:
    return Answer(b"", status, {**MOVED, "Location": to})


def test_robots_txt_is_read_first_and_once(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    page, private = site.serve("/page", PAGE), site.serve("/private/x", PAGE)
    politeness, other_worker = polite(client), polite(client)
    assert get(politeness, downloader, page).body == PAGE.body
    for of in (politeness, other_worker, politeness):
        with pytest.raises(GiveUp) as caught:
            get(of, downloader, private)
        assert (caught.value.reason, caught.value.fate) == ("robots_disallowed", "refused")
        assert site.url("/robots.txt") in caught.value.detail
    assert (site.asked("/robots.txt"), site.asked("/private/x")) == (1, 0)


def test_the_rules_are_those_for_the_sources_own_user_agent(
    client: "redis.Redis", downloader: Downloader, site: Site
) -> None:
    site.serve("/robots.txt", b"User-agent: DeskBot\nDisallow: /\n\nUser-agent: *\nDisallow:\n")
    page = site.serve("/page", PAGE)
    politeness = polite(client)
    get(politeness, downloader, page)
    with pytest.raises(GiveUp, match="robots_disallowed"):
        get(politeness, downloader, page, Terms(source=SourceOptions(user_agent="DeskBot/1.0")))


def test_it_holds_on_each_hop_of_a_redirect(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /b\n")
    start, end = site.serve("/a", moved("/b")), site.serve("/b", PAGE)
    with pytest.raises(GiveUp, match="robots_disallowed") as caught:
        get(polite(client), downloader, start)
    assert end in caught.value.detail
    assert (site.asked("/a"), site.asked("/b")) == (1, 0)
    with Site() as elsewhere:
        elsewhere.serve("/robots.txt", b"User-agent: *\nDisallow: /\n")
        with pytest.raises(GiveUp, match="robots_disallowed"):
            get(polite(client), downloader, site.serve("/out", moved(elsewhere.serve("/x", PAGE))))
        assert elsewhere.asked("/x") == 0


def test_it_need_not_be_obeyed(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /\nCrawl-delay: 100\n")
    page = site.serve("/page", PAGE)
    for _ in range(2):
        get(polite(client, obey_robots=False), downloader, page)
    assert site.asked("/robots.txt") == 0


def test_crawl_delay_slows_the_host_down(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    """It counts from the reading of robots.txt on, which is a request too, and so is that of tdmrep.json."""
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 60\n")
    page = site.serve("/page", PAGE)
    politeness = polite(client)
    for asked in ([1, 0, 0], [1, 1, 0], [1, 1, 1]):
        with pytest.raises(RetryLater) as caught:
            get(politeness, downloader, page)
        assert (caught.value.reason, caught.value.counts) == ("host_busy", False)
        assert caught.value.after == pytest.approx(60, abs=2)
        assert [site.asked(path) for path in ("/robots.txt", "/.well-known/tdmrep.json", "/page")] == asked
        client.delete("depeche:touched")
        if asked == [1, 1, 0]:
            get(politeness, downloader, page)


def test_robots_txt_itself_takes_its_turn(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    politeness = polite(client, host_delay=60)
    with pytest.raises(RetryLater, match="host_busy"):
        get(politeness, downloader, site.serve("/page", PAGE))
    assert (site.asked("/robots.txt"), site.asked("/page")) == (1, 0)


def test_a_sources_own_delay_is_for_its_own_site(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    politeness = polite(client, host_delay=60, obey_robots=False)
    page = site.serve("/page", PAGE)
    own = Terms(source=SourceOptions(url=site.url("/"), delay=0.0))
    for _ in range(3):
        get(politeness, downloader, page, own)
    foreign = Terms(source=SourceOptions(url="https://elsewhere.example/", delay=0.0))
    get(politeness, downloader, page, foreign)
    with pytest.raises(RetryLater, match="host_busy"):
        get(politeness, downloader, page, foreign)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_pauses_the_host(status: int, client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    busy = site.serve("/busy", Answer(b"", status, {"Retry-After": "120", "Content-Type": "text/html"}))
    other = site.serve("/other", PAGE)
    politeness = polite(client, obey_robots=False)
    with pytest.raises(RetryLater) as caught:
        get(politeness, downloader, busy)
    assert (caught.value.reason, caught.value.counts, caught.value.after) == (f"http_{status}", True, 120)
    for of in (politeness, polite(client, obey_robots=False)):
        with pytest.raises(RetryLater) as caught:
            get(of, downloader, other)
        assert (caught.value.reason, caught.value.counts) == ("host_busy", False)
        assert caught.value.after == pytest.approx(120, abs=2)
    assert site.asked("/other") == 0


def test_an_overloaded_host_is_that_of_the_hop_that_said_so(
    client: "redis.Redis", downloader: Downloader, site: Site
) -> None:
    with Site() as elsewhere:
        end = elsewhere.serve("/x", Answer(b"", 429))
        start, other = site.serve("/a", moved(end)), site.serve("/other", PAGE)
        politeness = polite(client, obey_robots=False)
        with pytest.raises(RetryLater, match="http_429"):
            get(politeness, downloader, start)
        get(politeness, downloader, other)
        with pytest.raises(RetryLater, match="host_busy"):
            get(politeness, downloader, end)


def test_a_plain_error_slows_nothing_down(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    politeness = polite(client, obey_robots=False)
    with pytest.raises(RetryLater, match="http_500"):
        get(politeness, downloader, site.serve("/broken", Answer(b"", 500)))
    get(politeness, downloader, site.serve("/page", PAGE))


def test_a_connection_that_was_never_made_counts_as_a_request(client: "redis.Redis", downloader: Downloader) -> None:
    politeness = polite(client, host_delay=60, obey_robots=False)
    url = "http://127.0.0.1:9/"  # nobody listens on the discard port
    with pytest.raises(RetryLater, match="connect_failed"):
        get(politeness, downloader, url)
    with pytest.raises(RetryLater, match="host_busy") as caught:
        get(politeness, downloader, url)
    assert caught.value.after == pytest.approx(60, abs=2)
    assert client.keys("depeche:leases:*") == []


def test_a_crowded_host_sends_the_page_back_without_an_attempt(
    client: "redis.Redis", downloader: Downloader, site: Site
) -> None:
    politeness = polite(client, host_connections=1, obey_robots=False)
    page = site.serve("/page", PAGE)
    with politeness.turn_at(page):
        with pytest.raises(RetryLater, match="host_busy") as caught:
            get(politeness, downloader, page)
        assert not caught.value.counts
        assert caught.value.after == module.BACK_FOR_S
    get(politeness, downloader, page)
