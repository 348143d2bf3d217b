"""Stores each headline of a page once, with its position and its wording, and its earlier positions and wordings.

A visit that finds no headline changed writes nothing. A headline that has left the page keeps its row and gets a
`gone_at`.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from services.indexer.connection import Connection
from services.indexer.store.headline_changes import HeadlineChanges, Known, Line, differences, lines_of
from services.indexer.store.pages import StoredPage
from services.indexer.store.values import as_json

# The columns of a Line, in its order.
LINE = """headline_key, kind, label, position, text, url, url_key, language, published_at, published_precision, is_self,
    cuts"""
KNOWN = f"""
SELECT page_id, headline_id, false, {LINE}
FROM depeche.headlines
WHERE page_id = ANY (%(pages)s) AND gone_at IS NULL
UNION ALL
SELECT page_id, headline_id, true, {LINE}
FROM unnest(%(of)s::bigint[], %(keys)s::uuid[]) AS seen (page_id, headline_key)
JOIN depeche.headlines USING (page_id, headline_key)
WHERE gone_at IS NOT NULL
"""


def upsert_headlines(connection: Connection, stored: Sequence[StoredPage]) -> set[int]:
    """Make the pages' headlines those that the visits saw; returns the ids of the pages where any has changed."""
    seen = {of.page_id: lines_of(of.landing.page.headlines) for of in stored if of.landing.page}
    known = _known(connection, {of.page_id: seen[of.page_id] for of in stored if not of.is_new})
    changes = [(of, differences(known[of.page_id], seen[of.page_id])) for of in stored]
    _mark_gone(connection, changes)
    _update_changed(connection, changes)
    _insert_new(connection, changes)
    return {of.page_id for of, different in changes if different}


def _known(connection: Connection, seen: dict[int, list[Line]]) -> dict[int, list[Known]]:
    known: dict[int, list[Known]] = defaultdict(list)
    if not seen:
        return known
    pairs = [(page_id, line.headline_key) for page_id, lines in seen.items() for line in lines]
    given = {"pages": list(seen), "of": [page_id for page_id, _ in pairs], "keys": [key for _, key in pairs]}
    for page_id, headline_id, is_gone, *values in connection.execute(KNOWN, given):
        line = Line(**dict(zip(Line.__struct_fields__, values, strict=True)))
        known[page_id].append(Known(headline_id=headline_id, is_gone=is_gone, line=line))
    return known


GIVEN = """
given AS (
    SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS line (
        page_id bigint, headline_id bigint, headline_key uuid, kind text, label text, position integer, text text,
        url text, url_key uuid, language text, published_at timestamptz, published_precision text, is_self boolean,
        cuts text[], at timestamptz, seen_before timestamptz))
"""

INSERT_NEW = f"""
WITH {GIVEN}
INSERT INTO depeche.headlines (page_id, {LINE}, first_seen_at)
SELECT page_id, {LINE}, at FROM given
"""

# When one visit is read by two parsers, the first reading lasted no time (since.at = g.at) and leaves no row. The ids
# are given a second time, as an array: Postgres takes `given` for a hundred rows, and would read the whole table to
# join them, but it knows the length of an array.
UPDATE_CHANGED = f"""
WITH {GIVEN}, moved AS (
    INSERT INTO depeche.headline_positions (headline_id, position, from_at, last_seen_at, to_at)
    SELECT h.headline_id, h.position, since.at, greatest(since.at, g.seen_before), g.at
    FROM given g JOIN depeche.headlines h USING (headline_id),
        LATERAL (SELECT coalesce(h.position_since, h.first_seen_at) AS at) AS since
    WHERE h.headline_id = ANY (%(ids)s) AND h.gone_at IS NULL AND h.position <> g.position AND since.at < g.at
), reworded AS (
    INSERT INTO depeche.headline_wordings (headline_id, text, from_at, to_at)
    SELECT h.headline_id, h.text, since.at, g.at
    FROM given g JOIN depeche.headlines h USING (headline_id),
        LATERAL (SELECT coalesce(h.worded_since, h.first_seen_at) AS at) AS since
    WHERE h.headline_id = ANY (%(ids)s) AND h.text <> g.text AND since.at < g.at
)
UPDATE depeche.headlines h SET
    headline_key = g.headline_key, label = g.label, position = g.position, text = g.text, url = g.url,
    url_key = g.url_key, language = g.language, published_at = g.published_at,
    published_precision = g.published_precision, is_self = g.is_self, cuts = g.cuts, gone_at = NULL,
    last_seen_at = NULL,
    position_since = CASE WHEN h.gone_at IS NULL AND h.position = g.position THEN h.position_since
        ELSE greatest(h.position_since, g.at) END,
    worded_since = CASE WHEN h.text = g.text THEN h.worded_since ELSE greatest(h.worded_since, g.at) END,
    wordings = h.wordings + (h.text <> g.text AND coalesce(h.worded_since, h.first_seen_at) < g.at)::int
FROM given g
WHERE h.headline_id = ANY (%(ids)s) AND h.headline_id = g.headline_id
"""

MARK_GONE = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(at)s::timestamptz[], %(before)s::timestamptz[])
        AS gone (headline_id, at, seen_before)
), ended AS (
    INSERT INTO depeche.headline_positions (headline_id, position, from_at, last_seen_at, to_at)
    SELECT h.headline_id, h.position, since.at, greatest(since.at, g.seen_before), g.at
    FROM given g JOIN depeche.headlines h USING (headline_id),
        LATERAL (SELECT coalesce(h.position_since, h.first_seen_at) AS at) AS since
    WHERE h.headline_id = ANY (%(ids)s) AND since.at < g.at
)
UPDATE depeche.headlines h SET gone_at = g.at, last_seen_at = greatest(h.first_seen_at, g.seen_before)
FROM given g
WHERE h.headline_id = ANY (%(ids)s) AND h.headline_id = g.headline_id
"""

Changes = Sequence[tuple[StoredPage, HeadlineChanges]]


def _mark_gone(connection: Connection, changes: Changes) -> None:
    gone = [(of, headline_id) for of, different in changes for headline_id in different.gone]
    if gone:
        ids = [headline_id for _, headline_id in gone]
        at, before = [of.fetched_at for of, _ in gone], [of.seen_before for of, _ in gone]
        connection.execute(MARK_GONE, {"ids": ids, "at": at, "before": before})


def _update_changed(connection: Connection, changes: Changes) -> None:
    changed = [(of, change) for of, different in changes for change in different.changed]
    if changed:
        rows = [_row(of, change.line) | {"headline_id": change.headline_id} for of, change in changed]
        ids = [change.headline_id for _, change in changed]
        connection.execute(UPDATE_CHANGED, {"ids": ids, "lines": as_json(rows)})


def _insert_new(connection: Connection, changes: Changes) -> None:
    rows = [_row(of, line) for of, different in changes for line in different.new]
    if rows:
        connection.execute(INSERT_NEW, {"lines": as_json(rows)})


def _row(of: StoredPage, line: Line) -> dict[str, Any]:
    times = {"at": of.fetched_at, "seen_before": of.seen_before}
    return {"page_id": of.page_id, **times, **msgspec.structs.asdict(line)}
