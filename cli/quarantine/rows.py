"""Reads cases of the quarantine from the view news.quarantine, and selects those that are meant."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import dict_row

from cli import reading
from cli.output import Row
from services.indexer.connection import Connection
from shared.failures import UserError

# How many IDs a sentence names.
NAMED = 10


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are meant: those with these ids, or all that match every field that is not None."""

    ids: Sequence[int] = ()
    stage: str | None = None
    reason: str | None = None
    source: str | None = None
    host: str | None = None
    since: datetime | None = None
    replayed: bool | None = None


OF_CHOSEN = f"""
FROM news.quarantine q
WHERE (%(ids)s::bigint[] IS NULL OR quarantine_id = ANY (%(ids)s))
    AND (%(stage)s::text IS NULL OR stage = %(stage)s)
    AND (%(reason)s::text IS NULL OR reason = %(reason)s)
    AND (%(source)s::text IS NULL OR source = %(source)s)
    AND (%(host)s::text IS NULL OR {reading.ON_HOST.format(url="url")})
    AND (%(since)s::timestamptz IS NULL OR quarantined_at >= %(since)s)
    AND (%(replayed)s::boolean IS NULL OR (replayed_at IS NOT NULL) = %(replayed)s)
"""

# Failures of one cause share the exception's type, and the place at which its traceback ends.
CAUSES = f"""
SELECT stage, reason, kind, place, count(*) AS cases, count(*) FILTER (WHERE replayed_at IS NULL) AS waiting,
       min(quarantined_at) AS oldest, max(quarantined_at) AS newest, max(quarantine_id) AS newest_id,
       (array_agg(left(detail, 300) ORDER BY quarantine_id DESC))[1] AS detail
FROM (SELECT *, CASE WHEN traceback IS NOT NULL THEN substring(detail FROM '^[[:alnum:]_]+') END AS kind,
             substring(traceback FROM '.*File "([^"]*", line [0-9]+)') AS place
      {OF_CHOSEN}) AS case_of
GROUP BY stage, reason, kind, place
ORDER BY newest_id DESC
"""


def causes(connection: Connection, chosen: Chosen) -> list[Row]:
    """Return one row per stage, reason and cause, the one with the newest case first."""
    rows = _rows(connection, CAUSES, chosen)
    for row in rows:
        row["cause"] = _cause(row.pop("kind"), row.pop("place"))
    return rows


def _cause(kind: str | None, place: str | None) -> str | None:
    """Return a cause as text, such as `LookupError at parser/page.py:42`."""
    if place is None:
        return kind
    path, _, line = place.rpartition('", line ')
    return f"{kind or 'failed'} at {'/'.join(path.split('/')[-2:])}:{line}"


CASES = f"""
SELECT quarantine_id, quarantined_at, stage, reason, detail, url, source, flight_id, page_bytes, replayed_at,
       replay_flight_id, (SELECT fate FROM news.visits v WHERE v.flight_id = q.replay_flight_id LIMIT 1) AS replay_fate
{OF_CHOSEN}
ORDER BY quarantine_id DESC
LIMIT %(limit)s
"""


def cases(connection: Connection, chosen: Chosen, limit: int) -> list[Row]:
    """Return the newest cases, without their long fields."""
    return _rows(connection, CASES, chosen, limit=limit)


CASE = f"""
SELECT q.*, (SELECT fate FROM news.visits v WHERE v.flight_id = q.replay_flight_id LIMIT 1) AS replay_fate
{OF_CHOSEN}
"""


def case(connection: Connection, quarantine_id: int) -> Row:
    """Return all of a case but its page; raises UserError if there is no such case."""
    found = _rows(connection, CASE, Chosen(ids=[quarantine_id]))
    if not found:
        raise unknown([quarantine_id])
    return found[0]


SIZES = f"SELECT quarantine_id, page_bytes, replayed_at, replay_flight_id {OF_CHOSEN} ORDER BY quarantine_id"


def sizes(connection: Connection, chosen: Chosen) -> list[Row]:
    """Return all cases that are meant, oldest first, with their pages' sizes; raises UserError for unknown IDs."""
    found = _rows(connection, SIZES, chosen)
    missing = sorted(set(chosen.ids) - {row["quarantine_id"] for row in found})
    if missing:
        raise unknown(missing)
    return found


FATES = "SELECT fate, count(*) AS pages FROM news.visits WHERE flight_id = ANY (%s) GROUP BY fate ORDER BY pages DESC"


def fates(connection: Connection, flight_ids: Sequence[str]) -> dict[str, int]:
    """Return fate -> how many of these flights have it.

    A replay that changes nothing leaves no visit, so flights without one count as unchanged.
    """
    found: dict[str, int] = dict(
        connection.execute(FATES, [[uuid.UUID(flight_id) for flight_id in flight_ids]]).fetchall()
    )
    unchanged = len(set(flight_ids)) - sum(number for fate, number in found.items() if fate != "unchanged")
    return found | ({"unchanged": unchanged} if unchanged else {})


def unknown(ids: Sequence[int]) -> UserError:
    """Return the UserError that says that there are no such cases."""
    return UserError(
        f"No case in quarantine has the ID {named(ids)}. `depeche quarantine list` shows those that there are."
    )


def named(ids: Sequence[int]) -> str:
    """Return the IDs as text; only the first ones if there are very many."""
    return ", ".join(map(str, ids[:NAMED])) + (f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else "")


def _rows(connection: Connection, sql: str, chosen: Chosen, **more: Any) -> list[Row]:
    given = {name: getattr(chosen, name) for name in chosen.__struct_fields__}
    given["ids"] = list(chosen.ids) or None
    given["host"] = reading.as_host(chosen.host)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), {**given, **more}).fetchall()
