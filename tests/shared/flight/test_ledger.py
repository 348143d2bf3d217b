"""The ledger on the real Redis: what is accepted stays until it lands, and moves one step at a time."""

import redis

from shared.flight.ledger import Ledger, Move
from shared.flight.page_store import PageStore
from shared.flight.redis_keys import FAILED, SEEN, VALIDATORS
from shared.messages import FetchRequest, Origin, PageDropped, Validators, Visit, encode_record
from shared.urls import url_key
from tests.support.flights import AT, ONE, TWO, at_fetch, at_index, at_parse, fetched


def everything_kept(client: "redis.Redis") -> set[str]:
    return {key.decode() for key in client.keys("depeche:*")}


def test_a_page_is_accepted_once_while_it_flies(ledger: Ledger) -> None:
    first, again, other = ledger.accept(
        [FetchRequest(origin=Origin(url=u)) for u in (ONE, ONE + "?utm_source=mail#top", TWO)]
    )
    assert (first.outcome, again.outcome, other.outcome) == ("new", "joined", "new")
    assert again.flight_id == first.flight_id
    assert ledger.accept([FetchRequest(origin=Origin(url=ONE))])[0].flight_id == first.flight_id
    assert ledger.counts() == {"waiting": 2, "fetch": 0, "parse": 0, "index": 0}


def test_only_new_passes_over_what_was_accepted_before(ledger: Ledger, client: "redis.Redis") -> None:
    ledger.land([r.flight_id for r in at_index(ledger, client, ONE)])
    known, new = ledger.accept([FetchRequest(origin=Origin(url=u), only_new=True) for u in (ONE, TWO)])
    assert (known.outcome, known.flight_id, new.outcome) == ("known", None, "new")
    assert ledger.accept([FetchRequest(origin=Origin(url=ONE))])[0].outcome == "new"


def test_more_requests_than_one_script_call_takes(ledger: Ledger) -> None:
    accepted = ledger.accept([FetchRequest(origin=Origin(url=f"{ONE}/{n}", batch="b")) for n in range(1_201)])
    assert [a.outcome for a in accepted] == ["new"] * 1_201
    assert len({a.flight_id for a in accepted}) == 1_201
    assert ledger.counts()["waiting"] == ledger.batch_in_air("b") == 1_201


def test_text_that_json_has_no_place_for_is_accepted_all_the_same(ledger: Ledger, client: "redis.Redis") -> None:
    request = FetchRequest(
        origin=Origin(url="https://news.example/\ud800\0", source="\udfff", batch="\ud800", found_on="\ud801")
    )
    assert ledger.accept([request])[0].outcome == "new"
    assert ledger.batch_in_air("?") == 1


def test_a_flight_advances_only_from_the_stage_that_it_stands_at(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    move = Move(flight_id=record.flight_id, stage="parse", record=fetched(record))
    assert ledger.advance("parse", [move]).flight_ids == frozenset()
    assert ledger.advance("waiting", [move]).flight_ids == frozenset()
    assert ledger.advance("fetch", [move]).flight_ids == {record.flight_id}
    assert ledger.advance("fetch", [move]).flight_ids == frozenset()
    assert ledger.counts() == {"waiting": 0, "fetch": 0, "parse": 1, "index": 0}
    assert ledger.at_stage("parse", [record.flight_id, "unheard-of"]) == {record.flight_id}
    assert ledger.at_stage("fetch", [record.flight_id]) == set()
    assert ledger.in_air([record.flight_id, "unheard-of"]) == {record.flight_id: "parse"}


def test_landing_leaves_nothing_behind_but_that_the_page_was_seen(ledger: Ledger, client: "redis.Redis") -> None:
    store = PageStore(client)
    records = at_index(ledger, client, ONE, TWO, batch="b")
    ids = [record.flight_id for record in records]
    store.put_many("page", dict.fromkeys(ids, b"<p>page</p>"))
    store.put_many("result", dict.fromkeys(ids, b"{}"))
    ledger.land(ids)
    ledger.land(ids)
    assert everything_kept(client) == {"depeche:seen"}
    assert ledger.counts() == {"waiting": 0, "fetch": 0, "parse": 0, "index": 0}


def test_a_flight_that_lands_while_it_waits_is_not_released(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    ledger.wait("fetch", [Move(flight_id=record.flight_id, stage="fetch", record=record)])
    ledger.land([record.flight_id])
    at_fetch(ledger, client, TWO)
    assert ledger.counts() == {"waiting": 0, "fetch": 1, "parse": 0, "index": 0}


def test_bytes_stored_for_a_flight_that_has_landed_are_removed(ledger: Ledger, client: "redis.Redis") -> None:
    """Two workers have the same message; one stores the page after the other's has landed already."""
    store = PageStore(client)
    (record,) = at_fetch(ledger, client, ONE)
    late = Move(flight_id=record.flight_id, stage="parse", record=fetched(record))
    ledger.advance("fetch", [late])
    store.put_many("page", {record.flight_id: b"late"})
    assert ledger.advance("fetch", [late]).flight_ids == frozenset()
    assert store.get("page", record.flight_id) == b"late", "the flight is still in the air and needs its page"
    ledger.land([record.flight_id])
    store.put_many("page", {record.flight_id: b"later still"})
    ledger.advance("fetch", [late])
    assert everything_kept(client) == {"depeche:seen"}


def test_a_batch_counts_its_pages_until_the_last_has_landed(ledger: Ledger, client: "redis.Redis") -> None:
    one, two = at_index(ledger, client, ONE, TWO, batch="b")
    assert ledger.accept([FetchRequest(origin=Origin(url=ONE, batch="other"))])[0].outcome == "joined"
    assert (ledger.batch_in_air("b"), ledger.batch_in_air("other")) == (2, 0)
    ledger.land([one.flight_id, one.flight_id])
    assert ledger.batch_in_air("b") == 1
    ledger.land([two.flight_id])
    assert ledger.batch_in_air("b") == 0


def test_a_failure_of_no_flight_is_adopted_until_it_has_landed(ledger: Ledger, client: "redis.Redis") -> None:
    failure = PageDropped(
        flight_id="f" * 32,
        origin=Origin(url=""),
        stage="parse",
        fate="quarantined",
        reason="malformed",
        detail="-",
        dropped_at=AT,
    )
    ledger.adopt(failure)
    assert ledger.at_stage("index", [failure.flight_id]) == {failure.flight_id}
    assert client.hget(f"depeche:flight:{failure.flight_id}", "record") == encode_record(failure).encode()
    ledger.land([failure.flight_id])
    assert everything_kept(client) == set()


def test_losses_of_one_stage_are_not_held_against_the_next(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    key = f"depeche:flight:{record.flight_id}"
    client.hset(key, "losses", 4)
    ledger.advance("fetch", [Move(flight_id=record.flight_id, stage="parse", record=fetched(record))])
    assert client.hget(key, "losses") == b"0"


def test_pages_seen_long_ago_are_forgotten(ledger: Ledger, client: "redis.Redis") -> None:
    at_parse(ledger, client, ONE, TWO)
    ledger.forget_seen()
    assert client.zcard("depeche:seen") == 2
    ledger.forget_seen(older_than_s=-1)
    assert client.zcard("depeche:seen") == 0


def test_validators_are_kept_for_as_long_as_the_ledger_is_told(ledger: Ledger, client: "redis.Redis") -> None:
    told = Ledger(client, validators_kept_s=3_600)
    for ledger_of, url, longest in ((ledger, ONE, 8 * 86_400), (told, TWO, 3_600)):
        (record,) = at_fetch(ledger_of, client, url)
        ledger_of.land([record.flight_id], {record.flight_id: Validators(etag="a")})
        assert longest - 60 < client.ttl(VALIDATORS + url_key(url)) <= longest


FOLLOWED = FetchRequest(origin=Origin(url=ONE), only_new=True)


def fail(ledger: Ledger, client: "redis.Redis") -> None:
    """Accept the page and let it land as failed."""
    (record,) = at_fetch(ledger, client, ONE)
    ledger.note_failed([record.flight_id])
    ledger.land([record.flight_id])


def minutes_later(client: "redis.Redis", minutes: float) -> None:
    """As if so much time had passed since the page failed, and since it was accepted."""
    client.hincrby(FAILED + url_key(ONE), "at", -round(minutes * 60_000))
    client.zincrby(SEEN, -round(minutes * 60_000), url_key(ONE))


def outcome(ledger: Ledger) -> str:
    return ledger.accept([FOLLOWED])[0].outcome


def test_a_followed_page_that_failed_is_followed_again_later_and_later(ledger: Ledger, client: "redis.Redis") -> None:
    for minutes in (10, 20, 40):
        fail(ledger, client)
        assert outcome(ledger) == "known"
        minutes_later(client, minutes - 1)
        assert outcome(ledger) == "known"
        minutes_later(client, 1)
    assert outcome(ledger) == "new"
    assert 0 < client.ttl(FAILED + url_key(ONE)) <= 3 * 86_400


def test_the_wait_after_failures_has_an_end(ledger: Ledger, client: "redis.Redis") -> None:
    for _ in range(30):
        fail(ledger, client)
    minutes_later(client, 24 * 60 - 1)
    assert outcome(ledger) == "known"
    minutes_later(client, 1)
    assert outcome(ledger) == "new"


def test_a_page_that_was_accepted_after_its_failure_is_known_whatever_came_before(
    ledger: Ledger, client: "redis.Redis"
) -> None:
    fail(ledger, client)
    minutes_later(client, 60)
    (accepted,) = ledger.accept([FOLLOWED])
    assert accepted.flight_id is not None
    ledger.land([accepted.flight_id])
    client.hincrby(FAILED + url_key(ONE), "at", -1000)
    assert outcome(ledger) == "known"


def test_a_story_whose_revisit_failed_is_known(ledger: Ledger, client: "redis.Redis") -> None:
    (accepted,) = ledger.accept([FetchRequest(origin=Origin(url=ONE, visit=Visit(first_fetched_at=1.0)))])
    assert accepted.flight_id is not None
    ledger.note_failed([accepted.flight_id])
    assert not client.exists(FAILED + url_key(ONE))


def test_what_has_landed_cannot_have_failed_any_more(ledger: Ledger, client: "redis.Redis") -> None:
    (record,) = at_fetch(ledger, client, ONE)
    ledger.land([record.flight_id])
    ledger.note_failed([record.flight_id, "nobody"])
    assert not client.exists(FAILED + url_key(ONE))


def test_other_addresses_of_a_page_are_known(ledger: Ledger) -> None:
    ledger.remember([])
    ledger.remember([f"{ONE}?utm_source=rss", "\ud800"])
    assert outcome(ledger) == "known"
    assert ledger.accept([FetchRequest(origin=Origin(url=TWO), only_new=True)])[0].outcome == "new"


def test_remembering_an_address_does_not_make_its_page_younger(ledger: Ledger, client: "redis.Redis") -> None:
    client.zadd(SEEN, {url_key(ONE): 1.0})
    ledger.remember([ONE])
    assert client.zscore(SEEN, url_key(ONE)) == 1.0
