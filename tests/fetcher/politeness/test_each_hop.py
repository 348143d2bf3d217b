"""What happens before, at and after each request of a polite download, as turns that write it down tell it."""

import time
from collections.abc import Iterator

import pytest

from services.fetcher.download import wire
from services.fetcher.download.download import Downloader, Response
from services.fetcher.download.terms import PLAIN_TERMS, Terms
from services.fetcher.politeness import politeness as module
from services.fetcher.politeness.host_turns import Turn, Verdict
from services.fetcher.politeness.in_process import CopiesAlone
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.politeness.robots import Robots
from services.fetcher.sources.options import SourceOptions
from shared.failures import PageFailure, RetryLater
from shared.messages import Validators
from tests.support.site import Answer, Site, dead_port

PAGE = Answer(b"<title>A page</title><p>Text")


class Written:
    """Turns that are there at once, or after the waits that they are given; `log` has what was asked of them."""

    def __init__(self, *waits: float) -> None:
        self.log: list[tuple[object, ...]] = []
        self._waits = list(waits)

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None:
        wait = self._waits.pop(0) if self._waits else 0.0
        if wait:
            return wait
        self.log.append(("take", url, own_delay, crawl_delay))
        return Turn(url="", host=url, lease="", delay_ms=0, granted_at_ms=0, is_paced=True)

    def sent(self, turn: Turn) -> None:
        self.log.append(("sent", turn.host))

    def hold(self, url: str, seconds: float) -> None:
        self.log.append(("hold", url, seconds))

    def end(self, turn: Turn, verdict: Verdict, *, pause: float | None = None, reason: str = "") -> None:
        self.log.append(("end", turn.host, verdict, pause))


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    with Site() as site:
        yield site


def polite(turns: Written, *, obeys: bool = True) -> Politeness:
    robots = Robots(CopiesAlone(), turn_s=60) if obeys else None
    return Politeness(turns, robots, user_agent="Depeche/0.1")


def get(politeness: Politeness, downloader: Downloader, url: str, terms: Terms = PLAIN_TERMS) -> Response:
    return politeness.download(downloader, url, terms)


def moved(to: str) -> Answer:
    return Answer(b"", 302, {"Content-Type": "text/html", "Location": to})


def whole_turn(
    url: str, *, own: float | None = None, crawl: float = 0.0, ends: str = "good"
) -> list[tuple[object, ...]]:
    return [("take", url, own, crawl), ("sent", url), ("end", url, ends, None)]


def test_each_request_has_a_turn_of_its_own_robots_txt_and_redirects_too(
    downloader: Downloader, site: Site, elsewhere: Site
) -> None:
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 3\n")
    elsewhere.serve("/robots.txt", moved("/rules.txt"))
    rules = elsewhere.serve("/rules.txt", b"User-agent: *\nCrawl-delay: 5\n")
    end = elsewhere.serve("/c", PAGE)
    start, middle = site.serve("/a", moved("/b")), site.serve("/b", moved(end))
    turns = Written()
    politeness = polite(turns)
    assert get(politeness, downloader, start).redirects == (start, middle)
    assert turns.log == [
        *whole_turn(site.url("/robots.txt")),
        ("hold", start, 3.0),
        *whole_turn(start, crawl=3.0),
        *whole_turn(middle, crawl=3.0),
        *whole_turn(elsewhere.url("/robots.txt")),
        *whole_turn(rules),
        ("hold", end, 5.0),
        *whole_turn(end, crawl=5.0),
    ]
    turns.log.clear()
    get(politeness, downloader, start)
    assert turns.log == [*whole_turn(start, crawl=3.0), *whole_turn(middle, crawl=3.0), *whole_turn(end, crawl=5.0)]


def test_a_page_that_may_not_be_fetched_takes_no_turn(downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /no\nCrawl-delay: 3\n")
    turns = Written()
    with pytest.raises(PageFailure, match="robots_disallowed"):
        get(polite(turns), downloader, site.serve("/no", PAGE))
    assert turns.log == whole_turn(site.url("/robots.txt"))


def test_robots_txt_is_asked_for_as_the_page_is_but_never_on_condition(downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", b"")
    page = site.serve("/page", PAGE)
    known = [Validators(url=url, etag='"1"', body_sha256="", full_at=0.0) for url in (page, site.url("/robots.txt"))]
    own = SourceOptions(url=page, user_agent="DeskBot/1.0", headers={"X-Desk": "7"}, delay=0.5)
    turns = Written()
    for validators in known:
        get(polite(turns), downloader, page, Terms(source=own, validators=validators))
        of_robots, of_page = site.headers_of("/robots.txt"), site.headers_of("/page")
        for headers in (of_robots, of_page):
            assert (headers["User-Agent"], headers["X-Desk"]) == ("DeskBot/1.0", "7")
        assert "If-None-Match" not in of_robots
        assert ("If-None-Match" in of_page) == (validators.url == page)
    assert turns.log == [*whole_turn(site.url("/robots.txt"), own=0.5), *whole_turn(page, own=0.5)] * 2


@pytest.mark.parametrize(
    ("answer", "verdict", "pause"),
    [
        (PAGE, "good", None),
        (Answer(b"", 404), "good", None),
        (Answer(b"", 429, {"Retry-After": "7", "Content-Type": "text/html"}), "overloaded", 7.0),
        (Answer(b"", 503), "unavailable", None),
        (Answer(b"", 503, {"Retry-After": "7"}), "overloaded", 7.0),
        (Answer(b"", 500), "other", None),
        (Answer(b"%PDF-1.7"), "other", None),
        (moved("/page"), "good", None),
        (moved("ftp://elsewhere.example/"), "other", None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_how_a_turn_ends(answer: Answer, verdict: str, pause: float | None, downloader: Downloader, site: Site) -> None:
    page, turns = site.serve("/page", answer), Written()
    try:
        get(polite(turns, obeys=False), downloader, page)
    except PageFailure:
        assert answer is not PAGE
    assert turns.log == [("take", page, None, 0.0), ("sent", page), ("end", page, verdict, pause)]


def test_an_overloaded_robots_txt_is_its_hosts_trouble(downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", Answer(b"", 503, {"Retry-After": "7"}))
    turns, url = Written(), site.url("/robots.txt")
    with pytest.raises(RetryLater, match="robots_unreachable"):
        get(polite(turns), downloader, site.serve("/page", PAGE))
    assert turns.log == [("take", url, None, 0.0), ("sent", url), ("end", url, "overloaded", 7.0)]


def test_a_request_that_is_never_sent_ends_its_turn_too(downloader: Downloader) -> None:
    turns, url = Written(), f"http://127.0.0.1:{dead_port()}/"
    with pytest.raises(RetryLater, match="connect_failed"):
        get(polite(turns, obeys=False), downloader, url)
    assert turns.log == whole_turn(url, ends="other")


def test_a_turn_that_does_not_come_soon_is_not_taken(
    downloader: Downloader, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT_S", 0.2)
    page, turns = site.serve("/page", PAGE), Written(0.01, 0.01, 9.0)
    with pytest.raises(RetryLater, match="host_busy") as caught:
        get(polite(turns, obeys=False), downloader, page)
    assert (caught.value.after, caught.value.counts, turns.log) == (9.0, False, [])
    assert site.asked("/page") == 0
    get(polite(turns, obeys=False), downloader, page)
    assert turns.log == whole_turn(page)


class Slow(Written):
    """Turns that each take a while of the clock that downloads go by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._ahead = 0.0
        monkeypatch.setattr(wire, "time", self)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None:
        self._ahead += self._seconds
        return super().take(url, own_delay=own_delay, crawl_delay=crawl_delay)


def test_waiting_counts_towards_the_total_and_each_robots_txt_has_a_total_of_its_own(
    downloader: Downloader, site: Site, elsewhere: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20 s: each of two robots.txt takes 6, and so does the first hop; the second is too late."""
    rules, end = elsewhere.serve("/robots.txt", b""), elsewhere.serve("/b", PAGE)
    start, turns = site.serve("/a", moved(end)), Slow(monkeypatch, 6.0)
    with pytest.raises(RetryLater, match="total_timeout"):
        get(polite(turns), downloader, start)
    taken = [line[1] for line in turns.log if line[0] == "take"]
    assert taken == [site.url("/robots.txt"), start, rules, end]
    assert (elsewhere.asked("/robots.txt"), elsewhere.asked("/b")) == (1, 0)
    assert turns.log[-1] == ("end", end, "other", None)


def test_a_robots_txt_that_takes_too_long_for_the_page_is_read_all_the_same(
    downloader: Downloader, site: Site, elsewhere: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20 s: three steps of 9 s leave nothing for the page, and the robots.txt that is one of them is kept."""
    rules, end = elsewhere.serve("/robots.txt", b"User-agent: *\nDisallow: /b\n"), elsewhere.serve("/b", PAGE)
    turns = Slow(monkeypatch, 9.0)
    with pytest.raises(PageFailure, match="robots_disallowed") as caught:
        get(polite(turns), downloader, site.serve("/a", moved(end)))
    assert rules in caught.value.detail
    assert turns.log[-3:] == whole_turn(rules)
