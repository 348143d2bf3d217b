"""`depeche restore`: the old database is in use until the new one is whole, and is kept."""

import json
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg.conninfo import make_conninfo

from cli.backup.notes import notes_file
from cli.backup.tools import Work, find_tool, run_tool
from services.indexer.app import open_pool
from services.indexer.index import Indexer
from services.indexer.schema import migrate as migrating
from services.indexer.schema.files import all_migrations
from services.indexer.schema.migrate import connect, migrate
from services.indexer.upkeep import url_keys
from shared.flight.intake import Backbone
from shared.messages import FetchRequest, Origin
from tests.cli.backup.conftest import add_pages, pages_in
from tests.cli.conftest import Run
from tests.indexer.schema.test_present import dump as as_sql
from tests.indexer.test_outages import drain
from tests.support.flights import message_of
from tests.support.history import fill
from tests.support.pages import Flights, page
from tests.support.servers import PostgresForTests, users
from tests.support.waiting import PATIENCE_S, wait_until

On = Callable[[str], Run]
Databases = Callable[[str], list[str]]

NOTHING_CHANGED = 7  # pages of the database with what came after the backup


@pytest.fixture
def later(dump: Path, filled: str, server: Databases) -> str:
    """The database that was backed up, with two pages more."""
    add_pages(filled, "six", "seven")
    return filled


def test_it_is_as_it_was_and_the_old_one_is_kept(
    dump: Path, filled: str, server: Databases, on: On, postgres: PostgresForTests
) -> None:
    before = as_sql(filled)
    add_pages(filled, "six", "seven")
    with psycopg.connect(filled, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET search_path = news, public".encode())
        connection.execute(f"ALTER DATABASE {name} SET work_mem = '5MB'".encode())
        connection.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC".encode())
        connection.execute(f"GRANT CONNECT ON DATABASE {name} TO depeche_reader".encode())
        connection.execute(f"COMMENT ON DATABASE {name} IS 'the news'".encode())
    ran = on(filled)("restore", str(dump), "--yes", "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert (told["pages"], told["articles"], told["migrated"], told["left_out"]) == (5, 5, [], [])
    assert without_names(as_sql(filled)) == without_names(before)
    assert pages_in(postgres.url_of(told["kept"])) == 7
    with psycopg.connect(filled) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ("news, public",)
        assert connection.execute("SHOW work_mem").fetchone() == ("5MB",)
        row = connection.execute(
            "SELECT datacl::text, shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        assert row is not None
        assert "depeche_reader=c/" in row[0]
        assert row[1] == "the news"
    assert server(r"%\_restoring") == []

    ran = on(filled)("restore", "--drop", told["kept"])
    assert ran.status == 0, ran.err
    assert server(r"%\_before\_%") == []
    assert on(filled)("restore", "--drop", name).status == 2, "that is in use, and no restore has kept it"
    assert pages_in(filled) == 5


def without_names(dumped: str) -> str:
    """The dump without the names that Postgres 18 gives to NOT NULL, and numbers anew in a restored partition."""
    return re.sub(r"CONSTRAINT \w+_not_null\d* NOT NULL", "NOT NULL", dumped)


def test_a_database_with_pages_is_replaced_only_when_told(dump: Path, later: str, on: On) -> None:
    ran = on(later)("restore", str(dump))
    assert ran.status == 2
    assert "holds 7 pages. Say --yes to replace it." in ran.err
    assert pages_in(later) == NOTHING_CHANGED
    ran = on(later)("restore", str(dump), "--yes", "--drop-old")
    assert ran.status == 0, ran.err
    assert pages_in(later) == 5
    assert "is kept" not in ran.out


@pytest.mark.parametrize(("answer", "status", "pages"), [(b"n\n", 1, NOTHING_CHANGED), (b"y\n", 0, 5)])
def test_a_person_is_asked(answer: bytes, status: int, pages: int, later: str, on: On) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cli.restore.command._is_a_person", lambda: True)
        ran = on(later)("restore", "one.dump", stdin=answer)
    assert "holds 7 pages. Replace it?" in ran.err
    assert (ran.status, pages_in(later)) == (status, pages)


def test_people_are_told_what_is_kept(dump: Path, later: str, on: On, server: Databases) -> None:
    for _ in range(2):
        kept_before = server(r"%\_before\_%")
        ran = on(later)("restore", str(dump), "--yes")
        assert ran.status == 0, ran.err
        (kept,) = set(server(r"%\_before\_%")) - set(kept_before)
        assert f"`depeche restore --drop {kept}` drops it" in ran.out
    assert f"Kept since an earlier restore: {kept_before[0]}" in ran.out


@pytest.mark.parametrize("there", [False, True])
def test_into_an_empty_database_and_into_none(
    there: bool, dump: Path, on: On, postgres: PostgresForTests, server: Databases
) -> None:
    url = postgres.url_of("fresh_one")
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        if there:
            connection.execute("CREATE DATABASE fresh_one TEMPLATE template0")
        try:
            ran = on(url)("restore", str(dump))
            assert ran.status == 0, ran.err
            assert pages_in(url) == 5
            assert server("fresh%") == ["fresh_one"], "nothing was in the empty one"
        finally:
            connection.execute("DROP DATABASE IF EXISTS fresh_one")


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("schema", [1, 3])
def test_a_backup_of_an_older_schema_is_migrated(
    schema: int, database_url: str, postgres: PostgresForTests, on: On, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dump is made by hand, as there was no command for it."""
    older = [migration for migration in all_migrations() if migration.version <= schema]
    with postgres.database(template="template0") as url:
        with monkeypatch.context() as patch:
            patch.setattr(migrating, "all_migrations", lambda: older)
            patch.setattr(url_keys, "renew_keys", lambda _: None)
            patch.setattr(migrating, "make_partitions", lambda _: None)
            patch.setattr(migrating, "GRANT_RELAYS", "SELECT")  # the function is not there yet
            migrate(url)
        with connect(url) as connection:
            fill(connection)
        arguments = ["--format=custom", "--file=old.dump"]
        run_tool(find_tool("pg_dump", at_least=18), Work(what="It", arguments=arguments, database_url=url))
    ran = on(database_url)("restore", "old.dump", "--json")
    assert ran.status == 0, ran.err
    assert len(json.loads(ran.out)["migrated"]) == len(all_migrations()) - schema
    assert pages_in(database_url) == 5
    with connect(database_url) as connection:
        connection.execute("SET ROLE depeche_writer")
        connection.execute("SELECT count(*) FROM depeche.sources")


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    # In the rows, which stand behind the definitions; a stretch, since a single byte may be one that says nothing.
    for place in range(len(content) - len(content) // 8, len(content) - len(content) // 8 + 64):
        content[place] ^= 0xFF
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: -(file.stat().st_size // 3)])


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("damage", [flip, cut])
def test_a_damaged_file_changes_nothing(
    damage: Callable[[Path], None], noted: bool, dump: Path, later: str, on: On
) -> None:
    damage(dump)
    if not noted:
        notes_file(dump).unlink()
    ran = on(later)("restore", str(dump), "--yes")
    assert ran.status == 2
    assert ("is not the file that was written" in ran.err) is noted
    assert pages_in(later) == NOTHING_CHANGED
    with psycopg.connect(later) as connection:
        found = connection.execute(r"SELECT datname FROM pg_database WHERE datname ~ '_(restoring|before_\d+.*)$'")
        assert found.fetchall() == []


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("SELECT 1", "is the dump of another database"),
        ("TRUNCATE depeche.schema_migrations", "cannot be restored by this version"),
        ("INSERT INTO depeche.schema_migrations (version, name) VALUES (99, 'x.sql')", "was made by a newer Depeche"),
    ],
)
def test_a_dump_that_is_not_this_depeche_s_is_refused(
    what: str, said: str, later: str, postgres: PostgresForTests, on: On
) -> None:
    with postgres.database(template="template0" if what == "SELECT 1" else "migrated") as url:
        with psycopg.connect(url) as connection:
            connection.execute(what.encode())
        arguments = ["--format=custom", "--file=other.dump"]
        run_tool(find_tool("pg_dump", at_least=18), Work(what="It", arguments=arguments, database_url=url))
    ran = on(later)("restore", "other.dump", "--yes")
    assert ran.status == 2
    assert said in ran.err
    assert pages_in(later) == NOTHING_CHANGED


def test_a_part_of_a_database_is_refused(later: str, on: On, tmp_path: Path) -> None:
    arguments = ["--format=custom", "--exclude-table-data=depeche.headlines", f"--file={tmp_path}/part.dump"]
    run_tool(find_tool("pg_dump", at_least=18), Work(what="It", arguments=arguments, database_url=later))
    ran = on(later)("restore", "part.dump", "--yes")
    assert ran.status == 2
    assert "lacks the rows of depeche.headlines" in ran.err


@pytest.mark.parametrize(("content", "said"), [(None, "Cannot read"), (b"SELECT 1;", "is not a backup")])
def test_what_is_no_dump_is_one_sentence(content: bytes | None, said: str, later: str, on: On, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "no.dump").write_bytes(content)
    ran = on(later)("restore", "no.dump", "--yes")
    assert ran.status == 2
    assert said in ran.err


def test_without_the_rights_nothing_is_begun(
    dump: Path, later: str, on: On, server: Databases, postgres: PostgresForTests
) -> None:
    roles = {"may_not": None, "makes_databases": None}
    with psycopg.connect(later, autocommit=True) as connection, users(connection, roles):
        connection.execute("ALTER ROLE makes_databases CREATEDB")
        connection.execute("GRANT USAGE ON SCHEMA depeche TO PUBLIC")
        connection.execute("GRANT SELECT ON depeche.pages TO PUBLIC")
        for user, said in (("may_not", "may not make a database"), ("makes_databases", "The tables belong to")):
            ran = on(make_conninfo(later, user=user))("restore", str(dump), "--yes")
            assert ran.status == 2
            assert said in ran.err
    assert pages_in(later) == NOTHING_CHANGED


def test_an_owner_without_more_rights_may_restore(
    dump: Path, on: On, server: Databases, postgres: PostgresForTests
) -> None:
    """The roles of workers are there, and their sessions are the owner's to end."""
    url = make_conninfo(postgres.url_of("owned"), user="owns")
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE owns LOGIN CREATEDB")
        try:
            connection.execute("CREATE DATABASE owned OWNER owns")
            migrate(url)
            add_pages(url, "one")
            ran = on(url)("restore", str(dump), "--yes")
            assert ran.status == 0, ran.err
            assert pages_in(url) == 5
            migrate(url)
            with psycopg.connect(url):
                add = postgres.url_of("owned")
                with psycopg.connect(add):
                    ran = on(url)("restore", str(dump), "--yes", "--drop-old")
                    assert ran.status == 2
                    assert "owns may not end the sessions of postgres in owned" in ran.err
        finally:
            for name in server("owned%"):
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
            connection.execute("DROP ROLE owns")


def test_rights_of_roles_that_are_not_here_are_left_out_and_named(filled: str, on: On, server: Databases) -> None:
    with psycopg.connect(filled, autocommit=True) as database:
        database.execute("CREATE ROLE dashboard")
        database.execute("CREATE ROLE stays")
        database.execute("GRANT USAGE ON SCHEMA news TO dashboard, stays")
        assert on(filled)("backup", "two.dump").status == 0
        database.execute("DROP OWNED BY dashboard")
        database.execute("DROP ROLE dashboard")
    ran = on(filled)("restore", "two.dump", "--yes", "--drop-old", "--json")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["left_out"] == ["GRANT USAGE ON SCHEMA news TO dashboard;"]
    with psycopg.connect(filled, autocommit=True) as database:
        allowed = database.execute("SELECT has_schema_privilege('stays', 'news', 'USAGE')").fetchone()
        assert allowed == (True,)
        database.execute("DROP OWNED BY stays")
        database.execute("DROP ROLE stays")


@pytest.mark.workers
def test_killed_at_any_moment_one_of_the_two_is_in_use_whole(dump: Path, later: str, on: On, server: Databases) -> None:
    chance, ends = random.Random(11), []
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-m", "cli.main", "restore", str(dump), "--yes"],
            env={"DEPECHE_DATABASE_URL": later, "PATH": "/usr/bin:/bin"},
            cwd=Path(__file__).parents[3],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        ) as process:
            try:
                process.wait(chance.uniform(0.8, 4.0))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        ends.append(process.returncode)
        assert pages_in(later) in (5, NOTHING_CHANGED)
    assert -signal.SIGKILL in ends
    ran = wait_until(lambda: over(on(later)("restore", str(dump), "--yes")))
    assert ran.status == 0, ran.err
    assert pages_in(later) == 5
    assert server(r"%\_restoring") == []


def test_what_a_killed_restore_left_is_removed_and_nothing_else(
    dump: Path, later: str, on: On, server: Databases, postgres: PostgresForTests
) -> None:
    """It may have been killed between two statements, before the new database had its mark."""
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        with psycopg.connect(later) as inside:
            new = f"{inside.info.dbname}_restoring"
        connection.execute(f"CREATE DATABASE {new} TEMPLATE template0".encode())
        ran = on(later)("restore", str(dump), "--yes", "--drop-old")
        assert ran.status == 0, ran.err
        assert f"Removed {new}" in ran.err
        connection.execute(f"CREATE DATABASE {new} TEMPLATE migrated".encode())
        ran = on(later)("restore", str(dump), "--yes", "--drop-old")
        assert ran.status == 2
        assert f"{new} is not one that a restore has left" in ran.err
        assert server(new) == [new]


def over(ran: object) -> object:
    """None while the server still has the lock of a restore that was killed a moment ago."""
    return None if "Another restore" in getattr(ran, "err", "") else ran


def test_what_is_stored_meanwhile_is_in_the_restored_database_or_read_again(
    dump: Path, later: str, on: On, backbone: Backbone, flights: Flights
) -> None:
    urls = [f"https://meanwhile.example/{number}" for number in range(300)]
    records = [flights.stand(url, page(url=url, canonical_url=None)) for url in urls]
    done = threading.Event()
    with open_pool(later, 2) as pool, structlog.testing.capture_logs():
        indexer = Indexer(backbone, pool, pause_s=0.1)

        def store() -> None:
            for record in records:
                indexer.run(message_of(record))
                done.wait(0.02)

        storing = threading.Thread(target=store)
        storing.start()
        ran = on(later)("restore", str(dump), "--yes")
        done.set()
        storing.join(PATIENCE_S)
        assert ran.status == 0, ran.err
        drain(indexer, backbone, records)
    with psycopg.connect(later) as connection:
        stored = {row[0] for row in connection.execute("SELECT url FROM depeche.pages").fetchall()}
    assert stored & set(urls), "some landed in the restored database"
    gone = [url for url in urls if url not in stored]
    assert gone, "some landed in the old one"
    answers = backbone.ledger.accept([FetchRequest(origin=Origin(url=url), only_new=True) for url in gone])
    assert {answer.outcome for answer in answers} == {"new"}
