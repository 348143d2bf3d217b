"""What the database knew at a moment: as a model has it that took note at that moment, whatever came later."""

import datetime as dt
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from services.indexer.index import Indexer, store_together
from services.indexer.upkeep.retention_steps import apply_policy
from tests.indexer.random_visits import EDITS, TEXTS, RandomVisits
from tests.support.flights import ONE
from tests.support.history import fill, month, past_months, visit
from tests.support.pages import Flights, article, page
from tests.support.servers import PostgresForTests, users

KNOWN = """
SELECT article_id, version, withdrawn_at IS NOT NULL AS withdrawn, title, lead, kicker, authors, published_at,
       published_precision, modified_at, modified_precision, body, blocks, images
FROM depeche.articles ORDER BY article_id
"""
AS_OF = "SELECT * FROM news.articles_as_of(%s) ORDER BY article_id"
NOW = "SELECT clock_timestamp() AS now"
Known = list[dict[str, Any]]


def ask(connection: psycopg.Connection, query: str, *given: object) -> Known:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), given).fetchall()


def now(connection: psycopg.Connection) -> dt.datetime:
    moment = ask(connection, NOW)[0]["now"]
    assert isinstance(moment, dt.datetime)
    return moment


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("texts", [TEXTS, EDITS], ids=["stories", "edits"])
def test_random_histories_are_what_a_model_took_note_of(
    postgres: PostgresForTests, seed: int, texts: list[str]
) -> None:
    visits, noted = RandomVisits(seed, texts), dict[dt.datetime, Known]()
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as connection:
        noted[now(connection)] = []
        for _ in range(30):
            store_together(connection, visits.batch()[:3])
            noted[now(connection)] = ask(connection, KNOWN)
        for moment, known in noted.items():
            assert ask(connection, AS_OF, moment) == known
            light = ask(connection, "SELECT * FROM news.versions_as_of(%s) ORDER BY article_id", moment)
            assert light == [{name: row[name] for name in ("article_id", "version", "withdrawn")} for row in known]
        assert any(row["withdrawn"] for known in noted.values() for row in known)
        assert any(row["version"] > 1 for known in noted.values() for row in known)


def test_what_was_stored_after_a_moment_was_not_known_then(
    indexer: Indexer, flights: Flights, database: psycopg.Connection
) -> None:
    """Whenever its page was visited."""
    before = now(database)
    indexer.run(flights.message(ONE, page(article=article("The harbour has opened."))))
    after = now(database)
    indexer.run(flights.message(ONE, page(article=article("It has closed again.")), minutes=5))
    assert ask(database, AS_OF, before) == []
    (row,) = ask(database, AS_OF, after)
    assert (row["version"], row["body"]) == (1, "The harbour has opened.")
    (row,) = ask(database, AS_OF, dt.datetime(9000, 1, 1, tzinfo=dt.UTC))
    assert (row["version"], row["body"]) == (2, "It has closed again.")


def test_a_reader_may_ask_and_one_article_is_read_alone(database: psycopg.Connection, database_url: str) -> None:
    for minutes in range(3):
        visit(database, ONE, month(0) + dt.timedelta(minutes=minutes))
    with users(database, {"a_reader": "depeche_reader"}), psycopg.connect(database_url, user="a_reader") as reader:
        (row,) = ask(reader, f"{AS_OF.replace(' ORDER', ' WHERE article_id = 1 ORDER')}", now(reader))
        assert row["version"] == 3
        plan = reader.execute("EXPLAIN SELECT title FROM news.articles_as_of(now()) WHERE article_id = 1").fetchall()
        lines = "\n".join(line for (line,) in plan)
        assert "Function Scan on versions_as_of" in lines
        assert "Index Scan using articles_pkey" in lines
        with pytest.raises(psycopg.errors.NullValueNotAllowed, match="as of which moment"):
            reader.execute("SELECT * FROM news.articles_as_of(NULL)")


@pytest.mark.parametrize("kind", ["changes", "versions"])
def test_a_moment_of_which_not_all_is_kept_is_an_error(database: psycopg.Connection, kind: str) -> None:
    past_months(database, {"changes": "changes", "versions": "article_versions"}[kind])
    fill(database)
    database.execute("UPDATE depeche.followers SET cursor = news.cursor_now()")
    kept = [month(-2) + dt.timedelta(days=1), month(-1) + dt.timedelta(days=10)]
    known = [ask(database, AS_OF, moment) for moment in kept]
    assert ask(database, AS_OF, month(-6)), "all is kept so far"
    done = list(apply_policy(database, {kind: dt.datetime.now(dt.UTC) - month(-2)}))
    assert [step.held for step in done] == [None] * 6
    assert [ask(database, AS_OF, moment) for moment in kept] == known
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="kept any more"):
        ask(database, AS_OF, month(-2) - dt.timedelta(days=5))
