"""Gives rows that have keys of the first rule for URLs the keys of this version's (docs/decisions/0017-url-keys.md).

`depeche migrate` does this after the migrations, since SQL cannot compute the keys. It goes through the rows by their
numbers, a few in each transaction, under the locks that indexers take for the same pages and articles; how far it is
stands in depeche.url_keys. So it may be killed at any moment, and a later run looks at what has been added since, as by
an indexer of the version before that went on for a while.

No row is removed. A page whose new key no other page has gets it, and its article moves along. Of pages that turn out
to be one, the others end as `gone`, with the reason `same_page`; what was read there moves to the article of the page
that has the key, or is withdrawn if that one tells the same story.
"""

import uuid
from collections.abc import Collection
from typing import Any

import structlog

from services.indexer.connection import Connection, rows_of
from services.indexer.locks import PAGES_AND_ARTICLES
from services.indexer.one_story import Told, are_one_story
from services.indexer.store.headline_changes import key_of
from services.indexer.store.occupants import move, occupants
from services.indexer.upkeep.first_url_keys import first_url_key
from shared.urls import url_key

log = structlog.get_logger()

# Rows that are looked at in one transaction. One in a hundred has another key, at most a few thousand in a bad case.
ROWS_AT_ONCE = 2_000
# Of other URLs the key is as it was.
MAY_DIFFER = r"{url} ~ '[?]|/[.]|/amp/|amp[.]|ampproject[.]'"

SEEN = "SELECT seen_id FROM depeche.url_keys WHERE rows_of = %s FOR UPDATE"
NOTE_SEEN = "UPDATE depeche.url_keys SET seen_id = %s WHERE rows_of = %s"
LAST = """
SELECT max({id}) FROM (SELECT {id} FROM depeche.{table} WHERE {id} > %(seen)s ORDER BY {id} LIMIT %(most)s) AS next
"""
ROWS = """
SELECT {columns} FROM depeche.{table} WHERE {id} > %(seen)s AND {id} <= %(last)s AND {may_differ} ORDER BY {id}
"""
LOCK = """
SELECT pg_advisory_xact_lock(%s, number)
FROM (SELECT DISTINCT ('x' || left(key::text, 8))::bit(32)::integer AS number FROM unnest(%s::uuid[]) AS key ORDER BY 1)
AS in_order
"""


def renew_keys(connection: Connection) -> None:
    """Give all rows that were not looked at yet the keys of this version."""
    for table, columns, url, renew in (
        ("pages", "page_id, url_key AS key, url", "url", _renew_pages),
        ("articles", "article_id, article_key AS key, canonical_url AS url", "canonical_url", _renew_articles),
        ("headlines", "headline_id, url_key AS key, url, page_id, kind, label, text", "url", _renew_headlines),
    ):
        renewed, going_on = 0, True
        while going_on:
            with connection.transaction():
                rows = _next_rows(connection, table, columns, url)
                going_on = rows is not None
                renewed += renew(connection, [row for row in rows or () if _is_of_first_rule(row)])
        if renewed:
            log.info("url_keys_renewed", rows_of=table, rows=renewed)


def _next_rows(connection: Connection, table: str, columns: str, url: str) -> list[dict[str, Any]] | None:
    """Return the next rows whose keys may differ, and note that they were seen; None where no row is left."""
    names = {
        "table": table,
        "columns": columns,
        "id": columns.split(",", maxsplit=1)[0],
        "may_differ": MAY_DIFFER.format(url=url),
    }
    (seen,) = connection.execute(SEEN, [table]).fetchone() or (0,)
    given = {"seen": seen, "most": ROWS_AT_ONCE}
    (last,) = connection.execute(LAST.format(**names).encode(), given).fetchone() or (None,)
    if last is None:
        return None
    connection.execute(NOTE_SEEN, [last, table])
    return rows_of(connection, ROWS.format(**names), {"seen": seen, "last": last})


def _is_of_first_rule(row: dict[str, Any]) -> bool:
    """Whether the row's key is that which the first rule made of its URL, and is another by now; `new` is that one."""
    row["new"] = uuid.UUID(url_key(row["url"]))
    return bool(row["new"] != row["key"] == first_url_key(row["url"]))


def _lock(connection: Connection, keys: Collection[uuid.UUID]) -> None:
    connection.execute(LOCK, [PAGES_AND_ARTICLES, list(keys)])


def _renew_pages(connection: Connection, rows: list[dict[str, Any]]) -> int:
    _lock(connection, {key for row in rows for key in (row["key"], row["new"])})
    for row in rows:
        others = connection.execute(PAGE_OF, [row["new"]]).fetchone()
        if others is None:
            connection.execute(GIVE_KEY, row)
            _move_article(connection, row["key"], row["new"])
        else:
            page_id, article_key = others
            _move_article(connection, row["key"], article_key)
            given = {**row, "kept": page_id, "article_key": article_key}
            connection.execute(END_PAGE, given)
            connection.execute(HAND_ARTICLE_ON, given)
            connection.execute(END_HEADLINES, row)
    return len(rows)


# The page that has a key, and the key of the article that it was read as, or would be.
PAGE_OF = "SELECT page_id, coalesce(read_as, url_key) FROM depeche.pages WHERE url_key = %s"
GIVE_KEY = """
UPDATE depeche.pages SET url_key = %(new)s, read_as = nullif(read_as, %(new)s)
WHERE page_id = %(page_id)s AND url_key = %(key)s
"""
END_PAGE = """
UPDATE depeche.pages p SET
    fate = 'gone', reason = 'same_page', read_as = CASE WHEN p.page_type = 'article' THEN %(article_key)s END,
    detail = 'Its URL means the same page as that of page ' || %(kept)s || ', which is visited in its place.'
WHERE p.page_id = %(page_id)s
"""
HAND_ARTICLE_ON = """
UPDATE depeche.articles SET page_id = %(kept)s WHERE page_id = %(page_id)s AND article_key = %(article_key)s
"""
END_HEADLINES = """
UPDATE depeche.headlines h SET gone_at = clock_timestamp(), last_seen_at = coalesce(p.seen_at, p.fetched_at)
FROM depeche.pages p
WHERE h.page_id = %(page_id)s AND p.page_id = h.page_id AND h.gone_at IS NULL
"""


def _move_article(connection: Connection, key: uuid.UUID, into: uuid.UUID) -> None:
    """Move the article of a key that no URL has any more to another key, with the pages that were read as it.

    If there is an article that tells the same story, the one that moves out is withdrawn; if there is one that tells
    another story, nothing is changed.
    """
    found = occupants(connection, [key, into])
    if key not in found or key == into:
        return
    if into not in found:
        move(connection, key, into)
        return
    one, other = (
        Told(title=of.title or "", text=of.body, published_at=of.published_at) for of in (found[key], found[into])
    )
    if are_one_story(one, other):
        move(connection, key, into)
        connection.execute(WITHDRAW_SECOND, [key])


# The article that is left without an address, whose text the other one has.
WITHDRAW_SECOND = """
UPDATE depeche.articles a SET withdrawn_at = greatest(clock_timestamp(), a.fetched_at)
WHERE a.article_key = %s AND a.withdrawn_at IS NULL
"""


def _renew_articles(connection: Connection, rows: list[dict[str, Any]]) -> int:
    """Renew the keys that are made of a canonical URL."""
    _lock(connection, {key for row in rows for key in (row["key"], row["new"])})
    for row in rows:
        _move_article(connection, row["key"], row["new"])
    return len(rows)


# A headline that would have the key of another one of its page keeps its own: the next visit settles which is gone.
GIVE_HEADLINE_KEYS = """
UPDATE depeche.headlines h SET url_key = %(new)s, headline_key = CASE WHEN EXISTS (
    SELECT FROM depeche.headlines o WHERE o.page_id = h.page_id AND o.headline_key = %(headline_key)s
) THEN h.headline_key ELSE %(headline_key)s END
WHERE h.headline_id = %(headline_id)s AND h.url_key = %(key)s
"""
PAGES_OF = "SELECT url_key FROM depeche.pages WHERE page_id = ANY (%s)"


def _renew_headlines(connection: Connection, rows: list[dict[str, Any]]) -> int:
    pages = connection.execute(PAGES_OF, [[row["page_id"] for row in rows]]).fetchall() if rows else []
    _lock(connection, {key for (key,) in pages})
    for row in rows:
        row["headline_key"] = key_of(row["kind"], row["label"], row["text"], row["new"].hex)
        connection.execute(GIVE_HEADLINE_KEYS, row)
    return len(rows)
