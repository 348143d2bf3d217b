"""One row a page: what became of its latest visit. A visit older than the one stored changes nothing."""

from datetime import datetime

import msgspec

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.values import clean
from shared.messages import PageDropped, PageParsed

UPSERT_PARSED = """
INSERT INTO depeche.pages AS p (
    url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language, fate, http_status,
    content_type, body_bytes, body_sha256, attempts, parser_version, flight_id, first_seen_at, fetched_at, decided_at)
VALUES (
    %(url_key)s, %(url)s, %(final_url)s, %(canonical_url)s, %(source)s, %(batch)s, %(found_on)s, %(page_type)s,
    %(language)s, 'unchanged', %(http_status)s, %(content_type)s, %(body_bytes)s, %(body_sha256)s,
    %(attempts)s, %(parser_version)s, %(flight_id)s, %(at)s, %(at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET
    final_url = excluded.final_url, canonical_url = excluded.canonical_url,
    source = coalesce(excluded.source, p.source), found_on = coalesce(p.found_on, excluded.found_on),
    batch = excluded.batch, page_type = excluded.page_type, language = excluded.language, fate = excluded.fate,
    reason = NULL, detail = NULL, http_status = excluded.http_status, content_type = excluded.content_type,
    body_bytes = excluded.body_bytes, body_sha256 = excluded.body_sha256, attempts = excluded.attempts,
    parser_version = excluded.parser_version, flight_id = excluded.flight_id, fetched_at = excluded.fetched_at,
    decided_at = excluded.decided_at, landed_at = clock_timestamp()
WHERE p.decided_at <= excluded.decided_at AND p.flight_id <> excluded.flight_id
RETURNING page_id, (xmax = 0)::int  -- xmax is 0 in a row that this statement inserted
"""


class StoredPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page's row: its id, and whether this visit is its first."""

    page_id: int
    is_new: bool


def upsert_parsed(connection: Connection, landing: Landing) -> StoredPage | None:
    """The page's row; None when this visit is stored already, or a newer one is."""
    record, page = landing.record, landing.page
    if not isinstance(record, PageParsed) or page is None:
        raise TypeError("a dropped page has no parse result")
    row = connection.execute(
        UPSERT_PARSED,
        {
            "url_key": landing.key,
            "url": clean(record.url),
            "final_url": clean(record.final_url),
            "canonical_url": clean(page.canonical_url),
            "source": clean(record.source),
            "batch": clean(record.batch),
            "found_on": clean(record.found_on),
            "page_type": page.page_type,
            "language": page.language,
            "http_status": record.http_status,
            "content_type": clean(record.content_type),
            "body_bytes": record.body_bytes,
            "body_sha256": record.body_sha256,
            "attempts": record.attempt,
            "parser_version": page.parser_version,
            "flight_id": record.flight_id,
            "at": datetime.fromisoformat(record.fetched_at),
        },
    ).fetchone()
    return StoredPage(page_id=row[0], is_new=bool(row[1])) if row else None


MARK_STORED = "UPDATE depeche.pages SET fate = 'stored' WHERE page_id = %s"


def mark_stored(connection: Connection, page_id: int) -> None:
    """The visit brought something new."""
    connection.execute(MARK_STORED, [page_id])


UPSERT_DROPPED = """
INSERT INTO depeche.pages AS p (
    url_key, url, source, batch, found_on, fate, reason, detail, http_status, attempts, flight_id, first_seen_at,
    fetched_at, decided_at)
VALUES (
    %(url_key)s, %(url)s, %(source)s, %(batch)s, %(found_on)s, %(fate)s, %(reason)s, %(detail)s, %(http_status)s,
    %(attempts)s, %(flight_id)s, %(at)s, %(fetched_at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET
    source = coalesce(excluded.source, p.source), found_on = coalesce(p.found_on, excluded.found_on),
    batch = excluded.batch, fate = excluded.fate, reason = excluded.reason, detail = excluded.detail,
    http_status = excluded.http_status, attempts = excluded.attempts, flight_id = excluded.flight_id,
    fetched_at = coalesce(excluded.fetched_at, p.fetched_at),
    decided_at = excluded.decided_at, landed_at = clock_timestamp()
WHERE p.decided_at <= excluded.decided_at AND p.flight_id <> excluded.flight_id
RETURNING (page_type IS NULL)::int
"""

QUARANTINE = """
INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, traceback, message, page)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (flight_id) DO NOTHING
"""


def store_dropped(connection: Connection, record: PageDropped, page: bytes | None) -> bool:
    """Store a page's end and, for a quarantined one, all that is needed to look into it and to replay it.

    Tells whether this database has never had the page itself.
    """
    is_unread = False
    if record.url:
        row = connection.execute(
            UPSERT_DROPPED,
            {
                "url_key": Landing(record=record).key,
                "url": clean(record.url),
                "source": clean(record.source),
                "batch": clean(record.batch),
                "found_on": clean(record.found_on),
                "fate": record.fate,
                "reason": record.reason,
                "detail": clean(record.detail),
                "http_status": record.http_status,
                "attempts": record.attempt,
                "flight_id": record.flight_id,
                "fetched_at": datetime.fromisoformat(record.fetched_at) if record.fetched_at else None,
                "at": datetime.fromisoformat(record.dropped_at),
            },
        ).fetchone()
        is_unread = row is not None and bool(row[0])
    if record.fate == "quarantined":
        texts = [clean(text) for text in (record.detail, record.traceback, record.message)]
        connection.execute(QUARANTINE, [record.flight_id, clean(record.url), record.stage, record.reason, *texts, page])
    return is_unread
