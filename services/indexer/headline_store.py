"""Each headline of a page once, with its place and its wording, and where it stood and how it read before.

A visit that finds all as it was writes nothing. One that left the page keeps its row and gets a `gone_at`.
"""

import msgspec

from services.indexer.article_store import as_json
from services.indexer.connection import Connection
from services.indexer.headline_changes import HeadlineChanges, Known, Line, differences, lines_of
from services.indexer.page_fates import StoredPage
from shared.parsed_page import Headline

KNOWN = """
SELECT headline_id, gone_at IS NOT NULL, headline_key, kind, label, position, text, url, url_key, language,
       published_at, published_precision, is_self, cuts
FROM depeche.headlines
WHERE page_id = %(page_id)s AND (gone_at IS NULL OR headline_key = ANY (%(keys)s))
"""


def upsert_headlines(connection: Connection, of: StoredPage, headlines: list[Headline]) -> bool:
    """Make the page's headlines those that the visit saw; true when anything is different now."""
    seen = lines_of(headlines)
    known = [] if of.is_new else _known(connection, of.page_id, seen)
    changes = differences(known, seen)
    _write(connection, of, changes)
    return bool(changes)


def _known(connection: Connection, page_id: int, seen: list[Line]) -> list[Known]:
    given = {"page_id": page_id, "keys": [line.headline_key for line in seen]}
    names = Line.__struct_fields__
    return [
        Known(headline_id=row[0], is_gone=row[1], line=Line(**dict(zip(names, row[2:], strict=True))))
        for row in connection.execute(KNOWN, given)
    ]


GIVEN = """
given AS (
    SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS line (
        headline_id bigint, headline_key uuid, kind text, label text, position integer, text text, url text,
        url_key uuid, language text, published_at timestamptz, published_precision text, is_self boolean,
        cuts text[]))
"""

INSERT_NEW = f"""
WITH {GIVEN}
INSERT INTO depeche.headlines (
    page_id, headline_key, kind, label, position, text, url, url_key, language, published_at, published_precision,
    is_self, cuts, first_seen_at)
SELECT %(page_id)s, headline_key, kind, label, position, text, url, url_key, language, published_at,
       published_precision, is_self, cuts, %(at)s
FROM given
"""

# What a visit saw twice, read by two parsers, has stood nowhere for no time. The ids are named twice, since Postgres
# takes `given` for a hundred rows and reads the whole table to join them; of an array it knows better.
UPDATE_CHANGED = f"""
WITH {GIVEN}, moved AS (
    INSERT INTO depeche.headline_positions (headline_id, position, from_at, last_seen_at, to_at)
    SELECT h.headline_id, h.position, since.at, greatest(since.at, %(seen_before)s), %(at)s
    FROM given g JOIN depeche.headlines h USING (headline_id),
        LATERAL (SELECT coalesce(h.position_since, h.first_seen_at) AS at) AS since
    WHERE h.headline_id = ANY (%(ids)s) AND h.gone_at IS NULL AND h.position <> g.position AND since.at < %(at)s
), reworded AS (
    INSERT INTO depeche.headline_wordings (headline_id, text, from_at, to_at)
    SELECT h.headline_id, h.text, since.at, %(at)s
    FROM given g JOIN depeche.headlines h USING (headline_id),
        LATERAL (SELECT coalesce(h.worded_since, h.first_seen_at) AS at) AS since
    WHERE h.headline_id = ANY (%(ids)s) AND h.text <> g.text AND since.at < %(at)s
)
UPDATE depeche.headlines h SET
    headline_key = g.headline_key, label = g.label, position = g.position, text = g.text, url = g.url,
    url_key = g.url_key, language = g.language, published_at = g.published_at,
    published_precision = g.published_precision, is_self = g.is_self, cuts = g.cuts, gone_at = NULL,
    last_seen_at = NULL,
    position_since = CASE WHEN h.gone_at IS NULL AND h.position = g.position THEN h.position_since
        ELSE greatest(h.position_since, %(at)s) END,
    worded_since = CASE WHEN h.text = g.text THEN h.worded_since ELSE greatest(h.worded_since, %(at)s) END,
    wordings = h.wordings + (h.text <> g.text AND coalesce(h.worded_since, h.first_seen_at) < %(at)s)::int
FROM given g
WHERE h.headline_id = ANY (%(ids)s) AND h.headline_id = g.headline_id
"""

MARK_GONE = """
WITH ended AS (
    INSERT INTO depeche.headline_positions (headline_id, position, from_at, last_seen_at, to_at)
    SELECT h.headline_id, h.position, since.at, greatest(since.at, %(seen_before)s), %(at)s
    FROM depeche.headlines h, LATERAL (SELECT coalesce(h.position_since, h.first_seen_at) AS at) AS since
    WHERE h.headline_id = ANY (%(gone)s) AND since.at < %(at)s
)
UPDATE depeche.headlines SET gone_at = %(at)s, last_seen_at = greatest(first_seen_at, %(seen_before)s)
WHERE headline_id = ANY (%(gone)s)
"""


def _write(connection: Connection, of: StoredPage, changes: HeadlineChanges) -> None:
    given = {"page_id": of.page_id, "at": of.fetched_at, "seen_before": of.seen_before}
    if changes.gone:
        connection.execute(MARK_GONE, {**given, "gone": changes.gone})
    if changes.changed:
        rows = [_row(change.line) | {"headline_id": change.headline_id} for change in changes.changed]
        ids = [change.headline_id for change in changes.changed]
        connection.execute(UPDATE_CHANGED, {**given, "ids": ids, "lines": as_json(rows)})
    if changes.new:
        connection.execute(INSERT_NEW, {**given, "lines": as_json([_row(line) for line in changes.new])})


def _row(line: Line) -> dict[str, object]:
    return msgspec.structs.asdict(line)
