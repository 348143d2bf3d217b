"""One row per page: what became of its latest visit, and what the page is.

A visit older than the stored one changes nothing, with one exception: if it brought the very body that the row was read
from, as a replay from the archive does, the row then says how the parser reads that body now.

All pages of a wave go into one statement, which takes each URL once (services/indexer/store/waves.py).
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.indexer.connection import Connection, rows_of
from services.indexer.landing import Landing
from services.indexer.store.values import as_json, clean, columns, names
from services.indexer.store.withdrawal import restore, withdraw_gone
from shared.messages import PageDropped, PageParsed

PARSED = """
    url_key uuid, url text, final_url text, canonical_url text, source text, batch text, found_on text, page_type text,
    language text, http_status integer, content_type text, body_bytes integer, body_sha256 text, archive text,
    attempts integer, parser_version text, flight_id uuid, read_as uuid, fetched_at timestamptz, rights jsonb,
    wall text, faults jsonb
"""
GIVEN_PARSED = f"given AS (SELECT * FROM jsonb_to_recordset(%(pages)s::jsonb) AS page ({PARSED}))"
# The key of the article that the row named before, whether the article that it names now is still withdrawn, and
# whether another page has written the article under the page's own key.
ARTICLES = """
(SELECT coalesce(before.read_as, before.url_key) FROM depeche.pages before
 WHERE before.url_key = p.url_key AND before.page_type = 'article') AS article_before,
(SELECT a.withdrawn_at FROM depeche.articles a
 WHERE a.article_key = coalesce(p.read_as, p.url_key)) IS NOT NULL AS was_withdrawn,
p.read_as IS NULL AND p.page_type = 'article'
AND EXISTS (SELECT FROM depeche.articles a WHERE a.article_key = p.url_key AND a.page_id <> p.page_id) AS is_held
"""

# A first visit always brings something new; whether a later one does is known once headlines and articles are stored
# (MARK_STORED). xmax is 0 in a row that this statement has inserted. Its sub-selects see the rows as they were before.
# The archive does not have what the site said of the page, so a replay of the visit that the row has keeps its rights.
UPSERT_PARSED = f"""
WITH {GIVEN_PARSED}
INSERT INTO depeche.pages AS p ({names(PARSED)}, fate, first_seen_at, seen_at, decided_at)
SELECT {names(PARSED)}, 'stored', fetched_at, fetched_at, fetched_at FROM given
ON CONFLICT (url_key) DO UPDATE SET
    final_url = excluded.final_url, canonical_url = excluded.canonical_url,
    source = coalesce(excluded.source, p.source), found_on = coalesce(p.found_on, excluded.found_on),
    batch = excluded.batch, page_type = excluded.page_type, language = excluded.language, fate = 'unchanged',
    reason = NULL, detail = NULL, http_status = excluded.http_status, content_type = excluded.content_type,
    body_bytes = excluded.body_bytes, body_sha256 = excluded.body_sha256,
    archive = coalesce(excluded.archive, CASE WHEN p.body_sha256 = excluded.body_sha256 THEN p.archive END),
    attempts = excluded.attempts, parser_version = excluded.parser_version, flight_id = excluded.flight_id,
    read_as = excluded.read_as, fetched_at = excluded.fetched_at, seen_at = excluded.seen_at,
    wall = excluded.wall, faults = excluded.faults,
    rights = CASE WHEN p.decided_at = excluded.decided_at
        THEN coalesce(p.rights, excluded.rights) ELSE excluded.rights END,
    decided_at = excluded.decided_at, landed_at = clock_timestamp()
WHERE p.decided_at <= excluded.decided_at AND p.flight_id <> excluded.flight_id
RETURNING p.url_key, p.page_id, false AS is_reread, xmax = 0 AS is_new, p.fetched_at,
    (SELECT coalesce(before.seen_at, before.fetched_at) FROM depeche.pages before
     WHERE before.url_key = p.url_key) AS seen_before,
    {ARTICLES}
"""

# The columns with the end of the latest visit stay as they are. A repeated message of that same visit is excluded.
UPDATE_REREAD = f"""
WITH {GIVEN_PARSED}
UPDATE depeche.pages p SET
    canonical_url = g.canonical_url, page_type = g.page_type, language = g.language,
    archive = coalesce(p.archive, g.archive), parser_version = g.parser_version, read_as = g.read_as,
    wall = g.wall, faults = g.faults
FROM given g
WHERE p.url_key = ANY (%(keys)s) AND p.url_key = g.url_key AND p.body_sha256 = nullif(g.body_sha256, '')
    AND p.decided_at > g.fetched_at AND p.flight_id <> g.flight_id
RETURNING p.url_key, p.page_id, true AS is_reread, false AS is_new, p.fetched_at, p.fetched_at AS seen_before,
    {ARTICLES}
"""


class StoredPage(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a page, as it is after this visit was stored."""

    landing: Landing
    page_id: int
    is_reread: bool  # an older visit with the same body, which does not change the end of the latest visit
    is_new: bool
    fetched_at: datetime
    seen_before: datetime | None  # the previous visit that read the page, or found it unchanged
    article_before: uuid.UUID | None  # the key of the article that the page was read as before
    was_withdrawn: bool  # whether the article that the page is read as now was withdrawn before this visit
    is_held: bool  # whether the row of the page's own article was written by another page last

    @property
    def article_key(self) -> uuid.UUID | None:
        """The key of the article that the page was read as; None if it was read as no article."""
        return _article_key(self.landing)

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was read as an article of another key before."""
        return None not in (self.article_before, self.article_key) and self.article_before != self.article_key

    @property
    def left(self) -> list[uuid.UUID]:
        """Keys of articles that may have to be withdrawn: this page is no address of theirs any more, or has gone."""
        if self.article_before == self.article_key:
            return []
        # An older visit, of a page that has gone meanwhile, may bring an article that has no other address.
        keys = (self.article_before, self.article_key if self.is_reread else None)
        return [key for key in keys if key]


def upsert_parsed(connection: Connection, landings: Sequence[Landing]) -> list[StoredPage]:
    """Store the parsed pages; returns those that were written.

    Skips visits that are stored already, and visits older than the stored one unless they brought the same body.
    """
    if not landings:
        return []
    by_key = {landing.key: landing for landing in landings}
    stored: dict[uuid.UUID, StoredPage] = {}
    for statement in (UPSERT_PARSED, UPDATE_REREAD):
        others = {key: landing for key, landing in by_key.items() if key not in stored}
        for row in rows_of(connection, statement, _given(others)) if others else ():
            key = row.pop("url_key")
            stored[key] = StoredPage(landing=by_key[key], **row)
    return [stored[key] for key in by_key if key in stored]


def _article_key(landing: Landing) -> uuid.UUID | None:
    return landing.article_key if landing.page and landing.page.article else None


def _given(landings: dict[uuid.UUID, Landing]) -> dict[str, Any]:
    return {"keys": list(landings), "pages": as_json([_row(key, landing) for key, landing in landings.items()])}


def _row(key: uuid.UUID, landing: Landing) -> dict[str, Any]:
    record, page = landing.record, landing.page
    if not isinstance(record, PageParsed) or page is None:
        raise TypeError("a dropped page has no parse result")
    return {
        **columns(record.origin, record.answer),
        "url_key": key,
        "canonical_url": clean(page.canonical_url),
        "page_type": page.page_type,
        "language": page.language,
        "attempts": record.origin.attempt,
        "parser_version": page.parser_version,
        "flight_id": record.flight_id,
        # NULL for most pages, whose article has the page's own key.
        "read_as": article_key if (article_key := _article_key(landing)) != key else None,
        "fetched_at": datetime.fromisoformat(record.answer.fetched_at),
        "rights": record.answer.rights,
        "wall": page.wall or None,
        "faults": page.faults or None,
    }


MARK_STORED = "UPDATE depeche.pages SET fate = 'stored' WHERE page_id = ANY (%s)"


def mark_stored(connection: Connection, changed: Iterable[StoredPage]) -> None:
    """Record that these visits brought something new; the row of a first visit says so already."""
    again = [of.page_id for of in changed if not of.is_new and not of.is_reread]
    if again:
        connection.execute(MARK_STORED, [again])


DROPPED = """
    url_key uuid, url text, source text, batch text, found_on text, fate text, reason text, detail text,
    http_status integer, archive text, attempts integer, flight_id uuid, fetched_at timestamptz,
    decided_at timestamptz, rights jsonb
"""
UPSERT_DROPPED = f"""
INSERT INTO depeche.pages AS p ({names(DROPPED)}, first_seen_at)
SELECT {names(DROPPED)}, decided_at FROM jsonb_to_recordset(%(pages)s::jsonb) AS given ({DROPPED})
ON CONFLICT (url_key) DO UPDATE SET
    source = coalesce(excluded.source, p.source), found_on = coalesce(p.found_on, excluded.found_on),
    batch = excluded.batch, fate = excluded.fate, reason = excluded.reason, detail = excluded.detail,
    http_status = excluded.http_status, archive = coalesce(excluded.archive, p.archive),
    attempts = excluded.attempts, flight_id = excluded.flight_id,
    fetched_at = coalesce(excluded.fetched_at, p.fetched_at),
    rights = CASE WHEN excluded.fetched_at IS NULL THEN p.rights ELSE excluded.rights END,
    seen_at = CASE WHEN excluded.fate = 'unchanged' THEN excluded.decided_at ELSE p.seen_at END,
    decided_at = excluded.decided_at, landed_at = clock_timestamp()
WHERE p.decided_at <= excluded.decided_at AND p.flight_id <> excluded.flight_id
RETURNING url_key, page_id, fate, page_type IS NULL AS is_unread, decided_at
"""

QUARANTINE = """
INSERT INTO depeche.quarantine (flight_id, url, stage, reason, detail, traceback, message, source, page)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (flight_id) DO NOTHING
"""


def store_dropped(connection: Connection, landings: Sequence[Landing]) -> set[str]:
    """Store the dropped pages; for a quarantined page also all that is needed to look into it and to replay it.

    Returns the ids of the flights whose pages have never been stored as parsed in this database.
    """
    by_key = {landing.key: landing for landing in landings if landing.record.origin.url}
    pages = as_json([_end(key, landing) for key, landing in by_key.items()])
    rows = rows_of(connection, UPSERT_DROPPED, {"pages": pages}) if by_key else []
    withdraw_gone(connection, {row["url_key"]: row["decided_at"] for row in rows if row["fate"] == "gone"})
    restore(connection, [row["page_id"] for row in rows if row["fate"] == "unchanged"])
    for landing in landings:
        if isinstance(landing.record, PageDropped) and landing.record.fate == "quarantined":
            _quarantine(connection, landing.record, landing.body)
    return {by_key[row["url_key"]].record.flight_id for row in rows if row["is_unread"]}


def _end(key: uuid.UUID, landing: Landing) -> dict[str, Any]:
    record = landing.record
    if not isinstance(record, PageDropped):
        raise TypeError("a parsed page has not been dropped")
    return {
        "http_status": record.http_status,
        **columns(record.origin, record.answer),
        "url_key": key,
        "fate": record.fate,
        "reason": record.reason,
        "detail": clean(record.detail),
        "attempts": record.origin.attempt,
        "flight_id": record.flight_id,
        "fetched_at": datetime.fromisoformat(record.answer.fetched_at) if record.answer else None,
        "rights": record.answer.rights if record.answer else None,
        # The moment of the visit, not of the drop: a page replayed from the archive is no newer for being dropped now.
        "decided_at": datetime.fromisoformat(record.visited_at),
    }


def _quarantine(connection: Connection, record: PageDropped, body: bytes | None) -> None:
    texts = [clean(text) for text in (record.detail, record.traceback, record.message, record.origin.source)]
    url = clean(record.origin.url)
    connection.execute(QUARANTINE, [record.flight_id, url, record.stage, record.reason, *texts, body])
