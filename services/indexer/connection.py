"""The kind of connection that all of the indexer's SQL runs on: rows as plain tuples, or by name where it is said."""

from typing import Any

import psycopg
import psycopg_pool
from psycopg.rows import dict_row

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = psycopg_pool.ConnectionPool[Connection]


def rows_of(connection: Connection, sql: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a statement gives, their columns by name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), given).fetchall()
