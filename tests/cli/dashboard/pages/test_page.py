"""A page's way: found by address or words, with all that is known of it, and text of strangers stays text."""

from collections.abc import Iterator

import psycopg
import pytest

from cli.settings import CliSettings
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from tests.cli.dashboard.harmless import faults
from tests.cli.dashboard.newsroom import FRONT, HARM, NOWHERE, STORY, newsroom
from tests.cli.dashboard.serving import Dashboard, serving
from tests.support.flights import at_fetch
from tests.support.servers import PostgresForTests


@pytest.fixture(scope="module")
def stored(redis_server: str, postgres: PostgresForTests) -> Iterator[str]:
    with newsroom(redis_server, postgres) as (database_url, _):
        yield database_url


@pytest.fixture(scope="module")
def dashboard(redis_server: str, stored: str) -> Iterator[Dashboard]:
    with serving(CliSettings(redis_url=redis_server, database_url=stored)) as client:
        yield client


def page_of(dashboard: Dashboard, question: str) -> str:
    answer = dashboard.get("/pages", params={"q": question}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    assert faults(answer.text) == []
    return answer.text


@pytest.mark.parametrize("question", [STORY, "news.example/harbour", f"{STORY}?utm_source=x", "2"])
def test_a_page_is_found_by_any_address_of_it(question: str, dashboard: Dashboard) -> None:
    text = page_of(dashboard, question)
    assert "page 2, article" in text
    assert "The article beside its lists" in text


def test_a_flight_leads_to_its_page(dashboard: Dashboard, stored: str) -> None:
    with psycopg.connect(stored) as database:
        row = database.execute("SELECT flight_id FROM news.visits WHERE page_id = 2 LIMIT 1").fetchone()
    assert row is not None
    assert "page 2, article" in page_of(dashboard, str(row[0]))


def test_an_article_is_found_by_its_words(dashboard: Dashboard) -> None:
    text = page_of(dashboard, "opened nobody")
    assert "Articles with these words" in text
    assert 'href="/pages/2"' in text
    assert "«opened»" in text
    assert "Nothing is known" in page_of(dashboard, "zeppelin moon")
    assert "Nothing is known" in page_of(dashboard, "\x00 <script>alert(1)</script>")


def test_before_anything_is_asked_the_latest_articles_are_there(dashboard: Dashboard) -> None:
    answer = dashboard.get("/pages")
    assert "The latest articles" in answer.text
    assert faults(answer.text) == []


def test_all_that_is_known_of_a_page_stands_there(dashboard: Dashboard) -> None:
    answer = dashboard.get("/pages/2")
    for text in (
        "Harbour &lt;script&gt;alert(1)&lt;/script&gt;",
        "<blockquote",
        "nets &lt;script&gt;",
        '<a href="/pages/1"><bdi>https://news.example/</bdi></a>',  # found on the front
        "What version 2 changed",
        '<ins><span class="aloud">[added: </span>',
        '<del><span class="aloud">[taken out: </span>',
        "x_robots_tag: ",
        "stored</strong>",
        "The page was not archived.",
        'href="/tickers/2?kind=ticker&amp;label=Live"',
    ):
        assert text in answer.text, text
    assert 'href="javascript:' not in answer.text
    assert faults(answer.text) == []


def test_the_first_version_has_nothing_before_it(dashboard: Dashboard) -> None:
    assert "The version before it is not kept any more." in dashboard.get("/pages/2?version=1").text
    for number in ("7", "-1", "x", "9" * 30):
        assert dashboard.get("/pages/2", params={"version": number, "visits": number}).status_code == 200


def test_a_front_has_lists_without_an_article(dashboard: Dashboard) -> None:
    text = page_of(dashboard, FRONT)
    assert "<h2>Its lists</h2>" in text
    assert "<article" not in text
    assert 'href="/pages/2" dir="auto"' in text  # the rail's second line leads to the story


def test_a_page_that_was_never_read_is_known_by_the_lists_that_lead_to_it(dashboard: Dashboard) -> None:
    text = page_of(dashboard, "https://news.example/ferry")
    assert "No visit of this page has ended yet." in text
    assert "ferry waits" in text


def test_a_page_in_the_air_says_what_it_waits_for(dashboard: Dashboard, redis_server: str) -> None:
    client = connect_redis(redis_server)
    at_fetch(Ledger(client), client, NOWHERE)
    text = page_of(dashboard, NOWHERE)
    assert "In the air" in text
    assert "is in the queue of its stage, or a worker is at it" in text


def test_unknown_pages_and_reports_are_told(dashboard: Dashboard) -> None:
    assert dashboard.get("/pages/4711").status_code == 404
    assert dashboard.get("/pages/4711/report").status_code == 404
    assert dashboard.get("/pages/2/report").status_code == 404
    assert dashboard.get("/pages/999999999999999999999").status_code in {404, 503}


def test_without_postgres_a_sentence_says_so(alone: Dashboard) -> None:
    for path in ("/pages", "/pages?q=harbour", "/pages/2", "/tickers", "/tickers/2"):
        answer = alone.get(path)
        assert answer.status_code == 503
        assert "hush" not in answer.text
        assert faults(answer.text) == []


@pytest.mark.parametrize("harm", HARM)
def test_whatever_is_asked_stays_text(harm: str, dashboard: Dashboard) -> None:
    for path in ("/pages", "/tickers"):
        for words in ({"q": harm}, {"q": f"{harm} {harm}"}):
            answer = dashboard.get(path, params=words)
            assert answer.status_code == 200
            assert faults(answer.text) == []
