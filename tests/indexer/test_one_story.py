"""Pages that name one address: one story has one row, and each of several stories has a row of its own."""

import random
import threading
import uuid
from collections.abc import Sequence

import msgspec
import psycopg
import pytest

from services.indexer.index import store_together
from services.indexer.landing import Landing
from services.indexer.one_story import Told, are_one_story
from services.indexer.store.articles import upsert_articles
from services.indexer.store.headlines import upsert_headlines
from services.indexer.store.pages import upsert_parsed
from services.indexer.store.visits import note_visits
from services.indexer.store.withdrawal import restore, withdraw
from shared.urls import url_key
from tests.indexer.random_visits import RandomVisits
from tests.indexer.store.addresses import HARBOUR, A, B, C, changes, gone, read, store, unchanged, withdrawn
from tests.support.pages import NOON, rows
from tests.support.servers import PostgresForTests

TOGETHER = pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
SECTION = "https://news.example/2025/all-the-news-of-the-day"
SUBJECTS = [
    *("harbour", "lamp", "bridge", "market", "school", "theatre", "river"),
    *("orchard", "quarry", "station", "museum", "bakery", "meadow", "library"),
]


def text_of(subject: str) -> str:
    """The text of a story of some sixty words, which ends as all stories of the site do."""
    told = " ".join(f"{subject}{number} and{number} {subject[::-1]}{number}" for number in range(16))
    return f"The {subject} is told of here: {told}. Write to us if you have seen something else in town."


def story(subject: str, minutes: float, **fields: object) -> Landing:
    """A visit of a story that names the address of a section as its own."""
    facts: dict[str, object] = {"canonical": SECTION, "text": text_of(subject), "title": f"All about the {subject}"}
    return read(f"https://news.example/{subject}", minutes, **{**facts, **fields})  # type: ignore[arg-type]


def told(database: psycopg.Connection, *, there: bool = True) -> dict[str, str]:
    """Address -> text of the articles that are not withdrawn, or of those that are."""
    return {row["url"]: row["body"] for row in rows(database, "articles") if (row["withdrawn_at"] is None) is there}


def article_ids(database: psycopg.Connection) -> dict[str, int]:
    return {row["url"]: row["article_id"] for row in rows(database, "articles")}


EACH = {f"https://news.example/{subject}": text_of(subject) for subject in SUBJECTS}


@TOGETHER
@pytest.mark.parametrize("seed", range(3))
def test_stories_that_name_one_address_have_a_row_each(seed: int, together: bool, database: psycopg.Connection) -> None:
    visits = [story(subject, minutes) for minutes, subject in enumerate(SUBJECTS)]
    random.Random(seed).shuffle(visits)
    store(database, visits, together=together)
    assert told(database) == EACH
    versions = [(version["version"], version["body"]) for version in rows(database, "article_versions")]
    assert sorted(versions) == sorted((1, text) for text in EACH.values())
    store(database, visits, together=together)
    store(database, [story(subject, 60) for subject in SUBJECTS], together=together)
    assert told(database) == EACH
    assert [change["kind"] for change in rows(database, "changes")] == ["new"] * len(SUBJECTS)


@TOGETHER
def test_the_page_whose_own_address_is_named_has_the_first_right_to_it(
    together: bool, database: psycopg.Connection
) -> None:
    guest, other = story("lamp", 0, canonical=C), story("bridge", 1, canonical=C)
    store(database, [guest, other], together=together)
    before = article_ids(database)
    store(database, [read(C, 2, canonical=C, text=text_of("market"), title="The market")], together=together)
    store(database, [guest, other, story("lamp", 5, canonical=C), story("bridge", 5, canonical=C)], together=together)
    assert told(database) == {guest.record.origin.url: text_of("lamp"), other.record.origin.url: text_of("bridge")} | {
        C: text_of("market")
    }
    after = article_ids(database)
    assert {url: after[url] for url in before} == before, "the articles keep their numbers"
    assert {row["url"]: row["url_key"] for row in rows(database, "articles")} == {
        url: uuid.UUID(url_key(url)) for url in after
    }
    assert [change["kind"] for change in rows(database, "changes")] == ["new"] * 3
    pages = {row["page_id"]: row["url"] for row in rows(database, "pages")}
    assert all(visit["article_id"] == after[pages[visit["page_id"]]] for visit in rows(database, "visits"))


def test_a_story_that_is_sent_away_is_withdrawn_with_its_own_page(database: psycopg.Connection) -> None:
    store(database, [read(A, 0, canonical=C), read(B, 1, canonical=C)])
    store(database, [read(C, 2, canonical=C, text=text_of("market"), title="The market"), gone(A, 3)])
    assert (withdrawn(database, A), withdrawn(database, C)) == (None, None), "B is an address of the same story"
    store(database, [gone(B, 4)])
    assert (withdrawn(database, A), withdrawn(database, C)) == (4, None)
    store(database, [unchanged(B, 5)])
    assert (withdrawn(database, A), withdrawn(database, C)) == (None, None)


@TOGETHER
def test_twins_share_a_row_also_after_an_edit(together: bool, database: psycopg.Connection) -> None:
    edited = text_of("harbour").replace("Write to us", "The mayor said more on Friday. Write to us")
    rewritten = {"text": text_of("harbour")[:400] + " and all else is new.", "title": "All about the new harbour"}
    visits = [
        story("harbour", 0, canonical=HARBOUR),
        read("https://news.example/print/harbour", 1, text=text_of("harbour"), title="Print: harbour"),
        story("harbour", 2, canonical=HARBOUR, text=edited),
        read("https://news.example/print/harbour", 3, text=edited[:200], title="Print: harbour"),
        read("https://news.example/harbour?view=text", 4, **rewritten),  # type: ignore[arg-type]
    ]
    store(database, visits, together=together)
    (row,) = rows(database, "articles")
    assert (row["body"], row["version"]) == (rewritten["text"], 5)


def test_a_page_that_wrote_its_row_last_may_write_all_of_it_anew(database: psycopg.Connection) -> None:
    correction = {"text": "It was all wrong.", "title": "Correction"}
    store(database, [story("harbour", 0), story("harbour", 1, **correction), story("lamp", 2)])
    assert [(row["body"], row["version"]) for row in rows(database, "articles")] == [
        ("It was all wrong.", 2),
        (text_of("lamp"), 1),
    ]


def test_a_row_goes_with_its_page_to_another_address(database: psycopg.Connection) -> None:
    store(database, [read(A, 0), read(A, 1, canonical=C), read(A, 2, canonical=None)])
    assert [row["url_key"] for row in rows(database, "articles")] == [uuid.UUID(url_key(A))]
    assert changes(database, A) == ["new"]
    store(database, [gone(A, 3)])
    assert withdrawn(database, A) == 3


def store_as_before(database: psycopg.Connection, landing: Landing) -> None:
    """As indexers did that believed every canonical URL."""
    landing = msgspec.structs.replace(landing, settled_key=landing.named_key)
    with database.transaction():
        stored = upsert_parsed(database, [landing])
        changed = upsert_headlines(database, stored) | upsert_articles(database, stored)
        restore(database, [of.page_id for of in stored if of.was_withdrawn])
        withdraw(database, {key: of.fetched_at for of in stored for key in of.left})
        note_visits(database, [landing], {landing.record.flight_id: bool(changed)})


@pytest.mark.parametrize("is_believed", [False, True], ids=["the parser passes it over", "the parser believes it"])
@pytest.mark.parametrize("later", [False, True], ids=["same visit", "older visit"])
@pytest.mark.parametrize("seed", range(4))
def test_a_replay_gives_stories_back_that_had_become_one_row(
    seed: int, later: bool, is_believed: bool, database: psycopg.Connection
) -> None:
    for minutes, subject in enumerate(SUBJECTS):
        store_as_before(database, story(subject, minutes, body_sha256=subject))
    assert len(told(database)) == 1
    if later:
        store(database, [unchanged(url, 90) for url in EACH])
    canonical = SECTION if is_believed else None
    replayed = [
        story(subject, minutes, body_sha256=subject, canonical=canonical) for minutes, subject in enumerate(SUBJECTS)
    ]
    random.Random(seed).shuffle(replayed)
    store(database, replayed)
    assert told(database) == EACH
    store(database, [story(of, n, body_sha256=of, canonical=canonical) for n, of in enumerate(SUBJECTS)])
    assert told(database) == EACH
    current = {version["article_id"]: version["body"] for version in rows(database, "article_versions")}
    assert set(EACH.values()) <= set(current.values())


def test_a_replay_gives_the_page_that_was_named_its_row_back(database: psycopg.Connection) -> None:
    named = {"canonical": C, "text": text_of("market"), "title": "The market", "body_sha256": "c"}
    store_as_before(database, read(C, 0, **named))  # type: ignore[arg-type]
    for minutes, subject in enumerate(SUBJECTS[:3], start=1):
        store_as_before(database, story(subject, minutes, body_sha256=subject, canonical=C))
    replayed = [story(of, n, body_sha256=of, canonical=C) for n, of in enumerate(SUBJECTS[:3], start=1)]
    store(database, [read(C, 0, **named), *replayed])  # type: ignore[arg-type]
    assert told(database) == {C: text_of("market")} | {url: EACH[url] for url in list(EACH)[:3]}


MISPLACED = """
SELECT p.url FROM depeche.pages p LEFT JOIN depeche.articles a ON a.article_key = coalesce(p.read_as, p.url_key)
WHERE p.page_type = 'article' AND a.article_id IS NULL
"""


def check(database: psycopg.Connection) -> None:
    """Every page that was read as an article has one, and each article has its versions and changes in order."""
    assert database.execute(MISPLACED).fetchall() == []
    versions: dict[int, list[int]] = {}
    for version in rows(database, "article_versions"):
        versions.setdefault(version["article_id"], []).append(version["version"])
    for row in rows(database, "articles"):
        assert versions[row["article_id"]] == list(range(1, row["version"] + 1))
        kinds = [change["kind"] for change in rows(database, "changes") if change["article_id"] == row["article_id"]]
        assert kinds[0] == "new"
        assert kinds.count("new") == 1
        assert kinds.count("edited") == row["version"] - 1
        assert kinds.count("withdrawn") - kinds.count("restored") == (row["withdrawn_at"] is not None)


@pytest.mark.parametrize("seed", range(6))
def test_random_visits_leave_a_row_for_each_page_that_was_read(postgres: PostgresForTests, seed: int) -> None:
    visits = RandomVisits(seed)
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as database:
        for _ in range(10):
            batch = visits.batch()
            store(database, batch, together=True)
            check(database)
            before = [rows(database, view) for view in ("articles", "article_versions", "changes")]
            store(database, batch[-1:], together=True)
            assert [rows(database, view) for view in ("articles", "article_versions", "changes")] == before


def test_several_indexers_at_once_leave_a_row_for_each_story(postgres: PostgresForTests) -> None:
    """In whatever order their batches come, some of them twice."""
    visits = [story(subject, minutes) for minutes, subject in enumerate(SUBJECTS)]
    visits += [read(SECTION, 3, canonical=SECTION, text=text_of("section"), title="The section")]
    visits += [story(subject, 30 + minutes) for minutes, subject in enumerate(SUBJECTS)]
    failures: list[BaseException] = []

    def work(url: str, of_worker: Sequence[Landing], seed: int) -> None:
        choose = random.Random(seed)
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                waiting = [*of_worker, *choose.sample(visits, 5)]
                while waiting:
                    size = choose.randrange(1, 6)
                    store_together(connection, waiting[:size])
                    waiting = waiting[size:]
        except BaseException as error:  # noqa: BLE001 (the test shows it)
            failures.append(error)

    for seed in range(4):
        with postgres.database() as url, psycopg.connect(url, autocommit=True) as database:
            shuffled = random.Random(seed).sample(visits, len(visits))
            workers = [
                threading.Thread(target=work, args=(url, shuffled[number::4], seed * 4 + number)) for number in range(4)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert not failures
            check(database)
            assert told(database) == EACH | {SECTION: text_of("section")}


LONG = text_of("harbour")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("A", LONG), ("B", LONG), True),
        (("A", LONG), ("B", LONG[:250]), True),
        (("A", LONG), ("B", LONG + " " + text_of("lamp")), True),
        (("A", LONG), ("B", text_of("lamp")), False),
        (("Harbour opens after years", LONG), ("HARBOUR opens – after years", "Only for readers."), True),
        (("Weather", "Rain in the north."), ("Weather", "Sun on all coasts tomorrow."), False),
        (("港口扩建工程正式开工", "港口工程" * 9), ("港口扩建工程正式开工", "全文仅供订阅者阅读。"), True),
        (("", "港口扩建工程正式开工仪式昨日举行"), ("", "市长宣布辞职消息传出之后股市下跌"), False),
        (("A", "The harbour has opened."), ("B", "The harbour has now opened."), True),
        (("A", ""), ("B", ""), False),
        (("Harbour opens after years", ""), ("Harbour opens after years", LONG), True),
    ],
)
def test_what_makes_two_texts_one_story(one: tuple[str, str], other: tuple[str, str], expected: bool) -> None:
    pages = [Told(title=title, text=text, published_at=None) for title, text in (one, other)]
    assert are_one_story(*pages) is expected
    assert are_one_story(*reversed(pages)) is expected


def test_the_column_of_each_week_is_another_story() -> None:
    this, last = (Told(title="Our gardener answers", text=text, published_at=NOON) for text in ("Roses.", "Lawns."))
    assert are_one_story(this, last)
    assert not are_one_story(this, msgspec.structs.replace(last, published_at=NOON.replace(day=1)))
