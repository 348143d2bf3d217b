"""`depeche retention`: what it shows, what it says, and that it needs to be told."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services.indexer.upkeep.retention import KINDS
from tests.cli.conftest import Run
from tests.support.history import add_partition, month, past_months, visit


@pytest.fixture
def _filled(database: psycopg.Connection) -> None:
    """Visits of two years, the old ones in a month of their own."""
    past_months(database, "visits")
    add_partition(database, "visits", "long_ago", month(-30), month(-29))
    for moment in (month(-30), month(-30) + timedelta(days=1), datetime.now(UTC)):
        visit(database, "https://news.example/", moment)
    database.execute(
        "INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, quarantined_at)"
        " VALUES (gen_random_uuid(), 'x', 'parse', 'r', 'd', now() - interval '40 days')"
    )


def lines(text: str) -> dict[str, dict[str, object]]:
    return {line["kind"]: line for line in map(json.loads, text.splitlines())}


@pytest.mark.usefixtures("_filled")
def test_a_look_shows_all_kinds_and_lets_nothing_go(run_on_servers: Run, database: psycopg.Connection) -> None:
    ran = run_on_servers("retention", "--keep", "visits=365d")
    assert ran.status == 0
    assert all(kind in ran.out for kind in KINDS)
    assert "365 days" in ran.out
    assert "1 month, 2 rows" in ran.out
    assert "--apply" in ran.err
    assert database.execute("SELECT count(*) FROM depeche.visits").fetchone() == (3,)
    as_json = lines(run_on_servers("retention", "--json").out)
    assert list(as_json) == list(KINDS)
    assert as_json["visits"]["rows"] == 3
    assert as_json["visits"]["oldest"] == month(-30).isoformat().replace("+00:00", "Z")
    assert not any(line["going_rows"] for line in as_json.values())


@pytest.mark.usefixtures("_filled")
def test_what_was_told_goes_and_nothing_else(
    run_on_servers: Run, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPECHE_KEEP_VISITS", "365d")
    monkeypatch.setenv("DEPECHE_KEEP_QUARANTINE", "7d")
    versions = database.execute("SELECT count(*) FROM depeche.article_versions").fetchone()
    done = lines(run_on_servers("retention", "--apply", "--json", "--keep", "quarantine=forever").out)
    assert {kind: line["rows"] for kind, line in done.items()} == {"visits": 2}
    ran = run_on_servers("retention", "--apply")
    assert ran.status == 0
    assert "visits" in ran.out
    assert database.execute("SELECT count(*) FROM depeche.visits").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM depeche.quarantine").fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM depeche.article_versions").fetchone() == versions


def test_without_a_policy_it_says_so(run_on_servers: Run) -> None:
    assert "no setting and no --keep says how long" in run_on_servers("retention", "--apply").out


@pytest.mark.parametrize(
    "given", ["visits", "visits=", "visits=90", "visits=0d", "articles=90d", "=1d", "visits=99999d"]
)
def test_what_is_no_policy_is_one_sentence(given: str, run_on_servers: Run) -> None:
    ran = run_on_servers("retention", "--apply", "--keep", given)
    assert ran.status == 2
    assert f"--keep {given}" in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_setting_is_named(run_on_servers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_KEEP_CHANGES", "a year")
    ran = run_on_servers("retention")
    assert ran.status == 2
    assert "DEPECHE_KEEP_CHANGES='a year'" in ran.err


def test_only_the_owner_may(
    run_on_servers: Run, database: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute("CREATE ROLE a_writer LOGIN IN ROLE depeche_writer")
    monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, user="a_writer"))
    try:
        ran = run_on_servers("retention", "--apply", "--keep", "visits=1d")
        assert ran.status == 2
        assert "needs the owner of the tables" in ran.err
    finally:
        database.execute("DROP OWNED BY a_writer")
        database.execute("DROP ROLE a_writer")
