"""A page with a bad field: the rest of it is stored, and the row says what was cut."""

from hashlib import sha256
from typing import Any

import msgspec
import psycopg
import pytest

from services.indexer.index import Indexer
from services.indexer.store.values import MAX_LINE_CHARS
from shared.parsed_page import Headline
from tests.support.flights import ONE
from tests.support.pages import NOON, Flights, article, page, rows

LONG = "x" * 10_000_000
# What cannot be compressed, and so is longer than an entry of an index may be.
NOISE = "".join(sha256(bytes([n])).hexdigest() for n in range(200))


class Bad(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an article as it comes, as it is stored, and what is said of it."""

    field: str
    value: Any
    stored: Any
    cuts: list[str]


BAD = [
    Bad(
        field="title",
        value="Har\0bour",
        stored="Harbour",
        cuts=["title: without NUL and without halves of characters."],
    ),
    Bad(field="title", value=LONG, stored=LONG[:MAX_LINE_CHARS], cuts=["title: 10,000 of 10,000,000 characters."]),
    Bad(
        field="publisher",
        value=NOISE,
        stored=NOISE[:MAX_LINE_CHARS],
        cuts=["publisher: 10,000 of 12,800 characters."],
    ),
    Bad(
        field="authors",
        value=["Ada", LONG],
        stored=["Ada", LONG[:MAX_LINE_CHARS]],
        cuts=["authors: 10,000 of 10,000,000 characters."],
    ),
    Bad(
        field="modified_at",
        value="10000-01-01T00:00:00Z",
        stored=None,
        cuts=["modified_at: '10000-01-01T00:00:00Z' is no time that can be stored."],
    ),
    Bad(
        field="published_at",
        value="2025-02-30",
        stored=None,
        cuts=["published_at: '2025-02-30' is no time that can be stored."],
    ),
    Bad(field="kicker", value="", stored="", cuts=[]),
]


@pytest.mark.parametrize("bad", BAD, ids=[bad.field for bad in BAD])
def test_an_article_with_a_bad_field(
    bad: Bad, indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    indexer.run(flights.message(ONE, page(article=article(**{"lead": "The lead.", bad.field: bad.value}))))
    assert rows(database, "quarantine") == []
    (row,) = rows(database, "articles")
    assert (row[bad.field], row["cuts"]) == (bad.stored, bad.cuts)
    assert (row["body"], row["lead"], row["first_seen_at"]) == ("The harbour has opened.", "The lead.", NOON)
    assert len(rows(database, "headlines")) == 4


def test_headlines_with_bad_fields(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    lines = [
        Headline(kind="ticker", position=1, text="A\0"),
        Headline(kind="ticker", position=2, text="B", published_at="10000-01-01"),
        Headline(kind="ticker", position=3, text=LONG),
        Headline(kind="ticker", position=4, text="D"),
    ]
    for minutes in range(2):
        indexer.run(flights.message(ONE, page(lines), minutes=minutes))
    assert [(row["text"], row["cuts"]) for row in rows(database, "headlines")] == [
        ("A", ["text: without NUL and without halves of characters."]),
        ("B", ["published_at: '10000-01-01' is no time that can be stored."]),
        (LONG[:MAX_LINE_CHARS], ["text: 10,000 of 10,000,000 characters."]),
        ("D", []),
    ]
    assert [row["fate"] for row in rows(database, "pages")] == ["unchanged"]


def test_a_lone_surrogate(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
    """No parser of ours writes one; JSON can hold it all the same."""
    body = msgspec.json.encode(page(article=article(title="Half a HALF"))).replace(b"HALF", rb"\ud83d")
    indexer.run(flights.message(ONE, body))
    (row,) = rows(database, "articles")
    assert (row["title"], row["body"]) == ("Half a ?", "The harbour has opened.")
    assert row["cuts"] == ["Halves of characters (lone surrogates) are question marks now."]
