"""One stage of the way: the exception's type decides a page's fate, and a page's fate is its own."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest
import redis

from shared.broker.celery_app import make_celery
from shared.failures import GiveUp, RetryLater, ServerUnavailable
from shared.flight.drops import dropped, lost_too_often
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger, Move
from shared.flight.outcome import Found, Outcome
from shared.flight.publisher import Publisher
from shared.flight.stage import Retry, Stage, publish_moves, settle, settle_together, tried
from shared.messages import FetchPage, FetchRequest, Origin, PageDropped, PageFetched, PageParsed, encode_record
from tests.support.flights import (
    ONE,
    TWO,
    at_fetch,
    at_parse,
    fetched,
    message_of,
    parsed,
    published,
    published_drops,
)
from tests.support.records import changed

THREE = "https://news.example/three"


def downloaded(record: FetchPage) -> Outcome:
    return Outcome(record=fetched(record), stage="parse", part="page", body=b"<p>page</p>")


def by_url(behaviours: dict[str, Exception]) -> Any:
    def work(record: FetchPage) -> Outcome:
        if record.origin.url in behaviours:
            raise behaviours[record.origin.url]
        return downloaded(record)

    return work


@pytest.fixture
def fetch_stage(backbone: Backbone) -> Stage[FetchPage]:
    return Stage("fetch", FetchPage, backbone, Retry(attempts=3, base=2.0))


def test_what_the_work_gives_is_stored_and_moves_on(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    records = at_fetch(backbone.ledger, client, ONE, TWO)
    fetch_stage.run(message_of(*records), downloaded)
    (message,) = published(client, "parse")
    assert msgspec.convert(message["pages"], list[PageFetched]) == [fetched(r) for r in records]
    assert backbone.ledger.counts() == {"waiting": 0, "fetch": 0, "parse": 2, "index": 0}
    assert backbone.store.get("page", records[1].flight_id) == b"<p>page</p>"


def test_one_bad_page_leaves_the_others_alone(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    records = at_fetch(backbone.ledger, client, ONE, TWO, THREE)
    unforeseen = ValueError("not even text: \udcff")
    refusal = GiveUp("unsupported_type", "a film \udcff", fate="refused", http_status=200)
    fetch_stage.run(message_of(*records), by_url({ONE: unforeseen, TWO: refusal}))
    bad, refused = published_drops(client)
    assert (bad.fate, bad.reason, bad.stage) == ("quarantined", "unforeseen", "fetch")
    assert bad.traceback is not None
    assert "ValueError" in bad.traceback
    assert "in work" in bad.traceback
    assert bad.message is not None
    assert msgspec.json.decode(bad.message, type=FetchPage) == records[0]
    assert (refused.fate, refused.reason, refused.http_status) == ("refused", "unsupported_type", 200)
    assert (refused.traceback, refused.message) == (None, None)
    assert backbone.ledger.counts() == {"waiting": 0, "fetch": 0, "parse": 1, "index": 2}


def test_a_page_waits_between_its_attempts_and_then_has_failed(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)
    busy = by_url({ONE: RetryLater("http_503", "busy", http_status=503)})
    for attempt, expected_wait in ((1, 2.0), (2, 8.0)):
        fetch_stage.run(message_of(kept_record(client, record.flight_id)), busy)
        assert backbone.ledger.in_air([record.flight_id]) == {record.flight_id: "waiting"}
        assert kept_record(client, record.flight_id).origin.attempt == attempt + 1
        due = client.zscore("depeche:host:news.example:443", record.flight_id)
        seconds, microseconds = client.time()
        assert float(due or 0) / 1000 - seconds - microseconds / 1e6 == pytest.approx(expected_wait, abs=1)
        stand_at_fetch(client, record.flight_id)
    fetch_stage.run(message_of(kept_record(client, record.flight_id)), busy)
    (failed,) = published_drops(client)
    assert (failed.fate, failed.reason, failed.origin.attempt, failed.http_status) == ("failed", "http_503", 3, 503)
    assert [(a.reason, a.detail, a.http_status) for a in failed.origin.earlier_attempts] == [
        ("http_503", "busy", 503)
    ] * 2


def test_a_page_that_answers_tells_of_the_attempts_before(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    """The ledger holds them, so that neither a crash nor a lost message takes them away."""
    (record,) = at_fetch(backbone.ledger, client, ONE)
    for failure in (RetryLater("connect_timeout", "Nobody there."), RetryLater("http_503", "busy", http_status=503)):
        fetch_stage.run(message_of(kept_record(client, record.flight_id)), by_url({ONE: failure}))
        stand_at_fetch(client, record.flight_id)
    kept = kept_record(client, record.flight_id)
    first, second = kept.origin.earlier_attempts
    assert (first.reason, first.detail, first.http_status) == ("connect_timeout", "Nobody there.", None)
    assert (second.reason, second.http_status) == ("http_503", 503)
    assert record_time(first.at) <= record_time(second.at)
    ends = [
        dropped("fetch", kept, GiveUp("http_403", "No."), "failed"),
        lost_too_often("fetch", encode_record(kept), 6),
    ]
    assert [(end.origin.attempt, end.origin.earlier_attempts) for end in ends] == [(3, (first, second))] * 2


def test_what_is_told_of_earlier_attempts_stays_small() -> None:
    record = FetchPage(flight_id="f", origin=Origin(url=ONE))
    for number in range(200):
        record = tried(record, RetryLater("bad_response", f"{number} \udcff" + "x" * 100_000, http_status=200))
    assert record.origin.attempt == 201
    assert [attempt.detail.split()[0] for attempt in record.origin.earlier_attempts] == [
        str(n) for n in range(190, 200)
    ]
    assert len(encode_record(record)) < 5_000


def test_a_record_of_the_version_before_has_no_earlier_attempts(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)
    message = message_of(changed(record, attempt=3))
    del message["pages"][0]["origin"]["earlier_attempts"]
    fetch_stage.run(message, by_url({ONE: RetryLater("http_503", "busy")}))
    (failed,) = published_drops(client)
    assert (failed.origin.attempt, failed.origin.earlier_attempts) == (3, ())


def record_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None
    return at


def kept_record(client: "redis.Redis", flight_id: str) -> FetchPage:
    """The record that the ledger has."""
    return msgspec.json.decode(client.hget(f"depeche:flight:{flight_id}", "record") or b"", type=FetchPage)


def stand_at_fetch(client: "redis.Redis", flight_id: str) -> None:
    """As if the frontier had released the flight."""
    client.zrem("depeche:stage:waiting", flight_id)
    client.hset(f"depeche:flight:{flight_id}", "stage", "fetch")
    client.zadd("depeche:stage:fetch", {flight_id: 0})


def test_waiting_for_a_turn_uses_up_no_attempt(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)
    last = changed(record, attempt=3)
    fetch_stage.run(message_of(last), by_url({ONE: RetryLater("host_busy", "-", after=30.0, counts=False)}))
    kept = kept_record(client, record.flight_id)
    assert (kept.origin.attempt, kept.origin.earlier_attempts) == (3, ())
    assert published_drops(client) == []


def test_a_server_that_asks_for_patience_gets_it_up_to_the_cap() -> None:
    retry = Retry(attempts=5, base=2.0, factor=4.0, cap=600.0)
    assert retry.delay(1, RetryLater("http_429", "-", after=90.0)) == 90.0
    assert retry.delay(1, RetryLater("http_429", "-", after=1.0)) == 2.0
    assert retry.delay(4, RetryLater("http_503", "-")) == 128.0
    assert retry.delay(4, RetryLater("http_503", "-", after=86_400.0)) == 600.0


def test_a_stage_other_than_fetch_does_not_retry(backbone: Backbone, client: "redis.Redis") -> None:
    (record,) = at_parse(backbone.ledger, client, ONE)
    stage: Stage[PageFetched] = Stage("parse", PageFetched, backbone)

    def work(_record: PageFetched) -> Outcome:
        raise RetryLater("later", "perhaps")

    stage.run(message_of(record), work)
    assert [(drop.fate, drop.reason) for drop in published_drops(client)] == [("failed", "later")]


def test_stale_and_repeated_messages_change_nothing(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)
    message = message_of(record, record)
    fetch_stage.run(message, downloaded)
    before = snapshot(client)
    called: list[FetchPage] = []
    fetch_stage.run(message, called.append)  # type: ignore[arg-type]
    assert called == []
    assert snapshot(client) == before
    backbone.ledger.land([record.flight_id])
    fetch_stage.run(message, called.append)  # type: ignore[arg-type]
    assert called == []
    assert backbone.ledger.counts() == {"waiting": 0, "fetch": 0, "parse": 0, "index": 0}


def snapshot(client: "redis.Redis") -> dict[bytes, bytes | None]:
    """Everything in Redis but the watermarks."""
    return {key: client.dump(key) for key in sorted(client.keys()) if key != b"depeche:taken"}


def test_two_workers_with_the_same_message_move_its_page_once(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)

    def work_twice(page: FetchPage) -> Outcome:
        fetch_stage.run(message_of(record), downloaded)  # the other worker, faster than we are
        return downloaded(page)

    fetch_stage.run(message_of(record), work_twice)
    assert len(published(client, "parse")) == 1


def test_pages_found_are_accepted_with_the_page_that_led_to_them(backbone: Backbone, client: "redis.Redis") -> None:
    (record,) = at_parse(backbone.ledger, client, ONE, batch="b")
    stage: Stage[PageFetched] = Stage("parse", PageFetched, backbone)
    found = [
        FetchRequest(origin=Origin(url=TWO, batch="b"), only_new=True),
        FetchRequest(origin=Origin(url=ONE, batch="b"), only_new=True),
    ]

    def work(page: PageFetched) -> Outcome:
        return Outcome(record=parsed(page), stage="index", part="result", body=b"{}", found=found)

    stage.run(message_of(record), work)
    assert backbone.ledger.batch_in_air("b") == 2
    assert backbone.ledger.counts() == {"waiting": 1, "fetch": 0, "parse": 0, "index": 1}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"published_at": "soon", "pages": []},
        {"published_at": float("nan"), "pages": []},
        {"published_at": float("inf"), "pages": []},
        {"published_at": 1.7e12, "pages": []},
        {"published_at": 1.7e9},
        {"published_at": 1.7e9, "pages": "none"},
        {"published_at": 1.7e9, "pages": "\ud800"},
        {"published_at": 1.7e9, "pages": [{"kind": "fetch_page.v9", "flight_id": "f", "url": ONE}]},
        {"published_at": 1.7e9, "pages": [{"kind": "fetch_page.v2", "flight_id": 7, "origin": {"url": ONE}}]},
        {"published_at": 1.7e9, "pages": [{"kind": "fetch_page.v2", "origin": {"url": ONE}}]},
        {
            "published_at": 1.7e9,
            "pages": [{"kind": "fetch_page.v2", "flight_id": "f", "origin": {"url": "\ud800", "attempt": ""}}],
        },
        {"args": [1], "published_at": None, "\udfff": "\ud800"},
    ],
)
def test_a_malformed_message_is_quarantined_as_it_came(
    message: dict[str, Any], fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    fetch_stage.run(message, downloaded)
    (drop,) = published_drops(client)
    assert (drop.fate, drop.reason, drop.stage, drop.origin.url) == ("quarantined", "malformed_message", "fetch", "")
    assert drop.message is not None
    assert json.loads(drop.message.replace("NaN", "0").replace("Infinity", "0")).keys() >= message.keys() - {"\udfff"}
    assert backbone.ledger.at_stage("index", [drop.flight_id])
    assert client.hget("depeche:taken", "fetch") in (None, b"1700000000000")


def test_unknown_fields_of_a_newer_version_are_passed_over(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)
    message = message_of(record)
    message["pages"][0]["priority"] = 3
    fetch_stage.run({**message, "trace": "x"}, downloaded)
    assert len(published(client, "parse")) == 1


@pytest.mark.parametrize("failure", [ServerUnavailable("Postgres"), redis.ConnectionError("gone")])
def test_failing_servers_are_no_fault_of_the_page(failure: Exception) -> None:
    record = FetchPage(flight_id="f", origin=Origin(url=ONE))
    with pytest.raises(type(failure)):
        settle("fetch", record, by_url({ONE: failure}))


def test_what_fails_for_pages_together_is_done_for_each_alone() -> None:
    def failing(failure: Exception) -> Any:
        raise failure

    assert settle_together("index", 2, lambda: "stored") == "stored"
    assert settle_together("index", 2, lambda: failing(ValueError("of one of them"))) is None
    with pytest.raises(ServerUnavailable):
        settle_together("index", 2, lambda: failing(ServerUnavailable("of none")))


def test_a_redis_that_goes_away_leaves_the_pages_where_they_stand(
    fetch_stage: Stage[FetchPage], backbone: Backbone, client: "redis.Redis"
) -> None:
    (record,) = at_fetch(backbone.ledger, client, ONE)
    fetch_stage.run(message_of(record), by_url({ONE: redis.ConnectionError("gone")}))
    assert backbone.ledger.in_air([record.flight_id]) == {record.flight_id: "fetch"}


def test_publishing_to_a_redis_that_is_away_raises_nothing() -> None:
    app = make_celery("nowhere", "redis://127.0.0.1:1/0")
    record = PageDropped(
        flight_id="f",
        origin=Origin(url=ONE),
        stage="fetch",
        fate="failed",
        reason="r",
        detail="d",
        dropped_at="2025-05-08",
    )
    Publisher(app).publish("index", [msgspec.json.encode(record).decode()], 0.0)
    app.close()


def test_a_move_to_two_stages_is_published_to_both(backbone: Backbone, client: "redis.Redis") -> None:
    one, two = at_parse(backbone.ledger, client, ONE, TWO)
    moves = [
        Move(flight_id=one.flight_id, stage="index", record=parsed(one)),
        Move(flight_id=two.flight_id, stage="parse", record=two),
    ]
    publish_moves(backbone, "parse", moves)
    assert [m["pages"][0]["flight_id"] for m in published(client, "index")] == [one.flight_id]
    assert [m["pages"][0]["flight_id"] for m in published(client, "parse")] == [two.flight_id]
    assert msgspec.convert(published(client, "index")[0]["pages"], list[PageParsed]) == [parsed(one)]


def test_a_large_publication_is_cut_into_messages(backbone: Backbone, client: "redis.Redis", ledger: Ledger) -> None:
    records = at_parse(ledger, client, *(f"{ONE}/{n}" for n in range(120)))
    backbone.publisher.publish("parse", [msgspec.json.encode(r).decode() for r in records], 5.0)
    messages = published(client, "parse")
    assert [len(message["pages"]) for message in messages] == [50, 50, 20]
    assert [m["published_at"] for m in messages] == [5.0] * 3


def test_notes_hear_of_each_end_and_of_what_became_of_the_pages_found(
    backbone: Backbone, client: "redis.Redis"
) -> None:
    heard: dict[str, tuple[str, list[str]]] = {}

    def note(record: PageFetched, end: Outcome | PageDropped, found: Sequence[Found]) -> None:
        assert backbone.ledger.at_stage("parse", [record.flight_id])  # it has not moved on yet
        heard[record.origin.url] = (
            type(end).__name__,
            [f"{f.request.origin.url} {f.acceptance.outcome}" for f in found],
        )

    def work(record: PageFetched) -> Outcome:
        if record.origin.url == THREE:
            raise GiveUp("bad_feed", "broken")
        urls = [f"{ONE}/a", f"{ONE}/b"] if record.origin.url == ONE else [f"{ONE}/b"]
        found = [FetchRequest(origin=Origin(url=url), only_new=True) for url in urls]
        return Outcome(record=parsed(record), stage="index", part="result", body=b"", found=found)

    records = at_parse(backbone.ledger, client, ONE, TWO, THREE)
    Stage("parse", PageFetched, backbone, notes=(note, note)).run(message_of(*records), work)
    assert heard == {
        ONE: ("Outcome", [f"{ONE}/a new", f"{ONE}/b new"]),
        TWO: ("Outcome", [f"{ONE}/b joined"]),
        THREE: ("PageDropped", []),
    }


def test_notes_hear_nothing_of_a_page_that_waits(backbone: Backbone, client: "redis.Redis") -> None:
    heard: list[str] = []
    stage = Stage(
        "fetch", FetchPage, backbone, Retry(attempts=2), notes=(lambda r, _end, _found: heard.append(r.origin.url),)
    )
    stage.run(message_of(*at_fetch(backbone.ledger, client, ONE, TWO)), by_url({ONE: RetryLater("http_503", "busy")}))
    assert heard == [TWO]


def test_a_page_is_known_by_its_other_addresses(backbone: Backbone, client: "redis.Redis") -> None:
    def work(record: FetchPage) -> Outcome:
        return msgspec.structs.replace(downloaded(record), known_as=[TWO])

    Stage("fetch", FetchPage, backbone).run(message_of(*at_fetch(backbone.ledger, client, ONE)), work)
    assert backbone.ledger.accept([FetchRequest(origin=Origin(url=TWO), only_new=True)])[0].outcome == "known"
