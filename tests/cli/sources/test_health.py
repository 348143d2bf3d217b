"""`depeche sources health`: what has fallen, for people, programs and cron."""

import json
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services.indexer.followers.source_health import look
from tests.cli.conftest import Run
from tests.support.source_visits import day_of, past


@pytest.fixture
def run_on_postgres(
    run: Run, monkeypatch: pytest.MonkeyPatch, database: psycopg.Connection, database_url: str
) -> Iterator[Run]:
    """Without Redis, as a user who may only read."""
    database.execute("CREATE ROLE a_health_reader LOGIN IN ROLE depeche_reader")
    monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, user="a_health_reader"))
    yield run
    database.execute("DROP ROLE a_health_reader")


@pytest.fixture
def _beacon_without_authors(database: psycopg.Connection) -> None:
    for source in ("beacon", "calm"):
        past(database, source=source)
    day_of(database, 0, source="calm")
    day_of(database, 0, articles=10, authors=0)
    look(database)


def test_before_anything_was_read(run_on_postgres: Run) -> None:
    ran = run_on_postgres("sources", "health")
    assert (ran.status, ran.out) == (0, "")
    assert "no page of any source has been read yet" in ran.err
    assert run_on_postgres("sources", "health", "--json") == (0, "", "")


@pytest.mark.usefixtures("_beacon_without_authors")
def test_what_fell_is_shown_and_nothing_else(run_on_postgres: Run) -> None:
    ran = run_on_postgres("sources", "health")
    assert ran.status == 1
    (line,) = [line for line in ran.out.splitlines() if "beacon" in line]
    assert line.replace("│", " ").split()[:6] == ["beacon", "author", "0%", "10", "100%", "160"]
    assert "calm" not in ran.out


@pytest.mark.usefixtures("_beacon_without_authors")
def test_all_begins_with_what_fell(run_on_postgres: Run) -> None:
    ran = run_on_postgres("sources", "health", "--all", "--json")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 1
    assert [(row["source"], row["field"], row["fell"]) for row in rows[:2]] == [
        ("beacon", "author", True),
        ("beacon", "visits", False),
    ]
    assert {row["source"] for row in rows} == {"beacon", "calm"}
    assert "calm" in run_on_postgres("sources", "health", "--all").out


@pytest.mark.usefixtures("_beacon_without_authors")
def test_one_source(run_on_postgres: Run) -> None:
    calm = run_on_postgres("sources", "health", "calm")
    assert calm.status == 0
    assert "nothing has fallen" in calm.err
    assert "2,999" in calm.out
    assert "beacon" not in calm.out
    assert run_on_postgres("sources", "health", "beacon", "--json").status == 1
    wrong = run_on_postgres("sources", "health", "baecon")
    assert wrong.status == 2
    assert "'baecon'" in wrong.err


def test_the_parser_is_named_when_it_has_changed(run_on_postgres: Run, database: psycopg.Connection) -> None:
    past(database)
    day_of(database, 0, articles=10, authors=0, parser_version="2")
    look(database)
    assert "and the parser has changed" in run_on_postgres("sources", "health").out


def test_a_source_that_is_new_has_nothing_before(run_on_postgres: Run, database: psycopg.Connection) -> None:
    day_of(database, 0)
    look(database)
    assert run_on_postgres("sources", "health").status == 0
    row = next(line for line in run_on_postgres("sources", "health", "--all").out.splitlines() if "author" in line)
    assert row.replace("│", " ").split() == ["beacon", "author", "100%", "8", "0"]
