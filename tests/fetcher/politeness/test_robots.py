"""What a site's answer for its robots.txt means, how long it counts, and who asks for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from services.fetcher.download.download import Response
from services.fetcher.errors import Gone, Refused
from services.fetcher.politeness import robots as module
from services.fetcher.politeness.robots import LONGEST_LIFE_S, SHORTEST_LIFE_S, USUAL_LIFE_S, Robots, lifetime
from services.fetcher.politeness.robots_copies import RobotsCopies
from shared.failures import GiveUp, PageFailure, RetryLater
from tests.support.waiting import PATIENCE_S

SITE = "https://news.example"
FILE = f"{SITE}/robots.txt"
NO = b"User-agent: *\nDisallow: /no\n"


class Publisher:
    """Answers for robots.txt, and counts how often it was asked."""

    def __init__(self, *answers: bytes | PageFailure) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def read(self, url: str) -> Response:
        self.asked.append(url)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, PageFailure):
            raise answer
        return Response(
            requested_url=url,
            url=url,
            redirects=(),
            status=200,
            content_type="text/plain",
            headers={},
            body=answer,
            elapsed_ms=1,
        )


def robots(client: "redis.Redis") -> Robots:
    """As a worker has that has just started."""
    return Robots(RobotsCopies(client), turn_s=60)


def check(client: "redis.Redis", publisher: Publisher, path: str = "/no") -> float:
    return robots(client).check(SITE + path, "Depeche/0.1", publisher.read).crawl_delay


def expire(client: "redis.Redis") -> None:
    """Let the time pass for which copies are fresh."""
    client.delete(*client.keys("depeche:robots_fresh:*"))


@pytest.mark.parametrize(
    "failure",
    [
        Gone("http_404", "gone", http_status=404),
        Gone("http_410", "gone", http_status=410),
        GiveUp("http_401", "no", http_status=401),
        GiveUp("http_403", "no", http_status=403),
        GiveUp("too_many_redirects", "on and on", http_status=302),
        GiveUp("redirect_loop", "round and round", http_status=302),
        Refused("scheme_unsupported", "to ftp:"),
    ],
    ids=str,
)
def test_without_a_file_all_is_allowed(failure: PageFailure, client: "redis.Redis") -> None:
    publisher = Publisher(failure)
    assert check(client, publisher) == check(client, publisher) == 0.0
    assert publisher.asked == [FILE]


@pytest.mark.parametrize(
    ("failure", "again_in"),
    [
        (RetryLater("http_500", "broken", http_status=500), 60),
        (RetryLater("http_503", "closed", http_status=503, after=900), 900),
        (RetryLater("http_429", "slower", http_status=429), 60),
        (RetryLater("read_timeout", "silence"), 5),
        (RetryLater("dns_failed", "no such name"), 5),
    ],
    ids=str,
)
def test_while_it_is_not_to_be_had_nothing_is_fetched(
    failure: PageFailure, again_in: float, client: "redis.Redis"
) -> None:
    publisher = Publisher(failure)
    for _ in range(3):
        with pytest.raises(RetryLater) as caught:
            check(client, publisher, "/yes")
        assert (caught.value.reason, caught.value.counts) == ("robots_unreachable", True)
        assert caught.value.after == pytest.approx(again_in, abs=1)
        assert FILE in caught.value.detail
    assert publisher.asked == [FILE], "not by every page"


def test_an_older_copy_serves_meanwhile(client: "redis.Redis") -> None:
    publisher = Publisher(NO, RetryLater("http_500", "broken", http_status=500), b"")
    for _ in range(2):
        with pytest.raises(Refused):
            check(client, publisher)
        assert check(client, publisher, "/yes") == 0.0
        expire(client)
    assert len(publisher.asked) == 2
    assert check(client, publisher) == 0.0, "the new file allows it"


def test_a_large_copy_is_not_kept_for_worse_times(client: "redis.Redis") -> None:
    """A stranger may have a million host names."""
    noise = "".join(f"Disallow: /{hash(str(n)):x}\n" for n in range(20_000)).encode()
    check(client, Publisher(b"User-agent: *\n" + noise), "/yes")
    assert int(client.pttl(f"depeche:robots:{SITE}")) <= USUAL_LIFE_S * 1000
    check(client, publisher := Publisher(NO), "/yes")
    assert publisher.asked == []


def test_the_hosts_turn_is_no_failure_of_the_file(client: "redis.Redis") -> None:
    busy = RetryLater("host_busy", "later", after=9, counts=False)
    publisher = Publisher(busy, NO)
    with pytest.raises(RetryLater) as caught:
        check(client, publisher)
    assert caught.value is busy
    with pytest.raises(Refused):
        check(client, publisher)


def test_crawl_delay_is_told(client: "redis.Redis") -> None:
    assert check(client, Publisher(b"User-agent: *\nCrawl-delay: 7"), "/yes") == 7


def test_http_and_https_and_each_port_have_their_own(client: "redis.Redis") -> None:
    publisher = Publisher(b"")
    for site in (SITE, "http://news.example", "https://news.example:8443"):
        robots(client).check(f"{site}/a", "Depeche", publisher.read)
    assert publisher.asked == [FILE, "http://news.example/robots.txt", "https://news.example:8443/robots.txt"]


def test_one_worker_reads_the_file_for_all(client: "redis.Redis") -> None:
    publisher, waiting = Publisher(b""), threading.Semaphore(0)

    class Copies(RobotsCopies):
        def take_turn(self, origin: str, lasts_s: float) -> bool:
            is_ours = super().take_turn(origin, lasts_s)
            if not is_ours:
                waiting.release()
            return is_ours

    def slowly(url: str) -> Response:
        for _ in range(6):
            assert waiting.acquire(timeout=PATIENCE_S)
        return publisher.read(url)

    def worker(_number: int) -> float:
        return Robots(Copies(client), turn_s=60).check(f"{SITE}/a", "Depeche", slowly).crawl_delay

    with ThreadPoolExecutor(7) as workers:
        assert list(workers.map(worker, range(7))) == [0.0] * 7
    assert publisher.asked == [FILE]


def test_a_page_does_not_wait_for_ever_for_another_worker(
    client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_FOR_S", 0.2)
    assert RobotsCopies(client).take_turn(SITE, 60)
    with pytest.raises(RetryLater) as caught:
        check(client, Publisher(b""))
    assert (caught.value.reason, caught.value.counts) == ("host_busy", False)


def test_a_process_keeps_a_bounded_number_of_parsed_files(
    client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.fetcher.politeness.robots_copies.PARSED_BYTES", 5_000)
    ours, publisher = robots(client), Publisher(b"")
    for number in range(50):
        ours.check(f"https://h{number}.example/", "Depeche", publisher.read)
    assert len(ours._copies._parsed._known) == 10
    assert len(publisher.asked) == 50


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, USUAL_LIFE_S),
        ({"cache-control": "max-age=7200"}, 7200),
        ({"cache-control": "public, s-maxage=5, max-age=7200, must-revalidate"}, 7200),
        ({"cache-control": 'Max-Age="7200"'}, 7200),
        ({"cache-control": "no-store, max-age=0"}, SHORTEST_LIFE_S),
        ({"cache-control": "max-age=99999999999999999999"}, LONGEST_LIFE_S),
        ({"cache-control": "no-cache"}, USUAL_LIFE_S),
        ({"cache-control": "max-age=7200", "expires": "0"}, 7200),
        ({"expires": "Thu, 01 Jan 1970 02:00:00 GMT"}, 7200),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, SHORTEST_LIFE_S),
        ({"expires": "0"}, SHORTEST_LIFE_S),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST_LIFE_S),
    ],
    ids=str,
)
def test_how_long_a_copy_counts(headers: dict[str, str], seconds: float) -> None:
    assert lifetime(headers, now=0.0) == seconds
