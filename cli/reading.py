"""The queries of the command line: they read only the views of schema `news`, as any downstream service would."""

import contextlib
from collections.abc import Iterator
from typing import Any

from psycopg.errors import InsufficientPrivilege
from psycopg.rows import dict_row

from cli.output import Row
from services.indexer.connection import Connection
from services.indexer.schema.migrate import connect, require_current


@contextlib.contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """Connect to Postgres with times in UTC; raises UserError if Postgres or its schema is not there."""
    with contextlib.suppress(InsufficientPrivilege):  # a user who may only read `news` cannot see the migrations
        require_current(database_url)
    with connect(database_url) as connection:
        connection.execute("SET timezone = 'UTC'")  # a day is stored as its midnight in UTC
        yield connection


def query(database_url: str, sql: str, parameters: dict[str, Any] | None = None) -> list[Row]:
    """Return the rows of a query; raises UserError if Postgres or its schema is not there."""
    with connected(database_url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), parameters).fetchall()


ARTICLES = """
SELECT article_id, url, canonical_url, source, title, lead, authors, publisher, section, tags, language, published_at,
       published_precision, modified_at, modified_precision, source_url, body, first_seen_at, fetched_at, source_tags
FROM news.articles
WHERE (%(source)s::text IS NULL OR source = %(source)s) AND (%(language)s::text IS NULL OR language = %(language)s)
    AND (%(tag)s::text IS NULL OR source_tags @> ARRAY[%(tag)s::text])
ORDER BY published_at DESC NULLS LAST, article_id DESC
LIMIT %(limit)s
"""


def articles(database_url: str, *, source: str | None, language: str | None, tag: str | None, limit: int) -> list[Row]:
    """Return the newest articles; a date without a time is given as a date."""
    given = {"source": source, "language": language, "tag": tag, "limit": limit}
    rows = query(database_url, ARTICLES, given)
    return [with_precision(row) for row in rows]


HEADLINES = """
SELECT headline_id, page_url, source, kind, label, position, text, url, language, published_at, published_precision,
       is_self, first_seen_at, gone_at, article_id
FROM news.headlines
WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(page)s::text IS NULL OR page_url = %(page)s)
ORDER BY page_id DESC, kind, label NULLS FIRST, position
LIMIT %(limit)s
"""


def headlines(database_url: str, *, kind: str | None, page: str | None, limit: int) -> list[Row]:
    """Return headlines of the pages seen last, list by list."""
    rows = query(database_url, HEADLINES, {"kind": kind, "page": page, "limit": limit})
    return [with_precision(row) for row in rows]


TOTALS = """
SELECT (SELECT count(*) FROM news.pages) AS pages,
       (SELECT count(*) FROM news.articles) AS articles,
       (SELECT count(*) FROM news.headlines) AS headlines,
       (SELECT count(*) FROM news.quarantine) AS quarantined,
       (SELECT coalesce(jsonb_object_agg(fate, number), '{}')
        FROM (SELECT fate, count(*) AS number FROM news.pages GROUP BY fate) AS by_fate) AS fates
"""


def totals(database_url: str) -> Row:
    """Return how much Postgres holds."""
    return query(database_url, TOTALS)[0]


FATES = """
SELECT url_key, url, fate, reason, detail, http_status
FROM news.pages
WHERE batch = %(batch)s OR url_key = ANY (%(keys)s::uuid[])
ORDER BY landed_at, page_id
"""


def fates(database_url: str, *, batch: str, keys: list[str]) -> list[Row]:
    """Return what became of a batch's pages, and of the pages with these keys."""
    return query(database_url, FATES, {"batch": batch, "keys": keys})


FATES_OF_BATCH = "SELECT fate, count(*) AS pages FROM news.pages WHERE batch = %(batch)s GROUP BY fate"


def fates_of_batch(database_url: str, batch: str) -> dict[str, int]:
    """Return fate -> how many of the batch's pages have it now; leaves out pages visited again outside the batch."""
    return {row["fate"]: row["pages"] for row in query(database_url, FATES_OF_BATCH, {"batch": batch})}


def with_precision(row: Row) -> Row:
    """Return the row with times as the page gave them: a day as a date, a local time without offset."""
    out = dict(row)
    for field in ("published", "modified"):
        precision, at = out.pop(f"{field}_precision", None), out.get(f"{field}_at")
        if at is not None and precision == "day":
            out[f"{field}_at"] = at.date().isoformat()
        elif at is not None and precision == "local":
            out[f"{field}_at"] = at.replace(tzinfo=None).isoformat()
    return out
