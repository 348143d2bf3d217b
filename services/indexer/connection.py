"""The kind of connection that all of the indexer's SQL runs on: rows as plain tuples."""

from typing import Any

import psycopg
import psycopg_pool

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = psycopg_pool.ConnectionPool[Connection]
