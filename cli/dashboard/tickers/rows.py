"""Reads the lists of a page, and where their headlines stood in a stretch of time, from the views of schema `news`."""

from datetime import datetime
from typing import get_args

import msgspec

from cli.output import Row
from services.indexer.connection import Connection, rows_of
from shared.parsed_page import HeadlineKind

# A front that is visited every five minutes changes some 15,000 places in a week. What goes beyond is left out, oldest
# first, and the page says so.
MOST_PLACES = 20_000
MOST_LINES = 5_000
# Sources on one page of the choice.
MOST_SOURCES = 50
KINDS = get_args(HeadlineKind)


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time, without its end."""

    since: datetime
    until: datetime


class ListName(msgspec.Struct, frozen=True, kw_only=True):
    """What tells a headline list of a page from its others."""

    kind: str
    label: str | None = None


# The lists of each source's page, as they stand now: only those of the sources that are shown are counted.
SOURCES = """
SELECT s.name, s.url, s.page_id, s.last_visited_at, s.tags,
       (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'label', label, 'headlines', headlines)
                         ORDER BY headlines DESC, kind, label)
        FROM (SELECT kind, label, count(*) AS headlines FROM news.headlines h
              WHERE h.page_id = s.page_id AND h.gone_at IS NULL GROUP BY kind, label) AS lists) AS lists
FROM news.sources s
WHERE s.page_id IS NOT NULL AND (%(words)s::text IS NULL OR strpos(lower(s.name || ' ' || s.url), %(words)s) > 0)
ORDER BY s.name
LIMIT %(limit)s OFFSET %(offset)s
"""


def sources(connection: Connection, words: str | None, offset: int = 0) -> list[Row]:
    """Return sources with the lists of their pages, by name; one more than are shown, if there are more."""
    given = {"words": words.lower() if words else None, "offset": offset, "limit": MOST_SOURCES + 1}
    return rows_of(connection, SOURCES, given)


PAGE = """
SELECT page_id, url, source, page_type, language, first_seen_at, fetched_at, landed_at, fate
FROM news.pages WHERE page_id = %(page_id)s
"""


def page(connection: Connection, page_id: int) -> Row | None:
    """Return the page, or None where there is none of this number."""
    return next(iter(rows_of(connection, PAGE, {"page_id": page_id})), None)


# A headline that stood in the stretch came before its end and has not gone before its beginning; `gone_at` is the last
# time that it went. One that was away for the whole stretch is among them, too, and has no place in it.
STOOD = """
FROM news.headlines
WHERE page_id = %(page_id)s AND first_seen_at < %(until)s AND (gone_at IS NULL OR gone_at > %(since)s)
"""
LISTS = f"""
SELECT kind, label, count(*) AS headlines, count(*) FILTER (WHERE gone_at IS NULL) AS standing
{STOOD}
GROUP BY kind, label
ORDER BY array_position('{{ticker,latest,trending,most_read,front,feed,related}}', kind), headlines DESC, label
"""


def lists(connection: Connection, page_id: int, stretch: Stretch) -> list[Row]:
    """Return the lists of the page that had a headline in the stretch, tickers first."""
    return rows_of(connection, LISTS, {"page_id": page_id, **msgspec.structs.asdict(stretch)})


OF_LIST = f"""
SELECT headline_id, text, url, url_key, language, article_id, is_self, wordings, first_seen_at, last_seen_at, gone_at
{STOOD} AND kind = %(kind)s AND label IS NOT DISTINCT FROM %(label)s
ORDER BY gone_at DESC, headline_id DESC
LIMIT {MOST_LINES + 1}
"""
PLACES = f"""
SELECT headline_id, position, from_at, last_seen_at, to_at
FROM news.headline_positions
WHERE headline_id = ANY (%(ids)s) AND from_at < %(until)s AND (to_at IS NULL OR to_at > %(since)s)
ORDER BY from_at DESC
LIMIT {MOST_PLACES + 1}
"""
WORDINGS = f"""
SELECT headline_id, text, from_at, to_at
FROM news.headline_wordings
WHERE headline_id = ANY (%(ids)s)
ORDER BY headline_id, from_at
LIMIT {MOST_PLACES}
"""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Headlines of a list by number, their places in the stretch, and all wordings of those that have had several."""

    lines: dict[int, Row]
    places: list[Row]
    wordings: list[Row]
    is_cut: bool


def found(connection: Connection, page_id: int, which: ListName, stretch: Stretch) -> Found:
    """Return what is recorded of the list in the stretch."""
    moments = msgspec.structs.asdict(stretch)
    of_list = rows_of(connection, OF_LIST, {"page_id": page_id, **msgspec.structs.asdict(which), **moments})
    lines = {row["headline_id"]: row for row in of_list[:MOST_LINES]}
    places = rows_of(connection, PLACES, {"ids": list(lines), **moments})
    reworded = [headline_id for headline_id, row in lines.items() if row["wordings"] > 1]
    return Found(
        lines=lines,
        places=places[:MOST_PLACES],
        wordings=rows_of(connection, WORDINGS, {"ids": reworded}) if reworded else [],
        is_cut=len(of_list) > MOST_LINES or len(places) > MOST_PLACES,
    )
