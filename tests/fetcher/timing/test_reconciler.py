"""What was lost is published again; what merely waits is not."""

import redis

from services.fetcher.timing.reconciler import Reconciler
from shared.flight.ledger import Ledger, Move
from shared.messages import QUEUES, StageName
from tests.support.flights import ONE, TWO, at_fetch, at_index, at_parse, backdate, fetched

LIMITS: dict[StageName, float] = {"fetch": 10.0, "parse": 10.0, "index": 10.0}


def lost(client: "redis.Redis", stage: StageName) -> dict[str, int]:
    """Flight id -> how often its message was lost."""
    return {flight.flight_id: flight.losses for flight in Reconciler(client, LIMITS).find_lost(stage)[1]}


def test_a_message_that_vanished_is_found_and_found_once(ledger: Ledger, client: "redis.Redis") -> None:
    one, two = at_fetch(ledger, client, ONE, TWO)
    assert lost(client, "fetch") == {}
    backdate(client, "fetch", one.flight_id, 11)
    assert lost(client, "fetch") == {one.flight_id: 1}
    assert lost(client, "fetch") == {}, "it has just been published again"
    backdate(client, "fetch", one.flight_id, 11)
    backdate(client, "fetch", two.flight_id, 9)
    assert lost(client, "fetch") == {one.flight_id: 2}


def test_what_is_found_is_the_record_as_the_ledger_has_it(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_parse(ledger, client, ONE)
    backdate(client, "parse", record.flight_id, 11)
    _, (found,) = Reconciler(client, LIMITS).find_lost("parse")
    assert found.record == fetched_again(client, record.flight_id)


def fetched_again(client: "redis.Redis", flight_id: str) -> str:
    record = client.hget(f"depeche:flight:{flight_id}", "record")
    assert isinstance(record, bytes)
    return record.decode()


def test_a_backlog_is_not_a_loss(ledger: Ledger, client: "redis.Redis") -> None:
    """All messages are in the queue, for longer than the limit, since the workers are away or slow."""
    records = at_fetch(ledger, client, ONE, TWO)
    client.lpush(QUEUES["fetch"], "one message of two pages")
    for record in records:
        backdate(client, "fetch", record.flight_id, 3_600)
    assert lost(client, "fetch") == {}


def test_in_a_backlog_a_flight_is_lost_once_much_younger_messages_have_been_taken(
    ledger: Ledger, client: "redis.Redis"
) -> None:
    vanished, waiting = at_fetch(ledger, client, ONE, TWO)
    client.lpush(QUEUES["fetch"], "the message of the second page")
    backdate(client, "fetch", vanished.flight_id, 3_600)
    backdate(client, "fetch", waiting.flight_id, 3_580)
    now = moment(client)
    ledger.note_taken("fetch", now - 3_595)
    assert lost(client, "fetch") == {}, "taken 5 s after: it may be at work"
    ledger.note_taken("fetch", now - 3_585)
    assert lost(client, "fetch") == {vanished.flight_id: 1}


def test_the_watermark_does_not_go_back(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    client.lpush(QUEUES["fetch"], "more")
    backdate(client, "fetch", record.flight_id, 100)
    ledger.note_taken("fetch", moment(client))
    ledger.note_taken("fetch", moment(client) - 1_000)
    assert lost(client, "fetch") == {record.flight_id: 1}


def test_a_message_from_the_future_makes_nothing_lost(ledger: Ledger, client: "redis.Redis") -> None:
    at_fetch(ledger, client, ONE)
    client.lpush(QUEUES["fetch"], "its message")
    ledger.note_taken("fetch", moment(client) + 86_400)
    assert lost(client, "fetch") == {}


def test_each_stage_has_a_queue_and_a_watermark_of_its_own(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_index(ledger, client, ONE)
    backdate(client, "index", record.flight_id, 11)
    client.lpush(QUEUES["index"], "its message")
    ledger.note_taken("parse", moment(client))
    assert lost(client, "parse") == lost(client, "index") == {}


def test_a_waiting_flight_is_not_lost(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    move = Move(flight_id=record.flight_id, stage="fetch", record=record, due_in=3_600)
    ledger.wait("fetch", [move])
    backdate(client, "waiting", record.flight_id, 7_200)
    assert lost(client, "fetch") == lost(client, "parse") == lost(client, "index") == {}


def test_a_flight_that_was_deleted_by_hand_is_passed_over(ledger: Ledger, client: "redis.Redis") -> None:
    one, two = at_fetch(ledger, client, ONE, TWO)
    client.delete(f"depeche:flight:{one.flight_id}")
    for record in (one, two):
        backdate(client, "fetch", record.flight_id, 11)
    client.delete(f"depeche:flight:{one.flight_id}")
    assert lost(client, "fetch") == {two.flight_id: 1}
    assert ledger.counts()["fetch"] == 1
    assert client.exists(f"depeche:flight:{one.flight_id}") == 0


def test_not_more_than_a_chunk_at_once_and_the_oldest_first(ledger: Ledger, client: "redis.Redis") -> None:
    records = at_fetch(ledger, client, *(f"{ONE}/{n}" for n in range(510)))
    for record in records:
        backdate(client, "fetch", record.flight_id, 20)
    backdate(client, "fetch", records[-1].flight_id, 20)
    first, second = lost(client, "fetch"), lost(client, "fetch")
    assert (len(first), len(second)) == (500, 10)
    assert records[-1].flight_id in first
    assert set(first) | set(second) == {record.flight_id for record in records}


def moment(client: "redis.Redis") -> float:
    seconds, microseconds = client.time()
    return float(seconds) + float(microseconds) / 1e6


def test_a_flight_that_moved_on_is_judged_by_its_new_stage(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    backdate(client, "fetch", record.flight_id, 11)
    ledger.advance("fetch", [Move(flight_id=record.flight_id, stage="parse", record=fetched(record))])
    assert lost(client, "fetch") == lost(client, "parse") == {}
