"""What a person types finds articles in their own language, best first, and never fails."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from services.indexer.connection import Pool
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.index import Indexer
from tests.support.pages import Flights, article, page

Store = Callable[..., None]


@pytest.fixture
def store(indexer: Indexer, flights: Flights, pool: Pool) -> Store:
    """Stores an article under a name, and makes it found."""

    def store(name: str, text: str, *, minutes: float = 0.0, **facts: Any) -> None:
        read = article(text, **{"title": name, **facts})
        indexer.run(flights.message(f"https://news.example/{name}", page(article=read, headlines=[]), minutes=minutes))
        with pool.connection() as connection:
            catch_up(connection, SEARCH)

    return store


def search(database: psycopg.Connection, query: str, **options: Any) -> list[dict[str, Any]]:
    named = "".join(f", {name} => %({name})s" for name in options)
    with database.cursor(row_factory=dict_row) as cursor:
        sql = f"SELECT * FROM news.search(%(query)s{named})"
        return cursor.execute(sql.encode(), {"query": query, **options}).fetchall()


def names(database: psycopg.Connection, query: str, **options: Any) -> list[str]:
    return [row["url"].rpartition("/")[2] for row in search(database, query, **options)]


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("fr", "Les députés ont voté la réforme.", "député"),
        ("fr", "Les députés ont voté la réforme.", "depute"),
        ("fr", "Les deputes ont vote.", "députés"),
        ("en", "The ships were sailing north.", "ship sail"),
        ("de", "Die Häuser am Hafen brennen.", "hauser"),
        ("ru", "Российские корабли вышли в море.", "корабль"),
        ("ar", "افتتح الوزير الميناء الجديد", "ميناء"),
        ("tr", "Limanda büyük yangın çıktı.", "yangin"),
        ("pl", "Statki wypłynęły z portu.", "wyplynely"),
        ("xx", "Zorgle blarg.", "ZORGLE"),
        (None, "Nobody knows the language.", "language"),
    ],
)
def test_words_are_found_in_their_own_language(
    language: str | None, text: str, query: str, store: Store, database: psycopg.Connection
) -> None:
    store("it", text, language=language)
    store("other", "Something else.", language=language)
    assert names(database, query) == ["it"]
    if language:
        assert names(database, query, in_language=language) == ["it"]
        assert names(database, query, in_language="es") == []


def test_the_title_counts_more_than_the_lead_and_that_more_than_the_text(
    store: Store, database: psycopg.Connection
) -> None:
    filler = "Nothing of interest was said about anything else that day."
    store("body", f"{filler} The harbour. {filler}", title="Other", language="en")
    store("lead", f"The harbour. {filler} {filler}", title="Other", lead="The harbour.", language="en")
    store("title", f"{filler} {filler} Else.", title="The harbour", language="en")
    assert names(database, "harbour") == ["title", "lead", "body"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("harbour -storm", ["calm"]),
        ('"old harbour"', ["calm"]),
        ("storm or old", ["calm", "rough"]),
        ("harbour", ["calm", "rough"]),
        ("the", []),
        ("", []),
        ("'; DROP TABLE depeche.articles; --", []),
        ('& | ! <-> :* ((( "', []),
        ("\\ \x01 % _ ' $$", []),
        ("harbour & (", ["calm", "rough"]),
    ],
)
def test_whatever_is_typed_is_a_query(query: str, found: list[str], store: Store, database: psycopg.Connection) -> None:
    store("calm", "The old harbour is calm.", language="en")
    store("rough", "A storm in the harbour.", language="en")
    assert sorted(names(database, query)) == found


def test_the_excerpt_marks_what_was_found_with_its_accents(store: Store, database: psycopg.Connection) -> None:
    before = "Rien à signaler ce jour-là. " * 50
    store("it", f"{before}À Orléans, les députés ont protesté. {before}", language="fr")
    (row,) = search(database, "depute orleans")
    assert "«Orléans», les «députés» ont protesté" in row["excerpt"]
    assert len(row["excerpt"]) < 400


def test_filters_and_pages(store: Store, database: psycopg.Connection) -> None:
    for number in range(7):
        day = f"2025-05-0{number + 1}T08:00:00+00:00"
        store(f"n{number}", "The harbour " + "is open. " * (number % 3 + 1), title="X", language="en", published_at=day)
    every = names(database, "harbour")
    assert len(every) == 7
    paged: list[str] = []
    cursor = None
    while page := search(database, "harbour", max_rows=2, after_cursor=cursor):
        paged += [row["url"].rpartition("/")[2] for row in page]
        cursor = page[-1]["cursor"]
    assert paged == every
    assert sorted(names(database, "harbour", since="2025-05-03", until="2025-05-05")) == ["n2", "n3"]
    assert names(database, "harbour", from_source="nobody") == []


def test_an_edited_article_is_found_by_how_it_reads_now(store: Store, database: psycopg.Connection) -> None:
    store("it", "The harbour is open.", language="en")
    store("it", "The bridge is closed.", language="en", minutes=1)
    assert names(database, "harbour") == []
    assert names(database, "bridge") == ["it"]


def test_a_text_of_any_size_is_indexed(store: Store, database: psycopg.Connection) -> None:
    store("it", "harbour " + " ".join(f"\U00010400{number:x}" for number in range(300_000)), title="y" * 1_000_000)
    assert names(database, "harbour") == ["it"]
