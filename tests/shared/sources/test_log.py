"""What visits to a source leave in its account, and when it is due next."""

import time

import pytest
import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.failures import Fate, GiveUp
from shared.flight.drops import dropped
from shared.flight.ledger import Acceptance
from shared.flight.outcome import Found, Outcome
from shared.messages import FetchPage, FetchRequest, Follow, Origin, PageDropped, PageFetched, Visit
from shared.sources.log import SourceLog, SourceState
from tests.support.flights import ONE, fetched, parsed
from tests.support.records import changed

SOURCE = Source(name="front", url=ONE, every="adaptive", every_min="1m", every_max="6h")
FIXED = Source(name="front", url=ONE, every="10m")


class Account:
    """The account of one source whose visits a test makes up."""

    def __init__(self, client: "redis.Redis", source: Source = SOURCE) -> None:
        self.log = SourceLog(client)
        self._schedule = Schedule(client)
        self._schedule.enter({source.name: source})
        self._schedule.confirm(self._schedule.claim_due())
        self._client = client
        self._flights = 0

    def visit(
        self, new: int = 0, known: int = 0, *, flight: str | None = None, faults: str | None = None
    ) -> SourceState:
        record = self.record(flight)
        end = Outcome(record=parsed(record), stage="index", part="result", body=b"", faults=faults)
        self.log.note(record, end, stories(new, known))
        return self.state()

    def fail(self, fate: Fate = "failed") -> SourceState:
        record = self.record()
        self.log.note(record, dropped("fetch", record, GiveUp("http_503", "busy"), fate), [])
        return self.state()

    def record(self, flight: str | None = None, *, follow: Follow | None = Follow()) -> PageFetched:  # noqa: B008
        self._flights += 1
        page = FetchPage(flight_id=flight or f"f{self._flights}", origin=Origin(url=ONE, source="front"), follow=follow)
        return changed(fetched(page), source="front", visit=Visit(of_source=True))

    def state(self) -> SourceState:
        state = self.log.state_of("front")
        assert state is not None
        return state


def stories(new: int, known: int = 0) -> list[Found]:
    outcomes = ["new"] * new + ["known"] * known
    return [
        Found(
            request=FetchRequest(origin=Origin(url=f"{ONE}/{n}"), only_new=True),
            acceptance=Acceptance(url=f"{ONE}/{n}", outcome=outcome, flight_id=None),  # type: ignore[arg-type]
        )
        for n, outcome in enumerate(outcomes)
    ]


def test_a_source_that_was_never_visited(client: "redis.Redis") -> None:
    state = Account(client).state()
    assert (state.visits, state.result, state.interval, state.url) == (0, None, 900, ONE)
    assert state.claimed_at == pytest.approx(time.time(), abs=5)
    assert state.due - time.time() == pytest.approx(900, abs=5)


def test_the_first_visit_finds_a_backlog_and_changes_no_interval(client: "redis.Redis") -> None:
    state = Account(client).visit(new=40)
    assert (state.visits, state.stories, state.followed, state.interval) == (1, 40, 40, 900)
    assert state.new_a_visit is None


def test_news_make_the_interval_shorter_and_none_longer(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit(new=10)
    assert account.visit(new=1, known=9).interval == pytest.approx(720)
    state = account.visit(known=10)
    assert state.interval == pytest.approx(1008)
    assert state.due - time.time() == pytest.approx(1008, abs=5)
    assert (state.new_a_visit, state.stories, state.followed) == (pytest.approx(0.8), 11, 10)


def test_a_fixed_interval_stays(client: "redis.Redis") -> None:
    account = Account(client, FIXED)
    assert [account.visit(new=n).interval for n in (9, 9, 0, 0)] == [600] * 4


def test_the_same_flight_counts_once(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit(new=1)
    once = account.visit(new=3, flight="same")
    assert account.visit(known=3, flight="same") == once


def test_a_failing_source_is_tried_less_often_and_says_since_when(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit(new=1)
    first = account.fail()
    assert (first.result, first.reason, first.failures, first.wait) == ("failed", "http_503", 1, 900)
    assert first.failing_since == pytest.approx(time.time(), abs=5)
    waits = [account.fail().wait for _ in range(8)]
    assert waits[:3] == [1800, 3600, 7200]
    assert waits[-1] == 6 * 3600
    state = account.state()
    assert (state.interval, state.failures, state.failing_since) == (900, 9, first.failing_since)
    assert state.due - time.time() == pytest.approx(6 * 3600, abs=5)


@pytest.mark.parametrize("fate", ["gone", "refused", "quarantined", "failed"])
def test_every_end_but_the_good_ones_is_a_failure(fate: Fate, client: "redis.Redis") -> None:
    assert Account(client).fail(fate).failures == 1


def test_one_good_visit_ends_the_failing(client: "redis.Redis") -> None:
    account = Account(client)
    for _ in range(5):
        account.fail()
    state = account.visit(new=1)
    assert (state.failures, state.failing_since, state.reason, state.result) == (0, None, None, "parsed")
    assert state.wait == state.interval


def test_unchanged_is_a_good_visit_without_news(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit(new=1)
    state = account.fail("unchanged")
    assert (state.result, state.failures, state.interval) == ("unchanged", 0, pytest.approx(1260))


def test_faults_are_those_of_the_last_time_it_was_read(client: "redis.Redis") -> None:
    account = Account(client)
    told = "read 12 entries, stopped at line 40"
    account.visit(2, faults=told)
    assert account.state().faults == told
    assert account.fail("unchanged").faults == told
    assert account.fail().faults == told
    assert account.visit(1).faults is None


def test_stories_of_a_feed_that_the_page_names_count_for_the_next_visit(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit(new=1)
    feed = changed(account.record(), visit=Visit())
    end = Outcome(record=parsed(feed), stage="index", part="result", body=b"")
    account.log.note(feed, end, stories(2))
    assert (account.state().pending, account.state().visits) == (2, 1)
    state = account.visit()
    assert (state.interval, state.pending, state.stories) == (pytest.approx(900 * 0.64), 0, 3)


def test_feeds_that_are_fetched_again_are_no_news(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit(new=1)
    record = account.record()
    feed = Found(
        request=FetchRequest(origin=Origin(url=f"{ONE}/feed")),
        acceptance=Acceptance(url=f"{ONE}/feed", outcome="new", flight_id="x"),
    )
    account.log.note(record, Outcome(record=parsed(record), stage="index", part="result", body=b""), [feed])
    assert (account.state().interval, account.state().followed) == (pytest.approx(1260), 0)


def test_where_nothing_is_followed_a_new_body_is_the_news(client: "redis.Redis") -> None:
    account = Account(client)
    account.visit()
    record = account.record(follow=None)
    account.log.note(record, Outcome(record=parsed(record), stage="index", part="result", body=b""), [])
    assert account.state().interval == pytest.approx(720)


def test_the_fetchers_half_of_a_visit_says_nothing_yet(client: "redis.Redis") -> None:
    account = Account(client)
    page = FetchPage(flight_id="f", origin=Origin(url=ONE, source="front", visit=Visit(of_source=True)))
    account.log.note(page, Outcome(record=fetched(page), stage="parse", part="page", body=b""), [])
    assert account.state().visits == 0


def test_pages_of_no_source_or_an_unknown_one_leave_no_trace(client: "redis.Redis") -> None:
    log = SourceLog(client)
    page = FetchPage(flight_id="f", origin=Origin(url=ONE, source="nobody", visit=Visit(of_source=True)))
    end: PageDropped = dropped("fetch", page, GiveUp("http_503", "busy"), "failed")
    for record in (page, changed(page, source=None), changed(page, visit=Visit())):
        log.note(record, end, stories(2))
    assert list(client.scan_iter("depeche:source:*")) == []
    assert log.states() == []
