"""`depeche trace`: the whole way of a page, for people and for programs."""

import json
import time
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import psycopg
import pytest
import redis
import structlog
from psycopg.conninfo import make_conninfo

from services.indexer.app import open_pool
from services.indexer.index import Indexer
from shared.failures import GiveUp, RetryLater
from shared.flight.drops import dropped
from shared.flight.intake import Backbone
from shared.flight.ledger import Move
from shared.flight.stage import Retry, Stage
from shared.messages import Answer, FailedAttempt, FetchRequest, Origin, PageDropped, PageFetched, PageParsed
from shared.rights import Rights, Statement
from tests.cli.conftest import Run
from tests.support.flights import at_fetch, at_index, at_parse, message_of
from tests.support.pages import HEADLINES, Flights, article, page
from tests.support.records import changed

FRONT, HARBOUR = "https://news.example/", "https://news.example/harbour"
NOBODY = "redis://127.0.0.1:1/0"
BUSY = FailedAttempt(at="2025-05-08T12:00:30+00:00", reason="http_503", detail="Busy [/b] \x1b[31m.", http_status=503)
LOST = FailedAttempt(at="2025-05-08T12:00:40+00:00", reason="connection_lost", http_status=200)


class Desk:
    """Stores pages as the indexer does."""

    def __init__(self, backbone: Backbone, client: "redis.Redis", indexer: Indexer) -> None:
        self.backbone, self.client, self._indexer = backbone, client, indexer
        self._flights = Flights(backbone, client)

    def front(self, minutes: float = 0.0) -> None:
        """The front, whose lists lead to HARBOUR twice."""
        self._indexer.run(self._flights.message(FRONT, page(page_type="listing", article=None), minutes=minutes))

    def read(self, url: str = HARBOUR, parsed: Any = None, *, minutes: float = 1.0, **facts: Any) -> PageParsed:
        record = self._flights.stand(url, parsed or page(HEADLINES[:1], article=article()), minutes=minutes)
        record = changed(record, **facts)
        self._indexer.run(message_of(record))
        return record

    def drop(self, fate: Any, reason: str, *, url: str = HARBOUR, **facts: Any) -> PageDropped:
        (record,) = at_index(self.backbone.ledger, self.client, url)
        end = dropped("fetch", record, GiveUp(reason, "A sentence that says why."), fate)
        end = changed(end, **{"answer": None, "http_status": None, **facts})
        self._indexer.run(message_of(end))
        return end


@pytest.fixture
def desk(backbone: Backbone, client: "redis.Redis", database_url: str) -> Iterator[Desk]:
    with open_pool(database_url, 1) as pool, structlog.testing.capture_logs():
        yield Desk(backbone, client, Indexer(backbone, pool))


def traced(run: Run, *arguments: str) -> dict[str, Any]:
    ran = run("trace", *arguments, "--json")
    assert ran.status == 0, ran.err
    assert ran.err == ""
    facts: dict[str, Any] = json.loads(ran.out)
    return facts


ADDRESSES = [
    HARBOUR,
    "http://www.news.example/harbour/?utm_source=x#top",
    "news.example/harbour",
    "https://amp.news.example/harbour?outputType=amp",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_article_that_was_found_on_a_front(address: str, desk: Desk, run_on_servers: Run) -> None:
    desk.front()
    facts = {"archive": "a.warc.gz:7", "found_on": FRONT, "source": "desk", "batch": "b", "body_bytes": 81_234}
    record = desk.read(attempt=3, earlier_attempts=(BUSY, LOST), content_type="text/html", **facts)
    seen = traced(run_on_servers, address)
    assert seen["is_known"] is True
    assert (seen["page"]["url"], seen["page"]["fate"], seen["in_air"]) == (HARBOUR, "stored", None)
    assert [(f["page_url"], f["kind"], f["label"], f["position"], f["first_seen_at"]) for f in seen["found"]] == [
        (FRONT, "ticker", "Live", 1, "2025-05-08T12:00:00Z"),
        (FRONT, "most_read", None, 1, "2025-05-08T12:00:00Z"),
    ]
    (visit,) = seen["visits"]
    assert (visit["fate"], visit["http_status"], visit["final_url"], visit["attempts"]) == ("stored", 200, HARBOUR, 3)
    assert [attempt["reason"] for attempt in visit["earlier_attempts"]] == ["http_503", "connection_lost"]
    assert {name: visit[name] for name in facts} == facts
    (became,) = seen["articles"]
    assert (became["title"], became["version"], became["withdrawn_at"]) == ("Harbour", 1, None)
    assert became["article_id"] == became["story_id"] == visit["article_id"]
    assert seen["headlines"] == [{"kind": "ticker", "stored": 1, "standing": 1}]
    shown = run_on_servers("trace", address, "--utc").out
    for said in (
        FRONT + ': ticker "Live", place 1',
        "2025-05-08 12:01:00 UTC  stored  attempt 3, HTTP 200, text/html, 81,234 bytes",
        "attempt 1 failed 2025-05-08 12:00:30 UTC, http_503: Busy",
        "attempt 2 failed 2025-05-08 12:00:40 UTC, connection_lost (HTTP 200)",
        "archive a.warc.gz:7",
        "parser test read article",
        f"flight {record.flight_id}",
        "version 1",
    ):
        assert said in shown
    assert "\x1b" not in shown


def test_an_address_that_the_article_calls_its_own(desk: Desk, run_on_servers: Run) -> None:
    desk.front()
    desk.read(HARBOUR + "?page=1", page([], canonical_url=HARBOUR))
    seen = traced(run_on_servers, HARBOUR)
    assert seen["page"]["url"] == HARBOUR + "?page=1"
    assert len(seen["found"]) == 2


def test_a_page_by_its_number_and_by_that_of_a_flight(desk: Desk, run_on_servers: Run) -> None:
    desk.front()
    record = desk.read()
    for name in ("2", record.flight_id):
        seen = traced(run_on_servers, name)
        assert (seen["page"]["url"], len(seen["found"])) == (HARBOUR, 2)
    for name in ("3", "f" * 32):
        ran = run_on_servers("trace", name)
        assert (ran.status, ran.out) == (1, "")
        assert name in ran.err


def test_a_page_that_failed_after_all_its_attempts(desk: Desk, run_on_servers: Run) -> None:
    desk.drop("failed", "http_503", http_status=503, attempt=3, earlier_attempts=(BUSY, LOST))
    (visit,) = traced(run_on_servers, HARBOUR)["visits"]
    assert (visit["fate"], visit["reason"], visit["attempts"], len(visit["earlier_attempts"])) == (
        "failed",
        "http_503",
        3,
        2,
    )
    shown = run_on_servers("trace", HARBOUR).out
    assert "failed  attempt 3, HTTP 503" in shown
    assert "http_503: A sentence that says why." in shown
    assert "Became" not in shown


def test_a_page_that_robots_txt_refuses(desk: Desk, run_on_servers: Run) -> None:
    desk.front()
    desk.drop("refused", "robots_disallowed")
    shown = run_on_servers("trace", HARBOUR).out
    assert "  refused\n" in shown
    assert "robots_disallowed: A sentence" in shown
    assert "Found on" in shown


def test_what_is_said_of_a_pages_use(desk: Desk, run_on_servers: Run) -> None:
    desk.read(rights=Rights(meta_robots=(Statement(said="noai [/b]", where="meta", to="Depeche"),)))
    shown = run_on_servers("trace", HARBOUR)
    assert "Said of its use\n  meta_robots: noai [/b] (meta, to Depeche)\n" in shown.out
    told = run_on_servers("trace", HARBOUR, "--json")
    assert json.loads(told.out)["page"]["rights"] == {
        "meta_robots": [{"said": "noai [/b]", "where": "meta", "to": "Depeche"}]
    }


def test_a_quarantined_page(desk: Desk, run_on_servers: Run) -> None:
    desk.read(parsed=b"no parse result")
    (case,) = traced(run_on_servers, HARBOUR)["quarantine"]
    assert (case["stage"], case["reason"]) == ("index", "unforeseen")
    assert "Traceback" in case["traceback"]
    shown = run_on_servers("trace", HARBOUR).out
    assert f"quarantine_id {case['quarantine_id']}, in the index stage" in shown


def test_only_the_latest_visits_are_shown(desk: Desk, run_on_servers: Run) -> None:
    for minutes in range(4):
        desk.read(minutes=minutes)
    seen = traced(run_on_servers, HARBOUR, "--visits", "2")
    assert ([visit["at"][14:16] for visit in seen["visits"]], seen["more_visits"]) == (["03", "02"], 2)
    assert "and 2 earlier (--visits 4)" in run_on_servers("trace", HARBOUR, "--visits", "2").out
    assert "earlier (" not in run_on_servers("trace", HARBOUR).out


def test_a_withdrawn_article(desk: Desk, run_on_servers: Run) -> None:
    desk.read()
    desk.drop("gone", "http_404", http_status=404)
    (became,) = traced(run_on_servers, HARBOUR)["articles"]
    assert became["withdrawn_at"] is not None
    assert ", withdrawn 20" in run_on_servers("trace", HARBOUR).out


def test_a_page_that_a_list_leads_to_and_nobody_followed(desk: Desk, run_on_servers: Run) -> None:
    desk.front()
    seen = traced(run_on_servers, HARBOUR)
    assert (seen["page"], seen["visits"], len(seen["found"])) == (None, [], 2)
    ran = run_on_servers("trace", HARBOUR)
    assert "none; what is followed" in ran.out


def test_a_page_that_waits_for_its_turn(desk: Desk, run_on_servers: Run) -> None:
    desk.backbone.ledger.accept(
        [FetchRequest(origin=Origin(url=url, source="desk", found_on=FRONT)) for url in (FRONT, HARBOUR)]
    )
    first, second = sorted((traced(run_on_servers, url)["in_air"] for url in (FRONT, HARBOUR)), key=itemgetter("ahead"))
    assert (first["stage"], first["waits_for"], first["ahead"]) == ("waiting", "release", 0)
    assert (second["stage"], second["waits_for"], second["ahead"]) == ("waiting", "host_turn", 1)
    assert (second["source"], second["found_on"], second["attempt"]) == ("desk", FRONT, 1)
    shown = run_on_servers("trace", second["url"]).out
    assert "stage waiting: waits for its host's turn, 1 of its host before it" in shown
    desk.client.zadd("depeche:paused", {"news.example:443": (time.time() + 600) * 1000})
    paused = traced(run_on_servers, first["flight_id"])["in_air"]
    assert paused["waits_for"] == "host_pause"
    assert paused["not_before"] is not None


def test_a_page_that_waits_for_its_next_attempt(desk: Desk, run_on_servers: Run) -> None:
    (record,) = at_fetch(desk.backbone.ledger, desk.client, HARBOUR)
    stage = Stage("fetch", type(record), desk.backbone, Retry(attempts=3, base=600.0))

    def busy(_record: object) -> Any:
        raise RetryLater("http_503", "Busy.", http_status=503)

    stage.run(message_of(record), busy)
    in_air = traced(run_on_servers, HARBOUR)["in_air"]
    assert (in_air["waits_for"], in_air["attempt"]) == ("next_attempt", 2)
    assert in_air["not_before"] > in_air["since"]
    assert "attempt 1 failed" in run_on_servers("trace", HARBOUR).out


def test_a_page_that_a_worker_is_at(desk: Desk, run_on_servers: Run) -> None:
    (record,) = at_parse(desk.backbone.ledger, desk.client, HARBOUR)
    in_air = traced(run_on_servers, record.flight_id)["in_air"]
    assert (in_air["stage"], in_air["waits_for"], in_air["url"]) == ("parse", "worker", HARBOUR)


def test_a_page_on_its_way_out_of_the_archive_is_found_by_its_flight(desk: Desk, run_on_servers: Run) -> None:
    desk.read()
    fetched = PageFetched(
        flight_id="a" * 32,
        origin=Origin(url=HARBOUR),
        answer=Answer(final_url=HARBOUR, http_status=200, fetched_at=BUSY.at),
    )
    desk.backbone.ledger.adopt_pages([(fetched, b"<p>page</p>")])
    assert traced(run_on_servers, HARBOUR)["in_air"] is None
    seen = traced(run_on_servers, fetched.flight_id)
    assert (seen["in_air"]["stage"], seen["in_air"]["flight_id"]) == ("parse", fetched.flight_id)
    assert len(seen["visits"]) == 1


def test_a_page_that_waits_for_postgres(desk: Desk, run_on_servers: Run) -> None:
    (record,) = at_index(desk.backbone.ledger, desk.client, HARBOUR)
    move = Move(flight_id=record.flight_id, stage="index", record=record, due_in=60.0)
    desk.backbone.ledger.wait("index", [move])
    in_air = traced(run_on_servers, HARBOUR)["in_air"]
    assert (in_air["stage"], in_air["waits_for"]) == ("waiting", "postgres")
    assert in_air["not_before"] > in_air["since"]


def test_a_visit_that_is_planned(desk: Desk, run_on_servers: Run, client: "redis.Redis") -> None:
    desk.read()
    key = traced(run_on_servers, HARBOUR)["page"]["url_key"].replace("-", "")
    client.zadd("depeche:revisits_due", {key: 1_746_705_600_000})
    assert traced(run_on_servers, HARBOUR)["revisit_at"] == "2025-05-08T12:00:00Z"
    assert "2025-05-08 12:00:00 UTC, to catch edits" in run_on_servers("trace", HARBOUR, "--utc").out


def test_an_address_that_is_known_as_that_of_another_page(desk: Desk, run_on_servers: Run) -> None:
    desk.backbone.ledger.remember([HARBOUR])
    assert traced(run_on_servers, HARBOUR)["accepted_at"] is not None
    assert "has this address, too" in run_on_servers("trace", HARBOUR).out


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        (HARBOUR, f"depeche fetch {HARBOUR} --wait"),
        ("news.example/x", "depeche fetch https://news.example/x --wait"),
        ("https://[::1", "depeche fetch 'https://[::1' --wait"),
        ("http://", "depeche fetch http:// --wait"),
    ],
)
def test_an_address_that_nothing_is_known_of(address: str, hint: str, run_on_servers: Run) -> None:
    ran = run_on_servers("trace", address)
    assert (ran.status, ran.out) == (1, "")
    assert f"Nothing is known of {address}" in ran.err
    assert hint in ran.err
    ran = run_on_servers("trace", address, "--json")
    assert ran.status == 1
    assert json.loads(ran.out)["is_known"] is False


def test_a_refused_address_that_is_no_url(desk: Desk, run_on_servers: Run) -> None:
    desk.drop("refused", "scheme_unsupported", url="no url at all")
    assert traced(run_on_servers, "no url at all")["page"]["fate"] == "refused"


def test_postgres_part_is_shown_while_redis_is_away(
    desk: Desk, run_on_servers: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.read()
    monkeypatch.setenv("DEPECHE_REDIS_URL", NOBODY)
    ran = run_on_servers("trace", HARBOUR)
    assert ran.status == 0
    assert "version 1" in ran.out
    assert "What is in the air is not known. Cannot use Redis at redis://127.0.0.1:1/0" in ran.err
    facts = json.loads(run_on_servers("trace", HARBOUR, "--json").out)
    assert "Cannot use Redis" in facts["redis_problem"]
    assert len(facts["visits"]) == 1
    monkeypatch.delenv("DEPECHE_REDIS_URL")
    ran = run_on_servers("trace", FRONT)
    assert ran.status == 1
    assert "DEPECHE_REDIS_URL is not set" in ran.err


def test_a_reader_may_trace(
    desk: Desk, run_on_servers: Run, monkeypatch: pytest.MonkeyPatch, database_url: str, database: psycopg.Connection
) -> None:
    desk.front()
    desk.read()
    desk.drop("quarantined", "unforeseen")
    database.execute("CREATE ROLE a_tracer LOGIN IN ROLE depeche_reader")
    try:
        monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, user="a_tracer"))
        seen = traced(run_on_servers, HARBOUR)
    finally:
        database.execute("DROP ROLE a_tracer")
    assert [len(seen[part]) for part in ("found", "visits", "quarantine", "articles")] == [2, 2, 1, 1]


def test_a_page_of_before_visits_were_kept(desk: Desk, run_on_servers: Run, database: psycopg.Connection) -> None:
    desk.read()
    desk.drop("failed", "http_403")
    database.execute("TRUNCATE depeche.visits")
    shown = run_on_servers("trace", HARBOUR).out
    assert "failed  http_403: A sentence" in shown
    assert "not kept one by one" in shown


@pytest.mark.parametrize("arguments", [[""], [" "], [HARBOUR, "--visits", "0"]])
def test_a_wrong_argument(arguments: list[str], run_on_servers: Run) -> None:
    assert run_on_servers("trace", *arguments).status == 2
