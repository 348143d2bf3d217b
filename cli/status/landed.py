"""What Postgres knows of the pipeline: how fast pages have come through, what is in quarantine, and how much there is.

All of it is read in milliseconds, however large the database is: the latest visits by the moment, and the numbers of
rows of large tables as Postgres estimates them.
"""

from datetime import datetime

import msgspec
from psycopg import sql

from cli import reading
from services.indexer.connection import Connection, rows_of

# A table up to this size (bytes) is counted; that takes a few milliseconds.
COUNTED_UP_TO = 32 * 2**20


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Pages that went through a stage, in the last ten minutes and in the last hour."""

    ten_minutes: int
    hour: int


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a view has; `is_estimate` says that Postgres has not counted them one by one."""

    number: int
    is_estimate: bool


class Landed(msgspec.Struct, frozen=True, kw_only=True):
    """Postgres' half of the status. `fates` has fate -> visits that ended with it in the last hour."""

    rates: dict[str, Rate]
    fates: dict[str, int]
    last_landed_at: datetime | None
    quarantined: int
    quarantine_waiting: dict[str, int]
    fallen: int
    fallen_sources: int
    pages: Rows
    articles: Rows
    headlines: Rows


# A page lands within minutes of its visit, so the visits of two hours have those that landed in the last one. Pages
# that waited longer for Postgres are left out, and so are those that are read again from the archive.
LATEST = """
SELECT fate,
       count(*) FILTER (WHERE lately) AS index_10, count(*) AS index_60,
       count(*) FILTER (WHERE lately AND NOT is_replay) AS fetch_10, count(*) FILTER (WHERE NOT is_replay) AS fetch_60,
       count(parser_version) FILTER (WHERE lately) AS parse_10, count(parser_version) AS parse_60,
       max(landed_at) AS last_landed_at
FROM (SELECT fate, is_replay, parser_version, landed_at, landed_at >= now() - interval '10 minutes' AS lately
      FROM news.visits
      WHERE at >= now() - interval '2 hours' AND landed_at >= now() - interval '1 hour') AS latest
GROUP BY fate
ORDER BY index_60 DESC
"""
QUARANTINE = """
SELECT stage, count(*) AS cases, count(*) FILTER (WHERE replayed_at IS NULL) AS waiting
FROM news.quarantine GROUP BY stage ORDER BY stage
"""
FALLEN = "SELECT count(*) AS fields, count(DISTINCT source) AS sources FROM news.source_falls WHERE ended_at IS NULL"
# As the planner estimates: the rows of a block as of the last ANALYZE, by the blocks of now.
SIZES = """
SELECT c.relname AS name, pg_relation_size(c.oid) AS bytes,
       CASE WHEN c.relpages > 0
            THEN (c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int))::bigint
       END AS estimate
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'depeche' AND c.relname IN ('pages', 'articles', 'headlines')
"""


def landed(database_url: str) -> Landed:
    """Read Postgres' half; raises UserError if Postgres or its schema is not there."""
    with reading.read_only(database_url) as connection:
        latest = rows_of(connection, LATEST, {})
        cases = rows_of(connection, QUARANTINE, {})
        [fallen] = rows_of(connection, FALLEN, {})
        held = _held(connection)
    return Landed(
        rates={
            stage: Rate(
                ten_minutes=sum(row[f"{stage}_10"] for row in latest), hour=sum(row[f"{stage}_60"] for row in latest)
            )
            for stage in ("fetch", "parse", "index")
        },
        fates={row["fate"]: row["index_60"] for row in latest},
        last_landed_at=max((row["last_landed_at"] for row in latest), default=None),
        quarantined=sum(row["cases"] for row in cases),
        quarantine_waiting={row["stage"]: row["waiting"] for row in cases if row["waiting"]},
        fallen=fallen["fields"],
        fallen_sources=fallen["sources"],
        **held,
    )


def _held(connection: Connection) -> dict[str, Rows]:
    """Return how many rows the views pages, articles and headlines have."""
    held = {}
    for row in rows_of(connection, SIZES, {}):
        if row["bytes"] <= COUNTED_UP_TO or row["estimate"] is None:
            count = sql.SQL("SELECT count(*) FROM news.{}").format(sql.Identifier(row["name"]))
            [number] = connection.execute(count).fetchone() or [0]
            held[row["name"]] = Rows(number=number, is_estimate=False)
        else:
            held[row["name"]] = Rows(number=row["estimate"], is_estimate=True)
    return held
