"""The commands that look: what they print for people and for programs."""

import json
import os
from pathlib import Path

import psycopg
import pytest
import redis

from services.indexer.app import open_pool
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.parsed_page import Headline
from tests.cli.conftest import Run
from tests.support.flights import ONE, TWO
from tests.support.pages import Flights, article, page
from tests.support.redis_users import redis_users
from tests.support.tags import tag_sources

NASTY = "[/b] \x1b[31m[red]\\[bold] \x07"


@pytest.fixture
def _filled(backbone: Backbone, client: "redis.Redis", database_url: str) -> None:
    flights = Flights(backbone, client)
    headlines = [Headline(kind="ticker", label=NASTY, position=n, text=f"{NASTY}{n}") for n in (1, 2)]
    with open_pool(database_url, 1) as pool:
        indexer = Indexer(backbone, pool)
        indexer.run(flights.message(ONE, page(headlines, article=article(title=NASTY, authors=[NASTY], language="fr"))))
        dated = article(title="Dated", published_at="2025-05-09T08:00:00", modified_at="2025-05-09T10:00:00+02:00")
        indexer.run(flights.message(TWO, page([], article=dated)))


@pytest.mark.usefixtures("_filled")
def test_articles_newest_first(run_on_servers: Run) -> None:
    lines = [json.loads(line) for line in run_on_servers("articles", "--json").out.splitlines()]
    assert [line["url"] for line in lines] == [TWO, ONE]
    assert [line["published_at"] for line in lines] == ["2025-05-09T08:00:00", "2025-05-08"]
    assert lines[0]["modified_at"] == "2025-05-09T08:00:00Z"
    assert lines[1]["title"] == NASTY
    only = run_on_servers("articles", "--json", "--language", "fr").out.splitlines()
    assert [json.loads(line)["url"] for line in only] == [ONE]
    assert len(run_on_servers("articles", "--json", "-n", "1").out.splitlines()) == 1


@pytest.mark.usefixtures("_filled")
def test_articles_by_a_tag_of_their_source(run_on_servers: Run, database: psycopg.Connection) -> None:
    database.execute("UPDATE depeche.articles SET source = 'beacon' WHERE url = %s", [ONE])
    tag_sources(database, beacon=["sport", "de"], calm=["de"])
    for tag, found in (("sport", [ONE]), ("de", [ONE]), ("spo", []), ("none", [])):
        lines = [json.loads(line) for line in run_on_servers("articles", "--json", "--tag", tag).out.splitlines()]
        assert [line["url"] for line in lines] == found
        assert all(line["source_tags"] == ["sport", "de"] for line in lines)


@pytest.mark.usefixtures("_filled")
def test_days_are_the_same_wherever_postgres_lives(run_on_servers: Run, database: psycopg.Connection) -> None:
    (name,) = database.execute("SELECT current_database()").fetchone() or ("",)
    before = run_on_servers("articles", "--json").out
    database.execute(f"ALTER DATABASE {name} SET timezone = 'America/New_York'".encode())
    assert run_on_servers("articles", "--json").out == before


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("command", ["articles", "headlines"])
def test_what_a_page_says_is_shown_and_not_obeyed(command: str, run_on_servers: Run) -> None:
    ran = run_on_servers(command)
    assert ran.status == 0
    assert "[/b]  [31m[red]\\[bold]" in ran.out
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


@pytest.mark.usefixtures("_filled")
def test_headlines_by_kind_and_page(run_on_servers: Run) -> None:
    lines = [json.loads(line) for line in run_on_servers("headlines", "--json", "--kind", "ticker").out.splitlines()]
    assert [(line["position"], line["page_url"]) for line in lines] == [(1, ONE), (2, ONE)]
    assert len(run_on_servers("headlines", "--json", "--page", ONE).out.splitlines()) == 2
    assert run_on_servers("headlines", "--json", "--page", TWO).out == ""
    assert run_on_servers("headlines", "--json", "--kind", "front").out == ""


@pytest.mark.usefixtures("_filled")
def test_status_counts_what_postgres_holds(run_on_servers: Run) -> None:
    told = json.loads(run_on_servers("status", "--json").out)
    assert {name: told[name] for name in ("pages", "articles", "headlines", "quarantined", "estimated")} == {
        "pages": 2,
        "articles": 2,
        "headlines": 2,
        "quarantined": 0,
        "estimated": [],
    }
    assert "2 pages, 2 articles, 2 headlines" in run_on_servers("status").out


def test_dsn_and_migrate(run_on_servers: Run, database_url: str, redis_url: str) -> None:
    assert run_on_servers("dsn").out == database_url + "\n"
    assert run_on_servers("dsn", "--broker").out == redis_users(redis_url)["cli"] + "\n"
    assert run_on_servers("migrate").out == "the schema is up to date\n"


def test_migrate_says_what_it_applied(run_on_servers: Run, database: psycopg.Connection) -> None:
    database.execute("DROP SCHEMA depeche, news CASCADE")
    assert "applied 0001_" in run_on_servers("migrate").out
    assert run_on_servers("articles", "--json").status == 0


def test_help_is_there_without_arguments(run: Run) -> None:
    assert "Usage" in run("--help").out


def test_a_demo_that_runs_is_found(run: Run, tmp_path: Path) -> None:
    file = tmp_path / ".depeche" / "demo" / "run" / "stack.json"
    file.parent.mkdir(parents=True)
    assert "depeche demo --keep" in run("dsn").err
    file.write_text(f'{{"redis_url": "redis://a", "database_url": "dbname=b", "pid": {os.getpid()}}}')
    assert (run("dsn").out, run("dsn", "--broker").out) == ("dbname=b\n", "redis://a\n")
    own = tmp_path / ".depeche" / "run" / "stack.json"
    own.parent.mkdir()
    own.write_text(f'{{"redis_url": "redis://c", "database_url": "dbname=d", "pid": {os.getpid()}}}')
    assert run("dsn").out == "dbname=d\n"
