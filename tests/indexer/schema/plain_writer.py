"""Visits as a writer stores them that knows nothing of an article's addresses: an indexer of before, or a person."""

from datetime import timedelta
from typing import Any

import psycopg

from services.indexer.store.articles import content_hash
from shared.urls import url_key
from tests.indexer.store.addresses import HARBOUR
from tests.support.pages import NOON, article

PAGE = """
INSERT INTO depeche.pages AS p (url_key, url, final_url, page_type, fate, flight_id, first_seen_at, fetched_at, seen_at,
                                decided_at)
VALUES (%(url_key)s, %(url)s, %(url)s, %(page_type)s, 'stored', gen_random_uuid(), %(at)s, %(at)s, %(at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET fate = 'unchanged', page_type = excluded.page_type, flight_id = excluded.flight_id,
    fetched_at = excluded.fetched_at, seen_at = excluded.seen_at, decided_at = excluded.decided_at,
    landed_at = clock_timestamp()
RETURNING page_id, flight_id
"""
ARTICLE = """
INSERT INTO depeche.articles AS a (article_key, page_id, url, title, body, blocks, images, content_hash, parser_version,
                                   first_seen_at, fetched_at)
VALUES (%(article_key)s, %(page_id)s, %(url)s, %(title)s, %(body)s, '[]', '[]', %(content_hash)s, '1', %(at)s, %(at)s)
ON CONFLICT (article_key) DO UPDATE SET page_id = excluded.page_id, url = excluded.url,
    fetched_at = excluded.fetched_at, withdrawn_at = NULL
WHERE a.fetched_at <= excluded.fetched_at AND a.withdrawn_at < excluded.fetched_at
"""
END = """
UPDATE depeche.pages SET fate = %(fate)s, flight_id = gen_random_uuid(), decided_at = %(at)s,
    seen_at = CASE WHEN %(fate)s = 'unchanged' THEN %(at)s ELSE seen_at END, landed_at = clock_timestamp()
WHERE url_key = %(url_key)s
RETURNING page_id, flight_id
"""
WITHDRAW = """
UPDATE depeche.articles SET withdrawn_at = %(at)s
WHERE page_id = %(page_id)s AND withdrawn_at IS NULL AND %(fate)s = 'gone'
"""
VISIT = """
INSERT INTO depeche.visits (page_id, flight_id, at, fate, attempts, page_type, article_id)
VALUES (%(page_id)s, %(flight_id)s, %(at)s, %(fate)s, 1, %(page_type)s,
        (SELECT article_id FROM depeche.articles WHERE article_key = %(article_key)s))
"""


def read_plainly(database: psycopg.Connection, url: str, minutes: float, canonical: str | None = HARBOUR) -> None:
    """The page read as an article."""
    given = _given(url, minutes, fate="stored", page_type="article", article_key=url_key(canonical or url))
    story = article()
    given |= {"content_hash": content_hash(story), "title": story.title, "body": story.text}
    with database.transaction():
        given["page_id"], given["flight_id"] = database.execute(PAGE, given).fetchone() or (None, None)
        database.execute(ARTICLE, given)
        database.execute(VISIT, given)


def end_plainly(database: psycopg.Connection, url: str, minutes: float, fate: str) -> None:
    """A visit that did not read the page."""
    given = _given(url, minutes, fate=fate, page_type=None, article_key=None)
    with database.transaction():
        given["page_id"], given["flight_id"] = database.execute(END, given).fetchone() or (None, None)
        database.execute(WITHDRAW, given)
        database.execute(VISIT, given)


def _given(url: str, minutes: float, **facts: Any) -> dict[str, Any]:
    return {"url": url, "url_key": url_key(url), "at": NOON + timedelta(minutes=minutes), **facts}
