"""A site's silent redesign shows; a bad day, a new source and a late visit do not."""

import math
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from structlog.testing import capture_logs

from services.indexer.app import open_pool
from services.indexer.connection import Pool
from services.indexer.followers.chores import Chore, do, doing
from services.indexer.followers.source_health import SOURCE_HEALTH, add_up, look
from services.indexer.index import Indexer
from services.indexer.schema.migrate import connect
from shared.messages import Visit
from tests.support.flights import ONE, TWO, message_of
from tests.support.pages import HEADLINES, NOON, Flights, article, page
from tests.support.records import changed
from tests.support.source_visits import FRONT, NO_ARTICLE, UNREAD, day_of, days_ago, past, visit
from tests.support.waiting import wait_until

FIELDS = {"visits", "headlines", "ticker", "stories", "pages", "article", "title", "author", "date", "body"}


def health(database: psycopg.Connection, source: str = "beacon") -> dict[str, dict[str, Any]]:
    with database.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("SELECT * FROM news.source_health WHERE source = %s", [source]).fetchall()
    return {row["field"]: row for row in rows}


def fallen(database: psycopg.Connection, source: str = "beacon") -> set[str]:
    look(database)
    return {field for field, row in health(database, source).items() if row["fell"]}


def days(database: psycopg.Connection) -> list[dict[str, Any]]:
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM depeche.source_days ORDER BY source, day").fetchall()


def test_every_field_is_shown_beside_its_past(database: psycopg.Connection) -> None:
    past(database)
    day_of(database, 1)
    day_of(database, 0)
    assert fallen(database) == set()
    rows = health(database)
    assert set(rows) == FIELDS
    assert {rows[field]["value_now"] for field in FIELDS - {"headlines", "stories", "body"}} == {1.0}
    typical = {field: row for field, row in rows.items() if row["measure"] == "typical"}
    assert {field: round(row["value_now"]) for field, row in typical.items()} == {
        "headlines": 39,
        "stories": 8,
        "body": 2999,
    }
    assert {round(row["value_past"], 6) for row in rows.values()} == {1.0, 39.0, 8.0, 2999.0}
    assert (rows["title"]["pages_now"], rows["title"]["pages_past"]) == (16, 160)
    assert (rows["visits"]["pages_now"], rows["stories"]["pages_now"]) == (4, 1)


REDESIGNS: list[tuple[str, dict[str, Any]]] = [
    ("title", {"has_title": False}),
    ("author", {"authors": 0}),
    ("date", {"has_published": False}),
    ("body", {"body_chars": 300}),
    ("article", NO_ARTICLE),
    ("pages", {"fate": "failed", **UNREAD}),
]


@pytest.mark.parametrize(("field", "facts"), REDESIGNS, ids=[field for field, _ in REDESIGNS])
def test_a_redesign_shows_within_a_day(field: str, facts: dict[str, Any], database: psycopg.Connection) -> None:
    past(database)
    day_of(database, 1)
    day_of(database, 0, **facts)
    assert fallen(database) == {field}
    row = health(database)[field]
    assert row["value_now"] < row["value_past"] * 0.7
    assert row["fell_at"] is not None


@pytest.mark.parametrize(
    ("field", "facts"), [("ticker", {"tickers": 0}), ("headlines", {"headlines": 0, "tickers": 0})]
)
def test_a_front_page_that_lost_its_lists_shows(
    field: str, facts: dict[str, Any], database: psycopg.Connection
) -> None:
    past(database)
    for _ in range(10):
        visit(database, days_ago(0), page=1, **{**FRONT, **facts})
    assert field in fallen(database)


def test_a_source_that_fails_shows(database: psycopg.Connection) -> None:
    past(database)
    for _ in range(10):
        visit(database, days_ago(0), page=1, of_source=True, fate="failed", **UNREAD)
    assert fallen(database) == {"visits"}


def test_a_source_that_leads_nowhere_any_more_shows_the_day_after(database: psycopg.Connection) -> None:
    past(database, articles=20)
    day_of(database, 1, articles=0)
    assert fallen(database) == {"stories"}


def test_a_source_that_is_not_visited_is_not_called_fallen(database: psycopg.Connection) -> None:
    past(database, articles=20, until=8)
    assert fallen(database) == set()
    assert health(database)["title"]["pages_now"] == 0
    assert health(database)["title"]["value_now"] is None


def test_few_pages_do_not_alarm(database: psycopg.Connection) -> None:
    past(database, articles=2)
    day_of(database, 1, articles=2)
    for _ in range(2):
        visit(database, days_ago(0), authors=0)
    assert fallen(database) == set()


def test_what_was_always_so_does_not_alarm(database: psycopg.Connection) -> None:
    """Half the articles have no author, and some days none has; a day of no author is a day like others."""
    for ago in range(1, 25):
        day_of(database, ago, articles=6, authors=0 if ago % 4 == 1 else 1)
        day_of(database, ago, articles=4, authors=0)
    day_of(database, 0, articles=10, authors=0)
    assert fallen(database) == set()


def test_a_new_source_has_no_past(database: psycopg.Connection) -> None:
    day_of(database, 2, articles=30)
    day_of(database, 0, articles=30, authors=0)
    assert fallen(database) == set()
    day_of(database, 0, source="other")
    look(database)
    assert health(database, "other")["author"]["value_past"] is None


def test_a_fall_is_told_once_and_so_is_its_end(database: psycopg.Connection) -> None:
    past(database)
    day_of(database, 0, articles=10, authors=0)
    with capture_logs() as logs:
        look(database)
        look(database)
    (fell,) = [line for line in logs if line["event"] == "source_field_fell"]
    assert (fell["source"], fell["field"], fell["now"], fell["past"]) == ("beacon", "author", 0.0, 1.0)
    database.execute("UPDATE depeche.visits SET authors = 1")
    with capture_logs() as logs:
        look(database)
        look(database)
    assert [(line["event"], line["field"]) for line in logs] == [("source_field_recovered", "author")]
    assert not health(database)["author"]["fell"]


def test_the_past_of_a_fall_is_that_before_it_until_it_is_forgotten(database: psycopg.Connection) -> None:
    past(database)
    day_of(database, 0, articles=10, authors=0)
    assert fallen(database) == {"author"}
    database.execute("UPDATE depeche.source_days SET with_author = 0")
    assert health(database)["author"]["value_past"] == 1.0
    assert fallen(database) == {"author"}
    database.execute("UPDATE depeche.source_falls SET fell_at = now() - interval '31 days'")
    with capture_logs() as logs:
        assert fallen(database) == set()
    assert [line["event"] for line in logs] == ["source_field_forgotten"]


def test_the_fall_of_a_source_that_is_not_visited_any_more_is_forgotten(database: psycopg.Connection) -> None:
    past(database, until=8)
    look(database)
    database.execute(
        "INSERT INTO depeche.source_falls (source, field, mean_past, pages_past, parser_changed) "
        "VALUES ('beacon', 'author', 1, 100, false), ('nobody', 'date', 1, 100, false)"
    )
    day_of(database, 5, articles=1, source="nobody")
    add_up(database, days_ago(5).date())
    with capture_logs() as logs:
        look(database)
    assert [(line["event"], line["source"]) for line in logs] == [("source_field_forgotten", "beacon")]


@pytest.mark.parametrize("version", ["1", "2"])
def test_another_parser_neither_hides_nor_passes_for_the_site(version: str, database: psycopg.Connection) -> None:
    past(database)
    day_of(database, 0, articles=10, authors=0, parser_version=version)
    assert fallen(database) == {"author"}
    assert health(database)["author"]["parser_changed"] == (version == "2")


def test_a_page_counts_once_a_day_as_it_was_read_last(database: psycopg.Connection) -> None:
    noon = days_ago(1)
    for minutes, facts in enumerate([{"authors": 0}, {"authors": 2}, {"fate": "unchanged", **UNREAD}]):
        visit(database, noon + timedelta(minutes=minutes), page=7, **facts)
    visit(database, noon, page=8, **{**NO_ARTICLE, "page_type": "feed"})
    visit(database, noon, source=None)
    look(database)
    (row,) = days(database)
    assert (row["asked"], row["followed"], row["articles"], row["with_author"]) == (2, 1, 1, 1)


def test_what_the_indexer_notes_of_a_visit_is_what_is_added_up(
    database: psycopg.Connection, indexer: Indexer, flights: Flights
) -> None:
    read = page(article=article("Twelve chars", authors=["Ada Quill", "Bo Stone"]))
    front = page(HEADLINES, page_type="listing", article=None)
    of_source = {"source": "beacon", "visit": Visit(of_source=True)}
    indexer.run(message_of(changed(flights.stand(ONE, read), source="beacon")))
    indexer.run(message_of(changed(flights.stand(TWO, front), **of_source)))
    add_up(database, NOON.date())
    (row,) = days(database)
    assert {name: count for name, count in row.items() if isinstance(count, int)} == {
        **dict.fromkeys(("visits", "reached", "lists", "with_ticker"), 1),
        **dict.fromkeys(("asked", "fetched", "followed", "articles", "with_title", "with_author", "with_date"), 1),
    }
    assert (row["source"], row["day"], row["parser_version"]) == ("beacon", NOON.date(), "test")
    assert row["body_total"] == pytest.approx(math.log(1 + len("Twelve chars")))
    assert row["headlines_total"] == pytest.approx(math.log(1 + len(HEADLINES)))


def test_replays_do_not_count(database: psycopg.Connection) -> None:
    day_of(database, 1)
    look(database)
    before = days(database)
    day_of(database, 1, is_replay=True, authors=0, parser_version="9")
    database.execute("DELETE FROM depeche.visits WHERE of_source AND NOT is_replay AND flight_id NOT IN "
                     "(SELECT flight_id FROM depeche.visits WHERE of_source ORDER BY landed_at LIMIT 2)")  # fmt: skip
    look(database)
    assert days(database) == before


def test_visits_that_come_late_count(database: psycopg.Connection) -> None:
    day_of(database, 1)
    day_of(database, 0)
    look(database)
    day_of(database, 1, articles=3)
    look(database)
    assert [row["articles"] for row in days(database)] == [11, 8]


def test_days_that_no_indexer_saw_are_made_up_for(database: psycopg.Connection) -> None:
    day_of(database, 9)
    look(database)
    database.execute("DELETE FROM depeche.source_days")
    day_of(database, 5)
    add_up(database, days_ago(5).date())
    for ago in (4, 3, 1):
        day_of(database, ago)
    look(database)
    assert [row["day"] for row in days(database)] == [days_ago(ago).date() for ago in (5, 4, 3, 1)]


def test_days_outlive_their_visits_and_looking_again_changes_nothing(database: psycopg.Connection) -> None:
    past(database)
    look(database)
    before = days(database)
    versions = database.execute("SELECT array_agg(xmin::text ORDER BY day) FROM depeche.source_days").fetchone()
    database.execute("DELETE FROM depeche.visits WHERE at < now() - interval '10 days'")
    day_of(database, 0, articles=10, authors=0)
    assert fallen(database) == {"author"}
    assert days(database)[:-1] == before
    again = database.execute("SELECT array_agg(xmin::text ORDER BY day) FROM depeche.source_days WHERE day < "
                             "(now() AT TIME ZONE 'UTC')::date").fetchone()  # fmt: skip
    assert again == versions, "rows that say the same are not written again"


def test_a_day_is_that_of_utc_whatever_the_session_says(database: psycopg.Connection) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    visit(database, midnight)
    visit(database, midnight - timedelta(microseconds=1))
    database.execute("SET timezone = 'Pacific/Auckland'")
    look(database)
    assert [(row["day"], row["articles"]) for row in days(database)] == [
        (midnight.date() - timedelta(days=1), 1),
        (midnight.date(), 1),
    ]


def test_of_two_indexers_one_looks(database: psycopg.Connection, pool: Pool) -> None:
    past(database)
    day_of(database, 0, articles=10, authors=0)
    with pool.connection() as one, pool.connection() as other, pool.connection() as third:
        meanwhile: list[bool] = []
        first = Chore(name="source_health", every_s=1, work=lambda _: meanwhile.append(do(other, third, SOURCE_HEALTH)))
        do(one, third, first)
        assert meanwhile == [False]
        assert do(one, third, SOURCE_HEALTH)
    assert database.execute("SELECT count(*) FROM depeche.source_falls").fetchone() == (1,)


def test_many_at_once_agree(database: psycopg.Connection, database_url: str) -> None:
    past(database)
    day_of(database, 0, articles=10, authors=0)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                with connect(database_url) as keeper, connect(database_url) as connection:
                    do(keeper, connection, SOURCE_HEALTH)
        except BaseException as error:  # noqa: BLE001  # the test itself tells of it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert database.execute("SELECT count(*) FROM depeche.source_falls").fetchone() == (1,)


def test_the_indexer_looks_with_no_more_than_a_writer_may(database: psycopg.Connection, database_url: str) -> None:
    user = f"writer_{uuid.uuid4().hex[:8]}"
    past(database)
    day_of(database, 0, articles=10, authors=0)
    database.execute(f"CREATE ROLE {user} LOGIN IN ROLE depeche_writer".encode())
    try:
        with open_pool(make_conninfo(database_url, user=user), 2) as pool, doing(pool, [SOURCE_HEALTH]):
            wait_until(lambda: [field for field, row in health(database).items() if row["fell"]] == ["author"])
    finally:
        database.execute(f"DROP ROLE {user}".encode())
