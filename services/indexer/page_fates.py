"""One row a page: what became of its latest visit, and what the page is.

A visit that is older than the one stored changes nothing, with one exception: when it brought the very body that the
row was read from, as a replay from the archive does, the row says how the parser reads that body now.
"""

from datetime import datetime

import msgspec

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.values import clean
from services.indexer.withdrawal import restore, withdraw
from shared.messages import PageDropped, PageParsed

UPSERT_PARSED = """
WITH before AS (SELECT coalesce(seen_at, fetched_at) AS seen_at FROM depeche.pages WHERE url_key = %(url_key)s)
INSERT INTO depeche.pages AS p (
    url_key, url, final_url, canonical_url, source, batch, found_on, page_type, language, fate, http_status,
    content_type, body_bytes, body_sha256, archive, attempts, parser_version, flight_id, first_seen_at, fetched_at,
    seen_at, decided_at)
VALUES (
    %(url_key)s, %(url)s, %(final_url)s, %(canonical_url)s, %(source)s, %(batch)s, %(found_on)s, %(page_type)s,
    %(language)s, 'unchanged', %(http_status)s, %(content_type)s, %(body_bytes)s, %(body_sha256)s,
    %(archive)s, %(attempts)s, %(parser_version)s, %(flight_id)s, %(at)s, %(at)s, %(at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET
    final_url = excluded.final_url, canonical_url = excluded.canonical_url,
    source = coalesce(excluded.source, p.source), found_on = coalesce(p.found_on, excluded.found_on),
    batch = excluded.batch, page_type = excluded.page_type, language = excluded.language, fate = excluded.fate,
    reason = NULL, detail = NULL, http_status = excluded.http_status, content_type = excluded.content_type,
    body_bytes = excluded.body_bytes, body_sha256 = excluded.body_sha256,
    archive = coalesce(excluded.archive, CASE WHEN p.body_sha256 = excluded.body_sha256 THEN p.archive END),
    attempts = excluded.attempts, parser_version = excluded.parser_version, flight_id = excluded.flight_id,
    fetched_at = excluded.fetched_at, seen_at = excluded.seen_at, decided_at = excluded.decided_at,
    landed_at = clock_timestamp()
WHERE p.decided_at <= excluded.decided_at AND p.flight_id <> excluded.flight_id
-- xmax is 0 in a row that this statement inserted
RETURNING page_id, (xmax = 0)::int, fetched_at, (SELECT seen_at FROM before)
"""

# What became of the latest visit stays; a repeated message of the visit itself is none of these cases.
UPDATE_REREAD = """
UPDATE depeche.pages SET
    canonical_url = %(canonical_url)s, page_type = %(page_type)s, language = %(language)s,
    archive = coalesce(archive, %(archive)s), parser_version = %(parser_version)s
WHERE url_key = %(url_key)s AND body_sha256 = nullif(%(body_sha256)s, '') AND decided_at > %(at)s
    AND flight_id <> %(flight_id)s
RETURNING page_id, fetched_at
"""


class StoredPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page's row: its id, whether this visit is its first, and the visit up to which its body is as it is."""

    page_id: int
    is_new: bool
    fetched_at: datetime
    seen_before: datetime | None = None  # the visit before that read the page, or found it unchanged
    is_reread: bool = False  # an older visit with the same body: what became of the latest one is not its business


def upsert_parsed(connection: Connection, landing: Landing) -> StoredPage | None:
    """The page's row; None when this visit is stored already, or a newer one with another body is."""
    record, page = landing.record, landing.page
    if not isinstance(record, PageParsed) or page is None:
        raise TypeError("a dropped page has no parse result")
    values = {
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
        "archive": clean(record.archive),
        "attempts": record.attempt,
        "parser_version": page.parser_version,
        "flight_id": record.flight_id,
        "at": datetime.fromisoformat(record.fetched_at),
    }
    row = connection.execute(UPSERT_PARSED, values).fetchone()
    if row is not None:
        return StoredPage(page_id=row[0], is_new=bool(row[1]), fetched_at=row[2], seen_before=row[3])
    row = connection.execute(UPDATE_REREAD, values).fetchone()
    if row is None:
        return None
    return StoredPage(page_id=row[0], is_new=False, fetched_at=row[1], seen_before=row[1], is_reread=True)


MARK_STORED = "UPDATE depeche.pages SET fate = 'stored' WHERE page_id = %s"


def mark_stored(connection: Connection, page_id: int) -> None:
    """The visit brought something new."""
    connection.execute(MARK_STORED, [page_id])


UPSERT_DROPPED = """
INSERT INTO depeche.pages AS p (
    url_key, url, source, batch, found_on, fate, reason, detail, http_status, archive, attempts, flight_id,
    first_seen_at, fetched_at, decided_at)
VALUES (
    %(url_key)s, %(url)s, %(source)s, %(batch)s, %(found_on)s, %(fate)s, %(reason)s, %(detail)s, %(http_status)s,
    %(archive)s, %(attempts)s, %(flight_id)s, %(at)s, %(fetched_at)s, %(at)s)
ON CONFLICT (url_key) DO UPDATE SET
    source = coalesce(excluded.source, p.source), found_on = coalesce(p.found_on, excluded.found_on),
    batch = excluded.batch, fate = excluded.fate, reason = excluded.reason, detail = excluded.detail,
    http_status = excluded.http_status, archive = coalesce(excluded.archive, p.archive),
    attempts = excluded.attempts, flight_id = excluded.flight_id,
    fetched_at = coalesce(excluded.fetched_at, p.fetched_at),
    seen_at = CASE WHEN excluded.fate = 'unchanged' THEN excluded.decided_at ELSE p.seen_at END,
    decided_at = excluded.decided_at, landed_at = clock_timestamp()
WHERE p.decided_at <= excluded.decided_at AND p.flight_id <> excluded.flight_id
RETURNING page_id, (page_type IS NULL)::int, decided_at
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
                "archive": clean(record.archive),
                "attempts": record.attempt,
                "flight_id": record.flight_id,
                "fetched_at": datetime.fromisoformat(record.fetched_at) if record.fetched_at else None,
                # The moment of the visit: a page that was replayed from the archive is no news by being dropped now.
                "at": datetime.fromisoformat(record.fetched_at or record.dropped_at),
            },
        ).fetchone()
        if row is not None:
            page_id, is_unread, at = row[0], bool(row[1]), row[2]
            if record.fate == "gone":
                withdraw(connection, page_id, at)
            elif record.fate == "unchanged":
                restore(connection, page_id, at)
    if record.fate == "quarantined":
        texts = [clean(text) for text in (record.detail, record.traceback, record.message)]
        connection.execute(QUARANTINE, [record.flight_id, clean(record.url), record.stage, record.reason, *texts, page])
    return is_unread
