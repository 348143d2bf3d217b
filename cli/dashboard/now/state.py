"""What the page Now shows beside `depeche status`: the last hour, minute by minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from services.indexer.connection import Connection, rows_of

MINUTES = 60
# As in cli/status/landed.py, a page lands within minutes of its visit.
LANDED = """
SELECT date_trunc('minute', landed_at) AS minute,
       count(*) FILTER (WHERE fate IN ('stored', 'unchanged')) AS well,
       count(*) FILTER (WHERE fate NOT IN ('stored', 'unchanged')) AS ill
FROM news.visits
WHERE at >= now() - interval '2 hours' AND landed_at >= date_trunc('minute', now() - interval '59 minutes')
GROUP BY minute
"""


class LastHour(msgspec.Struct, frozen=True, kw_only=True):
    """The minutes of the last hour, oldest first, with the pages that landed in each: stored or unchanged, and others.

    The last minute is the one that has just begun.
    """

    minutes: Sequence[datetime]
    well: Sequence[int]
    ill: Sequence[int]


def last_hour(connection: Connection) -> LastHour:
    """Read the last hour."""
    found = {row["minute"]: row for row in rows_of(connection, LANDED, {})}
    now = connection.execute("SELECT date_trunc('minute', now())").fetchone()
    last = now[0] if now else datetime.now(UTC)
    minutes = [last - timedelta(minutes=ago) for ago in range(MINUTES - 1, -1, -1)]
    return LastHour(
        minutes=minutes,
        well=[found[minute]["well"] if minute in found else 0 for minute in minutes],
        ill=[found[minute]["ill"] if minute in found else 0 for minute in minutes],
    )
