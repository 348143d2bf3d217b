"""What the pages of sources show beside `depeche sources list` and `health`: how fresh and how many, day by day."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

from cli.output import Row
from services.indexer.connection import Connection, rows_of

DAYS = 7
# Articles of the last seven days (UTC) by source and day, and how long it took from when a story was published until
# its row was there. One that was older than two days when it came was backlog; one from the future has a wrong clock.
ARTICLES = """
SELECT source, (first_seen_at AT TIME ZONE 'UTC')::date AS day, count(*) AS articles,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_seen_at - published_at)) FILTER (
           WHERE published_precision = 'instant' AND published_at <= first_seen_at
               AND published_at > first_seen_at - interval '2 days') AS fresh_s
FROM news.articles
WHERE first_seen_at >= (now() AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' - interval '6 days'
    AND (%(source)s::text IS NULL OR source = %(source)s) AND source IS NOT NULL
GROUP BY source, day
"""
TODAY = "SELECT (now() AT TIME ZONE 'UTC')::date AS today"
FALLS = """
SELECT source, array_agg(field ORDER BY fell_at) AS fields, min(fell_at) AS since,
       bool_or(parser_changed) AS parser_changed
FROM news.source_falls WHERE ended_at IS NULL GROUP BY source
"""
OF_SOURCE = "SELECT url, site, kind, tags, page_id, first_seen_at FROM news.sources WHERE name = %(source)s"
VISITS = """
SELECT at, fate, reason, detail, http_status, headlines, tickers, attempts, landed_at
FROM news.visits
WHERE page_id = %(page)s AND of_source ORDER BY at DESC LIMIT 20
"""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """The articles of seven days, oldest first, today last; `fresh_s` is today's or, without one, the latest median."""

    days: Sequence[date]
    articles: Sequence[int]
    fresh: Sequence[float | None]

    @property
    def fresh_s(self) -> float | None:
        """Seconds from published to stored, of the latest day that tells."""
        return next((value for value in reversed(self.fresh) if value is not None), None)


def weeks(connection: Connection, source: str | None = None) -> Mapping[str, Week]:
    """Return the week of each source that brought anything, or of this one."""
    [row] = rows_of(connection, TODAY, {})
    days = [row["today"] - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    by_source: dict[str, dict[date, Row]] = {}
    for found in rows_of(connection, ARTICLES, {"source": source}):
        by_source.setdefault(found["source"], {})[found["day"]] = found
    return {
        name: Week(
            days=days,
            articles=[found[day]["articles"] if day in found else 0 for day in days],
            fresh=[found[day]["fresh_s"] if day in found else None for day in days],
        )
        for name, found in by_source.items()
    }


def falls(connection: Connection) -> Mapping[str, Row]:
    """Return by source which fields have fallen, and since when."""
    return {row["source"]: row for row in rows_of(connection, FALLS, {})}


def of_source(connection: Connection, name: str) -> Row | None:
    """Return what Postgres knows of the source; None where it has never been visited."""
    return next(iter(rows_of(connection, OF_SOURCE, {"source": name})), None)


def latest_visits(connection: Connection, page_id: int) -> Sequence[Row]:
    """Return the latest visits of the page that a source names, newest first."""
    return rows_of(connection, VISITS, {"page": page_id})
