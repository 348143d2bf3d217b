"""Migrations on a database that is full, and in use by workers of the version before.

The database is one that the baseline made. What is applied to it is each real migration after that one, and then the
examples, so that all of this is tried as long as there are none.
"""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from services.indexer.schema import migrate as migrating
from services.indexer.schema.files import Migration, all_migrations
from services.indexer.schema.migrate import STEP, apply, connect, migrate
from shared.failures import UserError
from tests.indexer.schema.example_migrations import EXAMPLES
from tests.support.history import HISTORIES, WRITE_ARTICLE, count, fill, month, rows_of, visit, writers
from tests.support.pages import NOON
from tests.support.servers import PostgresForTests, users
from tests.support.waiting import PATIENCE_S

BASELINE, *LATER = [*all_migrations(), *EXAMPLES]

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
            apply(connection, BASELINE)
            connection.execute(migrating.GRANT_RIGHTS)
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


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "all_migrations", lambda: [BASELINE, *LATER])


def test_no_migration_changes_what_a_view_said_before(first_version: str) -> None:
    """Views and columns are added; what was there is still there, and nothing else."""
    with connect(first_version) as connection:
        before = contents(connection)
        for migration in LATER:
            apply(connection, migration)
            after = contents(connection)
            for view, rows in before.items():
                kept = [{column: row[column] for column in rows[0]} for row in after[view]] if rows else after[view]
                missing = [row for row in rows if row not in kept]
                assert not missing, f"{migration.name} changes news.{view}"
                assert len(kept) == len(rows), f"{migration.name} adds rows to news.{view}"
            before = after


def test_what_was_there_before_has_its_place_in_what_is_new(first_version: str) -> None:
    assert migrate(first_version) == [migration.name for migration in LATER]
    with connect(first_version) as connection:
        after = contents(connection)
    assert [change["kind"] for change in after["changes"]] == ["new"] * 20
    assert {(row["version"], row["seen_at"], row["body_changed"]) for row in after["article_versions"]} == {
        (1, NOON, None)
    }
    assert len(after["article_versions"]) == 20
    assert {row["url_key"] for row in after["articles"]} == {row["url_key"] for row in after["pages"]}
    assert after["visits"] == []
    assert (after["sources"], {row["source_tags"] for row in after["articles"]}) == ([], {None})
    assert {(row["position"], row["from_at"], row["to_at"]) for row in after["headline_positions"]} == {
        (1, NOON, None),
        (2, NOON, None),
    }
    assert len(after["headline_wordings"]) == 60
    assert {(row["last_seen_at"], row["wordings"]) for row in after["headlines"]} == {(NOON, 1)}
    assert after["example_sizes"] == []
    assert after["example_hosts"] == [{"example_host": "news.example", "pages": 20}]


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
        assert kept == list(range(1, row["version"] + 1))
        sized = sorted(one["version"] for one in after["example_sizes"] if one["article_id"] == row["article_id"])
        assert sized == list(range(row["version"] - len(sized) + 1, row["version"] + 1)), "from the migration on"
        of_article = [kind for article_id, _, kind in since if article_id == row["article_id"] and kind != "withdrawn"]
        assert of_article == ["new"] + ["edited"] * (row["version"] - 1)
    assert any(one["version"] > 1 for one in after["example_sizes"])


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


@pytest.fixture
def with_a_past(first_version: str) -> str:
    """The same database with eight months of history."""
    with connect(first_version) as connection:
        fill(connection)
    return first_version


@pytest.fixture
def writer_url(with_a_past: str) -> Iterator[str]:
    """That database for a user who may no more than an indexer needs."""
    with connect(with_a_past) as admin, users(admin, {"a_writer": "depeche_writer"}):
        yield make_conninfo(with_a_past, user="a_writer")


def test_writers_of_the_version_before_go_on(with_a_past: str, writer_url: str) -> None:
    """While it migrates and afterwards, with the rights of an indexer; and nothing that they wrote is missing."""
    with writers(writer_url, 4) as working:
        assert all(writer.has_written() for writer in working)
        migrate(with_a_past)
        assert all(writer.has_written() for writer in working)
    assert [writer.failures for writer in working] == [[]] * 4
    turns = sum(writer.turns for writer in working)
    of_writers = "page_id IN (SELECT page_id FROM depeche.pages WHERE url LIKE '%/writer/%')"
    articles, headlines = (
        f"{key} IN (SELECT {key} FROM depeche.{table} WHERE {of_writers})"
        for key, table in (("article_id", "articles"), ("headline_id", "headlines"))
    )
    # At the first visit there is nothing yet that could move or be replaced; each brings a headline that leaves.
    expected = {
        f"visits WHERE {of_writers}": turns,
        f"changes WHERE {articles}": turns,
        f"article_versions WHERE {articles}": turns - 4,
        f"headline_positions WHERE {headlines}": turns + turns - 4,
        f"headline_wordings WHERE {headlines}": turns - 4,
    }
    with connect(with_a_past) as connection:
        assert {rows: count(connection, rows) for rows in expected} == expected
        numbers = "count(DISTINCT change_id) = count(*), max(change_id) >= count(*)"
        assert connection.execute(f"SELECT {numbers} FROM depeche.changes".encode()).fetchone() == (True, True)


IN_STEPS = [(migration, done) for migration in LATER for done in range(1, len(migration.sql.split(STEP)))]


@pytest.mark.parametrize(("migration", "done"), IN_STEPS, ids=[f"{one.name}-{done}" for one, done in IN_STEPS])
def test_a_migration_that_was_killed_between_two_steps_is_taken_up(
    first_version: str, migration: Migration, done: int
) -> None:
    with connect(first_version) as connection:
        visit(connection, "https://news.example/between", month(-1))
        before = {table: rows_of(connection, table) for table in HISTORIES}
        for one in LATER[: LATER.index(migration)]:
            apply(connection, one)
        for step in migration.sql.split(STEP)[:done]:
            connection.execute(step.encode())
        visit(connection, "https://news.example/between", month(0))
        migrate(first_version)
        after = {table: rows_of(connection, table) for table in HISTORIES}
        assert contents(connection)["example_hosts"] == [{"example_host": "news.example", "pages": 21}]
    for table, rows in before.items():
        assert [row for row in rows if row not in after[table]] == []


def test_a_reader_that_does_not_end_stops_it_and_breaks_nothing(
    with_a_past: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 20)
    monkeypatch.setattr(migrating, "LOCK_ATTEMPTS", 3)
    with psycopg.connect(with_a_past) as reader, connect(with_a_past) as connection:
        reader.execute("SELECT count(*) FROM news.headline_wordings")
        with pytest.raises(UserError, match=r"900\d\S* cannot lock"):
            migrate(with_a_past)
        visit(connection, "https://news.example/0", month(0))
        reader.rollback()
        migrate(with_a_past)
        visit(connection, "https://news.example/0", month(0) + timedelta(hours=1))
        assert count(connection, "headline_wordings") > 100


def test_a_case_that_names_no_source_waits_to_be_replayed(first_version: str) -> None:
    """As workers of a version before add it."""
    columns = "flight_id, url, stage, reason, detail, page"
    add = f"INSERT INTO depeche.quarantine ({columns}) VALUES (gen_random_uuid(), 'u', 's', 'r', 'd', 'p')"
    known = "SELECT source, page_bytes, replayed_at, replay_flight_id FROM news.quarantine"
    with connect(first_version) as connection:
        connection.execute(add.encode())
        assert connection.execute(known).fetchall() == [(None, 1, None, None)]
