"""Reads the articles by each client, as a folder of an export and from Postgres; prints what it found as JSON.

It runs in the readers' environment: python read_all.py FOLDER DSN URL
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

import adbc_driver_postgresql.dbapi
import connectorx
import duckdb
import pandas
import polars
import psycopg
import pyarrow.dataset
import sqlalchemy

folder, dsn, url = sys.argv[1:]
FILES = f"{folder}/*/*.parquet"
COLUMNS = "article_id, version, title, authors, published_at, truncated, provenance, url_key"
QUERY = f"SELECT {COLUMNS} FROM news.articles ORDER BY article_id"
# connectorx is given texts where it has no type of its own.
AS_TEXT = {"authors": "to_json(authors)::text", "provenance": "provenance::text", "url_key": "url_key::text"}
NAMES = COLUMNS.split(", ")
OF_TEXTS = ", ".join(f"{AS_TEXT.get(name, name)} AS {name}" for name in NAMES)
QUERY_OF_TEXTS = f"SELECT {OF_TEXTS} FROM news.articles ORDER BY article_id"


def in_utc(moment: Any) -> str | None:
    return None if moment is None or pandas.isna(moment) else pandas.Timestamp(moment).tz_convert("UTC").isoformat()


def told(types: Iterable[tuple[str, object]], ids: Iterable[Any], moments: Iterable[Any]) -> dict[str, Any]:
    """The types of some columns, the numbers of the articles, and when they were published, in UTC."""
    of_names = {name: str(of) for name, of in types if name in NAMES}
    return {"types": of_names, "ids": [int(one) for one in ids], "at": [in_utc(moment) for moment in moments]}


def by_duckdb() -> dict[str, Any]:
    duckdb.sql("SET TimeZone = 'UTC'")
    found = duckdb.sql(f"SELECT * FROM read_parquet('{FILES}', hive_partitioning = true) ORDER BY article_id")
    rows = found.select("article_id, published_at, day").fetchall()
    named = zip(found.columns, found.types, strict=True)
    return {
        **told(named, [row[0] for row in rows], [row[1] for row in rows]),
        "days": sorted({str(row[2]) for row in rows}),
    }


def by_polars() -> dict[str, Any]:
    found = polars.scan_parquet(FILES, hive_partitioning=True).sort("article_id").collect()
    days = sorted({str(day) for day in found["day"]})
    return {**told(found.schema.items(), found["article_id"], found["published_at"]), "days": days}


def by_pandas() -> dict[str, Any]:
    found = pandas.read_parquet(folder).sort_values("article_id")
    days = sorted({str(day) for day in found["day"]})
    return {**told(found.dtypes.items(), found["article_id"], found["published_at"]), "days": days}


def by_arrow() -> dict[str, Any]:
    found = pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive").to_table().sort_by("article_id")
    named = zip(found.schema.names, found.schema.types, strict=True)
    days = sorted(set(found["day"].to_pylist()))
    return {**told(named, found["article_id"].to_pylist(), found["published_at"].to_pylist()), "days": days}


def by_adbc() -> dict[str, Any]:
    with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(QUERY)
        found = cursor.fetch_arrow_table()
    named = zip(found.schema.names, found.schema.types, strict=True)
    return told(named, found["article_id"].to_pylist(), found["published_at"].to_pylist())


def by_connectorx() -> dict[str, Any]:
    found = connectorx.read_sql(url, QUERY_OF_TEXTS, return_type="polars")
    return told(found.schema.items(), found["article_id"], found["published_at"])


def connected() -> sqlalchemy.Engine:
    return sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))


def by_sqlalchemy() -> dict[str, Any]:
    with connected().connect() as connection:
        connection.execute(sqlalchemy.text("SET timezone = 'UTC'"))
        rows = connection.execute(sqlalchemy.text(QUERY)).all()
    columns = zip(NAMES, zip(*rows, strict=True), strict=True)
    named = [(name, type(next(value for value in column if value is not None)).__name__) for name, column in columns]
    return told(named, [row[0] for row in rows], [row[4] for row in rows])


def by_pandas_from_postgres() -> dict[str, Any]:
    found = pandas.read_sql(QUERY, connected())
    return told(found.dtypes.items(), found["article_id"], found["published_at"])


def by_psycopg() -> dict[str, Any]:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET timezone = 'UTC'")
        rows = connection.execute(QUERY).fetchall()
    return told([], [row[0] for row in rows], [row[4] for row in rows])


READERS = {
    "duckdb": by_duckdb,
    "polars": by_polars,
    "pandas": by_pandas,
    "pyarrow": by_arrow,
    "adbc": by_adbc,
    "connectorx": by_connectorx,
    "sqlalchemy": by_sqlalchemy,
    "pandas-sql": by_pandas_from_postgres,
    "psycopg": by_psycopg,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: read() for name, read in READERS.items()}))
