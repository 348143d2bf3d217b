"""Rows with keys of the first rule get the new ones: none is lost, and what was one story is one."""

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from services.indexer import landing
from services.indexer.landing import Landing
from services.indexer.store import headline_changes
from services.indexer.upkeep import url_keys
from services.indexer.upkeep.first_url_keys import first_url_key
from services.indexer.upkeep.url_keys import renew_keys
from shared.parsed_page import Headline
from shared.urls import url_key
from tests.indexer.store.addresses import gone, read, store
from tests.support.pages import page, rows

STORY = "https://news.example/harbour-opens-after-years"
FROM_HOME, FROM_BOX = f"{STORY}?ref=home", f"{STORY}?intcid=box"
FRONT = "https://news.example/"


@pytest.fixture
def first_rule(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Within this, rows are stored as by the version before; `undo` ends it."""

    def key(url: str) -> str:
        return first_url_key(url).hex

    monkeypatch.setattr(landing, "url_key", key)
    monkeypatch.setattr(headline_changes, "url_key", key)
    return monkeypatch


def stored_before(database: psycopg.Connection, visits: Sequence[Landing], first_rule: pytest.MonkeyPatch) -> None:
    store(database, [Landing(record=visit.record, page=visit.page) for visit in visits])
    first_rule.undo()
    renew_keys(database)


def keys(database: psycopg.Connection) -> dict[str, str]:
    return {row["url"]: row["url_key"].hex for row in rows(database, "pages")}


def read_each(urls: Sequence[str], texts: Sequence[str], minutes: int) -> list[Landing]:
    """Visits to these pages, of which each names no other address and has a text of its own."""
    pairs = zip(urls, texts, strict=True)
    return [read(url, minutes + number, None, text, title=text) for number, (url, text) in enumerate(pairs)]


def test_a_page_gets_its_new_key_with_its_article_and_the_headlines_that_lead_there(
    database: psycopg.Connection, first_rule: pytest.MonkeyPatch
) -> None:
    front = read(FRONT, 0, None, None)
    urls = {"Harbour opens": FROM_HOME, "Plain": f"{FRONT}plain-2025", "Without a link": None}
    lines = [
        Headline(text=text, url=url, position=number, kind="front")
        for number, (text, url) in enumerate(urls.items(), 1)
    ]
    front = Landing(record=front.record, page=page(lines, page_type="listing", article=None))
    stored_before(database, [read(FROM_HOME, 1, None), front], first_rule)
    assert keys(database)[FROM_HOME] == url_key(STORY)
    (story,) = rows(database, "articles")
    assert story["url_key"].hex == url_key(STORY)
    assert {row["article_id"] for row in rows(database, "headlines") if row["url"] == FROM_HOME} == {
        story["article_id"]
    }
    before = rows(database, "headlines")
    store(database, [Landing(record=read(FRONT, 5, None, None).record, page=front.page), read(STORY, 6, None)])
    assert [row["headline_id"] for row in rows(database, "headlines")] == [row["headline_id"] for row in before]
    assert all(row["gone_at"] is None for row in rows(database, "headlines"))
    (again,) = rows(database, "articles")
    assert again["article_id"] == story["article_id"]
    assert len(rows(database, "pages")) == 2


@pytest.mark.parametrize("canonical", [None, STORY])
@pytest.mark.parametrize("others", [[FROM_HOME, FROM_BOX], [STORY, FROM_BOX], [FROM_HOME, STORY]])
def test_addresses_that_mean_one_page_lead_to_one_article(
    others: list[str], canonical: str | None, database: psycopg.Connection, first_rule: pytest.MonkeyPatch
) -> None:
    stored_before(database, [read(url, minutes, canonical) for minutes, url in enumerate(others)], first_rule)
    pages = {row["url"]: row for row in rows(database, "pages")}
    (kept,) = [row for row in pages.values() if row["url_key"].hex == url_key(STORY)]
    (ended,) = [row for row in pages.values() if row is not kept]
    assert (ended["fate"], ended["reason"]) == ("gone", "same_page")
    assert str(kept["page_id"]) in ended["detail"]
    living = [row for row in rows(database, "articles") if row["withdrawn_at"] is None]
    assert [row["url_key"].hex for row in living] == [url_key(STORY)]
    assert living[0]["page_id"] == kept["page_id"]
    store(database, [gone(STORY, 9)])
    assert all(row["withdrawn_at"] for row in rows(database, "articles")), "the page that has ended is no address"


def test_stories_that_differ_keep_their_rows(database: psycopg.Connection, first_rule: pytest.MonkeyPatch) -> None:
    """Whatever the addresses say."""
    texts = ("The harbour opens on Monday after years of work.", "A quite other piece tells of the price of bread.")
    stored_before(database, read_each((STORY, FROM_HOME), texts, 0), first_rule)
    assert [row["withdrawn_at"] for row in rows(database, "articles")] == [None, None]


def test_an_article_moves_from_the_key_of_a_canonical_url(
    database: psycopg.Connection, first_rule: pytest.MonkeyPatch
) -> None:
    stored_before(database, [read(f"{FRONT}n/1", 0, f"{STORY}?share=x")], first_rule)
    (story,) = rows(database, "articles")
    assert story["url_key"].hex == url_key(STORY)
    assert story["withdrawn_at"] is None
    store(database, [read(f"{FRONT}n/1", 1, STORY)])
    assert [row["article_id"] for row in rows(database, "articles")] == [story["article_id"]]


def test_stories_that_were_merged_are_read_as_two(database: psycopg.Connection, first_rule: pytest.MonkeyPatch) -> None:
    """The row stays with the first address; its history cannot be told apart."""
    one, other = (f"https://news.example/view.asp?pk_no={number}" for number in (1412361, 1412239))
    texts = ("The harbour opens on Monday after years of work.", "A quite other piece tells of the price of bread.")
    stored_before(
        database,
        [read(u, n, None, t, title=t) for n, (u, t) in enumerate(zip((one, other), texts, strict=True))],
        first_rule,
    )
    assert keys(database) == {one: url_key(one)}
    store(
        database, [read(u, 5 + n, None, t, title=t) for n, (u, t) in enumerate(zip((one, other), texts, strict=True))]
    )
    assert keys(database) == {url: url_key(url) for url in (one, other)}
    assert sorted(row["title"] for row in rows(database, "articles")) == sorted(texts)


def test_it_goes_on_where_it_ended_and_does_nothing_twice(
    database: psycopg.Connection, first_rule: pytest.MonkeyPatch
) -> None:
    urls = [f"https://news.example/story-of-number-{number}?ref=home" for number in range(7)]
    store(database, [read(url, number, None) for number, url in enumerate(urls)])
    first_rule.setattr(url_keys, "ROWS_AT_ONCE", 2)
    killed = url_keys._renew_pages
    turns = iter([True, True, False])

    def dies(connection: Any, found: Any) -> int:
        if not next(turns):
            raise KeyboardInterrupt
        return killed(connection, found)

    first_rule.setattr(url_keys, "_renew_pages", dies)
    with pytest.raises(KeyboardInterrupt):
        renew_keys(database)
    assert sum(key == url_key(url) for url, key in keys(database).items()) == 4
    first_rule.undo()
    renew_keys(database)
    renewed = keys(database)
    assert renewed == {url: url_key(url) for url in urls}
    assert {row["url_key"].hex for row in rows(database, "articles")} == set(renewed.values())
    renew_keys(database)
    assert keys(database) == renewed


def test_indexers_go_on_meanwhile(
    database: psycopg.Connection, database_url: str, first_rule: pytest.MonkeyPatch
) -> None:
    urls = [f"https://news.example/story-of-number-{number}?ref=home" for number in range(40)]
    store(database, [read(url, number, None) for number, url in enumerate(urls)])
    first_rule.undo()
    first_rule.setattr(url_keys, "ROWS_AT_ONCE", 5)

    def write() -> None:
        with psycopg.connect(database_url, autocommit=True) as other:
            for number, url in enumerate(urls):
                store(other, [read(url, 100 + number, None)])

    writer = threading.Thread(target=write)
    writer.start()
    renew_keys(database)
    writer.join()
    renew_keys(database)
    living = [row for row in rows(database, "pages") if row["reason"] != "same_page"]
    assert sorted(row["url_key"].hex for row in living) == sorted(url_key(url) for url in urls)
    assert len([row for row in rows(database, "articles") if row["withdrawn_at"] is None]) == len(urls)
