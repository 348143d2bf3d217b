"""Turns at a host: far enough apart, few enough at a time, and none while the host wants peace; whoever takes them."""

from itertools import pairwise

import pytest
import redis

from services.fetcher.politeness.holds import Hold, holds
from services.fetcher.politeness.host_turns import CROWDED_MS, HostTurns, Pace, Turn, Verdict
from shared.host_scope import HostScope, host_key_of
from tests.support.waiting import wait_until

PAGE = "https://news.example/one"
HOST = "news.example:443"


def turns(
    client: "redis.Redis", delay: float = 10.0, connections: int = 2, lease: float = 60.0, scope: HostScope = "host"
) -> HostTurns:
    pace = Pace(host_delay=delay, host_connections=connections, lease_s=lease)
    return HostTurns(client, pace, host_key_of(scope))


def taken(of: HostTurns, url: str = PAGE, **delays: float) -> Turn:
    turn = of.take(url, **delays)
    assert isinstance(turn, Turn), f"the turn is in {turn} s"
    return turn


def request(of: HostTurns, url: str = PAGE, **delays: float) -> Turn:
    """A request that is answered at once."""
    turn = taken(of, url, **delays)
    of.sent(turn)
    of.end(turn, "other")
    return turn


def test_requests_are_a_delay_apart(client: "redis.Redis") -> None:
    ours, other_worker = turns(client), turns(client)
    request(ours)
    for _ in range(3):
        assert other_worker.take("https://NEWS.example:443/two") == pytest.approx(10, abs=1)
    request(other_worker, "http://news.example/")  # another port is another server


def test_the_delay_counts_from_the_moment_in_which_the_request_has_left(client: "redis.Redis") -> None:
    ours = turns(client)
    turn = taken(ours)
    assert ours.take(PAGE) == CROWDED_MS / 1000, "nobody knows yet how long it will be"
    ours.sent(turn)
    assert ours.take(PAGE) == pytest.approx(10, abs=0.5)


def test_no_more_requests_at_a_time_than_allowed(client: "redis.Redis") -> None:
    ours = turns(client, delay=0, connections=2)
    one, _two = taken(ours), taken(ours)
    assert ours.take(PAGE) == CROWDED_MS / 1000
    taken(ours, "https://other.example/")
    ours.end(one, "good")
    taken(ours)
    assert ours.take(PAGE) == CROWDED_MS / 1000
    assert all(isinstance(turns(client, delay=0, connections=0).take(PAGE), Turn) for _ in range(9))


def test_the_lease_of_a_killed_worker_ends_by_itself(client: "redis.Redis") -> None:
    ours = turns(client, delay=0.01, connections=1, lease=1.0)
    taken(ours)  # and nothing is heard of it again
    assert ours.take(PAGE) == CROWDED_MS / 1000
    assert wait_until(lambda: isinstance(ours.take(PAGE), Turn))


def test_a_source_has_a_delay_of_its_own_but_robots_txt_counts_too(client: "redis.Redis") -> None:
    ours = turns(client)
    request(ours, own_delay=2.0)
    assert ours.take(PAGE) == pytest.approx(2, abs=0.5)
    request(ours, "https://b.example/", own_delay=2.0, crawl_delay=30.0)
    assert ours.take("https://b.example/") == pytest.approx(30, abs=0.5)


def test_without_a_host_there_is_no_turn(client: "redis.Redis") -> None:
    assert [turns(client).take("file:///x") for _ in range(3)] == [None] * 3


def test_a_pause_holds_for_all(client: "redis.Redis") -> None:
    ours = turns(client, delay=0)
    turn, other = taken(ours), taken(ours)
    ours.end(turn, "overloaded", pause=120)
    assert ours.take(PAGE) == pytest.approx(120, abs=1)
    ours.end(other, "overloaded", pause=30)
    ours.sent(other)
    assert ours.take(PAGE) == pytest.approx(120, abs=1), "a shorter pause does not end a longer one"


def delay_after(client: "redis.Redis", ours: HostTurns, verdict: str) -> float:
    """Have a request answered so, and tell the delay that follows; then forget the wait."""
    turn = taken(ours)
    ours.sent(turn)
    ours.end(turn, verdict)  # type: ignore[arg-type]
    after = ours.take(PAGE)
    client.delete("depeche:touched")
    assert isinstance(after, float)
    return after


def test_the_delay_doubles_without_retry_after_and_recovers_step_by_step(client: "redis.Redis") -> None:
    ours = turns(client, delay=1.0)
    grown = [delay_after(client, ours, "overloaded") for _ in range(10)]
    assert grown == [pytest.approx(s, abs=0.5) for s in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300)]
    assert delay_after(client, ours, "other") == pytest.approx(300, abs=0.5)
    back = [delay_after(client, ours, "good") for _ in range(30)]
    assert all(later <= sooner + 0.5 for sooner, later in pairwise(back))
    assert back[1] == pytest.approx(225, abs=0.5), "the request before was still made at the old pace"
    assert back[-1] == pytest.approx(1, abs=0.5)
    assert not client.exists(f"depeche:pace:{HOST}")


def answered(ours: HostTurns, page: str, verdict: Verdict) -> bytes | None:
    """Have the page answered so, and tell the host's grown delay; `delay=0` leaves no wait but for a grown one."""
    turn = taken(ours, f"https://news.example/{page}")
    ours.sent(turn)
    ours.end(turn, verdict, reason="http_503")
    client = ours._end.registered_client
    client.delete("depeche:touched")
    return client.hget(f"depeche:pace:{HOST}", "grown")  # type: ignore[no-any-return]


def test_a_page_that_fails_among_others_that_do_not_slows_its_host_not_down(client: "redis.Redis") -> None:
    ours = turns(client, delay=0)
    for number in range(12):
        assert answered(ours, "broken", "unavailable") is None
        assert answered(ours, f"other-broken-{number}", "unavailable") is None
        assert [answered(ours, str(one), "good") for one in range(2)] == [None, None]
    for number in range(8):
        answered(ours, str(number), "good")
    assert not client.exists(f"depeche:pace:{HOST}"), "it is forgotten once all of the latest answers were good"


def test_a_single_page_that_fails_again_and_again_is_one_failure(client: "redis.Redis") -> None:
    ours = turns(client, delay=0)
    assert [answered(ours, "broken", "unavailable") for _ in range(9)] == [None] * 9


def test_a_host_is_overloaded_once_most_of_its_answers_are_503(client: "redis.Redis") -> None:
    ours = turns(client, delay=0)
    assert [answered(ours, page, "unavailable") for page in "abcde"] == [None, None, b"2000", b"4000", b"8000"]
    grown = [answered(ours, str(number), "good") for number in range(9)]
    assert grown[0] == b"6000"
    assert grown[-1] is None


def test_a_host_that_recovers_grows_no_more_by_a_single_failure(client: "redis.Redis") -> None:
    ours = turns(client, delay=0)
    for page in "abcd":
        answered(ours, page, "unavailable")
    for number in range(6):
        answered(ours, str(number), "good")
    assert answered(ours, "e", "unavailable") is None


def test_two_answers_to_requests_of_the_same_pace_slow_it_down_once(client: "redis.Redis") -> None:
    ours = turns(client, delay=0)
    one, two = taken(ours), taken(ours)
    wait_until(lambda: one.granted_at_ms < _now_ms(client) > two.granted_at_ms)
    ours.end(one, "overloaded")
    ours.end(two, "overloaded")
    assert client.hget(f"depeche:pace:{HOST}", "grown") == b"2000"


def _now_ms(client: "redis.Redis") -> int:
    seconds, microseconds = client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


@pytest.mark.parametrize(
    ("one", "two", "together"),
    [
        ("https://www.bbc.co.uk/a", "http://news.bbc.co.uk/b", True),
        ("https://a.co.uk/", "https://b.co.uk/", False),
        ("https://one.github.io/", "https://two.github.io/", False),
        ("http://127.0.0.1:81/", "http://127.0.0.1:82/", True),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://localhost:81/", "http://localhost:82/", False),
    ],
)
def test_a_domain_can_be_spared_as_one(client: "redis.Redis", one: str, two: str, together: bool) -> None:
    ours = turns(client, scope="domain")
    request(ours, one)
    assert isinstance(ours.take(two), float) is together


def test_what_is_over_is_forgotten(client: "redis.Redis") -> None:
    ours = turns(client, delay=0.001)
    for number in range(20):
        request(ours, f"https://h{number}.example/")
    request(ours)
    assert int(client.zcard("depeche:touched")) < 20
    assert client.keys("depeche:leases:*") == client.keys("depeche:pace:*") == []


def test_it_is_known_why_a_host_is_held_back_and_until_when(client: "redis.Redis") -> None:
    ours = turns(client, delay=1.0)
    assert holds(client, [HOST, ""]) == {}
    ours.end(taken(ours), "overloaded", pause=120, reason="http_429")
    hold = holds(client, [HOST])[HOST]
    now = _now_ms(client) / 1000
    assert hold == Hold(why="http_429", until=hold.until, is_asked_for=True, delay=2.0)
    assert hold.until == pytest.approx(now + 120, abs=2)
    client.delete("depeche:paused")
    slowed = holds(client, [HOST])[HOST]
    assert (slowed.why, slowed.is_asked_for, slowed.delay) == ("http_429", False, 2.0)
    request(ours, "https://slow.example/", crawl_delay=30.0)
    crawl = holds(client, ["slow.example:443"])["slow.example:443"]
    assert crawl == Hold(why="crawl_delay", until=crawl.until, is_asked_for=True, delay=30.0)
    request(ours, "https://own.example/", own_delay=20.0)
    assert holds(client, ["own.example:443"]) == {}, "the operator's own delay holds nobody back"
