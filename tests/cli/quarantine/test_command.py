"""`depeche quarantine`: what it lists and shows, what it drops, and what it says to a user's mistakes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import structlog

from shared.flight.intake import Backbone
from tests.cli.conftest import Run
from tests.cli.quarantine.quarantined import BreakingParser, cases_of, lines, many, visited
from tests.cli.services import Services, story
from tests.support.flights import ONE, TWO
from tests.support.pages import rows

GARBAGE = "garbage \x1b[31m on the queue"


@pytest.fixture(autouse=True)
def _parser(monkeypatch: pytest.MonkeyPatch) -> None:
    BreakingParser(monkeypatch)


@pytest.fixture
def cases(services: Services, backbone: Backbone, database: psycopg.Connection) -> list[int]:
    """Two pages that broke the parser, and a message that is none."""
    for url in (ONE, "https://m.other.example:8443/two"):
        services.bring([visited(url, story("BROKEN"))])
    with structlog.testing.capture_logs():
        backbone.keep_unreadable("parse", GARBAGE, "cannot be read: it is garbage")
    services.work()
    return cases_of(database)


def test_a_thousand_cases_of_one_cause_are_one_line(
    run_on_servers: Run, cases: list[int], database: psycopg.Connection
) -> None:
    database.execute(
        "INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, traceback, message)"
        " SELECT gen_random_uuid(), url || n, stage, reason, detail || n, traceback, message"
        " FROM depeche.quarantine, generate_series(1, 1000) n WHERE quarantine_id = %s",
        [cases[0]],
    )
    causes = lines(run_on_servers("quarantine", "list", "--causes", "--json"))
    assert [(c["stage"], c["reason"], c["cases"], c["waiting"]) for c in causes] == [
        ("parse", "unforeseen", 1002, 1002),
        ("parse", "malformed_message", 1, 1),
    ]
    assert causes[0]["cause"].startswith("LookupError at quarantine/quarantined.py:")
    assert causes[1]["cause"] is None
    ran = run_on_servers("quarantine", "list", "-n", "2")
    assert ran.status == 0
    assert "1002" in ran.out
    assert "and 1,001 older cases" in ran.err
    assert ran.out.count("https://news.example/one") == 2
    assert len(lines(run_on_servers("quarantine", "list", "--json", "--limit", "2000"))) == 1003


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [2, 1, 0]),
        (["--stage", "parse", "--reason", "unforeseen"], [1, 0]),
        (["--stage", "fetch"], []),
        (["--source", "Harbours"], [1, 0]),
        (["--source", "Others"], []),
        (["--host", "OTHER.example"], [1]),
        (["--host", "news.example"], [0]),
        (["--host", "ther.example"], []),
        (["--host", "new_.example"], []),
        (["--since", "2025-01-01"], [2, 1, 0]),
        (["--since", "2999-01-01T00:00:00"], []),
        (["--replayed"], []),
        (["--waiting"], [2, 1, 0]),
    ],
)
def test_cases_are_found_by_what_they_are(
    options: list[str], expected: list[int], run_on_servers: Run, cases: list[int]
) -> None:
    found = lines(run_on_servers("quarantine", "list", "--json", *options))
    assert [line["quarantine_id"] for line in found] == [cases[number] for number in expected]
    ran = run_on_servers("quarantine", "list", *options)
    assert ran.status == 0
    assert ("No case in quarantine is like that" in ran.err) == (not expected)


def test_an_empty_quarantine_is_no_failure(run_on_servers: Run) -> None:
    ran = run_on_servers("quarantine", "list")
    assert (ran.status, ran.err) == (0, "Nothing is in quarantine.\n")
    assert run_on_servers("quarantine", "replay", "--all").status == 0
    assert run_on_servers("quarantine", "drop", "--all").status == 0


def test_a_case_is_shown_with_all_that_is_kept(run_on_servers: Run, cases: list[int], tmp_path: Path) -> None:
    shown = run_on_servers("quarantine", "show", str(cases[0]))
    assert shown.status == 0
    for part in (ONE, "LookupError in the parse stage", "Traceback", "no harbour among", "page_fetched.v2", "Harbours"):
        assert part in shown.out
    facts = json.loads(run_on_servers("quarantine", "show", str(cases[0]), "--json").out)
    assert (facts["url"], facts["page_bytes"], facts["replayed_at"]) == (ONE, len(story("BROKEN")), None)
    file = tmp_path / "page.html"
    assert run_on_servers("quarantine", "show", str(cases[0]), "--page", str(file)).status == 0
    assert file.read_bytes() == story("BROKEN")
    assert run_on_servers("quarantine", "show", str(cases[0]), "--page", "-").out == story("BROKEN").decode()


def test_a_message_that_cannot_be_read_is_shown_without_orders_to_the_terminal(
    run_on_servers: Run, cases: list[int]
) -> None:
    ran = run_on_servers("quarantine", "show", str(cases[2]))
    assert ran.status == 0
    assert "a message that names no page" in ran.out
    assert "garbage" in ran.out
    assert "\x1b[31m" not in ran.out
    assert json.loads(run_on_servers("quarantine", "show", str(cases[2]), "--json").out)["message"] == GARBAGE


def test_dropped_cases_are_gone_and_nothing_else(
    run_on_servers: Run, cases: list[int], database: psycopg.Connection
) -> None:
    before = {view: rows(database, view) for view in ("pages", "visits")}
    ran = run_on_servers("quarantine", "drop", str(cases[2]), "--yes")
    assert (ran.status, cases_of(database)) == (0, cases[:2])
    assert run_on_servers("quarantine", "drop", "--host", "other.example", "-y").status == 0
    assert cases_of(database) == cases[:1]
    assert {view: rows(database, view) for view in before} == before


@pytest.mark.parametrize(("answer", "left"), [(b"y\n", 1), (b"n\n", 3), (b"", 3)])
def test_it_asks_before_it_drops(
    answer: bytes, left: int, run_on_servers: Run, cases: list[int], database: psycopg.Connection
) -> None:
    ran = run_on_servers("quarantine", "drop", "--reason", "unforeseen", stdin=answer)
    assert (ran.status, len(cases_of(database))) == (0 if answer == b"y\n" else 1, left)
    assert "2 cases, 2 of them not replayed" in ran.err
    assert "LookupError" in ran.out
    assert cases[2] in cases_of(database)


def test_a_dry_run_drops_nothing(run_on_servers: Run, cases: list[int], database: psycopg.Connection) -> None:
    ran = run_on_servers("quarantine", "drop", "--all", "--dry-run")
    assert (ran.status, cases_of(database)) == (0, cases)
    assert "3 cases, 3 of them not replayed" in ran.err


def test_many_are_dropped_in_steps_and_the_others_stay(
    run_on_servers: Run, services: Services, database: psycopg.Connection
) -> None:
    services.bring(many(3))
    database.execute(
        "INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, quarantined_at)"
        " SELECT gen_random_uuid(), 'x', 'fetch', 'r', 'd', %s FROM generate_series(1, 450)",
        [datetime(2025, 1, 1, tzinfo=UTC)],
    )
    ran = run_on_servers("quarantine", "drop", "--stage", "fetch", "--yes")
    assert "450 cases are gone" in ran.err
    assert len(cases_of(database)) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "999"], "No case in quarantine has the ID 999"),
        (["replay", "999", "998"], "No case in quarantine has the ID 998, 999"),
        (["drop", "999", "--yes"], "No case in quarantine has the ID 999"),
        (["replay"], "Say which cases"),
        (["drop", "--yes"], "Say which cases"),
        (["replay", "1", "--stage", "parse"], "not by both"),
        (["drop", "1", "--all"], "not by both"),
    ],
)
@pytest.mark.usefixtures("cases")
def test_a_mistake_is_one_sentence_and_changes_nothing(
    arguments: list[str], said: str, run_on_servers: Run, database: psycopg.Connection
) -> None:
    before = rows(database, "quarantine")
    ran = run_on_servers("quarantine", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert rows(database, "quarantine") == before


@pytest.mark.parametrize("command", [["replay", "--host", TWO], ["drop", "--source", "Others", "--yes"]])
@pytest.mark.usefixtures("cases")
def test_nothing_like_that_is_said_and_the_status_tells(command: list[str], run_on_servers: Run) -> None:
    ran = run_on_servers("quarantine", *command)
    assert ran.status == 1
    assert ran.err.startswith("No case in quarantine ")


def test_a_page_that_is_not_kept_or_cannot_be_written_is_one_sentence(
    run_on_servers: Run, cases: list[int], tmp_path: Path
) -> None:
    ran = run_on_servers("quarantine", "show", str(cases[2]), "--page", "x")
    assert (ran.status, ran.out) == (2, "")
    assert f"No page is kept of case {cases[2]}" in ran.err
    ran = run_on_servers("quarantine", "show", str(cases[0]), "--page", str(tmp_path))
    assert ran.status == 2
    assert f"Cannot write the page to {tmp_path}" in ran.err


def test_without_redis_nothing_is_replayed_and_all_else_works(
    run_on_servers: Run, cases: list[int], database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(database, "quarantine")
    monkeypatch.setenv("DEPECHE_REDIS_URL", "redis://127.0.0.1:1/0")
    ran = run_on_servers("quarantine", "replay", "--all")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "Cannot use Redis" in ran.err
    assert rows(database, "quarantine") == before
    assert len(lines(run_on_servers("quarantine", "list", "--json"))) == len(cases)
    assert run_on_servers("quarantine", "drop", str(cases[0]), "--yes").status == 0
