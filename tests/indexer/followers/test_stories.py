"""Copies of one text come into one story, whoever stored them, and in whatever order."""

import random
import threading
from collections.abc import Callable

import psycopg
import pytest

from services.indexer.connection import Pool
from services.indexer.followers import texts
from services.indexer.followers.fingerprint import KEYS, Fingerprint, fingerprint_of
from services.indexer.followers.follower import advance, catch_up, following
from services.indexer.followers.stories import STORIES
from services.indexer.index import Indexer
from shared.parsed_page import Article
from tests.support.pages import Flights, article, page, rows
from tests.support.waiting import wait_until

WORDS = ["harbour", "ship", "crane", "mayor", "dawn", "quay", "fish", "storm", "bridge", "tide", "rope", "net", "sail"]


def text(seed: int, words: int = 300) -> str:
    """A text that no other seed has."""
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(words))


def cut(whole: str, share: float) -> str:
    words = whole.split()
    return " ".join(words[: int(len(words) * share)])


Store = Callable[..., None]


@pytest.fixture
def store(indexer: Indexer, flights: Flights, pool: Pool) -> Store:
    """Stores a text under a URL, and groups what there is to group."""

    def store(url: str, body: str, minutes: float = 0.0, **facts: object) -> None:
        read: Article = article(body, **facts)
        indexer.run(flights.message(url, page(article=read, headlines=[]), minutes=minutes))
        group(pool)

    return store


def group(pool: Pool) -> None:
    with pool.connection() as connection:
        catch_up(connection, STORIES)


def stories(database: psycopg.Connection) -> dict[str, int]:
    """Host -> story."""
    return {row["url"].split("/")[2]: row["story_id"] for row in rows(database, "articles")}


def kinds(database: psycopg.Connection, host: str) -> list[str]:
    ids = {row["article_id"] for row in rows(database, "articles") if host in row["url"]}
    return [change["kind"] for change in rows(database, "changes") if change["article_id"] in ids]


@pytest.mark.parametrize(
    "copy",
    [
        text(1),
        cut(text(1), 0.4),
        f"{text(2, 60)} {' '.join(text(1).split()[60:])}",
        f"{text(1)} {text(2, 200)}",
        f"(Agency) {text(1)} © Agency",
    ],
    ids=["whole", "cut", "other lead", "more below", "credits"],
)
@pytest.mark.parametrize("copy_first", [False, True])
def test_a_copy_joins_the_older_one(copy: str, copy_first: bool, store: Store, database: psycopg.Connection) -> None:
    texts = [("https://a.example/1", text(1)), ("https://b.example/1", copy)]
    for url, body in reversed(texts) if copy_first else texts:
        store(url, body)
    assert len(set(stories(database).values())) == 1
    (story,) = rows(database, "stories")
    first, second = rows(database, "articles")
    assert (story["story_id"], story["articles"]) == (first["article_id"], 2)
    assert [change["kind"] for change in rows(database, "changes")] == ["new", "new", "regrouped"]
    assert rows(database, "changes")[-1]["article_id"] == second["article_id"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("https://a.example/1", text(1)), ("https://b.example/1", text(2))),
        (("https://a.example/1", text(1)), ("https://b.example/1", f"{cut(text(1), 0.3)} {text(2, 200)}")),
        (("https://a.example/1", text(1, 15)), ("https://b.example/1", text(1, 15))),
        (("https://a.example/1", f"{text(1, 100)} {text(9)}"), ("https://a.example/2", f"{text(2, 100)} {text(9)}")),
        (("https://a.example/1", text(1)), ("https://b.example/1", " ".join(text(n) for n in range(1, 7)))),
    ],
    ids=["other text", "a part in common", "too short to say", "one site's own words", "one of many on a page"],
)
def test_what_is_no_copy_stays_alone(
    one: tuple[str, str], other: tuple[str, str], store: Store, database: psycopg.Connection
) -> None:
    store(*one)
    store(*other)
    assert [row["articles"] for row in rows(database, "stories")] == [1, 1]
    assert [change["kind"] for change in rows(database, "changes")] == ["new", "new"]


def test_stories_that_turn_out_to_be_one_go_into_the_older(store: Store, database: psycopg.Connection) -> None:
    whole = text(1)
    beginning, end = cut(whole, 0.6), " ".join(whole.split()[120:])
    for host, body in [("a", beginning), ("b", end), ("c", beginning), ("d", end)]:
        store(f"https://{host}.example/1", body)
    before = stories(database)
    assert before["a.example"] == before["c.example"] != before["b.example"] == before["d.example"]
    store("https://e.example/1", whole)
    assert set(stories(database).values()) == {before["a.example"]}
    moved = database.execute("SELECT story_id FROM news.articles WHERE article_id = %s", [before["b.example"]])
    assert moved.fetchone() == (before["a.example"],), "the number of the story that is gone leads to the other"
    assert kinds(database, "a.example") == ["new"]
    assert kinds(database, "d.example") == ["new", "regrouped", "regrouped"]


def test_an_edited_article_may_join_and_does_not_leave(store: Store, database: psycopg.Connection) -> None:
    store("https://a.example/1", text(1))
    store("https://b.example/1", text(2))
    store("https://b.example/1", text(1), minutes=1)
    assert len(set(stories(database).values())) == 1
    assert kinds(database, "b.example") == ["new", "edited", "regrouped"]
    store("https://b.example/1", text(3), minutes=2)
    assert len(set(stories(database).values())) == 1
    store("https://c.example/1", text(2))
    assert stories(database)["c.example"] != stories(database)["b.example"], "it is known by how it reads now"


def test_a_story_is_represented_by_the_first_that_was_published(store: Store, database: psycopg.Connection) -> None:
    store("https://a.example/1", text(1), published_at="2025-05-08T11:00:00+00:00", publisher="A")
    store("https://b.example/1", text(1), published_at="2025-05-08T09:00:00+00:00", publisher="B")
    store("https://c.example/1", text(1), published_at="2025-05-08", language="fr")
    (story,) = rows(database, "stories")
    assert story["article_id"] == rows(database, "articles")[1]["article_id"]
    assert (story["publishers"], story["languages"]) == (["A", "B", "c.example"], ["fr"])


def test_a_text_that_is_found_weeks_later_is_another_story(store: Store, database: psycopg.Connection) -> None:
    store("https://a.example/1", text(1))
    store("https://b.example/1", text(1), minutes=60 * 24 * 15)
    assert len(set(stories(database).values())) == 2


def test_what_nothing_can_join_any_more_is_forgotten(store: Store, database: psycopg.Connection) -> None:
    store("https://a.example/1", text(1))
    database.execute("UPDATE depeche.story_sketches SET kept_at = kept_at - interval '15 days'")
    store("https://b.example/1", text(2))
    assert database.execute("SELECT count(*) FROM depeche.story_sketches").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM depeche.story_keys").fetchone() == (KEYS,)


def test_a_row_that_is_being_written_is_moved_later(
    store: Store, pool: Pool, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    store("https://a.example/1", text(1))
    indexer.run(flights.message("https://b.example/1", page(article=article(text(1)), headlines=[])))
    with pool.connection() as writer, writer.transaction():
        writer.execute("SELECT 1 FROM depeche.articles WHERE url LIKE '%b.example%' FOR UPDATE")
        with pytest.raises(psycopg.errors.LockNotAvailable), pool.connection() as connection:
            advance(connection, STORIES)
        assert len(set(stories(database).values())) == 2
    group(pool)
    assert len(set(stories(database).values())) == 1


def test_indexers_that_store_copies_at_the_same_time_end_in_one_story(
    indexer: Indexer, flights: Flights, pool: Pool, database: psycopg.Connection
) -> None:
    """Two write copies and edits of them, two group; whoever comes too late takes its turn later."""
    whole = text(1)

    def stories_now() -> int:
        with psycopg.connect(database.info.dsn, autocommit=True) as reader:
            return len({row["story_id"] for row in rows(reader, "articles")})

    with following(pool, [STORIES]), following(pool, [STORIES]):
        for minutes in range(2):
            visits = [
                [
                    flights.message(
                        f"https://{number}-{worker}.example/1",
                        page(article=article(f"{cut(whole, 1 - number / 20)} {minutes}"), headlines=[]),
                        minutes=minutes,
                    )
                    for number in range(10)
                ]
                for worker in range(2)
            ]
            writers = [
                threading.Thread(target=lambda own=own: [indexer.run(message) for message in own]) for own in visits
            ]
            for thread in writers:
                thread.start()
            for thread in writers:
                thread.join()

        wait_until(lambda: stories_now() == 1)
    (story,) = rows(database, "stories")
    assert story["articles"] == 20
    versions: dict[int, int] = {}
    for change in rows(database, "changes"):
        assert change["version"] >= versions.get(change["article_id"], 0)
        versions[change["article_id"]] = change["version"]


def test_a_text_that_others_are_compared_with_is_hashed_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store("https://one.example/1", text(901))
    store("https://two.example/1", cut(text(901), 0.9))
    hashed: list[str] = []

    def noted(body: str) -> Fingerprint:
        hashed.append(body)
        return fingerprint_of(body)

    monkeypatch.setattr(texts, "fingerprint_of", noted)
    third = cut(text(901), 0.8)
    store("https://three.example/1", third)
    assert hashed[0] == third
    assert text(901) not in hashed


def test_a_candidate_that_was_edited_is_compared_as_it_reads_now(store: Store, database: psycopg.Connection) -> None:
    store("https://one.example/2", text(902))
    store("https://two.example/2", text(902))
    store("https://one.example/2", text(903), minutes=1)
    store("https://three.example/2", text(903), minutes=2)
    of = stories(database)
    assert of["three.example"] == of["one.example"]
