"""Storing pages: each once, whatever is repeated, late, reversed or broken."""

from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
import redis

from services.indexer.index import Indexer
from services.indexer.store.values import MAX_LINE_CHARS
from shared.flight.intake import Backbone
from shared.messages import Origin, PageDropped
from shared.parsed_page import Headline
from tests.support.flights import ONE, TWO, at_index, message_of, published_drops
from tests.support.pages import HEADLINES, NOON, Flights, article, everything, page, rows
from tests.support.records import changed


def test_a_page_becomes_a_page_an_article_and_headlines(
    indexer: Indexer, flights: Flights, database: psycopg.Connection, client: "redis.Redis"
) -> None:
    indexer.run(flights.message(ONE, page(), batch="b"))
    (stored,) = rows(database, "pages")
    assert (stored["url"], stored["fate"], stored["reason"], stored["batch"]) == (ONE, "stored", None, "b")
    (story,) = rows(database, "articles")
    assert (story["title"], story["body"], story["authors"]) == ("Harbour", "The harbour has opened.", ["Ada Quill"])
    assert story["published_precision"] == "day"
    assert [(h["kind"], h["position"], h["text"], h["url"]) for h in rows(database, "headlines")] == [
        (h.kind, h.position, h.text, h.url) for h in HEADLINES
    ]
    assert {key.decode() for key in client.keys("depeche:*")} == {"depeche:postgres", "depeche:seen", "depeche:taken"}


def test_a_message_that_comes_twice_changes_nothing(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    record = flights.stand(ONE, page())
    indexer.run(message_of(record, record))
    before = everything(database)
    indexer.run(message_of(record))
    assert everything(database) == before
    assert backbone.ledger.counts()["index"] == 0


def test_a_second_visit_that_finds_nothing_new_adds_no_row_and_changes_none(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    before = everything(database)
    indexer.run(flights.message(ONE, page(), minutes=5))
    after = everything(database)
    for view in ("articles", "headlines"):
        assert {row.pop("last_seen_at") - NOON for row in before[view]} == {timedelta()}
        assert {row.pop("last_seen_at") - NOON for row in after[view]} == {timedelta(minutes=5)}
    assert (after["articles"], after["headlines"]) == (before["articles"], before["headlines"])
    (visited,) = after["pages"]
    assert (visited["fate"], visited["fetched_at"]) == ("unchanged", NOON + timedelta(minutes=5))
    assert visited["first_seen_at"] == before["pages"][0]["first_seen_at"]


def test_an_older_visit_that_arrives_late_changes_nothing(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(), minutes=10))
    before = everything(database)
    indexer.run(flights.message(ONE, page([], article=article("Older.")), minutes=5))
    assert everything(database) == before
    assert sum(backbone.ledger.counts().values()) == 0, "it has landed all the same"


def test_a_changed_article_is_updated_in_its_row(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    (before,) = rows(database, "articles")
    indexer.run(flights.message(ONE, page(article=article("And closed again.")), minutes=5))
    (after,) = rows(database, "articles")
    assert rows(database, "pages")[0]["fate"] == "stored"
    assert (after["article_id"], after["first_seen_at"]) == (before["article_id"], before["first_seen_at"])
    assert (after["body"], after["fetched_at"]) == ("And closed again.", NOON + timedelta(minutes=5))


def test_an_article_at_two_addresses_is_one_row(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    canonical = "https://news.example/harbour"
    indexer.run(flights.message(ONE, page(canonical_url=canonical)))
    indexer.run(flights.message(TWO, page(canonical_url=canonical), minutes=1))
    assert len(rows(database, "pages")) == 2
    assert len(rows(database, "articles")) == 1
    assert rows(database, "headlines")[0]["article_id"] == rows(database, "articles")[0]["article_id"]


@pytest.mark.parametrize("canonical", ["https://other.example/harbour", "https://news.example/", "nonsense"])
def test_a_canonical_url_of_another_site_or_of_the_front_page_is_not_believed(
    canonical: str, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    for number, url in enumerate((ONE, TWO)):
        indexer.run(flights.message(url, page(canonical_url=canonical), minutes=number))
    assert len(rows(database, "articles")) == 2


def test_a_headline_leaves_and_returns(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    def gone() -> list[timedelta | None]:
        return [h["gone_at"] and h["gone_at"] - NOON for h in rows(database, "headlines")]

    indexer.run(flights.message(ONE, page()))
    indexer.run(flights.message(ONE, page(HEADLINES[1:]), minutes=5))
    assert gone() == [timedelta(minutes=5), None, None, None]
    indexer.run(flights.message(ONE, page([]), minutes=6))
    assert gone() == [timedelta(minutes=5), *[timedelta(minutes=6)] * 3]
    indexer.run(flights.message(ONE, page(HEADLINES[:1]), minutes=7))
    assert gone() == [None, *[timedelta(minutes=6)] * 3]
    assert rows(database, "headlines")[0]["first_seen_at"] == NOON
    assert rows(database, "pages")[0]["fate"] == "stored"


def test_a_headline_that_moves_keeps_its_row(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    indexer.run(flights.message(ONE, page()))
    before = rows(database, "headlines")
    moved = [msgspec.structs.replace(h, position=h.position + 1, text=h.text.upper()) for h in HEADLINES]
    indexer.run(flights.message(ONE, page(moved), minutes=5))
    after = rows(database, "headlines")
    assert [h["headline_id"] for h in after] == [h["headline_id"] for h in before]
    assert [h["position"] for h in after] == [h["position"] + 1 for h in before]


def test_a_headline_whose_time_gains_precision_is_updated(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    def dated(at: str) -> list[Headline]:
        return [Headline(kind="feed", position=1, text="Harbour opens", published_at=at)]

    indexer.run(flights.message(ONE, page(dated("2025-05-08"))))
    indexer.run(flights.message(ONE, page(dated("2025-05-08T00:00:00+00:00")), minutes=5))
    assert [h["published_precision"] for h in rows(database, "headlines")] == ["instant"]


def test_the_same_headline_twice_in_a_list_is_one_row(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page([HEADLINES[0], msgspec.structs.replace(HEADLINES[0], position=9)])))
    assert [h["position"] for h in rows(database, "headlines")] == [1]


AWKWARD = [
    "NUL \0 in the middle",
    "\0",
    r"a literal \u0000 and a backslash at the end \\",
    "\\" * 3 + "\0",
    "quotes \" ' $$ %s %(x)s {} \u2028 \U0001f5de",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_is_stored_but_for_nul_and_endless_lines(
    text: str, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    story = article(text, title=text, authors=[text], tags=[text], section=text, lead=text)
    lines = [Headline(kind="ticker", position=1, text=text, label=text, url=f"https://news.example/{text[:50]}")]
    indexer.run(flights.message(ONE, page(lines, article=story, canonical_url=text)))
    assert rows(database, "quarantine") == []
    (stored,) = rows(database, "articles")
    expected = text.replace("\0", "")
    line = expected[:MAX_LINE_CHARS]
    assert (stored["body"], stored["title"], stored["authors"]) == (expected, line, [line])
    assert stored["blocks"][0]["text"] == expected
    assert [h["text"] for h in rows(database, "headlines")] == [line]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2025-02-30", "soon", ""])
def test_a_time_that_no_calendar_knows_is_no_time(
    at: str, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(article=article(published_at=at, modified_at=at))))
    (stored,) = rows(database, "articles")
    assert (stored["published_at"], stored["modified_at"]) == (None, None)


def test_a_page_that_postgres_refuses_is_quarantined_alone(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    database.execute("ALTER TABLE depeche.articles ADD CONSTRAINT no_harbours CHECK (title <> 'Bad')")
    three = "https://news.example/three"
    good = [flights.stand(url, page()) for url in (ONE, three)]
    bad = flights.stand(TWO, page(article=article(title="Bad")))
    indexer.run(message_of(good[0], bad, good[1]))
    assert {row["url"]: row["fate"] for row in rows(database, "pages")} == {
        ONE: "stored",
        TWO: "quarantined",
        three: "stored",
    }
    (kept,) = rows(database, "quarantine")
    assert (kept["url"], kept["stage"], kept["reason"]) == (TWO, "index", "unforeseen")
    assert "no_harbours" in kept["detail"]
    assert "CheckViolation" in kept["traceback"]
    assert msgspec.json.decode(kept["message"])["flight_id"] == bad.flight_id
    assert page_bytes(database) == [b"<p>the page</p>"]
    assert sum(backbone.ledger.counts().values()) == 0


def page_bytes(database: psycopg.Connection) -> list[bytes]:
    return [bytes(row[0]) for row in database.execute("SELECT page FROM depeche.quarantine").fetchall()]


def test_a_page_too_large_for_an_index_is_quarantined_and_not_tried_for_ever(
    indexer: Indexer, flights: Flights, backbone: Backbone, database: psycopg.Connection
) -> None:
    """Postgres files this under its operational errors, with those that pass by themselves."""
    database.execute("CREATE INDEX ON depeche.articles (title)")
    title = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(20_000))
    indexer.run(flights.message(ONE, page(article=article(title=title))))
    assert [row["fate"] for row in rows(database, "pages")] == ["quarantined"]
    assert "ProgramLimitExceeded" in rows(database, "quarantine")[0]["traceback"]
    assert sum(backbone.ledger.counts().values()) == 0


@pytest.mark.parametrize("result", [b"not JSON", b'{"url": 7}', b""])
def test_a_result_that_cannot_be_read_is_quarantined(
    result: bytes, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    good = flights.stand(ONE, page())
    indexer.run(message_of(good, flights.stand(TWO, result)))
    assert {row["url"]: row["fate"] for row in rows(database, "pages")} == {ONE: "stored", TWO: "quarantined"}


def test_a_result_that_is_not_there_fails_its_page(
    indexer: Indexer, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    indexer.run(message_of(*at_index(backbone.ledger, client, ONE)))
    assert [(row["fate"], row["reason"]) for row in rows(database, "pages")] == [("failed", "result_missing")]


def dropped(backbone: Backbone, client: "redis.Redis", url: str, minutes: float, **facts: object) -> PageDropped:
    (record,) = at_index(backbone.ledger, client, url)
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    given = {"fate": "gone", "reason": "http_410", "detail": "The page is gone.", "http_status": 410, **facts}
    return PageDropped(flight_id=record.flight_id, origin=Origin(url=url), stage="fetch", dropped_at=at, **given)  # type: ignore[arg-type]


def test_a_page_that_is_gone_keeps_its_article(
    indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    indexer.run(message_of(dropped(backbone, client, ONE, 5)))
    (row,) = rows(database, "pages")
    assert (row["fate"], row["reason"], row["http_status"]) == ("gone", "http_410", 410)
    assert len(rows(database, "articles")) == 1
    indexer.run(flights.message(ONE, page(), minutes=10))
    (row,) = rows(database, "pages")
    assert (row["fate"], row["reason"], row["detail"], row["http_status"]) == ("stored", None, None, 200)


def test_the_end_of_an_older_visit_changes_nothing(
    indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(), minutes=10))
    before = everything(database)
    indexer.run(message_of(dropped(backbone, client, ONE, 5)))
    assert everything(database) == before


def test_the_same_end_twice_is_one_row_that_does_not_change(
    indexer: Indexer, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    end = dropped(backbone, client, ONE, 0, fate="quarantined", traceback="Trace\0back", message='{"a": "\0"}')
    indexer.run(message_of(end, end))
    before = everything(database)
    backbone.ledger.adopt(end)
    indexer.run(message_of(end))
    assert everything(database) == before
    assert (before["quarantine"][0]["traceback"], len(before["quarantine"])) == ("Traceback", 1)


def test_a_message_that_names_no_page_is_only_in_quarantine(
    indexer: Indexer, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    backbone.keep_unreadable("parse", '{"pages": "\udcff\0"}', "is malformed")
    indexer.run(message_of(*published_drops(client)))
    assert rows(database, "pages") == []
    (kept,) = rows(database, "quarantine")
    assert (kept["reason"], kept["stage"], kept["message"]) == ("malformed_message", "parse", '{"pages": "\\udcff"}')
    assert sum(backbone.ledger.counts().values()) == 0


def test_a_story_in_two_lists_of_one_kind_has_a_row_in_each(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    sections = [
        Headline(kind="front", label=label, position=n, text="Harbour opens", url="https://news.example/harbour")
        for n, label in enumerate(("Politics", "Business"), start=1)
    ]
    indexer.run(flights.message(ONE, page(sections)))
    indexer.run(flights.message(ONE, page(sections), minutes=5))
    assert [(h["label"], h["position"]) for h in rows(database, "headlines")] == [("Politics", 1), ("Business", 2)]


def test_visits_of_one_page_in_one_message(
    indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    """As replays bring them: flights of their own, beside that of the page. One statement cannot store all."""
    visits = [
        flights.stand(f"https://news.example/{minutes}", parsed, minutes=minutes)
        for minutes, parsed in (
            (0, page()),
            (5, page(HEADLINES[1:], article=article("And closed again."))),
            (2, page(article=article("Not any more."))),
        )
    ]
    visits = [changed(visit, url=ONE, final_url=ONE) for visit in visits]
    gone = dropped(backbone, client, ONE, 10)
    indexer.run(message_of(*visits, gone, flights.stand(TWO, page())))
    assert [(row["url"], row["fate"]) for row in rows(database, "pages") if row["url"] == ONE] == [(ONE, "gone")]
    texts = {row["url"]: (row["body"], row["version"]) for row in rows(database, "articles")}
    assert texts == {ONE: ("And closed again.", 2), TWO: ("The harbour has opened.", 1)}
    assert sum(backbone.ledger.counts().values()) == 0


def test_pages_and_ends_of_pages_in_one_message(
    indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis", database: psycopg.Connection
) -> None:
    urls = [f"https://news.example/{n}" for n in range(6)]
    indexer.run(message_of(*(flights.stand(url, page()) for url in urls[:4])))
    indexer.run(
        message_of(
            dropped(backbone, client, urls[0], 5),
            dropped(backbone, client, urls[1], 5),
            dropped(backbone, client, urls[2], 5, fate="unchanged", reason="not_modified", http_status=304),
            flights.stand(urls[3], page(article=article("And closed again.")), minutes=5),
            flights.stand(urls[4], page(), minutes=5),
            dropped(backbone, client, urls[5], 5, fate="failed", reason="timeout", http_status=None),
        )
    )
    assert {row["url"]: row["fate"] for row in rows(database, "pages")} == dict(
        zip(urls, ["gone", "gone", "unchanged", "stored", "stored", "failed"], strict=True)
    )
    withdrawn = {row["url"]: row["withdrawn_at"] is not None for row in rows(database, "articles")}
    assert withdrawn == dict(zip(urls[:5], [True, True, False, False, False], strict=True))
    indexer.run(
        message_of(
            *(
                dropped(backbone, client, url, 9, fate="unchanged", reason="not_modified", http_status=304)
                for url in urls[:2]
            )
        )
    )
    assert {row["withdrawn_at"] for row in rows(database, "articles")} == {None}


def test_what_one_page_of_a_batch_shows_is_no_headline_of_another(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    """Pages of a site have the same ticker; each loses and moves its own lines."""
    indexer.run(message_of(flights.stand(ONE, page()), flights.stand(TWO, page(HEADLINES[:1]))))
    moved = [msgspec.structs.replace(HEADLINES[1], position=1)]
    indexer.run(message_of(flights.stand(ONE, page(moved), minutes=5), flights.stand(TWO, page(), minutes=6)))
    found = {(row["page_url"], row["kind"], row["text"]): row for row in rows(database, "headlines")}
    at = {key: (row["position"], row["gone_at"] and row["gone_at"] - NOON) for key, row in found.items()}
    five = timedelta(minutes=5)
    assert at == {
        (ONE, "ticker", "Harbour opens"): (1, five),
        (ONE, "ticker", "Bridge closes"): (1, None),
        (ONE, "most_read", "Harbour opens"): (1, five),
        (ONE, "latest", "A line without a link"): (1, five),
        (TWO, "ticker", "Harbour opens"): (1, None),
        (TWO, "ticker", "Bridge closes"): (2, None),
        (TWO, "most_read", "Harbour opens"): (1, None),
        (TWO, "latest", "A line without a link"): (1, None),
    }


@pytest.mark.parametrize(
    "forged",
    [
        {"answer": {"http_status": 2**40}},
        {"origin": {"attempt": -1}},
        {"answer": {"body_bytes": 10**30}},
        {"answer": {"fetched_at": "now"}},
        {"answer": {"fetched_at": "9999-12-31T23:59:59-14:00"}},
        {"answer": {"fetched_at": "0001-01-01T00:00:00+14:00"}},
    ],
)
def test_a_message_with_what_no_column_holds_is_quarantined_and_its_page_stays(
    forged: dict[str, Any], indexer: Indexer, flights: Flights, backbone: Backbone, client: "redis.Redis"
) -> None:
    message = flights.message(ONE, page())
    for part, fields in forged.items():
        message["pages"][0][part] |= fields
    indexer.run(message)
    (kept,) = published_drops(client)
    assert (kept.reason, kept.origin.url) == ("malformed_message", "")
    assert backbone.ledger.at_stage("index", [message["pages"][0]["flight_id"]]), "the ledger has it as it was"
