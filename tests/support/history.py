"""A database with a past of eight months, and workers that go on writing to it with whatever rights they are given."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.support.waiting import PATIENCE_S

HISTORIES = {
    "visits": "at",
    "changes": "recorded_at",
    "article_versions": "replaced_at",
    "headline_positions": "to_at",
    "headline_wordings": "to_at",
}
# What is current, of which nothing may ever go.
CURRENT = {
    "articles": "SELECT * FROM depeche.articles ORDER BY article_id",
    "headlines": "SELECT * FROM depeche.headlines WHERE gone_at IS NULL ORDER BY headline_id",
    "pages": "SELECT * FROM depeche.pages p WHERE EXISTS (SELECT FROM depeche.articles a WHERE a.page_id = p.page_id)"
    " OR EXISTS (SELECT FROM depeche.headlines h WHERE h.page_id = p.page_id AND h.gone_at IS NULL) ORDER BY page_id",
}

PAGE = """
INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, fetched_at, decided_at)
VALUES (md5(%(url)s)::uuid, %(url)s, 'stored', gen_random_uuid(), %(at)s, %(at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET fetched_at = excluded.fetched_at, decided_at = excluded.decided_at
RETURNING page_id
"""
VISIT = """
INSERT INTO depeche.visits (page_id, flight_id, at, fate, attempts)
VALUES (%(page_id)s, md5(%(url)s)::uuid, %(at)s, 'stored', 1)
ON CONFLICT (flight_id, at) DO NOTHING
"""
WRITE_ARTICLE = """
INSERT INTO depeche.articles AS a (article_key, page_id, url, title, body, blocks, images, content_hash, parser_version,
                                   first_seen_at, fetched_at)
VALUES (md5(%(url)s)::uuid, %(page_id)s, %(url)s, 'Harbour', %(text)s, '[]', '[]', md5(%(text)s)::uuid, '1', %(at)s,
        %(at)s)
ON CONFLICT (article_key) DO UPDATE SET body = excluded.body, content_hash = excluded.content_hash,
    fetched_at = excluded.fetched_at
WHERE a.fetched_at <= excluded.fetched_at AND a.content_hash <> excluded.content_hash
"""
HEADLINE = """
INSERT INTO depeche.headlines (page_id, headline_key, kind, position, text, first_seen_at)
VALUES (%(page_id)s, md5(%(name)s)::uuid, 'ticker', 1, %(text)s, %(at)s)
"""
KNOWN = "SELECT headline_id FROM depeche.headlines WHERE page_id = %(page_id)s AND gone_at IS NULL ORDER BY headline_id"
MOVE = """
WITH moved AS (
    INSERT INTO depeche.headline_positions (headline_id, position, from_at, last_seen_at, to_at)
    SELECT headline_id, position, coalesce(position_since, first_seen_at), %(at)s, %(at)s FROM depeche.headlines
    WHERE headline_id = ANY (%(ids)s)
), reworded AS (
    INSERT INTO depeche.headline_wordings (headline_id, text, from_at, to_at)
    SELECT headline_id, text, coalesce(worded_since, first_seen_at), %(at)s FROM depeche.headlines
    WHERE headline_id = ANY (%(ids)s)
)
UPDATE depeche.headlines SET position = position + 1, text = %(text)s, position_since = %(at)s, worded_since = %(at)s
WHERE headline_id = ANY (%(ids)s)
"""
LEAVE = """
WITH ended AS (
    INSERT INTO depeche.headline_positions (headline_id, position, from_at, last_seen_at, to_at)
    SELECT headline_id, position, coalesce(position_since, first_seen_at), %(at)s, %(at)s FROM depeche.headlines
    WHERE headline_id = ANY (%(ids)s)
)
UPDATE depeche.headlines SET gone_at = %(at)s, last_seen_at = %(at)s WHERE headline_id = ANY (%(ids)s)
"""


def visit(connection: psycopg.Connection, url: str, at: datetime) -> None:
    """A visit at which all is different: the article reads anew, the headline moved, and one more came and left."""
    given: dict[str, Any] = {"url": url, "at": at, "text": f"Text of {at.isoformat()}", "name": "stays"}
    with connection.transaction():
        (given["page_id"],) = connection.execute(PAGE, given).fetchone() or (None,)
        given["ids"] = [row[0] for row in connection.execute(KNOWN, given)]
        connection.execute(MOVE if given["ids"] else HEADLINE, given)
        short = {**given, "name": at.isoformat()}
        connection.execute(HEADLINE, {**short, "at": at - timedelta(minutes=1)})
        passing = [row[0] for row in connection.execute(KNOWN, short) if row[0] not in given["ids"]]
        connection.execute(LEAVE, {**short, "ids": passing[-1:]})
        connection.execute(WRITE_ARTICLE, given)
        connection.execute(VISIT, given)


def month(number: int) -> datetime:
    """The first moment of a month, counted from this one on."""
    now = datetime.now(UTC)
    years, months = divmod(now.year * 12 + now.month - 1 + number, 12)
    return datetime(years, months + 1, 1, tzinfo=UTC)


def fill(connection: psycopg.Connection) -> None:
    """Visits of eight months, at the edges of each."""
    for number in range(-8, 0):
        first = month(number)
        for moment in (first, first + timedelta(days=9), month(number + 1) - timedelta(microseconds=1)):
            for page in range(5):
                visit(connection, f"https://news.example/{page}", moment)
    # The clock of the database wrote it just now.
    connection.execute(
        "UPDATE depeche.changes c SET recorded_at = v.seen_at FROM news.article_versions v"
        " WHERE v.article_id = c.article_id AND v.version = c.version"
    )


def past_months(connection: psycopg.Connection, table: str) -> None:
    """Give an empty table a partition for each of the eight months that `fill` is about, in place of the first."""
    made_from = without_first(connection, table)
    for number in range(-8, 3):
        if month(number) < made_from:
            add_partition(connection, table, f"{month(number):%Y_%m}", month(number), month(number + 1))


def slices(connection: psycopg.Connection, table: str, number: int, length: timedelta) -> None:
    """Give an empty table many short partitions from now on, in place of the first."""
    made_from, start = without_first(connection, table), datetime.now(UTC)
    add_partition(connection, table, "before", datetime(2000, 1, 1, tzinfo=UTC), start)
    for one in range(number):
        add_partition(connection, table, f"slice_{one}", start + one * length, start + (one + 1) * length)
    add_partition(connection, table, "after", start + number * length, made_from)


def without_first(connection: psycopg.Connection, table: str) -> datetime:
    """Drop the first partition; gives the moment from which there are others."""
    found = connection.execute(
        "SELECT to_at FROM depeche.partitions WHERE of_table = %s AND from_at IS NULL AND NOT is_net", [table]
    ).fetchone() or (None,)
    assert isinstance(found[0], datetime)
    connection.execute(f"DROP TABLE depeche_history.{table}_first".encode())
    return found[0]


def add_partition(connection: psycopg.Connection, table: str, name: str, start: datetime, end: datetime) -> None:
    """One partition more, made as depeche.make_partitions() makes them."""
    part = f"depeche_history.{table}_{name}"
    connection.execute(
        f"CREATE TABLE {part} (LIKE depeche_history.{table}_net INCLUDING ALL EXCLUDING IDENTITY)".encode()
    )
    connection.execute(
        f"ALTER TABLE depeche.{table} ATTACH PARTITION {part} FOR VALUES FROM ('{start}') TO ('{end}')".encode()
    )


def rows_of(connection: psycopg.Connection, table: str) -> list[tuple[Any, ...]]:
    """All rows, in an order."""
    return sorted(connection.execute(f"SELECT * FROM depeche.{table}".encode()).fetchall(), key=str)


def count(connection: psycopg.Connection, rows: str) -> int:
    """How many rows there are of a table of schema depeche, with a condition or without."""
    found = connection.execute(f"SELECT count(*) FROM depeche.{rows}".encode()).fetchone()
    return int(found[0]) if found else 0


class Writer:
    """Visits a page of its own again and again, a minute later each time."""

    def __init__(self, url: str, number: int) -> None:
        self._url, self._page = url, f"https://news.example/writer/{number}"
        self.turns = 0
        self.failures: list[BaseException] = []
        self.written = threading.Semaphore(0)
        self._stop = threading.Event()

    def run(self) -> None:
        try:
            with psycopg.connect(self._url, autocommit=True, options="-c lock_timeout=10000") as connection:
                while not self._stop.is_set():
                    visit(connection, self._page, month(0) + timedelta(milliseconds=self.turns))
                    self.turns += 1
                    self.written.release()
        except BaseException as error:  # noqa: BLE001  # the test itself tells of it
            self.failures.append(error)

    def stop(self) -> None:
        self._stop.set()

    def has_written(self) -> bool:
        """Whether it has written something more, from now on."""
        while self.written.acquire(blocking=False):
            pass
        return self.written.acquire(timeout=PATIENCE_S)


@contextmanager
def writers(url: str, number: int) -> Iterator[list[Writer]]:
    """Writers at work until the block ends."""
    working = [Writer(url, one) for one in range(number)]
    threads = [threading.Thread(target=writer.run) for writer in working]
    for thread in threads:
        thread.start()
    try:
        yield working
    finally:
        for writer in working:
            writer.stop()
        for thread in threads:
            thread.join()
