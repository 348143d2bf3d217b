"""Commands with the users of Redis that have them under Compose."""

import json
import re

import pytest
import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from tests.cli.conftest import Run
from tests.support.redis_users import denied, redis_users


def test_the_dashboards_user_reads_what_status_trace_and_sources_show_and_changes_nothing(
    run_on_servers: Run, redis_url: str, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    users = redis_users(redis_url)
    Schedule(client).enter({"beacon": Source(name="beacon", url="https://beacon.example/")})
    assert run_on_servers("fetch", "https://news.example/1").status == 0
    monkeypatch.setenv("DEPECHE_REDIS_URL", users["dashboard"])
    assert json.loads(run_on_servers("status", "--json").out)["in_flight"] == 1
    assert "waits" in run_on_servers("trace", "https://news.example/1").out
    assert "beacon" in run_on_servers("sources", "list").out
    assert denied(client, users) == []
    for command in (["fetch", "https://news.example/2"], ["sources", "pause", "beacon"]):
        ran = run_on_servers(*command)
        assert ran.status == 2
        assert "Traceback" not in ran.err
        assert re.search("no permission|can't run", ran.err), ran.err
    assert {entry["username"] for entry in denied(client, users)} == {"dashboard"}
