"""Rows of articles that a page would share with other pages, and how such a row moves to another key.

A row keeps its article_id, its versions and its changes when it moves: only its key becomes another, and the pages that
were read as this article are then read as the one of the new key.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

import msgspec

from services.indexer.connection import Connection, rows_of
from services.indexer.store.articles import CONTENT


class Occupant(msgspec.Struct, frozen=True, kw_only=True):
    """An article's row, and the page that it was read from last."""

    article_key: uuid.UUID
    page_key: uuid.UUID
    is_address: bool  # whether that page is still read as this article
    has_others: bool  # whether other pages are read as it, too
    title: str | None
    body: str
    published_at: datetime | None


OCCUPANTS = """
SELECT a.article_key, p.url_key AS page_key, a.title, a.body, a.published_at,
       p.page_type = 'article' AND coalesce(p.read_as, p.url_key) = a.article_key AS is_address,
       EXISTS (SELECT FROM depeche.pages q WHERE q.page_id <> p.page_id AND q.page_type = 'article'
               AND (q.read_as = a.article_key OR q.url_key = a.article_key AND q.read_as IS NULL)) AS has_others
FROM depeche.articles a JOIN depeche.pages p USING (page_id)
WHERE a.article_key = ANY (%(keys)s)
"""


def occupants(connection: Connection, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Occupant]:
    """Return the rows of these articles, as far as they are there."""
    rows = rows_of(connection, OCCUPANTS, {"keys": list(keys)}) if keys else []
    return {row["article_key"]: Occupant(**{**row, "is_address": bool(row["is_address"])}) for row in rows}


READ_AS = """
SELECT url_key, coalesce(read_as, url_key) FROM depeche.pages WHERE url_key = ANY (%s) AND page_type = 'article'
"""


def read_as(connection: Connection, pages: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return, by page, the key of the article that it was read as last."""
    return dict(connection.execute(READ_AS, [list(pages)]).fetchall())


MOVE = """
UPDATE depeche.articles a SET article_key = %(into)s
WHERE a.article_key = %(key)s AND NOT EXISTS (SELECT FROM depeche.articles WHERE article_key = %(into)s)
"""
# The page has a row under its own key from before, which then reads like the one that it leaves.
HAND_OVER = f"""
UPDATE depeche.articles a SET {", ".join(f"{name} = x.{name}" for name in CONTENT)}, withdrawn_at = x.withdrawn_at
FROM depeche.articles x
WHERE a.article_key = %(into)s AND x.article_key = %(key)s AND a.fetched_at <= x.fetched_at
"""
MOVE_ADDRESSES = "UPDATE depeche.pages SET read_as = nullif(%(into)s, url_key) WHERE read_as = %(key)s"


def move(connection: Connection, key: uuid.UUID, into: uuid.UUID) -> None:
    """Give the article of `key` the key `into`, together with the pages that were read as it."""
    given = {"key": key, "into": into}
    if not connection.execute(MOVE, given).rowcount:
        connection.execute(HAND_OVER, given)
    connection.execute(MOVE_ADDRESSES, given)
