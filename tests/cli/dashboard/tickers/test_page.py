"""Tickers over time: what stood where and when, what changed, and the same in a chart and in words."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from selectolax.lexbor import LexborHTMLParser

from cli.settings import CliSettings
from tests.cli.dashboard.harmless import faults
from tests.cli.dashboard.newsroom import ONE_O_CLOCK, SCRIPT, newsroom
from tests.cli.dashboard.serving import Dashboard, serving
from tests.support.pages import NOON
from tests.support.servers import PostgresForTests


@pytest.fixture(scope="module")
def stored(redis_server: str, postgres: PostgresForTests) -> Iterator[str]:
    with newsroom(redis_server, postgres) as (database_url, _):
        yield database_url


@pytest.fixture(scope="module")
def dashboard(redis_server: str, stored: str) -> Iterator[Dashboard]:
    with serving(CliSettings(redis_url=redis_server, database_url=stored)) as client:
        yield client


def front(dashboard: Dashboard, **query: Any) -> str:
    answer = dashboard.get("/tickers/1", params={"until": ONE_O_CLOCK, "length": "1h", **query})
    assert answer.status_code == 200, answer.text
    assert faults(answer.text) == []
    return answer.text


def chart(html: str) -> dict[str, Any]:
    node = LexborHTMLParser(html).css_first("[data-places]")
    facts: dict[str, Any] = json.loads(node.attributes["data-places"] or "")
    return facts


def minutes(seconds: float) -> float:
    return (seconds - NOON.timestamp()) / 60


def test_the_chart_has_the_places_of_each_headline(dashboard: Dashboard) -> None:
    facts = chart(front(dashboard))
    assert (minutes(facts["since"]), minutes(facts["until"]), facts["top"]) == (0, 60, 10)
    lines = {line["name"]: line["stands"] for line in facts["lines"]}
    drawn = {
        name: [([(minutes(at), place) for at, place in stand["places"]], minutes(stand["end"])) for stand in stands]
        for name, stands in lines.items()
    }
    assert drawn == {
        "ferry waits": [([(0, 2), (10, 1)], 30)],
        f"harbour opens again {SCRIPT}": [([(0, 1), (10, 2), (30, 3)], 30)],
        "mayor speaks": [([(0, 3)], 20), ([(30, 2)], 30)],
        "gnihton dna kcab news": [([(30, 4)], 30)],
    }


def test_the_table_has_the_same_in_words(dashboard: Dashboard) -> None:
    rows = LexborHTMLParser(front(dashboard)).css("tr[data-line]")
    told = [" ".join(row.text(separator=" ").split()) for row in rows]
    assert [line[:18] for line in told[:2]] == ["1 1 ferry waits 2 ", "2 1 harbour opens "]
    assert all(row.attributes["tabindex"] == "0" for row in rows)
    assert "place 2 from" in told[0]
    assert "in 2 stays" in told[2]


def test_what_came_what_left_and_what_was_reworded_is_listed(dashboard: Dashboard) -> None:
    text = front(dashboard)
    assert '<ins><span class="aloud">[added: </span> again &lt;script&gt;' in text
    assert "Came (2)" in text  # the mayor came back, and another headline came
    assert "Left (1)" in text
    assert "4 headlines at the places 1 to 10: 2 arrivals, 1 departure, 1 change of wording." in text


def test_another_list_another_time_and_other_places(dashboard: Dashboard) -> None:
    rail = front(dashboard, kind="most_read", label=f"Most {SCRIPT}")
    assert len(chart(rail)["lines"]) == 3
    assert len(chart(front(dashboard, top="5"))["lines"]) == 4
    assert "No headline list stood on this page in this time." in front(dashboard, until="2025-05-07T00:00:00+00:00")
    assert "Nothing stood" in front(dashboard, until="2025-05-07T00:00:00+00:00", kind="ticker", label="Live")


@pytest.mark.parametrize(
    "query",
    [
        {"until": "never", "length": "99y", "top": "-1", "kind": "<script>", "label": SCRIPT},
        {"until": "0001-01-01"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"until": "1991-01-01T00:00:00+00:00", "length": "7d"},
        {"kind": "ticker", "label": SCRIPT},
    ],
)
def test_questions_that_nobody_asks(query: dict[str, str], dashboard: Dashboard) -> None:
    front(dashboard, **query)


def test_sources_are_listed_with_the_lists_of_their_pages(dashboard: Dashboard, stored: str) -> None:
    with psycopg.connect(stored) as database:
        database.execute(
            "INSERT INTO depeche.sources (name, url, site, page_id, first_seen_at, told_at) "
            "SELECT %s, url, 'news.example', 1, now(), now() FROM depeche.pages WHERE page_id = 1",
            [f"news {SCRIPT}"],
        )
    answer = dashboard.get("/tickers")
    assert 'href="/tickers/1?kind=ticker&amp;label=Live"' in answer.text
    assert "4 headlines" in answer.text
    assert faults(answer.text) == []
    assert "news &lt;script" in dashboard.get("/tickers", params={"q": "NEWS"}).text
    assert "No source has" in dashboard.get("/tickers", params={"q": "zeppelin"}).text
    assert dashboard.get("/tickers/4711").status_code == 404
