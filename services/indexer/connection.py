"""The type of connection that all of the indexer's SQL runs on: it returns tuples; `rows_of` returns dicts.

A connection does not wait for ever for an answer. Postgres itself ends a statement that takes too long, but that is
not heard where the network has forgotten the connection, or where a proxy takes what it can no longer pass on.
"""

import time
from typing import Any

import psycopg
import psycopg_pool
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = psycopg_pool.ConnectionPool[Connection]

# What has not been answered after this time (s) never will be: a little longer than Postgres may take for a statement.
ANSWER_S = 22.0
# A connection from the pool is asked for a sign of life, which takes no longer than this (s).
CHECK_S = 5.0
# The kernel ends a connection whose other side is gone after 14 or 15 s. Otherwise it would take a quarter of an hour
# while something is being sent, and two hours while an answer is awaited.
KEPT_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 15_000}


class ImpatientConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that is closed when an answer takes longer than `answer_s`."""

    answer_s = ANSWER_S

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer; raises psycopg.OperationalError when none comes, and the connection is closed then."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        gives_up_at = time.monotonic() + self.answer_s
        try:
            return super().wait(gen, interval, self.answer_s)
        except psycopg.OperationalError as error:
            if time.monotonic() < gives_up_at:
                raise
            self.close()
            raise psycopg.OperationalError(
                f"no answer within {self.answer_s:g} s; the connection is given up"
            ) from error


def kept_alive(database_url: str) -> str:
    """Return the DSN with limits for a connection whose other side is gone, where it does not set its own."""
    given = conninfo_to_dict(database_url)
    return make_conninfo(database_url, **{name: value for name, value in KEPT_ALIVE.items() if name not in given})


def check_connection(connection: Connection) -> None:
    """Raise psycopg.Error unless this connection, which is not in use, still works."""
    if not isinstance(connection, ImpatientConnection):
        raise TypeError("the pool was not opened with connection_class=ImpatientConnection")
    usual, connection.answer_s = connection.answer_s, CHECK_S
    try:
        psycopg_pool.ConnectionPool.check_connection(connection)
    finally:
        connection.answer_s = usual


def rows_of(connection: Connection, sql: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a statement, each as a dict from column name to value."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), given).fetchall()
