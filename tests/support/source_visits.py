"""Visits of invented sources, as rows of depeche.visits."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

INSERT = """
INSERT INTO depeche.visits (page_id, flight_id, at, attempts, source, of_source, is_replay, fate, page_type,
                            parser_version, has_title, authors, has_published, body_chars, headlines, tickers)
VALUES (%(page)s, %(flight)s, %(at)s, 1, %(source)s, %(of_source)s, %(is_replay)s, %(fate)s, %(page_type)s,
        %(parser_version)s, %(has_title)s, %(authors)s, %(has_published)s, %(body_chars)s, %(headlines)s, %(tickers)s)
"""
UNREAD = dict.fromkeys(
    ("page_type", "parser_version", "has_title", "authors", "has_published", "body_chars", "headlines", "tickers")
)
ARTICLE: dict[str, Any] = {
    "page_type": "article",
    "parser_version": "1",
    "has_title": True,
    "authors": 1,
    "has_published": True,
    "body_chars": 2999,
    "headlines": 10,
    "tickers": 0,
}
NO_ARTICLE: dict[str, Any] = {
    **ARTICLE,
    "page_type": "other",
    "has_title": None,
    "authors": None,
    "has_published": None,
    "body_chars": None,
}
FRONT = {**NO_ARTICLE, "page_type": "listing", "headlines": 39, "tickers": 5, "of_source": True}


def days_ago(days: int) -> datetime:
    """Noon (UTC) of that day, and of today this very moment, so that nothing lies in the future."""
    now = datetime.now(UTC)
    return now if days == 0 else (now - timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)


def visit(database: psycopg.Connection, at: datetime, **facts: Any) -> None:
    """One visit; of a page of its own, unless `page` says otherwise, and of an article with all its fields."""
    values = {
        "page": uuid.uuid4().int % 2**60,
        "flight": uuid.uuid4(),
        "at": at,
        "source": "beacon",
        "of_source": False,
        "is_replay": False,
        "fate": "stored",
        **ARTICLE,
        **facts,
    }
    database.execute(INSERT, values)


def day_of(database: psycopg.Connection, days: int, articles: int = 8, **facts: Any) -> None:
    """A day of a source: its front page twice, and articles that it led to."""
    source = {"source": facts["source"]} if "source" in facts else {}
    for _ in range(2):
        visit(database, days_ago(days), page=1, **FRONT, **source)
    for _ in range(articles):
        visit(database, days_ago(days), **facts)


def past(database: psycopg.Connection, articles: int = 8, until: int = 2, **facts: Any) -> None:
    """Twenty days, the last one so many days ago."""
    for ago in range(until, until + 20):
        day_of(database, ago, articles, **facts)
