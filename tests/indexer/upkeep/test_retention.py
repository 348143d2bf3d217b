"""Retention: what goes, what never does, and that a reader of the feed always knows."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services.indexer.schema.migrate import migrate
from services.indexer.upkeep import retention_steps
from services.indexer.upkeep.retention import KINDS, Holding, Policy, require_owner, survey
from services.indexer.upkeep.retention_steps import Done, apply_policy
from shared.failures import UserError
from tests.indexer.schema.test_history_by_month import name
from tests.indexer.store.addresses import HARBOUR, A, B, C, gone, read, store, withdrawn
from tests.support.history import (
    CURRENT,
    HISTORIES,
    add_partition,
    count,
    fill,
    month,
    past_months,
    rows_of,
    visit,
    writers,
)
from tests.support.servers import PostgresForTests

FOREVER: Policy = dict.fromkeys(KINDS)
# All months that ended a hundred days ago, whatever the day on which the tests run.
KEPT = timedelta(days=100)
OLD: Policy = dict.fromkeys(KINDS, KEPT)


@pytest.fixture(scope="module")
def old_template(postgres: PostgresForTests) -> Iterator[str]:
    """The name of a database with eight months of history, one a partition, which the followers have read."""
    with postgres.database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for table in HISTORIES:
                past_months(connection, table)
            fill(connection)
            connection.execute("UPDATE depeche.followers SET cursor = news.cursor_now()")
            connection.execute("ANALYZE")
            database = connection.info.dbname
        yield database


@pytest.fixture
def database_url(postgres: PostgresForTests, old_template: str) -> Iterator[str]:
    with postgres.database(template=old_template) as url:
        yield url


def of(holdings: list[Holding], kind: str) -> Holding:
    return next(holding for holding in holdings if holding.kind == kind)


def current(connection: psycopg.Connection) -> dict[str, list[Any]]:
    return {what: connection.execute(query.encode()).fetchall() for what, query in CURRENT.items()}


def old_months() -> list[datetime]:
    return [month(n) for n in range(-8, 0) if month(n + 1) <= datetime.now(UTC) - KEPT]


def test_without_a_policy_nothing_goes(database: psycopg.Connection) -> None:
    before = {table: rows_of(database, table) for table in HISTORIES}
    holdings = survey(database, FOREVER)
    assert [holding.kind for holding in holdings] == list(KINDS)
    assert not any(holding.going_rows or holding.going_partitions for holding in holdings)
    assert list(apply_policy(database, FOREVER)) == []
    assert {table: rows_of(database, table) for table in HISTORIES} == before


def test_a_look_says_what_is_there_and_what_would_go_and_changes_nothing(database: psycopg.Connection) -> None:
    before = {table: rows_of(database, table) for table in HISTORIES}
    visits = of(survey(database, OLD), "visits")
    assert (visits.rows, visits.oldest, visits.partitions) == (120, month(-8), 8 + 4 + 1)
    assert (visits.going_partitions, visits.going_rows) == (len(old_months()), 15 * len(old_months()))
    assert visits.next_at == month(-7 + len(old_months())) + KEPT
    assert visits.bytes
    assert visits.going_bytes
    assert {table: rows_of(database, table) for table in HISTORIES} == before


def test_old_months_go_and_what_is_current_stays(database: psycopg.Connection) -> None:
    before, now = {table: rows_of(database, table) for table in HISTORIES}, current(database)
    expected = of(survey(database, OLD), "visits")
    done = list(apply_policy(database, OLD))
    assert sum(step.rows for step in done if step.kind == "visits") == expected.going_rows
    assert {step.part for step in done if step.kind == "visits"} == {
        f"depeche_history.{name('visits', at)}" for at in old_months()
    }
    edge = month(-8 + len(old_months()))
    keys = {table: column_of(database, table, key) for table, key in HISTORIES.items()}
    for table, rows in before.items():
        assert rows_of(database, table) == [row for row in rows if row[keys[table]] >= edge], table
        assert rows_of(database, table), table
    assert current(database) == now
    for view, key in (("article_versions", "article_id"), ("headline_wordings", "headline_id")):
        table, whole = ("articles", "TRUE") if key == "article_id" else ("headlines", "gone_at IS NULL")
        missing = (
            f"SELECT {key} FROM depeche.{table} WHERE {whole} EXCEPT SELECT {key} FROM news.{view} WHERE "
            f"{'replaced_at' if key == 'article_id' else 'to_at'} IS NULL"
        )
        assert database.execute(missing.encode()).fetchall() == []


def column_of(connection: psycopg.Connection, table: str, column: str) -> int:
    described = connection.execute(f"SELECT * FROM depeche.{table} LIMIT 0".encode()).description or []
    return [one.name for one in described].index(column)


def test_a_month_that_is_not_over_for_long_enough_stays_whole(database: psycopg.Connection) -> None:
    keep = datetime.now(UTC) - month(-3) - timedelta(seconds=30)
    list(apply_policy(database, {"visits": keep}))
    oldest = database.execute("SELECT min(at) FROM depeche.visits").fetchone()
    assert oldest == (month(-3),)
    list(apply_policy(database, {"visits": keep + timedelta(minutes=1)}))
    assert database.execute("SELECT min(at) FROM depeche.visits").fetchone() == oldest


@pytest.mark.parametrize("ended_after", [1, 3, 6, 10, 14])
def test_a_run_that_is_ended_between_any_two_steps_is_taken_up(
    database: psycopg.Connection, database_url: str, ended_after: int
) -> None:
    with psycopg.connect(database_url, autocommit=True) as killed:
        run = apply_policy(killed, OLD)
        for _ in range(ended_after):
            next(run)
    list(apply_policy(database, OLD))
    months = -8 + len(old_months())
    assert [count(database, f"{table} WHERE {key} < '{month(months)}'") for table, key in HISTORIES.items()] == [0] * 5
    assert all(count(database, table) for table in HISTORIES)


def test_a_step_that_is_killed_has_not_happened(
    database: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {table: rows_of(database, table) for table in HISTORIES}
    (floor,) = database.execute("SELECT dropped_txid FROM depeche.feed").fetchone() or (None,)
    with psycopg.connect(database_url, autocommit=True) as killed:
        forget = f"{retention_steps.FORGET}; SELECT pg_terminate_backend(pg_backend_pid())"
        monkeypatch.setattr(retention_steps, "FORGET", forget.replace("%(txid)s", "1").replace("%(change)s", "1"))
        with pytest.raises(psycopg.OperationalError):
            list(apply_policy(killed, {"changes": KEPT}))
    assert {table: rows_of(database, table) for table in HISTORIES} == before
    assert database.execute("SELECT dropped_txid FROM depeche.feed").fetchone() == (floor,)


def test_two_runs_do_not_meet(database: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_steps, "TURN_MS", 50)
    with psycopg.connect(database_url, autocommit=True) as other:
        run = apply_policy(other, OLD)
        next(run)
        with pytest.raises(UserError, match="Another"):
            next(apply_policy(database, OLD))
    monkeypatch.undo()
    list(apply_policy(database, OLD))
    assert survey(database, OLD)[0].going_partitions == 0


def test_writers_go_on_while_months_go(database: psycopg.Connection, database_url: str) -> None:
    with writers(database_url, 4) as working:
        assert all(writer.has_written() for writer in working)
        done = list(apply_policy(database, OLD))
        assert all(writer.has_written() for writer in working)
    assert [writer.failures for writer in working] == [[]] * 4
    assert sum(bool(step.part) and step.rows > 0 for step in done) >= len(old_months()) * 4
    of_writers = "page_id IN (SELECT page_id FROM depeche.pages WHERE url LIKE '%/writer/%')"
    assert count(database, f"visits WHERE {of_writers}") == sum(writer.turns for writer in working)


def test_only_the_owner_may(database: psycopg.Connection, database_url: str) -> None:
    database.execute("CREATE ROLE a_writer LOGIN IN ROLE depeche_writer")
    try:
        with (
            psycopg.connect(make_conninfo(database_url, user="a_writer")) as writer,
            pytest.raises(UserError, match="needs the owner of the tables, postgres; a_writer may not"),
        ):
            require_owner(writer, "Retention")
    finally:
        database.execute("DROP OWNED BY a_writer")
        database.execute("DROP ROLE a_writer")
    require_owner(database, "Retention")


def since(connection: psycopg.Connection, cursor: str | None, limit: int = 1000) -> list[str]:
    rows = connection.execute("SELECT cursor FROM news.changes_since(%s, %s)", [cursor, limit]).fetchall()
    return [row[0] for row in rows]


def test_a_cursor_from_before_what_was_dropped_is_an_error_and_never_a_gap(database: psycopg.Connection) -> None:
    (now,) = database.execute("SELECT news.cursor_now()").fetchone() or ("",)
    everything = since(database, None)
    (step,) = [step for step in apply_policy(database, {"changes": KEPT}) if step.rows and step.part][-1:]
    kept = since(database, None)
    assert step.held is None
    assert 0 < len(kept) < len(everything)
    assert everything[-len(kept) :] == kept
    last_dropped = everything[-len(kept) - 1]
    for cursor in everything[: -len(kept) - 1]:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="are not kept any more") as caught:
            since(database, cursor)
        assert "news.cursor_now()" in (caught.value.diag.message_hint or "")
    assert since(database, last_dropped) == kept, "it has read all that was dropped"
    assert since(database, kept[0]) == kept[1:]
    assert since(database, now) == []


def test_a_snapshot_from_before_a_drop_is_an_error(database: psycopg.Connection, database_url: str) -> None:
    first = since(database, None)[0]
    with psycopg.connect(database_url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM news.articles")
        assert any(step.rows for step in apply_policy(database, {"changes": KEPT}))
        with pytest.raises(psycopg.errors.SerializationFailure, match="since this transaction began"):
            since(reader, first)
        reader.rollback()
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            since(reader, first)


def test_a_reader_in_the_middle_of_the_feed_is_not_pulled_from_under(
    database: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction has the partitions: the drop waits, gives way, and says so."""
    monkeypatch.setattr(retention_steps, "WAIT_MS", 20)
    monkeypatch.setattr(retention_steps, "ATTEMPTS", 2)
    monkeypatch.setattr(retention_steps, "PAUSE_S", 0)
    with psycopg.connect(database_url) as reader:
        cursor = since(reader, None, 1)[0]
        with pytest.raises(UserError, match="cannot lock its tables"):
            list(apply_policy(database, {"changes": KEPT}))
        assert len(since(reader, cursor)) == 119
    assert any(step.rows for step in apply_policy_again(database))


def apply_policy_again(connection: psycopg.Connection) -> Iterator[Done]:
    """As another run of the command, which has a connection of its own."""
    connection.execute("SELECT pg_advisory_unlock_all()")
    return apply_policy(connection, {"changes": KEPT})


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE depeche.followers SET cursor = NULL WHERE name = 'stories'", "has yet to read them for stories$"),
        ("UPDATE depeche.followers SET cursor = '1.1'", "has yet to read them for search and stories$"),
        ("UPDATE depeche.feed SET txid_offset = -1000000000", "open transaction holds up"),
    ],
)
def test_changes_that_are_yet_to_be_read_stay(database: psycopg.Connection, statement: str, reason: str) -> None:
    before = rows_of(database, "changes")
    database.execute(statement.encode())
    holding = of(survey(database, OLD), "changes")
    held = [step.held for step in apply_policy(database, {"changes": KEPT}) if step.held]
    assert len(held) == len(old_months())
    assert holding.held == held[0]
    assert re.search(reason, held[0])
    assert rows_of(database, "changes") == before


def test_cursors_survive_a_restore_without_any_change(database: psycopg.Connection, database_url: str) -> None:
    """What was dropped counted higher than the new server does; what comes now must come after it all the same."""
    list(apply_policy(database, {"changes": KEPT}))
    database.execute("DELETE FROM depeche.changes")
    database.execute("UPDATE depeche.feed SET (dropped_txid, dropped_change) = (dropped_txid + 1000000000, 7)")
    (dropped,) = database.execute("SELECT dropped_txid || '.' || dropped_change FROM depeche.feed").fetchone() or ("",)
    migrate(database_url)
    visit(database, "https://news.example/0", datetime.now(UTC))
    assert len(since(database, dropped)) == 1


def test_gone_headlines_go_once_their_history_has(database: psycopg.Connection) -> None:
    before = current(database)
    gone = count(database, "headlines WHERE gone_at IS NOT NULL")
    held = of(survey(database, {**FOREVER, "headlines": KEPT}), "headlines")
    assert (held.rows, held.going_rows) == (gone, 0)
    assert (held.held or "").endswith("more as old are in history that is kept")
    assert sum(step.rows for step in apply_policy(database, {"headlines": KEPT})) == 0
    done = list(apply_policy(database, OLD))
    expected = 15 * len(old_months())
    assert sum(step.rows for step in done if step.kind == "headlines") == expected
    assert count(database, "headlines WHERE gone_at IS NOT NULL") == gone - expected
    assert current(database) == before
    unknown = "SELECT headline_id FROM news.{} EXCEPT SELECT headline_id FROM news.headlines"
    for view in ("headline_positions", "headline_wordings"):
        assert database.execute(unknown.format(view).encode()).fetchall() == []


def test_headlines_of_a_page_that_an_indexer_works_on_stay(database: psycopg.Connection, database_url: str) -> None:
    """It may be about to find one of them there again."""
    list(apply_policy(database, {"positions": KEPT, "wordings": KEPT}))
    with psycopg.connect(database_url) as indexer:
        of_one = "SELECT page_id FROM depeche.pages ORDER BY page_id FOR NO KEY UPDATE LIMIT 1"
        (page,) = indexer.execute(of_one).fetchone() or (0,)
        of_page = f"headlines WHERE page_id = {page} AND gone_at < '{old_months()[-1]}'"
        before = count(database, of_page)
        list(apply_policy(database, {"headlines": KEPT}))
        assert count(database, of_page) == before > 0
        assert count(database, "headlines WHERE gone_at IS NOT NULL") < 120
    list(apply_policy(database, {"headlines": KEPT}))
    assert count(database, of_page) == 0


def test_pages_go_that_lead_nowhere(database: psycopg.Connection) -> None:
    before = current(database)
    at = datetime.now(UTC)
    for url, age in (("nowhere", KEPT * 2), ("nowhere lately", KEPT / 2), ("visited", KEPT * 2)):
        given = {"url": url, "at": at - age}
        database.execute(
            "INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, decided_at)"
            " VALUES (gen_random_uuid(), %(url)s, 'gone', gen_random_uuid(), %(at)s, %(at)s)",
            given,
        )
    database.execute(
        "INSERT INTO depeche.visits (page_id, flight_id, at, fate, attempts)"
        " SELECT page_id, flight_id, decided_at, 'gone', 1 FROM depeche.pages WHERE url = 'visited'"
    )
    assert of(survey(database, OLD), "pages").going_rows == 1
    assert [step.rows for step in apply_policy(database, {"pages": KEPT})] == [1]
    assert database.execute("SELECT url FROM depeche.pages WHERE url !~ '^https:' ORDER BY url").fetchall() == [
        ("nowhere lately",),
        ("visited",),
    ]
    assert current(database) == before


def test_addresses_of_an_article_stay(database: psycopg.Connection) -> None:
    """Else the article would be withdrawn with the first of them that is gone, wherever else it stands."""
    before = count(database, "pages")
    store(database, [read(A, 0), read(B, 1), read(HARBOUR, 2), read(C, 3, text=None)])
    database.execute("DELETE FROM depeche.visits")
    list(apply_policy(database, {"pages": KEPT}))
    assert count(database, "pages") == before + 3
    store(database, [gone(A, 5), gone(HARBOUR, 6)])
    assert withdrawn(database) is None


def test_quarantine_goes(database: psycopg.Connection) -> None:
    for days in (1, 101, 300):
        database.execute(
            "INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, quarantined_at)"
            " VALUES (gen_random_uuid(), %s, 'parse', 'r', 'd', now() - %s)",
            [str(days), timedelta(days=days)],
        )
    assert of(survey(database, OLD), "quarantine").going_rows == 2
    assert [step.rows for step in apply_policy(database, {"quarantine": KEPT})] == [2]
    assert database.execute("SELECT url FROM depeche.quarantine").fetchall() == [("1",)]


def test_old_rows_in_the_net_go(database: psycopg.Connection) -> None:
    """Such as those of pages that are replayed from an archive after their month has been dropped."""
    list(apply_policy(database, OLD))
    visit(database, "https://news.example/replayed", month(-8))
    assert count(database, f"visits WHERE at < '{month(-8 + len(old_months()))}'") == 1
    assert of(survey(database, OLD), "visits").going_rows == 1
    assert [step.rows for step in apply_policy(database, {"visits": KEPT})] == [1]
    assert of(survey(database, OLD), "visits").going_rows == 0


def test_of_many_partitions_the_feed_reads_a_few_blocks_each(database: psycopg.Connection) -> None:
    """What is read for a hundred changes does not grow with what is there."""
    start = datetime.now(UTC) + timedelta(days=200)
    for number in range(24):
        add_partition(
            database, "changes", f"day_{number}", start + timedelta(days=number), start + timedelta(days=number + 1)
        )
    database.execute(
        "INSERT INTO depeche.changes (txid, article_id, kind, version, recorded_at)"
        " SELECT n / 3, n, 'new', 1, %s + n * interval '24 days' / 100000 FROM generate_series(0, 99999) n",
        [start],
    )
    database.execute("UPDATE depeche.feed SET txid_offset = 1000000")
    database.execute("VACUUM ANALYZE depeche.changes")
    (size,) = database.execute(
        "SELECT sum(pg_relation_size(part_id)) / 8192 FROM depeche.partitions WHERE of_table = 'changes'"
    ).fetchone() or (0,)
    assert size > 800
    for cursor in (None, "20000.0", "33300.0"):
        assert len(since(database, cursor, 100)) == 100
        assert blocks_read(database, cursor, 100) < 150


def blocks_read(connection: psycopg.Connection, cursor: str | None, limit: int) -> int:
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT * FROM news.changes_since(%s, %s)"
    ((plan,),) = connection.execute(explain, [cursor, limit]).fetchall()
    return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])
