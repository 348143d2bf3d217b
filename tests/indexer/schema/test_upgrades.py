"""Migrations on a database that is full, and in use by workers of the version before."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from services.indexer.schema import migrate as migrating
from services.indexer.schema.migrate import Migration, all_migrations, apply, connect, migrate
from shared.failures import UserError
from tests.support.history import WRITE_ARTICLE
from tests.support.pages import NOON
from tests.support.servers import PostgresForTests
from tests.support.waiting import PATIENCE_S

MIGRATIONS = all_migrations()

# What the first version wrote, and what its workers go on to write while a newer version migrates.
WRITE_PAGE = """
INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, fetched_at, decided_at)
VALUES (md5(%(url)s)::uuid, %(url)s, %(fate)s, gen_random_uuid(), %(at)s, %(at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET fate = excluded.fate, fetched_at = excluded.fetched_at,
    decided_at = excluded.decided_at
RETURNING page_id
"""
WRITE_HEADLINES = """
INSERT INTO depeche.headlines AS h (page_id, headline_key, kind, position, text, first_seen_at)
SELECT %(page_id)s, md5(n::text)::uuid, 'ticker', n, n::text, %(at)s FROM generate_series(1, 3) n
ON CONFLICT (page_id, headline_key) DO UPDATE SET position = excluded.position, gone_at = NULL
WHERE (h.position, h.gone_at) IS DISTINCT FROM (excluded.position, NULL)
"""


def write(connection: psycopg.Connection, url: str, body: str, minutes: int = 0, fate: str = "stored") -> None:
    """A page with its article and three headlines, as the first version stored it."""
    given: dict[str, Any] = {"url": url, "text": body, "fate": fate, "at": NOON + timedelta(minutes=minutes)}
    with connection.transaction():
        row = connection.execute(WRITE_PAGE, given).fetchone()
        assert row is not None
        given["page_id"] = row[0]
        connection.execute(WRITE_ARTICLE, given)
        connection.execute(WRITE_HEADLINES, given)


@pytest.fixture
def first_version(postgres: PostgresForTests) -> Iterator[str]:
    """A database as the first version made it, with pages in it."""
    with postgres.database(template="template0") as url:
        with connect(url) as connection:
            connection.execute(migrating.CREATE_LOG)
            apply(connection, MIGRATIONS[0])
            for number in range(20):
                write(
                    connection,
                    f"https://news.example/{number}",
                    f"Text {number}",
                    fate="gone" if number == 7 else "stored",
                )
            connection.execute(
                "UPDATE depeche.headlines SET gone_at = %s WHERE position = 3", [NOON + timedelta(hours=1)]
            )
        yield url


def contents(connection: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all views of schema news."""
    views = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'news'").fetchall()
    with connection.cursor(row_factory=dict_row) as cursor:
        return {
            view: sorted(cursor.execute(f"SELECT * FROM news.{view}".encode()).fetchall(), key=str) for (view,) in views
        }


def test_no_migration_changes_what_a_view_said_before(first_version: str) -> None:
    """Views and columns are added, and the feed grows; of what was there only withdrawals come to be known."""
    with connect(first_version) as connection:
        before = contents(connection)
        for migration in MIGRATIONS[1:]:
            apply(connection, migration)
            after = contents(connection)
            for view, rows in before.items():
                kept = [{column: row[column] for column in rows[0]} for row in after[view]] if rows else after[view]
                for row in [*rows, *kept]:
                    row.pop("withdrawn_at", None)
                missing = [row for row in rows if row not in kept]
                assert not missing, f"{migration.name} changes news.{view}"
                assert len(kept) == len(rows) or view == "changes", f"{migration.name} adds rows to news.{view}"
            before = contents(connection)


def test_what_was_there_before_has_its_place_in_what_is_new(first_version: str) -> None:
    migrate(first_version)
    with connect(first_version) as connection:
        after = contents(connection)
    assert [change["kind"] for change in sorted(after["changes"], key=lambda change: change["change_id"])] == [
        *["new"] * 20,
        "withdrawn",
    ]
    assert [row["url"] for row in after["articles"] if row["withdrawn_at"]] == ["https://news.example/7"]
    assert {(row["version"], row["seen_at"], row["body_changed"]) for row in after["article_versions"]} == {
        (1, NOON, None)
    }
    assert len(after["article_versions"]) == 20
    assert {row["url_key"] for row in after["articles"]} == {row["url_key"] for row in after["pages"]}
    assert after["visits"] == []
    assert {(row["position"], row["from_at"], row["to_at"]) for row in after["headline_positions"]} == {
        (1, NOON, None),
        (2, NOON, None),
    }
    assert len(after["headline_wordings"]) == 60
    assert {(row["last_seen_at"], row["wordings"]) for row in after["headlines"]} == {(NOON, 1)}


def test_workers_of_the_version_before_go_on_while_and_after_a_migration(first_version: str) -> None:
    """None of them fails, and what they write is in the feed, and its versions are kept, from the migration on."""
    failures: list[BaseException] = []
    stop = threading.Event()
    written = [threading.Semaphore(0) for _ in range(3)]

    def work(worker: int) -> None:
        try:
            with psycopg.connect(first_version, autocommit=True, options="-c lock_timeout=10000") as connection:
                for turn in range(10**9):
                    write(connection, f"https://news.example/{worker}", f"Turn {turn}", minutes=turn)
                    write(connection, f"https://news.example/{worker}/{uuid.uuid4()}", "New", minutes=turn)
                    written[worker].release()
                    if stop.is_set():
                        return
        except BaseException as error:  # noqa: BLE001  # the test itself tells of it
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    assert all(semaphore.acquire(timeout=PATIENCE_S) for semaphore in written)
    migrate(first_version)
    for semaphore in written:
        while semaphore.acquire(blocking=False):
            pass
    assert all(semaphore.acquire(timeout=PATIENCE_S) for semaphore in written)
    stop.set()
    for worker in workers:
        worker.join()
    assert failures == []
    with connect(first_version) as connection:
        after = contents(connection)
        since = connection.execute("SELECT article_id, version, kind FROM news.changes_since(NULL, 1000000)").fetchall()
    for row in after["articles"]:
        kept = sorted(one["version"] for one in after["article_versions"] if one["article_id"] == row["article_id"])
        assert kept == list(range(kept[0], row["version"] + 1)), "from the migration that keeps them on"
        of_article = [kind for article_id, _, kind in since if article_id == row["article_id"] and kind != "withdrawn"]
        assert of_article == ["new"] + ["edited"] * (row["version"] - 1)


def test_a_migration_that_cannot_lock_gives_way_and_says_so(
    first_version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 20)
    monkeypatch.setattr(migrating, "LOCK_ATTEMPTS", 3)
    locking = Migration(version=9999, name="9999_locks.sql", sql="LOCK TABLE depeche.articles")
    with psycopg.connect(first_version) as other, connect(first_version) as connection:
        other.execute("SELECT count(*) FROM depeche.articles")
        with pytest.raises(UserError, match=r"9999_locks\.sql cannot lock"):
            apply(connection, locking)
        other.rollback()
        apply(connection, locking)
        assert connection.execute("SELECT name FROM depeche.schema_migrations WHERE version = 9999").fetchone()


def test_cases_in_quarantine_get_the_source_of_their_visit(first_version: str) -> None:
    """As far as it is kept; workers of the version before go on adding cases, and each waits to be replayed."""
    cases = [f"00000000-0000-0000-0000-{number:012}" for number in range(3)]
    add = """
    INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, page) VALUES (%s, 'u', 's', 'r', 'd', 'p')
    """
    visit = """
    INSERT INTO depeche.visits (page_id, at, flight_id, attempts, fate, source)
    SELECT min(page_id), %s, %s, 1, 'quarantined', 'Harbours' FROM depeche.pages
    """
    with connect(first_version) as connection:
        for migration in MIGRATIONS[1:]:
            if migration.name == "0047_quarantine_replay.sql":
                for case in cases[:2]:
                    connection.execute(add, [case])
                connection.execute(visit, [NOON, cases[0]])
            apply(connection, migration)
        connection.execute(add, [cases[2]])
        known = "SELECT source, page_bytes, replayed_at, replay_flight_id FROM news.quarantine ORDER BY quarantine_id"
        found = connection.execute(known).fetchall()
    assert found == [("Harbours", 1, None, None), (None, 1, None, None), (None, 1, None, None)]
