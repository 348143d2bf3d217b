"""What an export reads: one moment fixes which articles are in it, and each article is read as it is later on.

One snapshot for the whole export would hold back the server's vacuum until the export ends, which may take any time
with a slow pipe, and a replica would cancel it. With the change feed no snapshot is needed: the cursor to go on from is
taken at that moment, so every article that changes later is in the next export, whether it is in this one or not. So an
article may be repeated, and is never left out.
"""

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from cli import reading
from services.indexer.connection import Connection
from services.indexer.pooler import require_session
from shared.failures import UserError

Values = tuple[Any, ...]

# 100, 500 and 2,000 took the same time an article, and the more, the more memory: 101, 116 and 180 MB in all.
ARTICLES_A_BATCH = 200


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which to export: changed after a cursor, of a source, in a language, of tagged sources; None is no limit.

    `day` is the day (UTC) on which an article was seen first.
    """

    since: str | None = None
    source: str | None = None
    language: str | None = None
    tag: str | None = None
    day: date | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of news.articles, with its type as Postgres names it."""

    name: str
    type: str


# Values of these types are read as Python objects. All others are read as text: documents, and types that later
# versions may bring.
READ_AS_IS = frozenset(
    {
        "bigint",
        "integer",
        "smallint",
        "real",
        "double precision",
        "boolean",
        "text",
        "text[]",
        "bigint[]",
        "timestamp with time zone",
    }
)


# The given cursor is checked by a statement of its own, so that a refused cursor is told from all other failures. The
# new cursor is taken before the list of articles: changes that are not yet final then come after it.
CURSOR_NOW = "SELECT news.cursor_now()"
CURSOR_IS_GOOD = "SELECT FROM news.changes_since(%s, 1)"

# The server keeps the list after the transaction has ended, in its memory or in a file: some 10 bytes per article.
LIST = """
DECLARE wanted SCROLL CURSOR WITH HOLD FOR
SELECT a.article_id
FROM {found}
WHERE {chosen}
{order}
"""
CHOSEN = """
(%(source)s::text IS NULL OR a.source = %(source)s) AND (%(language)s::text IS NULL OR a.language = %(language)s)
AND (%(tag)s::text IS NULL OR a.source_tags @> ARRAY[%(tag)s::text])
"""
# The session's time zone is UTC.
OF_DAY = "AND a.first_seen_at >= %(day)s::date AND a.first_seen_at < %(day)s::date + 1"
# All articles come from the view itself, since the change feed need not reach back to the oldest article.
ALL = ("news.articles AS a", "ORDER BY a.article_id")
CHANGED = (
    "news.changes_since(%(since)s, 2147483647) WITH ORDINALITY AS c JOIN news.articles AS a USING (article_id)",
    "GROUP BY a.article_id ORDER BY max(c.ordinality)",
)

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute
WHERE attrelid = 'news.articles'::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
ROWS = """
SELECT {columns}
FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (article_id, place)
JOIN news.articles AS a USING (article_id)
ORDER BY wanted.place
"""


class Articles:
    """The articles of an export. `cursor` is where the next export begins, `total` how many articles this one has."""

    def __init__(self, connection: Connection, wanted: Wanted) -> None:
        require_session(connection)  # the list outlives its transaction
        self._connection = connection
        self.cursor = cursor_now(connection, wanted.since)
        self.columns = columns_now(connection)
        found, order = CHANGED if wanted.since is not None else ALL
        with connection.transaction():
            chosen = CHOSEN if wanted.day is None else CHOSEN + OF_DAY
            listed = LIST.format(found=found, chosen=chosen, order=order)
            connection.execute(listed.encode(), msgspec.structs.asdict(wanted))
        self.total = connection.execute("MOVE ALL IN wanted").rowcount
        connection.execute("MOVE ABSOLUTE 0 IN wanted")

    def batches(self) -> Iterator[list[Values]]:
        """Yield batches of rows with the values of `columns`, the oldest change first; skips rows deleted meanwhile."""
        columns = sql.SQL(", ").join(
            sql.SQL("a.{}" if column.type in READ_AS_IS else "a.{}::text").format(sql.Identifier(column.name))
            for column in self.columns
        )
        rows = sql.SQL(ROWS).format(columns=columns)
        with self._connection.cursor(binary=True) as cursor:
            while ids := [number for (number,) in cursor.execute(f"FETCH {ARTICLES_A_BATCH} FROM wanted".encode())]:
                if found := cursor.execute(rows, [ids]).fetchall():
                    yield found

    def close(self) -> None:
        """Let go of the list, so that the connection can be used for another one."""
        self._connection.execute("CLOSE wanted")


def columns_now(connection: Connection) -> list[Column]:
    """Return the columns of news.articles."""
    return [Column(name=name, type=kind) for name, kind in connection.execute(COLUMNS).fetchall()]


@contextlib.contextmanager
def articles(database_url: str, wanted: Wanted) -> Iterator[Articles]:
    """Open the articles to be exported; raises UserError for a bad cursor, or one that does not fit the database."""
    with reading.connected(database_url) as connection:
        yield Articles(connection, wanted)


def cursor_now(connection: Connection, since: str | None) -> str:
    """Return the cursor to go on from; raises UserError if `since` is no good cursor of this database."""
    now = str(connection.execute(CURSOR_NOW).fetchall()[0][0])
    if since is None:
        return now
    try:
        connection.execute(CURSOR_IS_GOOD, [since])
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error)
        raise UserError(f"{said}. An export without a cursor has all articles.") from error
    if _place(since) > _place(now):
        raise UserError(
            f"The cursor {since} lies ahead of this database, which is at {now}: it is another database's, or this one "
            "was restored without `depeche migrate`, or is a replica that has fallen behind."
        )
    return now


def _place(cursor: str) -> list[int]:
    return [int(part) for part in cursor.split(".")]
