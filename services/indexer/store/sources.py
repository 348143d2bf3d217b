"""One row per source, with what sources.toml says of it: each visit of the source's own page tells.

A visit that tells what is known already, as nearly all do, writes nothing and locks nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.store.values import as_json, clean
from shared.messages import PageDropped
from shared.sites import site_of

# In the order of the names, so that two indexers that write the same sources do not wait for each other in a circle.
NOTE_SOURCES = """
WITH given AS (
    SELECT g.name, g.url, g.site, p.page_id, coalesce(g.tags, k.tags, '{}') AS tags, g.told_at
    FROM jsonb_to_recordset(%(sources)s::jsonb)
        AS g (name text, url text, site text, url_key uuid, tags text[], told_at timestamptz)
    JOIN depeche.pages p ON p.url_key = g.url_key
    LEFT JOIN depeche.sources k ON k.name = g.name
    WHERE k.name IS NULL OR k.told_at < g.told_at
        AND (k.url, k.site, k.page_id, k.tags) IS DISTINCT FROM (g.url, g.site, p.page_id, coalesce(g.tags, k.tags))
    ORDER BY g.name
)
INSERT INTO depeche.sources AS s (name, url, site, page_id, tags, first_seen_at, told_at)
SELECT name, url, site, page_id, tags, told_at, told_at FROM given
ON CONFLICT (name) DO UPDATE SET
    url = excluded.url, site = excluded.site, page_id = excluded.page_id, tags = excluded.tags,
    told_at = excluded.told_at
WHERE s.told_at < excluded.told_at
"""


def note_sources(connection: Connection, landings: Iterable[Landing]) -> None:
    """Store what these visits tell of their sources, once their pages have rows.

    Replayed visits tell nothing, since sources.toml may have changed since.
    """
    told: dict[str, dict[str, Any]] = {}
    for landing in landings:
        origin = landing.record.origin
        if origin.source and origin.url and origin.visit.of_source and not origin.visit.replayed:
            row = _row(landing)
            known = told.get(row["name"])
            if known is None or known["told_at"] <= row["told_at"]:
                told[row["name"]] = row
    if told:
        connection.execute(NOTE_SOURCES, {"sources": as_json(list(told.values()))})


def _row(landing: Landing) -> dict[str, Any]:
    record = landing.record
    origin = record.origin
    host = urlsplit(origin.url).hostname or ""
    tags = origin.visit.tags
    at = record.visited_at if isinstance(record, PageDropped) else record.answer.fetched_at
    return {
        "name": clean(origin.source),
        "url": clean(origin.url),
        "site": clean(site_of(host) or host),
        "url_key": landing.key,
        "tags": None if tags is None else [clean(tag) for tag in tags],
        "told_at": datetime.fromisoformat(at),
    }
