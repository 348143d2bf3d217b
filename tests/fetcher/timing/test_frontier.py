"""The frontier on the real Redis: what is due, in order, at its host's pace, and each flight once."""

import threading
import time
from typing import cast

import msgspec
import pytest
import redis

from services.fetcher.politeness.host_turns import HostTurns, Pace, Turn
from services.fetcher.timing.frontier import Frontier, Released
from shared.flight.ledger import Ledger, Move
from shared.host_scope import host_key_of
from shared.messages import FetchPage, FetchRequest, Origin, Visit
from shared.urls import host_of
from tests.support.flights import at_fetch, at_index, fetched
from tests.support.waiting import wait_until

SLOW = 3_600.0


def url(host: str, number: int = 0) -> str:
    return f"https://{host}.example/{number}"


def accept(ledger: Ledger, *urls: str) -> None:
    ledger.accept([FetchRequest(origin=Origin(url=u)) for u in urls])


def released_urls(frontier: Frontier, budget: int = 100, room: int = 100) -> list[str]:
    return [url_of(flight) for flight in frontier.release(budget, room=room)[1]]


def url_of(flight: Released) -> str:
    return msgspec.json.decode(flight.record, type=FetchPage).origin.url


def test_one_page_a_host_and_turn(ledger: Ledger, client: "redis.Redis") -> None:
    accept(ledger, *(url(host, n) for host in ("a", "b") for n in range(3)))
    frontier = Frontier(client, host_delay=SLOW)
    assert sorted(host_of(u) for u in released_urls(frontier)) == ["a.example:443", "b.example:443"]
    assert released_urls(frontier) == []
    assert ledger.counts() == {"waiting": 4, "fetch": 2, "parse": 0, "index": 0}


def test_the_next_turn_comes_after_the_delay(ledger: Ledger, client: "redis.Redis") -> None:
    accept(ledger, url("a", 0), url("a", 1))
    frontier = Frontier(client, host_delay=0.2)
    first_at, _ = frontier.release(10, room=10)
    second_at, second = wait_until(lambda: (r := frontier.release(10, room=10))[1] and r)
    assert len(second) == 1
    assert 0.2 <= round(second_at - first_at, 3) < 2  # moments are whole milliseconds


def test_the_delay_binds_a_page_that_is_accepted_later(ledger: Ledger, client: "redis.Redis") -> None:
    frontier = Frontier(client, host_delay=SLOW)
    accept(ledger, url("a", 0))
    assert released_urls(frontier) == [url("a", 0)]
    accept(ledger, url("a", 1))
    assert released_urls(frontier) == []


def test_without_a_delay_all_go_at_once_in_the_order_of_acceptance(ledger: Ledger, client: "redis.Redis") -> None:
    for number in range(5):
        accept(ledger, url("a", number))
    assert set(released_urls(Frontier(client, host_delay=0))) == {url("a", n) for n in range(5)}
    assert released_urls(Frontier(client, host_delay=0)) == []


def test_a_flight_goes_when_it_is_due(ledger: Ledger, client: "redis.Redis") -> None:
    early, late = at_fetch(ledger, client, url("a", 1), url("a", 2))
    frontier = Frontier(client, host_delay=0)
    waits = [
        Move(flight_id=late.flight_id, stage="fetch", record=late, due_in=SLOW),
        Move(flight_id=early.flight_id, stage="fetch", record=early, due_in=0.1),
    ]
    assert ledger.wait("fetch", waits).flight_ids == {early.flight_id, late.flight_id}
    assert wait_until(lambda: released_urls(frontier)) == [early.origin.url]
    assert released_urls(frontier) == []


def test_the_longest_due_goes_first(ledger: Ledger, client: "redis.Redis") -> None:
    records = at_fetch(ledger, client, *(url("a", n) for n in range(4)))
    for record, due_in in zip(records, (-1.0, -4.0, -2.0, -3.0), strict=True):
        ledger.wait("fetch", [Move(flight_id=record.flight_id, stage="fetch", record=record, due_in=due_in)])
    frontier = Frontier(client, host_delay=0)
    assert [released_urls(frontier, budget=1) for _ in range(4)] == [[url("a", n)] for n in (1, 3, 2, 0)]


def test_a_host_in_the_middle_of_a_wait_does_not_hold_up_others(ledger: Ledger, client: "redis.Redis") -> None:
    accept(ledger, *(url("a", n) for n in range(50)))
    frontier = Frontier(client, host_delay=SLOW)
    released_urls(frontier)
    accept(ledger, url("b"))
    assert released_urls(frontier, budget=1) == [url("b")]


def test_what_is_no_web_address_has_no_host_to_be_polite_to(ledger: Ledger, client: "redis.Redis") -> None:
    accept(ledger, "file:///etc/passwd", "no url", "https://:80/")
    assert len(released_urls(Frontier(client, host_delay=SLOW))) == 3


def test_no_more_than_there_is_room_for(ledger: Ledger, client: "redis.Redis") -> None:
    accept(ledger, *(url(f"h{n}") for n in range(10)))
    frontier = Frontier(client, host_delay=SLOW)
    assert len(released_urls(frontier, budget=100, room=4)) == 4
    assert released_urls(frontier, budget=100, room=0) == []
    assert released_urls(frontier, budget=100, room=-3) == []
    assert len(released_urls(frontier, budget=5, room=100)) == 5


def test_flights_on_their_way_back_to_a_later_stage_take_up_room_and_need_none(
    ledger: Ledger, client: "redis.Redis"
) -> None:
    """Postgres is away: what has been parsed waits, and the fetcher must not go on filling Redis."""
    records = at_index(ledger, client, *(url(f"parsed{n}") for n in range(3)))
    moves = [Move(flight_id=r.flight_id, stage="index", record=r, due_in=SLOW) for r in records]
    ledger.wait("index", moves)
    accept(ledger, *(url(f"new{n}") for n in range(5)))
    frontier = Frontier(client, host_delay=0)
    assert len(released_urls(frontier, room=4)) == 1
    assert released_urls(frontier, room=3) == []
    client.zadd("depeche:retry", {record.flight_id: 0 for record in records})
    _, back = frontier.release(100, room=-50)
    assert {(flight.flight_id, flight.stage) for flight in back} == {(r.flight_id, "index") for r in records}
    assert ledger.counts() == {"waiting": 4, "fetch": 1, "parse": 0, "index": 3}


def test_ticks_that_release_at_the_same_time_release_each_flight_once(ledger: Ledger, client: "redis.Redis") -> None:
    accept(ledger, *(url(f"h{n % 7}", n) for n in range(400)))
    released: list[str] = []
    start = threading.Barrier(4)

    def tick() -> None:
        frontier = Frontier(client, host_delay=0)
        start.wait()
        while flights := frontier.release(7, room=1_000)[1]:
            released.extend(flight.flight_id for flight in flights)

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(released) == len(set(released)) == 400
    assert ledger.counts() == {"waiting": 0, "fetch": 400, "parse": 0, "index": 0}


def test_nothing_of_the_frontier_is_left_when_all_is_released(ledger: Ledger, client: "redis.Redis") -> None:
    at_fetch(ledger, client, *(url(f"h{n}") for n in range(5)))
    assert client.keys("depeche:host*") == client.keys("depeche:stage:waiting") == []


def revisit(ledger: Ledger, *urls: str) -> None:
    ledger.accept([FetchRequest(origin=Origin(url=u, visit=Visit(first_fetched_at=1.0))) for u in urls])


def test_new_pages_go_before_revisits_of_the_same_host(ledger: Ledger, client: "redis.Redis") -> None:
    revisit(ledger, url("a", 0), url("a", 1), url("b", 0))
    accept(ledger, url("a", 2), url("a", 3))
    frontier = Frontier(client, host_delay=0.001)
    gone: list[str] = []
    while ledger.counts()["waiting"]:
        gone += released_urls(frontier, budget=2)
    of_a = [u for u in gone if "//a." in u]
    assert set(of_a[:2]) == {url("a", 2), url("a", 3)}
    assert gone.index(url("b", 0)) < len(gone) - 2, "another host's new pages hold up no revisit"


def test_a_revisit_goes_when_no_new_page_is_due(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, url("a", 0))
    ledger.wait("fetch", [Move(flight_id=record.flight_id, stage="fetch", record=record, due_in=SLOW)])
    revisit(ledger, url("a", 1))
    assert released_urls(Frontier(client, host_delay=0)) == [url("a", 1)]


def test_a_revisit_that_comes_back_is_a_revisit_still(ledger: Ledger, client: "redis.Redis") -> None:
    revisit(ledger, url("a", 0))
    (flight,) = Frontier(client, host_delay=0).release(1, room=1)[1]
    record = msgspec.json.decode(flight.record, type=FetchPage)
    assert record.origin.visit.is_revisit
    ledger.wait("fetch", [Move(flight_id=flight.flight_id, stage="fetch", record=record, due_in=-60)])
    accept(ledger, url("a", 1))
    assert released_urls(Frontier(client, host_delay=0), budget=1) == [url("a", 1)]


def test_no_more_pages_of_a_host_go_than_it_may_have_requests(ledger: Ledger, client: "redis.Redis") -> None:
    """Beyond that they would only wait for each other in the fetcher, or come back."""
    accept(ledger, *(url("a", n) for n in range(9)), *(url("b", n) for n in range(2)))
    frontier = Frontier(client, host_delay=0, host_connections=2)
    flights = frontier.release(100, room=100)[1]
    assert len(flights) == 4
    assert released_urls(frontier) == []
    of_a = [flight for flight in flights if "//a." in url_of(flight)]
    record = msgspec.json.decode(of_a[0].record, type=FetchPage)
    ledger.advance("fetch", [Move(flight_id=record.flight_id, stage="parse", record=fetched(record))])
    assert len(released_urls(frontier)) == 1, "one has been fetched, one goes"
    record = msgspec.json.decode(of_a[1].record, type=FetchPage)
    ledger.wait("fetch", [Move(flight_id=record.flight_id, stage="fetch", record=record, due_in=SLOW)])
    assert len(released_urls(frontier)) == 1, "one has come back, one goes"


def test_a_host_whose_flights_were_deleted_by_hand_goes_on_after_a_while(
    ledger: Ledger, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.fetcher.timing.frontier.FULL_AGAIN_MS", 50)
    monkeypatch.setattr("services.fetcher.timing.frontier.FORGOTTEN_AFTER_MS", 200)
    accept(ledger, url("a", 0), url("a", 1))
    frontier = Frontier(client, host_delay=0, host_connections=1)
    (flight,) = frontier.release(1, room=1)[1]
    client.delete(f"depeche:flight:{flight.flight_id}")
    assert len(wait_until(lambda: released_urls(frontier))) == 1


def test_what_is_known_of_a_hosts_pace_binds_its_release(ledger: Ledger, client: "redis.Redis") -> None:
    for host, pace in {"slow": {"delay": 3_600_000}, "quick": {"delay": 0}, "tired": {"grown": 3_600_000}}.items():
        client.hset(f"depeche:pace:{host}.example:443", mapping=pace)
        accept(ledger, *(url(host, n) for n in range(3)))
    gone = released_urls(Frontier(client, host_delay=0.001))
    assert sorted(host_of(u).partition(".")[0] for u in gone) == ["quick", "quick", "quick", "slow", "tired"]
    assert set(client.zrange("depeche:hosts", 0, -1)) == {b"slow.example:443", b"tired.example:443"}


def test_pages_of_a_host_that_asked_for_a_pause_wait_without_being_touched(
    ledger: Ledger, client: "redis.Redis"
) -> None:
    turns = HostTurns(client, Pace(host_delay=0, host_connections=0, lease_s=9), host_of)
    one, other = at_fetch(ledger, client, url("a", 0), url("a", 1))
    turn = turns.take(one.origin.url)
    assert isinstance(turn, Turn)
    turns.end(turn, "overloaded", pause=3_600)
    accept(ledger, url("a", 2), url("b"))
    for record in (one, other):
        ledger.wait("fetch", [Move(flight_id=record.flight_id, stage="fetch", record=record, due_in=0.0)])
    frontier = Frontier(client, host_delay=0)
    assert released_urls(frontier) == [url("b")]
    assert released_urls(frontier) == []
    line = cast(list[tuple[bytes, float]], client.zrange("depeche:hosts", 0, -1, withscores=True))
    assert [(host, score > time.time() * 1000 + 3_000_000) for host, score in line] == [(b"a.example:443", True)]


def test_a_domains_hosts_wait_as_one_where_that_is_asked_for(client: "redis.Redis") -> None:
    ledger = Ledger(client, host_key=host_key_of("domain"))
    accept(ledger, "https://www.news.example/1", "https://sport.news.example/2")
    assert len(released_urls(Frontier(client, host_delay=SLOW))) == 1
