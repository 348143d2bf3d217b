"""Pages that have not changed: asked for on condition, compared by their body, and read all the same now and then."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest
import redis

from services.fetcher.app import make_politeness
from services.fetcher.download.download import Downloader
from services.fetcher.fetch import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.validators import (
    LIES_OF_A_HOST,
    LONGEST_WITHOUT_BODY_S,
    MOST_NOT_MODIFIED,
    READ_BY,
    PageMemory,
    has_lied,
    may_ask,
)
from shared.flight.ledger import Ledger, Move
from shared.flight.outcome import Outcome
from shared.flight.redis_keys import VALIDATORS
from shared.messages import FetchPage, Follow, Origin, PageDropped, Validators
from shared.per_thread import PerThread
from shared.urls import host_of, url_key
from tests.fetcher.download.test_download import OPTIONS
from tests.support.flights import ONE, TWO, at_fetch
from tests.support.hostile_server import HostileServer, Visit, answer
from tests.support.records import changed

TAGGED = ('ETag: "a1"', "Last-Modified: Mon, 02 Feb 2026 08:00:00 GMT")
NOW = 1_800_000_000.0


@dataclass
class Publisher:
    """What the page says at the moment, and whether the server answers conditions as it should."""

    body: bytes = b"<p>The harbour of Port Ellery reopened on Monday."
    headers: tuple[str, ...] = TAGGED
    says_unchanged: bool | None = None  # None: as it should

    def __call__(self, visit: Visit) -> None:
        asked = b'if-none-match: "a1"' in visit.head.lower()
        unchanged = self.says_unchanged if self.says_unchanged is not None else '"a1"' in "".join(self.headers)
        if asked and unchanged:
            visit.send(answer(b"", *self.headers, status="304 Not Modified"))
        else:
            visit.send(answer(self.body, *self.headers))


class Visits:
    """Fetches the page as the fetcher does, and lands it as the indexer does."""

    def __init__(self, client: "redis.Redis", fetcher: Fetcher) -> None:
        self.client = client
        self.ledger = Ledger(client)
        self._fetcher = fetcher

    def fetch(self, url: str, **fields: object) -> Outcome | PageDropped:
        """The end of a visit that has not landed yet."""
        (record,) = at_fetch(self.ledger, self.client, url)
        return self._fetcher.fetch(changed(record, **fields))

    def land(self, end: Outcome | PageDropped) -> Outcome | PageDropped:
        record = end.record if isinstance(end, Outcome) else end
        self.ledger.advance("fetch", [Move(flight_id=record.flight_id, stage="index", record=record)])
        self.ledger.land([record.flight_id], {record.flight_id: record.answer.validators})
        return end

    def visit(self, url: str, **fields: object) -> str:
        """What the visit came to: `fetched`, or the reason for going no further."""
        end = self.land(self.fetch(url, **fields))
        return "fetched" if isinstance(end, Outcome) else end.reason

    def known(self, url: str) -> Validators:
        return msgspec.json.decode(self.client.get(VALIDATORS + url_key(url)), type=Validators)

    def change(self, url: str, **fields: object) -> None:
        """Let what is remembered be something else."""
        known = msgspec.structs.replace(self.known(url), **fields)
        self.client.set(VALIDATORS + url_key(url), msgspec.json.encode(known))


@pytest.fixture
def visits(client: "redis.Redis") -> Iterator[Visits]:
    settings = FetcherSettings(host_delay=0, host_connections=0, obey_robots=False)
    downloader = Downloader(OPTIONS)
    yield Visits(
        client,
        Fetcher(
            downloaders=PerThread(lambda: downloader),
            politeness=make_politeness(client, settings, host_of),
            memory=PageMemory(client),
        ),
    )
    downloader.close()


def test_the_second_visit_asks_on_condition_and_takes_no_for_an_answer(visits: Visits) -> None:
    with HostileServer(Publisher()) as server:
        url = server.url("/story")
        assert [visits.visit(url) for _ in range(3)] == ["fetched", "not_modified", "not_modified"]
        first, second, _ = (head.decode().split("\r\n") for head in server.heads)
    assert not any(line.startswith("If-") for line in first)
    assert 'If-None-Match: "a1"' in second
    assert "If-Modified-Since: Mon, 02 Feb 2026 08:00:00 GMT" in second
    assert visits.known(url).not_modified == 2


def test_what_an_unchanged_page_lands_with(visits: Visits) -> None:
    with HostileServer(Publisher()) as server:
        url = server.url("/story")
        visits.visit(url)
        end = visits.fetch(url, source="desk", found_on="http://127.0.0.1/")
    assert isinstance(end, PageDropped)
    assert (end.fate, end.reason, end.stage, end.answer.http_status) == ("unchanged", "not_modified", "fetch", 304)
    assert (end.origin.source, end.origin.found_on) == ("desk", "http://127.0.0.1/")
    assert end.answer.fetched_at is not None
    assert end.answer.fetched_at <= end.dropped_at


def test_a_page_that_changed_is_fetched(visits: Visits) -> None:
    page = Publisher()
    with HostileServer(page) as server:
        url = server.url("/story")
        visits.visit(url)
        page.body, page.headers = b"<p>Closed again.", ('ETag: "b2"',)
        assert visits.visit(url) == "fetched"
    assert (visits.known(url).etag, visits.known(url).last_modified) == ('"b2"', None)


def test_a_body_that_is_the_same_is_not_parsed_again(visits: Visits) -> None:
    with HostileServer(Publisher(headers=())) as server:
        url = server.url("/story")
        assert [visits.visit(url) for _ in range(2)] == ["fetched", "same_body"]
        assert not any(b"if-none-match" in head.lower() for head in server.heads)


def test_a_page_that_has_not_landed_is_not_remembered(visits: Visits, client: "redis.Redis") -> None:
    with HostileServer(Publisher()) as server:
        url = server.url("/story")
        visits.fetch(url)
        assert client.get(VALIDATORS + url_key(url)) is None


@pytest.mark.parametrize("field", [{"fresh": True}, {"follow": Follow(kinds=("ticker",))}])
def test_who_wants_it_fresh_or_more_of_it_gets_it_whole(visits: Visits, field: dict[str, object]) -> None:
    with HostileServer(Publisher()) as server:
        url = server.url("/story")
        visits.visit(url)
        assert visits.visit(url, **field) == "fetched"
        assert b"if-none-match" not in server.heads[1].lower()


def test_a_server_is_believed_a_few_times_and_then_looked_after(visits: Visits) -> None:
    with HostileServer(Publisher()) as server:
        url = server.url("/story")
        ends = [visits.visit(url) for _ in range(MOST_NOT_MODIFIED + 3)]
    assert ends == ["fetched", *["not_modified"] * MOST_NOT_MODIFIED, "same_body", "not_modified"]


def test_a_server_that_said_unchanged_wrongly_is_not_asked_again(visits: Visits) -> None:
    page = Publisher(says_unchanged=True)
    with HostileServer(page) as server:
        url = server.url("/story")
        visits.visit(url)
        page.body = b"<p>Closed again."
        assert [visits.visit(url) for _ in range(MOST_NOT_MODIFIED)] == ["not_modified"] * MOST_NOT_MODIFIED
        assert visits.visit(url) == "fetched"  # With the same validators as before: so it had lied.
        page.body = b"<p>And open."
        assert visits.visit(url) == "fetched"
        assert visits.visit(url) == "same_body"
    assert visits.known(url).lied


def test_a_host_that_lies_about_several_pages_is_not_asked_about_any(visits: Visits) -> None:
    page = Publisher()
    with HostileServer(page) as server:
        good = server.url("/good")
        visits.visit(good)
        for number in range(LIES_OF_A_HOST):
            assert visits.visit(good) == ("same_body" if number == LIES_OF_A_HOST else "not_modified")
            bad = server.url(f"/{number}")
            visits.visit(bad)
            visits.change(bad, not_modified=MOST_NOT_MODIFIED, body_sha256="of another body")
            assert visits.visit(bad) == "fetched"
        assert visits.visit(good) == "same_body"


def test_a_redirects_own_address_is_not_asked_on_the_condition_of_its_target(visits: Visits) -> None:
    def behaviour(visit: Visit) -> None:
        if visit.path == "/old":
            visit.send(answer(b"", "Location: /new", status="301 Moved"))
        else:
            Publisher()(visit)

    with HostileServer(behaviour) as server:
        url = server.url("/old")
        assert [visits.visit(url) for _ in range(2)] == ["fetched", "not_modified"]
        asked = [b"if-none-match" in head.lower() for head in server.heads]
    assert asked == [False, False, False, True]


def test_a_304_that_nobody_asked_for_is_a_failure(visits: Visits) -> None:
    with (
        HostileServer(lambda visit: visit.send(answer(b"", status="304 Not Modified"))) as server,
        pytest.raises(Exception, match="http_304"),
    ):
        visits.fetch(server.url("/story"))


@pytest.mark.parametrize("etag", ["", '"' + "x" * 1000 + '"', '"caf\xe9"'])
def test_a_validator_that_cannot_be_sent_is_not_remembered(visits: Visits, etag: str) -> None:
    with HostileServer(Publisher(headers=(f"ETag: {etag}",))) as server:
        url = server.url("/story")
        assert [visits.visit(url) for _ in range(2)] == ["fetched", "same_body"]
    assert visits.known(url).etag is None


KNOWN = Validators(url="http://a.example/", etag='"a1"', body_sha256="one", full_at=NOW)


@pytest.mark.parametrize(
    ("known", "after", "asks"),
    [
        (KNOWN, 0.0, True),
        (KNOWN, LONGEST_WITHOUT_BODY_S - 1, True),
        (KNOWN, LONGEST_WITHOUT_BODY_S, False),
        (KNOWN, -60.0, False),
        (msgspec.structs.replace(KNOWN, etag=None), 0.0, False),
        (msgspec.structs.replace(KNOWN, etag=None, last_modified="x"), 0.0, True),
        (msgspec.structs.replace(KNOWN, lied=True), 0.0, False),
        (msgspec.structs.replace(KNOWN, not_modified=MOST_NOT_MODIFIED), 0.0, False),
    ],
)
def test_when_a_page_is_asked_for_on_condition(known: Validators, after: float, asks: bool) -> None:
    assert may_ask(known, NOW + after) is asks


def test_what_is_no_lie() -> None:
    believed = msgspec.structs.replace(KNOWN, not_modified=1)
    other = msgspec.structs.replace(KNOWN, body_sha256="two")
    assert has_lied(believed, other)
    assert not has_lied(KNOWN, other)  # It had not said "unchanged" since.
    assert not has_lied(believed, KNOWN)  # The body is the same.
    assert not has_lied(believed, msgspec.structs.replace(other, etag='"b2"'))  # It has changed just now.


def test_a_page_is_forgotten_after_some_days(visits: Visits, client: "redis.Redis") -> None:
    with HostileServer(Publisher()) as server:
        url = server.url("/story")
        visits.visit(url)
    assert 7 * 86_400 < client.ttl(VALIDATORS + url_key(url)) <= 8 * 86_400


def test_recalling_costs_one_round_trip(client: "redis.Redis") -> None:
    before = client.info("stats")["total_reads_processed"]
    PageMemory(client).recall(FetchPage(flight_id="f", origin=Origin(url="http://a.example/")), time.time())
    assert client.info("stats")["total_reads_processed"] - before == 2  # And that of asking for the number.


def test_what_was_read_ahead_is_recalled_once_and_without_a_round_trip(client: "redis.Redis") -> None:
    known = Validators(url=ONE, etag='"1"', full_at=1.0)
    client.set(VALIDATORS + url_key(ONE), msgspec.json.encode(known))
    records = [FetchPage(flight_id=name * 32, origin=Origin(url=url)) for name, url in (("a", ONE), ("b", TWO))]
    fresh = FetchPage(flight_id="c" * 32, origin=Origin(url=ONE), fresh=True)
    memory = PageMemory(client)
    memory.read_ahead([*records, fresh])
    before = client.info("stats")["total_reads_processed"]
    assert [memory.recall(record, 2.0).known for record in (*records, fresh)] == [known, None, None]
    assert client.info("stats")["total_reads_processed"] - before == 1  # that of asking for the number
    client.delete(VALIDATORS + url_key(ONE))
    assert memory.recall(records[0], 2.0).known is None, "what is known may have changed since"


def test_a_page_that_leads_on_is_read_again_by_another_version(client: "redis.Redis") -> None:
    """It may find other stories, or other keys of them, in the same page; a story's own text is not read for that."""
    for follow, again in ((Follow(), True), (None, False)):
        record = FetchPage(flight_id="f" * 32, origin=Origin(url=ONE), follow=follow)
        for version, is_remembered in ((READ_BY, True), ("0.0.9, keys 1", not again)):
            known = Validators(url=ONE, etag='"1"', full_at=1.0, follow=follow, read_by=version)
            client.set(VALIDATORS + url_key(ONE), msgspec.json.encode(known))
            assert (PageMemory(client).recall(record, 2.0).known is not None) is is_remembered
