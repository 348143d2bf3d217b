"""Which user may list, show, replay and drop what is in quarantine."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.cli.conftest import Run
from tests.cli.quarantine.quarantined import BreakingParser, cases_of, many
from tests.cli.services import Services
from tests.support.pages import rows
from tests.support.servers import users

USERS = {"a_reader": "depeche_reader", "a_cli": "depeche_reader, depeche_writer"}


@pytest.fixture
def _users(database: psycopg.Connection) -> Iterator[None]:
    with users(database, USERS):
        yield


@pytest.mark.usefixtures("_users")
def test_who_may_do_what(
    run_on_servers: Run,
    services: Services,
    database: psycopg.Connection,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    BreakingParser(monkeypatch)
    services.bring(many(2))
    first, second = map(str, cases_of(database))

    def may(user: str, *arguments: str) -> bool:
        monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, user=user))
        ran = run_on_servers("quarantine", *arguments)
        assert ran.status == 0 or (
            ran.err.count("\n") == 1 and f"which {user} is not" in ran.err.replace("; ", ", which ")
        )
        return ran.status == 0

    assert may("a_reader", "list")
    assert may("a_reader", "show", first)
    assert may("a_reader", "drop", "--all", "--dry-run")
    assert not may("a_reader", "show", first, "--page", "-")
    assert not may("a_reader", "replay", first)
    assert may("a_cli", "show", first, "--page", "-")
    assert may("a_cli", "replay", first)
    ran = run_on_servers("quarantine", "drop", "--all", "--yes")
    assert (ran.status, len(cases_of(database))) == (2, 2)
    assert "needs the owner of the tables" in ran.err
    assert [row["replayed_at"] is not None for row in rows(database, "quarantine")] == [True, False]
    assert may("a_cli", "replay", second)
