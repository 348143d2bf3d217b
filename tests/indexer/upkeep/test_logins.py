"""The indexer's own user: made by the migration, with the password that the indexer was given."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from cli.main import app
from services.indexer.schema.migrate import migrate
from services.indexer.upkeep.logins import Login
from shared.failures import UserError

USER = 'an indexer\'s "user"'
MEMBERSHIP = """
SELECT r.rolname, u.rolcanlogin, u.rolsuper, u.rolcreaterole, u.rolcreatedb
FROM pg_roles u JOIN pg_auth_members m ON m.member = u.oid JOIN pg_roles r ON r.oid = m.roleid
WHERE u.rolname = %s
"""
PASSWORD = "SELECT rolpassword FROM pg_authid WHERE rolname = %s"


@pytest.fixture
def writer_url(database_url: str, database: psycopg.Connection) -> Iterator[str]:
    yield make_conninfo(database_url, user=USER, password="first one")
    database.execute(b'DROP ROLE IF EXISTS "an indexer\'s ""user"""')


def writer(url: str) -> Login:
    return Login(url=url, role="depeche_writer")


def stored_password(database: psycopg.Connection) -> str:
    row = database.execute(PASSWORD, [USER]).fetchone()
    assert row is not None
    return str(row[0])


def test_the_user_is_a_writer_and_nothing_else(
    database_url: str, database: psycopg.Connection, writer_url: str
) -> None:
    migrate(database_url, logins=[writer(writer_url)])
    assert database.execute(MEMBERSHIP, [USER]).fetchall() == [("depeche_writer", True, False, False, False)]
    assert stored_password(database).startswith("SCRAM-SHA-256$"), "whatever the server would do to a plain one"


def test_a_password_that_was_drawn_anew_takes_the_place_of_the_old_one(
    database_url: str, database: psycopg.Connection, writer_url: str
) -> None:
    migrate(database_url, logins=[writer(writer_url)])
    before = stored_password(database)
    migrate(database_url, logins=[writer(make_conninfo(writer_url, password="second one"))])
    assert stored_password(database) != before
    assert len(database.execute(MEMBERSHIP, [USER]).fetchall()) == 1


def test_migrations_at_the_same_time_make_one_user(
    database_url: str, database: psycopg.Connection, writer_url: str
) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        try:
            migrate(database_url, logins=[writer(writer_url)])
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(database.execute(MEMBERSHIP, [USER]).fetchall()) == 1


def test_an_address_of_another_server_makes_no_user_here(
    database_url: str, database: psycopg.Connection, writer_url: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        migrate(database_url, logins=[writer(make_conninfo(writer_url, host="elsewhere"))])
    assert [line["event"] for line in logs] == ["login_not_made"]
    assert "first one" not in str(logs)
    assert database.execute(MEMBERSHIP, [USER]).fetchall() == []


def test_the_owner_does_not_become_the_indexers_user(database_url: str, database: psycopg.Connection) -> None:
    owner = database.info.user
    with pytest.raises(UserError, match=f"{owner} cannot be both"):
        migrate(database_url, logins=[writer(make_conninfo(database_url, user=owner, password="x"))])


@pytest.mark.parametrize("lacking", ["user", "password"])
def test_an_address_without_user_or_password_is_refused(lacking: str, database_url: str, writer_url: str) -> None:
    with pytest.raises(UserError, match="has to name the user and its password"):
        migrate(database_url, logins=[writer(make_conninfo(writer_url, **{lacking: ""}))])


def test_what_is_no_address_is_not_quoted(database_url: str) -> None:
    with pytest.raises(UserError, match="no DSN") as caught:
        migrate(database_url, logins=[writer("user=desk hush")])
    assert caught.value.__cause__ is None
    assert "hush" not in str(caught.value)


def test_the_command_reads_addresses_from_files(
    database_url: str, database: psycopg.Connection, writer_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPECHE_DATABASE_URL", database_url)
    file = tmp_path / "dsn"
    file.write_text(writer_url + "\n", "utf-8")
    assert CliRunner().invoke(app, ["migrate", "--writer", str(file), "--reader", str(file)]).exit_code == 0
    roles = {row[0] for row in database.execute(MEMBERSHIP, [USER]).fetchall()}
    assert roles == {"depeche_reader", "depeche_writer"}, "one user may have both"
    missing = CliRunner().invoke(app, ["migrate", "--writer", str(tmp_path / "missing")])
    assert isinstance(missing.exception, UserError)
