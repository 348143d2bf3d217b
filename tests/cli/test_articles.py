"""`depeche articles` and `headlines`: which rows are listed, in which order, and in which form."""

import csv
import io
import json

import psycopg
import pytest
import redis

from cli import reading
from services.indexer.app import open_pool
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.parsed_page import Headline
from tests.cli.conftest import Run
from tests.support.pages import Flights, article, page

HARBOUR = "https://www.paper.example/harbour"
FERRY = "https://gazette.example/ferry"
UNDATED = "https://gazette.example/undated"


@pytest.fixture(autouse=True)
def _filled(backbone: Backbone, client: "redis.Redis", database_url: str, database: psycopg.Connection) -> None:
    flights = Flights(backbone, client)
    rail = [Headline(kind="ticker", label="Live", position=n, text=f"Line\t{n}", url=FERRY) for n in (1, 2)]
    stories = (
        (HARBOUR, article(title="Harbour", publisher="The Paper", published_at="2025-05-08T08:00:00+02:00"), rail),
        (FERRY, article(title="Ferry", publisher="Gazette", published_at="2025-05-09", authors=["A", "B"]), []),
        (UNDATED, article(title="No date", publisher="Gazette", published_at=None), []),
    )
    with open_pool(database_url, 1) as pool:
        indexer = Indexer(backbone, pool)
        for number, (url, story, headlines) in enumerate(stories):
            indexer.run(flights.message(url, page(headlines, url=url, article=story), minutes=number * 60))
    database.execute("UPDATE depeche.pages SET source = 'beacon' WHERE url = %s", [HARBOUR])
    database.execute("UPDATE depeche.articles SET source = 'beacon', language = 'fr' WHERE url = %s", [HARBOUR])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", ["Ferry", "Harbour", "No date"]),
        ("--sort seen", ["No date", "Ferry", "Harbour"]),
        ("--publisher gazette", ["Ferry", "No date"]),
        ("--host paper.example", ["Harbour"]),
        ("--host aper.example", []),
        ("--since 2025-05-08T06:00+00:00 --until 2025-05-09 --utc", ["Harbour"]),
        ("--since 2025-05-08T06:01+00:00", ["Ferry"]),
        ("--sort seen --since 2025-05-08T12:30 --until 2025-05-08T14:00 --utc", ["Ferry"]),
        ("--since 1d", []),
        ("--language fr", ["Harbour"]),
        ("--limit 1", ["Ferry"]),
    ],
)
def test_articles_that_are_like_that(options: str, found: list[str], run_on_servers: Run) -> None:
    ran = run_on_servers("articles", "--json", *options.split())
    assert ran.status == 0
    assert [json.loads(line)["title"] for line in ran.out.splitlines()] == found
    assert ran.err == ("" if found else "no article is like that\n")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", 2),
        ("--kind ticker --standing", 2),
        ("--kind front", 0),
        ("--host paper.example", 2),
        ("--host gazette.example", 0),
        ("--host aper.example", 0),
        ("--host WWW.Paper.example", 2),
        ("--host %", 0),
        ("--publisher Gazette", 2),
        ("--publisher Paper", 0),
        ("--source beacon --sort seen", 2),
        ("--since 2025-05-08T11:59 --until 2025-05-08T12:01 --utc", 2),
        ("--until 2025-05-08T12:00 --utc", 0),
    ],
)
def test_headlines_that_are_like_that(options: str, found: int, run_on_servers: Run) -> None:
    ran = run_on_servers("headlines", "--json", *options.split())
    assert len(ran.out.splitlines()) == found
    assert ran.err == ("" if found else "no headline is like that\n")


def test_a_publisher_is_found_by_an_index(database: psycopg.Connection) -> None:
    of_publisher = reading.OF_PUBLISHER.format(publisher="publisher")
    database.execute("SET enable_seqscan = off")
    plan = database.execute(
        f"EXPLAIN SELECT title FROM news.articles WHERE {of_publisher}".encode(), {"publisher": "Gazette"}
    )
    assert "articles_by_publisher" in str(plan.fetchall())


def test_csv_and_tsv_have_all_columns(run_on_servers: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run_on_servers("articles", "--format", "csv").out)))
    assert [(row["title"], row["authors"], row["published_at"], row["canonical_url"]) for row in rows] == [
        ("Ferry", "A; B", "2025-05-09", ""),
        ("Harbour", "Ada Quill", "2025-05-08T06:00:00Z", ""),
        ("No date", "Ada Quill", "", ""),
    ]
    head, *lines = run_on_servers("headlines", "--format", "tsv").out.splitlines()
    names = head.split("\t")
    assert [dict(zip(names, line.split("\t"), strict=True))["text"] for line in lines] == ["Line\\t1", "Line\\t2"]
    assert dict(zip(names, lines[0].split("\t"), strict=True))["is_self"] == "false"
    assert run_on_servers("articles", "--format", "tsv", "--since", "1d").out.count("\n") == 1


def test_a_table_has_local_times_with_their_zone(run_on_servers: Run, zone) -> None:
    zone("Europe/Paris")
    shown = run_on_servers("articles").out
    assert "2025-05-08 08:00 CEST" in shown
    assert "2025-05-09 " in shown
    assert "2025-05-08 06:00 UTC" in run_on_servers("articles", "--utc").out


@pytest.mark.parametrize("command", ["articles", "headlines", "search harbour"])
def test_an_unknown_source_or_language_is_refused_with_those_there_are(command: str, run_on_servers: Run) -> None:
    ran = run_on_servers(*command.split(), "--source", "becon")
    assert ran.status == 2
    assert ran.err == "depeche: No source is called 'becon'. Sources that there are: beacon.\n"
    ran = run_on_servers(*command.split(), "--language", "german")
    assert ran.status == 2
    assert "Nothing is stored in the language 'german'." in ran.err
    if command != "headlines":
        assert "Languages that there are: fr" in ran.err
