"""Each headline of a page once, with its place; one that left the page keeps its row and gets a `gone_at`."""

from datetime import datetime
from typing import Any

import msgspec

from services.indexer.article_store import as_json
from services.indexer.connection import Connection
from services.indexer.values import digest, moment
from shared.parsed_page import Headline
from shared.urls import url_key

UPSERT_HEADLINES = """
INSERT INTO depeche.headlines AS h (
    page_id, headline_key, kind, label, position, text, url, url_key, language, published_at, published_precision,
    is_self, first_seen_at)
SELECT %(page_id)s, headline_key, kind, label, position, text, url, url_key, language, published_at,
       published_precision, is_self, %(at)s
FROM jsonb_to_recordset(%(headlines)s::jsonb) AS given (
    headline_key uuid, kind text, label text, position integer, text text, url text, url_key uuid, language text,
    published_at timestamptz, published_precision text, is_self boolean)
ON CONFLICT (page_id, headline_key) DO UPDATE SET
    label = excluded.label, position = excluded.position, text = excluded.text, url = excluded.url,
    language = excluded.language, published_at = excluded.published_at,
    published_precision = excluded.published_precision, is_self = excluded.is_self, gone_at = NULL
WHERE (h.label, h.position, h.text, h.url, h.language, h.published_at, h.published_precision, h.is_self, h.gone_at)
    IS DISTINCT FROM (excluded.label, excluded.position, excluded.text, excluded.url, excluded.language,
                      excluded.published_at, excluded.published_precision, excluded.is_self, NULL)
"""

MARK_GONE = """
UPDATE depeche.headlines SET gone_at = %(at)s
WHERE page_id = %(page_id)s AND gone_at IS NULL AND headline_key <> ALL (%(keys)s::uuid[])
"""


def upsert_headlines(connection: Connection, page_id: int, headlines: list[Headline], at: datetime) -> bool:
    """Make the page's headlines those that were seen `at`; true when anything is different now."""
    rows: dict[str, dict[str, Any]] = {}
    for headline in headlines:
        row = _row(headline)
        rows.setdefault(row["headline_key"], row)
    changed = 0
    if rows:
        given = {"page_id": page_id, "at": at, "headlines": as_json(list(rows.values()))}
        changed += connection.execute(UPSERT_HEADLINES, given).rowcount
    gone = {"page_id": page_id, "at": at, "keys": list(rows)}
    changed += connection.execute(MARK_GONE, gone).rowcount
    return changed > 0


def _row(headline: Headline) -> dict[str, Any]:
    published = moment(headline.published_at)
    target = url_key(headline.url) if headline.url else None
    folded = " ".join(headline.text.casefold().split())
    list_of = f"{headline.kind} {' '.join((headline.label or '').casefold().split())}"  # two lists may share a kind
    return {
        **msgspec.to_builtins(headline),
        "headline_key": str(
            digest(list_of.encode("utf-8", "replace"), folded.encode("utf-8", "replace"), (target or "").encode())
        ),
        "url_key": target,
        "published_at": published.at.isoformat() if published.at else None,
        "published_precision": published.precision,
    }
