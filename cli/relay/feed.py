"""The change feed as a relay reads it: each change with its article as it reads now, as JSON."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec
import psycopg
from psycopg import errors

from services.indexer.connection import Connection, kept_alive
from shared.failures import UserError

# The article is turned into JSON by Postgres, so that columns which later versions add are in it without a change here.
CHANGES = """
SELECT c.cursor, c.change_id, c.kind, c.article_id, c.version, c.recorded_at, to_jsonb(a)::text
FROM news.changes_since(%s, %s) WITH ORDINALITY AS c
LEFT JOIN news.articles AS a USING (article_id)
ORDER BY c.ordinality
"""
CURSOR_NOW = "SELECT news.cursor_now()"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it is delivered. `id` is the change_id of the feed, the same in each delivery of it."""

    id: str
    cursor: str
    kind: Literal["new", "edited", "withdrawn", "restored", "regrouped"]
    article_id: int
    version: int
    recorded_at: datetime
    article: msgspec.Raw


@contextlib.contextmanager
def session(database_url: str) -> Iterator[Connection]:
    """Connect to Postgres, with times in UTC; raises psycopg.OperationalError where it does not answer."""
    address = kept_alive(database_url)
    with psycopg.connect(address, autocommit=True, connect_timeout=5, prepare_threshold=None) as connection:
        connection.execute("SET datestyle = ISO")
        connection.execute("SET timezone = 'UTC'")
        yield connection


def changes_after(connection: Connection, cursor: str | None, most: int) -> Sequence[Change]:
    """Return the next changes, oldest first; raises UserError for a cursor that is none, or older than what is kept."""
    try:
        rows = connection.execute(CHANGES, [cursor, most]).fetchall()
    except errors.ObjectNotInPrerequisiteState as error:
        raise UserError(
            f"The changes after the cursor {cursor} are not kept any more. Begin with --from now --anew, and "
            "then have the receiver read all articles (docs/relay.md)."
        ) from error
    except errors.InvalidParameterValue as error:
        raise UserError(f"{cursor!r} is no cursor of news.changes; give --from now, beginning or a cursor.") from error
    return [
        Change(
            id=str(change_id),
            cursor=after,
            kind=kind,
            article_id=article_id,
            version=version,
            recorded_at=recorded_at,
            article=msgspec.Raw((article or "null").encode()),
        )
        for after, change_id, kind, article_id, version, recorded_at, article in rows
    ]


def cursor_now(connection: Connection) -> str:
    """Return the cursor after which comes only what changes from now on."""
    (cursor,) = connection.execute(CURSOR_NOW).fetchone() or ("",)
    return str(cursor)
