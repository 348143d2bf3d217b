"""`depeche sources list` shows what each source brings, where Postgres is there to tell it."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import redis

from cli.sources.coverage import in_short
from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from tests.cli.conftest import Run

NAMES = ("beacon", "beacon-feed", "gazette")
INSERT_SOURCE = """
INSERT INTO depeche.sources (name, url, site, page_id, first_seen_at, told_at)
VALUES (%(name)s, 'https://beacon.example/', 'beacon.example', 1, now(), now())
"""
INSERT_COUNT = """
INSERT INTO depeche.source_coverage (
    source, channel, since, stories, first, only_there, head_start, source_stories, site_stories, counted_at)
VALUES (%s, %s, now(), %s, %s, %s, %s * interval '1 minute', 41, 53, now())
"""


def row(stories: int, first: int | None, only_there: int | None) -> dict[str, Any]:
    return {"channel": "feed", "stories": stories, "first": first, "only_there": only_there}


@pytest.mark.parametrize(
    ("channel", "shown"),
    [
        (row(39, 23, 12), "feed 39 (! 12 only there, first 59%)"),
        (row(39, 0, 0), "feed 39 (first 0%)"),
        (row(39, 23, 2), "feed 39 (2 only there, first 59%)"),  # now and then a story alone is no sign
        (row(390, 23, 30), "feed 390 (30 only there, first 6%)"),
        (row(39, None, None), "feed 39"),
        (row(0, 0, 0), "feed 0"),
    ],
)
def test_a_channel_in_short(channel: dict[str, Any], shown: str) -> None:
    assert in_short([channel]) == shown


def test_all_channels_of_a_source() -> None:
    assert in_short([{**row(41, 18, 0), "channel": "front"}, row(39, 23, 12)]) == (
        "front 41 (first 44%), feed 39 (! 12 only there, first 59%)"
    )
    assert in_short([]) is None


@pytest.fixture
def _on_schedule(client: "redis.Redis") -> None:
    Schedule(client).enter({n: Source(name=n, url=f"https://{n}.example/", every="15m") for n in NAMES})


@pytest.mark.usefixtures("_on_schedule")
def test_list_shows_what_each_source_brings(run_on_servers: Run, database: psycopg.Connection) -> None:
    for name in NAMES:
        database.execute(INSERT_SOURCE, {"name": name})
    database.execute(INSERT_COUNT, ["beacon", "front", 41, 18, 0, None])
    database.execute(INSERT_COUNT, ["beacon-feed", "feed", 39, 23, 12, 15])
    ran = run_on_servers("sources", "list")
    assert (ran.status, ran.err) == (0, "")
    assert "front 41 (first 44%)" in ran.out
    assert "feed 39 (! 12 only there, first 59%)" in ran.out
    rows = {row["name"]: row for row in map(json.loads, run_on_servers("sources", "list", "--json").out.splitlines())}
    (feed,) = rows["beacon-feed"]["coverage"]
    assert datetime.now(UTC) >= datetime.fromisoformat(feed.pop("since"))
    assert feed == {"channel": "feed", "stories": 39, "first": 23, "only_there": 12, "head_start_s": 900}
    assert rows["gazette"]["coverage"] == []


@pytest.mark.usefixtures("_on_schedule")
def test_without_postgres_the_rest_is_shown(run_on_servers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_DATABASE_URL", "postgresql://depeche@127.0.0.1:1/depeche?connect_timeout=1")
    ran = run_on_servers("sources", "list")
    assert ran.status == 0
    assert "gazette" in ran.out
    assert "what each source brings is left out: Cannot use Postgres at" in ran.err
    ran = run_on_servers("sources", "list", "--json")
    assert {json.loads(line)["coverage"] for line in ran.out.splitlines()} == {None}
