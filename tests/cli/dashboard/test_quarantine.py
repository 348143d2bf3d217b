"""The pages of the quarantine: causes, cases, a case with its page as text, and its replay."""

import html
import re

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.settings import CliSettings
from tests.cli.dashboard.serving import Dashboard, serving, text_of
from tests.cli.quarantine.quarantined import BreakingParser, all_are_stored_once, cases_of, many, visited
from tests.cli.services import Services, story
from tests.support.servers import users

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> BreakingParser:
    return BreakingParser(monkeypatch)


@pytest.fixture
def case(services: Services, parser: BreakingParser, database: psycopg.Connection) -> int:
    """A case whose page is hostile."""
    services.bring([visited("https://evil.example/?<b>", story(f"BROKEN {HOSTILE}"))])
    (case,) = cases_of(database)
    return case


def test_causes_and_cases(dashboard: Dashboard, services: Services, parser: BreakingParser) -> None:
    services.bring(many(3))
    text = text_of(dashboard.get("/quarantine").text)
    assert "1 cause of 3 cases" in text
    assert re.search(r"LookupError at \S+:\d+ 3 3 parse unforeseen case 3 ,", text)
    assert "no harbour among" in text
    assert "https://news.example/2" in text
    assert "No case is like that" in dashboard.get("/quarantine", params={"which": "replayed"}).text
    assert "1 cause of 3 cases" in dashboard.get("/quarantine", params={"source": "Harbours", "stage": "parse"}).text
    assert "No case is like that" in dashboard.get("/quarantine", params={"source": "' OR true --"}).text


def test_a_case_with_its_page_as_text(dashboard: Dashboard, case: int) -> None:
    shown = dashboard.get(f"/quarantine/{case}").text
    assert "Traceback (most recent call last)" in shown
    assert f"BROKEN {html.escape(HOSTILE)}" in shown
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert 'href="https://evil.example/?&lt;b&gt;"' in shown
    assert "Replay</button>" not in shown
    assert dashboard.post(f"/quarantine/{case}").status_code == 403


def test_a_reader_sees_the_case_without_its_page(
    settings: CliSettings, database: psycopg.Connection, case: int
) -> None:
    assert settings.database_url
    with users(database, {"onlooker": "depeche_reader"}):
        url = make_conninfo(settings.database_url, user="onlooker")
        with serving(CliSettings(redis_url=settings.redis_url, database_url=url), actions=True) as client:
            shown = client.get(f"/quarantine/{case}").text
            refused = client.post(f"/quarantine/{case}")
    assert "LookupError" in shown
    assert "may read schema news alone" in shown
    assert "BROKEN &lt;script" not in shown
    assert refused.status_code == 409
    assert "A replay needs a user in role depeche_writer" in text_of(refused.text)


def test_a_replay(acting: Dashboard, services: Services, parser: BreakingParser, database: psycopg.Connection) -> None:
    services.bring(many(1))
    (case,) = cases_of(database)
    assert "Replay</button>" in acting.get(f"/quarantine/{case}").text
    parser.mend()
    acting.follow_redirects = True
    sent = acting.post(f"/quarantine/{case}")
    assert "It was sent: a page to be parsed again." in sent.text
    again = acting.post(f"/quarantine/{case}")
    assert again.status_code == 409
    assert "It could not go, because it was replayed on" in again.text
    all_are_stored_once(services, database, ["https://news.example/0"])
    assert "then stored" in text_of(acting.get(f"/quarantine/{case}").text)


def test_a_case_that_is_not_there(dashboard: Dashboard, acting: Dashboard) -> None:
    missing = dashboard.get("/quarantine/4711")
    assert missing.status_code == 404
    assert "No case in quarantine has the ID 4711" in missing.text
    assert dashboard.get("/quarantine/99999999999999999999").status_code in {404, 503}
    assert dashboard.get("/quarantine/x").status_code == 404
    assert acting.post("/quarantine/4711").status_code == 404
