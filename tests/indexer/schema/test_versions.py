"""What an article was before, what changed, and what happens when its page goes and comes back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
import redis

from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.messages import Origin, PageDropped
from shared.parsed_page import Article, Block, Image
from tests.support.flights import ONE, at_index, message_of
from tests.support.pages import NOON, Flights, article, page, rows

TEXT = "The harbour has opened. Ships from the north came in at dawn, and the mayor spoke of a new beginning."
SENTENCE = " Fishermen, however, fear for the quays that they have used since 1950."


def store(indexer: Indexer, flights: Flights, *versions: Article, parsers: Sequence[str] = ()) -> None:
    """Visits of one page, a minute apart."""
    for minutes, version in enumerate(versions):
        parser = parsers[minutes] if parsers else "test"
        indexer.run(flights.message(ONE, page(article=version, parser_version=parser), minutes=minutes))


def facts(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["title_changed"], row["lead_changed"], row["body_changed"], row["substantive"])


def test_each_version_is_kept_with_what_it_changed(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    store(
        indexer,
        flights,
        article(TEXT),
        article(TEXT + SENTENCE),
        article(TEXT + SENTENCE, title="Harbour opens again"),
        article(TEXT + SENTENCE, title="Harbour opens again", lead="A beginning."),
        article(TEXT + SENTENCE, title="Harbour opens again", lead="A beginning.", images=[Image(url="https://x/y")]),
    )
    kept = rows(database, "article_versions")
    assert [row["version"] for row in kept] == [1, 2, 3, 4, 5]
    assert [facts(row) for row in kept] == [
        (None, None, None, None),
        (False, False, True, True),
        (True, False, False, True),
        (False, True, False, False),
        (False, False, False, False),
    ]
    assert [row["body"] for row in kept] == [TEXT] + [TEXT + SENTENCE] * 4
    assert [row["title"] for row in kept] == ["Harbour"] * 2 + ["Harbour opens again"] * 3
    assert [row["seen_at"] - NOON for row in kept] == [timedelta(minutes=n) for n in range(5)]
    assert [row["replaced_at"] for row in kept] == [row["seen_at"] for row in kept[1:]] + [None]
    (current,) = rows(database, "articles")
    assert (current["version"], current["title"]) == (5, "Harbour opens again")
    assert [change["version"] for change in rows(database, "changes")] == [1, 2, 3, 4, 5]


def test_the_query_of_a_pictures_address_makes_no_version(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    def pictured(url: str) -> Article:
        blocks = [Block(type="paragraph", text=TEXT), Block(type="image", text="", url=url)]
        return msgspec.structs.replace(article(TEXT, images=[Image(url=url)]), blocks=blocks)

    urls = [f"https://x/{name}" for name in ("y.jpg?signed=1", "y.jpg?signed=2", "y.jpg", "z.jpg?signed=2")]
    store(indexer, flights, *[pictured(url) for url in urls])
    kept = rows(database, "article_versions")
    assert [row["images"][0]["url"] for row in kept] == [urls[0], urls[3]]
    assert [row["blocks"][1]["url"] for row in kept] == [urls[0], urls[3]]


@pytest.mark.parametrize(
    ("after", "size"),
    [
        (TEXT.replace("dawn", "dwan"), (2, False)),
        (TEXT.upper().replace(",", " –"), (0, False)),
        (TEXT.replace("the mayor", "its mayor").replace("north", "east"), (4, False)),
        (TEXT + SENTENCE, (12, True)),
        ("Ships came. " * 40, (96, True)),
    ],
)
def test_a_change_is_as_large_as_the_words_that_it_changed(
    after: str, size: tuple[int, bool], indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    store(indexer, flights, article(TEXT), article(after))
    current = rows(database, "article_versions")[1]
    assert (current["words_changed"], current["substantive"]) == size
    total = len(TEXT.split()) + len(after.replace("–", "").split())
    assert current["similarity"] == pytest.approx(1 - size[0] / total)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("Élysée : l’été", "élysée: l'été", 0),
        ("東京で地震がありました。", "東京で大地震がありました", 1),
        ("صحيفة، اليوم", "صحيفة اليوم.", 0),
        ("", "", 0),
    ],
)
def test_words_of_all_scripts(before: str, after: str, words: int, database: psycopg.Connection) -> None:
    changed = database.execute("SELECT changed FROM depeche.word_changes(%s, %s)", [before, after]).fetchone()
    assert changed == (words,)


def test_a_title_in_capitals_is_no_substantive_change(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    store(indexer, flights, article(title="Harbour opens"), article(title="HARBOUR – OPENS!"))
    assert facts(rows(database, "article_versions")[1]) == (True, False, False, False)


def test_a_version_that_another_parser_read_says_so(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    store(indexer, flights, article(TEXT), article(TEXT + SENTENCE), article(TEXT), parsers=["1", "2", "2"])
    assert [row["reparsed"] for row in rows(database, "article_versions")] == [None, True, False]


def test_a_very_long_text_is_compared_in_time(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    store(indexer, flights, article("word " * 400_000), article("other " + "word " * 400_000))
    assert rows(database, "article_versions")[1]["body_changed"]


class Site:
    """A page that goes and comes."""

    def __init__(self, indexer: Indexer, backbone: Backbone, client: "redis.Redis") -> None:
        self._indexer, self._backbone, self._client = indexer, backbone, client

    def drop(self, fate: str, minutes: float, url: str = ONE) -> None:
        (record,) = at_index(self._backbone.ledger, self._client, url)
        at = (NOON + timedelta(minutes=minutes)).isoformat()
        end = PageDropped(
            flight_id=record.flight_id,
            origin=Origin(url=url),
            stage="fetch",
            fate=fate,
            reason="r",
            detail="d",
            dropped_at=at,
        )
        self._indexer.run(message_of(end))


@pytest.fixture
def the_site(indexer: Indexer, backbone: Backbone, client: "redis.Redis") -> Site:
    return Site(indexer, backbone, client)


def state(database: psycopg.Connection) -> tuple[timedelta | None, list[str]]:
    """When the article was withdrawn, and its changes."""
    (row,) = rows(database, "articles")
    return row["withdrawn_at"] and row["withdrawn_at"] - NOON, [change["kind"] for change in rows(database, "changes")]


def test_an_article_that_is_gone_is_withdrawn_once_and_comes_back(
    indexer: Indexer, flights: Flights, the_site: Site, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    the_site.drop("gone", 5)
    the_site.drop("gone", 6)
    assert state(database) == (timedelta(minutes=5), ["new", "withdrawn"])
    assert rows(database, "articles")[0]["last_seen_at"] == NOON
    indexer.run(flights.message(ONE, page(), minutes=7))
    assert state(database) == (None, ["new", "withdrawn", "restored"])
    assert rows(database, "articles")[0]["version"] == 1
    the_site.drop("gone", 8)
    indexer.run(flights.message(ONE, page(article=article(TEXT)), minutes=9))
    assert state(database) == (None, ["new", "withdrawn", "restored", "withdrawn", "restored", "edited"])


def test_a_page_that_answers_unchanged_has_its_article_back(
    indexer: Indexer, flights: Flights, the_site: Site, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    the_site.drop("gone", 5)
    the_site.drop("unchanged", 6)
    assert state(database) == (None, ["new", "withdrawn", "restored"])
    assert rows(database, "articles")[0]["last_seen_at"] == NOON + timedelta(minutes=6)


@pytest.mark.parametrize("fate", ["failed", "refused", "quarantined"])
def test_a_visit_that_fails_withdraws_nothing(
    fate: str, indexer: Indexer, flights: Flights, the_site: Site, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page()))
    the_site.drop(fate, 5)
    assert state(database) == (None, ["new"])
    assert rows(database, "articles")[0]["last_seen_at"] == NOON


def test_a_late_message_neither_withdraws_nor_restores(
    indexer: Indexer, flights: Flights, the_site: Site, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(), minutes=5))
    the_site.drop("gone", 4)
    assert state(database) == (None, ["new"])
    the_site.drop("gone", 6)
    indexer.run(flights.message(ONE, page(article=article(TEXT)), minutes=5.5))
    assert state(database) == (timedelta(minutes=6), ["new", "withdrawn"])
