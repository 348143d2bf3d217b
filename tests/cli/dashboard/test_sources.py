"""The pages of sources: what is wrong comes first, one source in all its numbers, and what may be done to it."""

import html
import re
import time

import psycopg
import pytest
import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from services.indexer.followers.source_health import look
from shared.flight.redis_keys import SOURCE
from shared.sources.log import SourceLog, SourceState
from tests.cli.dashboard.serving import Dashboard, text_of
from tests.cli.quarantine.quarantined import visited
from tests.cli.services import Services, story
from tests.support.source_visits import day_of, past

EVIL = 'evil"><img src=x onerror=alert(1)>/../x'
NAMES = ("beacon", "calm", "harbour", EVIL)


@pytest.fixture(autouse=True)
def _scheduled(client: "redis.Redis") -> None:
    addresses = {name: f"https://{name}.example/" for name in NAMES[:3]} | {EVIL: "https://evil.example/?<script>"}
    Schedule(client).enter({name: Source(name=name, url=url) for name, url in addresses.items()})
    failed = {"result": "failed", "reason": "http_500", "detail": "<b>It broke", "failures": 4}
    client.hset(SOURCE + "harbour", mapping={**failed, "failing_since": time.time() - 7200})


def path_of(name: str, page: str) -> str:
    """Where the page of all sources leads for this one."""
    links = {html.unescape(text): path for path, text in re.findall(r'<a href="(/sources/[^"]*)">([^<]*)</a>', page)}
    return links[name]


def names_in(page: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a href="/sources/[^"]*">([^<]*)</a>', page)]


def state_of(client: "redis.Redis", name: str) -> SourceState:
    state = SourceLog(client).state_of(name)
    assert state
    return state


def test_what_is_wrong_comes_first(dashboard: Dashboard, database: psycopg.Connection) -> None:
    past(database, source="calm")
    day_of(database, 0, articles=10, authors=0, source="calm")
    look(database)
    shown = dashboard.get("/sources").text
    assert names_in(shown) == ["harbour", "calm", "beacon", EVIL]
    text = text_of(shown)
    assert "harbour failing for 2h00m (4 visits)" in text.replace("2h (", "2h00m (")
    assert "calm author fallen since" in text
    assert "<img" not in shown
    assert names_in(dashboard.get("/sources", params={"only": "fallen"}).text) == ["calm"]
    assert names_in(dashboard.get("/sources", params={"only": "failing", "words": "BOUR exam"}).text) == ["harbour"]
    assert "No source is like that" in dashboard.get("/sources", params={"words": "<script>nobody"}).text
    fields = text_of(dashboard.get("/sources/calm").text)
    assert re.search(r"author 0% 10 100% 160 20", fields)


def test_a_week_of_articles_and_how_fresh_they_are(
    dashboard: Dashboard, services: Services, database: psycopg.Connection
) -> None:
    services.bring([visited(f"https://beacon.example/{n}", story(f"Harbour {n}")) for n in range(3)])
    database.execute(
        "UPDATE depeche.articles SET source = 'beacon', first_seen_at = now(), published_precision = 'instant',"
        " published_at = now() - interval '4 minutes'"
    )
    text = text_of(dashboard.get("/sources").text)
    assert re.search(r"beacon well .* 3 4m", text)
    week = text_of(dashboard.get("/sources/beacon").text)
    assert "Articles 0 0 0 0 0 0 3" in week
    assert "Published to row (median) 4m" in week


def test_the_page_of_a_hostile_name(dashboard: Dashboard) -> None:
    shown = dashboard.get(path_of(EVIL, dashboard.get("/sources").text))
    assert shown.status_code == 200
    assert f"<h1>{html.escape(EVIL, quote=True).replace('&quot;', '&#34;')}</h1>" in shown.text
    assert "<img" not in shown.text
    assert 'href="https://evil.example/?&lt;script&gt;"' in shown.text


def test_nothing_can_be_done_where_only_looking_is_allowed(dashboard: Dashboard, client: "redis.Redis") -> None:
    assert "<button name" not in dashboard.get("/sources/beacon").text
    assert dashboard.post("/sources/beacon", data={"action": "pause"}).status_code == 403
    assert not state_of(client, "beacon").paused


def test_pause_resume_and_visit(acting: Dashboard, client: "redis.Redis") -> None:
    acting.follow_redirects = True
    path = path_of(EVIL, acting.get("/sources").text)
    paused = acting.post(path, data={"action": "pause", "lasts": "2h"})
    assert paused.status_code == 200
    assert "It is paused." in paused.text
    assert "Resume" in paused.text
    assert state_of(client, EVIL).paused_until == pytest.approx(time.time() + 7200, abs=120)
    refused = acting.post(path, data={"action": "visit"})
    assert refused.status_code == 409
    assert "paused, so not visited" in refused.text
    assert "It is visited again" in acting.post(path, data={"action": "resume"}).text
    assert "It is due now" in acting.post(path, data={"action": "visit"}).text
    assert state_of(client, EVIL).due <= time.time() + 1
    assert acting.post(path, data={"action": "drop"}).status_code == 409
    assert acting.post(path, data={"action": "pause", "lasts": "0s"}).status_code == 409


def test_a_source_that_nobody_knows(dashboard: Dashboard, acting: Dashboard) -> None:
    assert dashboard.get("/sources/nobody<b>").status_code == 404
    assert "<b>" not in dashboard.get("/sources/nobody<b>").text
    assert acting.post("/sources/nobody", data={"action": "visit"}).status_code == 404


def test_the_part_that_updates_is_sent_alone(dashboard: Dashboard) -> None:
    part = dashboard.get("/sources/harbour", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Failing for" in part
    assert "http_500, &lt;b&gt;It broke" in part
