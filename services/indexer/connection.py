"""The type of connection that all of the indexer's SQL runs on: it returns tuples; `rows_of` returns dicts."""

from typing import Any

import psycopg
import psycopg_pool
from psycopg.rows import dict_row

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = psycopg_pool.ConnectionPool[Connection]


def rows_of(connection: Connection, sql: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a statement, each as a dict from column name to value."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), given).fetchall()
