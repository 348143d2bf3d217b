"""Manners without Redis: one request a host at a time, its delay apart, and each robots.txt read once."""

import threading
import time

import msgspec
import pytest

from services.fetcher.politeness.host_turns import Turn, Verdict
from services.fetcher.politeness.in_process import CopiesAlone, TurnsAlone
from services.fetcher.politeness.robots_copies import Copy
from shared.urls import host_of

ONE, OTHER = "https://news.example/one", "https://other.example/"


def taken(turns: TurnsAlone, url: str = ONE, **delays: float) -> Turn:
    turn = turns.take(url, **delays)
    assert isinstance(turn, Turn)
    return turn


def seconds_left(turns: TurnsAlone, url: str = ONE) -> float:
    left = turns.take(url)
    assert isinstance(left, float)
    return left


def test_a_host_has_one_request_at_a_time_and_others_their_own() -> None:
    turns = TurnsAlone(0.0, host_of)
    turn = taken(turns)
    assert 0 < seconds_left(turns) <= 0.1
    taken(turns, OTHER)
    turns.sent(turn)
    turns.end(turn, "good")
    taken(turns)


@pytest.mark.parametrize(
    ("delays", "expected"),
    [({}, 10), ({"own_delay": 3.0}, 3), ({"own_delay": 3.0, "crawl_delay": 20.0}, 20), ({"crawl_delay": 5.0}, 10)],
)
def test_the_delay_counts_from_when_the_request_was_sent(delays: dict[str, float], expected: float) -> None:
    turns = TurnsAlone(10.0, host_of)
    turn = taken(turns, **delays)
    turns.sent(turn)
    turns.end(turn, "good")
    assert seconds_left(turns) == pytest.approx(expected, abs=1)


def test_a_pause_and_a_crawl_delay_hold_the_host() -> None:
    turns = TurnsAlone(1.0, host_of)
    turns.end(taken(turns), "overloaded", pause=100.0)
    turns.hold(OTHER, 50.0)
    assert seconds_left(turns) == pytest.approx(100, abs=1)
    assert seconds_left(turns, OTHER) == pytest.approx(50, abs=1)


def test_a_host_waits_once_most_of_its_pages_are_unavailable() -> None:
    turns = TurnsAlone(0.0, host_of)

    def end(page: str, verdict: Verdict) -> None:
        turn = taken(turns, f"https://news.example/{page}")
        turns.end(msgspec.structs.replace(turn, delay_ms=10_000), verdict)

    for number in range(4):
        for page in ("broken", f"other-{number}"):
            end(page, "unavailable")
        for _ in range(2):
            end("good", "good")
    for page in "abc":
        end(page, "unavailable")
    assert seconds_left(turns) == pytest.approx(20, abs=1)


def test_what_has_no_host_needs_no_turn() -> None:
    assert TurnsAlone(1.0, host_of).take("nothing") is None


def test_many_threads_never_have_a_turn_together() -> None:
    turns, at_once, most = TurnsAlone(0.0, host_of), 0, 0
    lock, start = threading.Lock(), threading.Barrier(8)

    def work() -> None:
        nonlocal at_once, most
        start.wait()
        for _ in range(20):
            while not isinstance(turn := turns.take(ONE), Turn):
                time.sleep(0)
            with lock:
                at_once += 1
                most = max(most, at_once)
            with lock:
                at_once -= 1
            turns.end(turn, "good")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_copies_of_robots_txt() -> None:
    copies = CopiesAlone()
    origin = "https://news.example"
    assert copies.fresh(origin, "depeche") is None
    assert copies.take_turn(origin, 5.0)
    assert not copies.take_turn(origin, 5.0)
    copies.put(origin, Copy(found="text", url=f"{origin}/robots.txt", text=b"User-agent: *\nDisallow: /a"), 100.0)
    copies.end_turn(origin)
    assert copies.take_turn(origin, 5.0)
    known = copies.fresh(origin, "depeche")
    assert known is not None
    assert known.rules is not None
    assert not known.rules.allows(f"{origin}/a/b")
    copies.keep_on(origin, 0.0)
    assert copies.fresh(origin, "depeche") is None
    assert copies.kept(origin) is not None
    copies.put(OTHER, Copy(found="unreachable", url=OTHER, detail="no answer"), 100.0)
    unreachable = copies.fresh(OTHER, "depeche")
    assert unreachable is not None
    assert (unreachable.rules, unreachable.detail) == (None, "no answer")
