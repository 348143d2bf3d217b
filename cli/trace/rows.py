"""Reads the whole way of one page from the views of schema `news`."""

import re
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row

from cli import reading
from cli.output import Row
from services.indexer.connection import Connection
from shared.urls import url_key

# How many headline lists that lead to a page are shown; a story may stand in a hundred "related" rails.
MOST_FOUND = 10


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What Postgres knows of a page. Visits come newest first, headline lists that lead to the page oldest first."""

    keys: list[str]
    page: Row | None = None
    found: list[Row] = []
    more_found: int = 0
    visits: list[Row] = []
    more_visits: int = 0
    quarantine: list[Row] = []
    articles: list[Row] = []
    headlines: list[Row] = []


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How a person names a page: by any URL of it, by its page id, or by the id of one of its flights."""

    keys: list[str] = []
    page_id: int | None = None
    flight_id: str | None = None


def wanted(text: str) -> Wanted:
    """Return what a person means by this text. A URL without a scheme may be one whose scheme was left out."""
    if re.fullmatch(r"\d{1,18}", text):
        return Wanted(page_id=int(text))
    try:
        return Wanted(flight_id=uuid.UUID(text).hex)
    except ValueError:
        addresses = [text] if "://" in text else [text, f"https://{text}"]
        return Wanted(keys=[url_key(address) for address in addresses])


PAGE = """
SELECT page_id, url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language, fate, reason,
       detail, http_status, archive, parser_version, flight_id, first_seen_at, fetched_at, landed_at, rights
FROM news.pages
"""
BY_KEY = PAGE + "WHERE url_key = ANY (%(keys)s::uuid[])"
BY_ID = PAGE + "WHERE page_id = %(page_id)s"
# A canonical URL may be that of an article whose page was only asked for under another URL.
BY_ARTICLE = PAGE + "WHERE page_id IN (SELECT page_id FROM news.articles WHERE url_key = ANY (%(keys)s::uuid[]))"
BY_FLIGHT = PAGE + "WHERE page_id IN (SELECT page_id FROM news.visits WHERE flight_id = %(flight_id)s)"

VISITS = """
SELECT flight_id, at, source, batch, found_on, of_source, is_replay, fate, reason, detail, http_status, final_url,
       content_type, body_bytes, attempts, earlier_attempts, archive, parser_version, page_type, article_id, headlines,
       tickers, landed_at, count(*) OVER () AS total
FROM news.visits
WHERE page_id = %(page_id)s
ORDER BY at DESC, landed_at DESC
LIMIT %(visits)s
"""

ARTICLES = """
SELECT a.article_id, a.title, a.version, a.url, a.url_key, a.published_at, a.published_precision, a.first_seen_at,
       a.last_seen_at, a.withdrawn_at, a.story_id,
       (SELECT s.articles FROM news.stories s WHERE s.story_id = a.story_id) AS story_articles
FROM news.articles a
WHERE a.article_id IN (SELECT article_id FROM news.articles WHERE page_id = %(page_id)s
                       UNION ALL SELECT unnest(%(article_ids)s::bigint[]))
ORDER BY a.article_id
"""

HEADLINES = """
SELECT kind, count(*) AS stored, count(*) FILTER (WHERE gone_at IS NULL) AS standing
FROM news.headlines
WHERE page_id = %(page_id)s
GROUP BY kind
ORDER BY kind
"""

QUARANTINE = """
SELECT quarantine_id, flight_id, stage, reason, detail, traceback, quarantined_at, replayed_at, replay_flight_id
FROM news.quarantine
WHERE flight_id = ANY (%(flight_ids)s::uuid[])
ORDER BY quarantine_id DESC
"""

FOUND = """
SELECT page_id, page_url, source, kind, label, position, text, first_seen_at, last_seen_at, gone_at,
       count(*) OVER () AS total
FROM news.headlines
WHERE url_key = ANY (%(keys)s::uuid[]) AND page_id IS DISTINCT FROM %(page_id)s
ORDER BY first_seen_at, headline_id
LIMIT %(found)s
"""


def stored_way(database_url: str, of: Wanted, visits: int) -> Stored:
    """Return all that the database knows of the page, with its latest `visits` visits."""
    with reading.connected(database_url) as connection:
        return way_of(connection, of, visits)


def way_of(connection: Connection, of: Wanted, visits: int) -> Stored:
    """Return the same, by a connection that is there already."""
    with connection.cursor(row_factory=dict_row) as cursor:
        page = _page(cursor, of)
        if page is None:
            found = _rows(cursor, FOUND, keys=of.keys, page_id=None, found=MOST_FOUND)
            return Stored(keys=of.keys, found=found, more_found=_left_out(found))
        page_id = page["page_id"]
        visited = _rows(cursor, VISITS, page_id=page_id, visits=visits)
        more_visits = _left_out(visited)
        article_ids = [visit["article_id"] for visit in visited if visit["article_id"] is not None]
        articles = _rows(cursor, ARTICLES, page_id=page_id, article_ids=article_ids)
        keys = _keys_of(of, page, articles)
        found = _rows(cursor, FOUND, keys=keys, page_id=page_id, found=MOST_FOUND)
        flights = [page["flight_id"], *(visit["flight_id"] for visit in visited)]
        return Stored(
            keys=keys,
            page=page,
            found=found,
            more_found=_left_out(found),
            visits=visited,
            more_visits=more_visits,
            quarantine=_rows(cursor, QUARANTINE, flight_ids=flights),
            articles=[reading.with_precision(article) for article in articles],
            headlines=_rows(cursor, HEADLINES, page_id=page_id),
        )


def _page(cursor: "psycopg.Cursor[Row]", of: Wanted) -> Row | None:
    if of.page_id is not None:
        found = _rows(cursor, BY_ID, page_id=of.page_id)
    elif of.flight_id is not None:
        found = _rows(cursor, BY_FLIGHT, flight_id=of.flight_id)
    else:
        found = _rows(cursor, BY_KEY, keys=of.keys) or _rows(cursor, BY_ARTICLE, keys=of.keys)
    return found[0] if found else None


def _rows(cursor: "psycopg.Cursor[Row]", sql: str, **given: Any) -> list[Row]:
    return cursor.execute(sql.encode(), given).fetchall()


def _left_out(rows: Sequence[Row]) -> int:
    """Return how many rows were left out, a number that each row has; the number is removed from the rows."""
    totals = [row.pop("total") for row in rows]
    return totals[0] - len(rows) if totals else 0


def _keys_of(of: Wanted, page: Row, articles: Sequence[Row]) -> list[str]:
    """Return the URL keys under which headline lists may lead to the page.

    The URL that it redirects to, or its canonical URL, may be that of a front page.
    """
    return list(dict.fromkeys([*of.keys, *(row["url_key"].hex for row in (page, *articles))]))
