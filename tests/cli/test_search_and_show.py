"""`depeche search` and `depeche show`: a story is found by its words, and read without SQL."""

import json

import psycopg
import pytest
import redis

from services.indexer.app import open_pool
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.parsed_page import Article, Block, Headline
from tests.cli.conftest import Run
from tests.support.flights import ONE, TWO
from tests.support.pages import Flights, page

NASTY = "[/b] \x1b[31m[red]"
BLOCKS = [
    Block(type="paragraph", text="The harbour has opened again after the strike."),
    Block(type="heading", text="What it cost", level=2),
    Block(type="quote", text="We waited for years."),
    Block(type="list", text="nets\nropes", items=["nets", "ropes"]),
    Block(type="table", text="a b", rows=[["a", "b"]]),
    Block(type="image", text="", url="https://news.example/quay.jpg", caption="The quay"),
]
STORY = Article(
    title=f"Harbour {NASTY}",
    lead="A lead of its own.",
    authors=["Ada Quill"],
    publisher="The Paper",
    language="en",
    published_at="2025-05-08T08:00:00+02:00",
    blocks=BLOCKS,
    text="\n".join(block.text for block in BLOCKS),
)
RAIL = [Headline(kind="ticker", label="Live", position=n, text=f"{NASTY} {n}", url=TWO) for n in (1, 2)]


@pytest.fixture(autouse=True)
def _filled(backbone: Backbone, client: "redis.Redis", database_url: str, database: psycopg.Connection) -> None:
    flights = Flights(backbone, client)
    front = page(
        [Headline(kind="front", position=1, text="Ferry", url=ONE)], url=TWO, article=None, page_type="listing"
    )
    with open_pool(database_url, 1) as pool:
        indexer = Indexer(backbone, pool)
        indexer.run(flights.message(ONE, page(RAIL, article=STORY)))
        indexer.run(flights.message(TWO, front))
    catch_up(database, SEARCH)


def test_a_story_is_found_by_its_words(run_on_servers: Run) -> None:
    ran = run_on_servers("search", "harbours", "opening", "--utc")
    assert ran.status == 0
    assert "Harbour [/b]  [31m[red]" in ran.out
    assert "published 2025-05-08 06:00 UTC, en" in ran.out
    assert ONE in ran.out
    assert "«harbour»" in ran.out
    assert "\x1b" not in ran.out
    [found] = [json.loads(line) for line in run_on_servers("search", "strike", "--json").out.splitlines()]
    assert found["url"] == ONE
    assert run_on_servers("search", "strike", "--since", "2025-05-09").status == 1


@pytest.mark.parametrize(
    ("precision", "at", "as_json"),
    [("local", "2025-05-08 06:00, en", "2025-05-08T06:00:00"), ("day", "2025-05-08, en", "2025-05-08")],
)
def test_a_time_is_shown_as_the_page_gave_it(
    precision: str, at: str, as_json: str, run_on_servers: Run, database: psycopg.Connection
) -> None:
    database.execute("UPDATE depeche.articles SET published_precision = %s", [precision])
    assert f"published {at}" in run_on_servers("search", "strike").out
    assert json.loads(run_on_servers("search", "strike", "--json").out)["published_at"] == as_json


def test_words_that_nobody_has_written(run_on_servers: Run) -> None:
    ran = run_on_servers("search", "zeppelin")
    assert (ran.status, ran.out) == (1, "")
    assert "no article has these words" in ran.err
    assert run_on_servers("search", " ").status == 2
    assert run_on_servers("search", "--", "harbour", "-strike").status == 1


@pytest.mark.parametrize("which", [ONE, "news.example/one", "1"])
def test_an_article_is_shown_with_its_headlines(which: str, run_on_servers: Run) -> None:
    out = run_on_servers("show", which, "--utc").out
    assert "\x1b" not in out
    for line in (
        "Ada Quill, The Paper",
        "A lead of its own.",
        "The harbour has opened again after the strike.",
        "What it cost",
        "  | We waited for years.",
        "  - nets",
        "  a | b",
        "[image: The quay, https://news.example/quay.jpg]",
        "ticker: Live",
        "   1  [/b]  [31m[red] 1",
    ):
        assert line in out.splitlines()
    assert "published 2025-05-08 06:00 UTC, en, version 1" in out
    told = json.loads(run_on_servers("show", which, "--json").out)
    assert told["article"]["title"] == STORY.title
    assert [line["text"] for line in told["headlines"]] == [line.text for line in RAIL]
    assert "ticker" not in run_on_servers("show", which, "--no-headlines").out


def test_a_front_is_shown_by_its_headlines(run_on_servers: Run) -> None:
    out = run_on_servers("show", TWO).out
    assert "listing, visited" in out
    assert "   1  Ferry  article 1" in out.splitlines()


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("https://news.example/none", "depeche trace https://news.example/none"),
        ("4711", "There is no article 4711"),
        ("", "Name the URL of an article"),
        ("12345678-1234-5678-1234-567812345678", "Name the URL of an article"),
    ],
)
def test_what_is_not_there(which: str, said: str, run_on_servers: Run) -> None:
    ran = run_on_servers("show", which)
    assert ran.status == 2
    assert said in ran.err
