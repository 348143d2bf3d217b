"""Finds the rows that are older than an operator wants to keep, in tables that grow without end. Current rows stay.

History is cut into months, and whole months are dropped at once. Other rows are in tables that have current rows as
well; these rows are deleted a few at a time. services/indexer/upkeep/retention_steps.py drops and deletes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from services.indexer.connection import Connection
from services.indexer.settings import RetentionSettings
from shared.failures import UserError

# Kind -> its table, cut into months.
HISTORIES = {
    "visits": "visits",
    "changes": "changes",
    "versions": "article_versions",
    "positions": "headline_positions",
    "wordings": "headline_wordings",
}


class RowKind(msgspec.Struct, frozen=True, kw_only=True):
    """Old rows among the current rows `t` of a table. The strings are SQL.

    `among` says which rows may go at all, `ended_at` when such a row ended, `unless` what keeps it in spite of its age.
    """

    table: str
    ended_at: str
    among: str
    unless: str  # true while history that belongs to the row is kept
    of_page: bool  # whether an indexer locks the row of the page before it writes such a row


ROW_KINDS = {
    "headlines": RowKind(
        table="depeche.headlines",
        ended_at="t.gone_at",
        among="t.gone_at IS NOT NULL",
        unless="""EXISTS (SELECT FROM depeche.headline_positions i WHERE i.headline_id = t.headline_id)
            OR EXISTS (SELECT FROM depeche.headline_wordings w WHERE w.headline_id = t.headline_id)""",
        of_page=True,
    ),
    "quarantine": RowKind(
        table="depeche.quarantine", ended_at="t.quarantined_at", among="true", unless="false", of_page=False
    ),
    "pages": RowKind(
        table="depeche.pages",
        ended_at="t.decided_at",
        among="""NOT EXISTS (SELECT FROM depeche.articles a WHERE a.page_id = t.page_id)
            AND NOT EXISTS (SELECT FROM depeche.articles a
                            WHERE t.page_type = 'article' AND a.article_key = coalesce(t.read_as, t.url_key))
            AND NOT EXISTS (SELECT FROM depeche.headlines h WHERE h.page_id = t.page_id)""",
        unless="EXISTS (SELECT FROM depeche.visits v WHERE v.page_id = t.page_id)",
        of_page=True,
    ),
}
KINDS = (*HISTORIES, *ROW_KINDS)

Policy = Mapping[str, timedelta | None]


def policy_of(settings: RetentionSettings) -> Policy:
    """Return kind -> how long it is kept; None for a kind that is always kept."""
    return {kind: getattr(settings, f"keep_{kind}") for kind in KINDS}


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """A partition of a history; the net is the one for rows that no other takes. `rows` is a count or an estimate."""

    table: str
    key: str
    name: str
    is_net: bool
    to_at: datetime | None
    rows: int
    bytes: int


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of a kind, and how much the policy would let go.

    `bytes` is None for rows that share a table with current ones.
    """

    kind: str
    keep: timedelta | None
    partitions: int | None
    rows: int
    bytes: int | None
    oldest: datetime | None
    going_partitions: int
    going_rows: int
    going_bytes: int | None
    next_at: datetime | None = None  # when the next month may go
    held: str | None = None  # why other rows that are as old cannot go


NOT_OWNED = """
SELECT pg_get_userbyid(relowner), current_user FROM pg_class
WHERE relnamespace = to_regnamespace('depeche') AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE')
LIMIT 1
"""


def require_owner(connection: Connection, who: str) -> None:
    """Raise UserError unless this user may drop and delete; `who` is the command that needs this."""
    other = connection.execute(NOT_OWNED).fetchone()
    if other:
        raise UserError(
            f"{who} needs the owner of the tables, {other[0]}; {other[1]} may not delete. "
            "Set DEPECHE_DATABASE_URL to the address that `depeche migrate` is run with."
        )


NOW = "SELECT now()"


def limits(connection: Connection, policy: Policy) -> dict[str, datetime]:
    """Return kind -> the moment before which its rows may go; leaves out kinds that are always kept."""
    (now,) = connection.execute(NOW).fetchone() or (None,)
    return {kind: now - keep for kind, keep in policy.items() if keep is not None}


PARTITIONS = """
SELECT of_table, key, part_id::regclass::text, is_net, to_at, reltuples::bigint, pg_total_relation_size(part_id)
FROM depeche.partitions JOIN pg_class ON oid = part_id
WHERE of_table = %s ORDER BY is_net, from_at NULLS FIRST
"""


def partitions_of(connection: Connection, table: str) -> list[Partition]:
    """Return the partitions of a table, oldest first, the net at the end. Rows are counted where no estimate exists."""
    found = [
        Partition(table=row[0], key=row[1], name=row[2], is_net=row[3], to_at=row[4], rows=row[5], bytes=row[6])
        for row in connection.execute(PARTITIONS, [table]).fetchall()
    ]
    return [
        msgspec.structs.replace(part, rows=_number(connection, f"SELECT count(*) FROM {part.name}"))
        if part.rows <= 0
        else part
        for part in found
    ]


def survey(connection: Connection, policy: Policy) -> list[Holding]:
    """Return how much there is of each kind, and how much of it the policy would let go."""
    before = limits(connection, policy)
    histories = [_history(connection, kind, policy[kind], before.get(kind)) for kind in HISTORIES]
    return histories + [_rows(connection, kind, policy[kind], before.get(kind)) for kind in ROW_KINDS]


def _history(connection: Connection, kind: str, keep: timedelta | None, before: datetime | None) -> Holding:
    parts = partitions_of(connection, HISTORIES[kind])
    going = [part for part in parts if is_over(part, before)]
    staying = next((part.to_at for part in parts if part.to_at and part.rows and part not in going), None)
    nets = [part for part in parts if part.is_net]
    in_nets = sum(number_before(connection, net, before) for net in nets) if before else 0
    return Holding(
        kind=kind,
        keep=keep,
        partitions=len(parts),
        rows=sum(part.rows for part in parts),
        bytes=sum(part.bytes for part in parts),
        oldest=_oldest(connection, parts),
        going_partitions=len(going),
        going_rows=sum(part.rows for part in going) + in_nets,
        going_bytes=sum(part.bytes for part in going),
        next_at=staying + keep if staying and keep else None,
        held=next(filter(None, (held_up(connection, part, before) for part in going)), None) if before else None,
    )


def is_over(part: Partition, before: datetime | None) -> bool:
    """Return whether all rows that the partition can hold are older than `before`."""
    return before is not None and part.to_at is not None and part.to_at <= before


LAST_CHANGE = "SELECT txid, change_id FROM {} WHERE recorded_at < %s ORDER BY txid DESC, change_id DESC LIMIT 1"
FEED_HELD = """
SELECT 1 FROM depeche.feed WHERE %s >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset
"""
BEHIND = """
SELECT name FROM depeche.followers
WHERE cursor IS NULL OR (split_part(cursor, '.', 1)::bigint, split_part(cursor, '.', 2)::bigint) < (%s, %s)
ORDER BY name
"""


def last_change(connection: Connection, part: Partition, before: datetime) -> tuple[int, int] | None:
    """Return txid and change id of the last change, in the order of the feed, that was recorded before a moment."""
    row = connection.execute(LAST_CHANGE.format(part.name).encode(), [before]).fetchone()
    return (row[0], row[1]) if row else None


def held_up(connection: Connection, part: Partition, before: datetime) -> str | None:
    """Return why changes may not go yet; None if they may.

    They stay while a follower of the indexer has yet to read them, or while an open transaction keeps all readers back.
    """
    last = last_change(connection, part, before) if part.table == "changes" else None
    if last is None:
        return None
    if connection.execute(FEED_HELD, [last[0]]).fetchone():
        return "an open transaction holds up the feed"
    behind = [row[0] for row in connection.execute(BEHIND, last)]
    return f"the indexer has yet to read them for {' and '.join(behind)}" if behind else None


def number_before(connection: Connection, part: Partition, before: datetime) -> int:
    """Return how many rows of a partition are older than `before`."""
    return _number(connection, f"SELECT count(*) FROM {part.name} WHERE {part.key} < %s", before)


def _oldest(connection: Connection, parts: list[Partition]) -> datetime | None:
    """Return the time of the oldest row; looks only into the first partition with rows, and into the net."""
    filled = [part for part in parts if part.rows]
    some = filled[:1] + [part for part in filled[1:] if part.is_net]
    found = [connection.execute(f"SELECT min({part.key}) FROM {part.name}".encode()).fetchone() for part in some]
    return min((row[0] for row in found if row and row[0]), default=None)


def _rows(connection: Connection, kind: str, keep: timedelta | None, before: datetime | None) -> Holding:
    of = ROW_KINDS[kind]
    facts = f"SELECT count(*), min({of.ended_at}), pg_total_relation_size('{of.table}')"
    row = connection.execute(f"{facts} FROM {of.table} t WHERE {of.among}".encode()).fetchone()
    number, oldest, size = row or (0, None, 0)
    old = going = 0
    if before:
        is_old = f"SELECT count(*) FROM {of.table} t WHERE {of.among} AND {of.ended_at} < %s"
        old, going = _number(connection, is_old, before), _number(connection, f"{is_old} AND NOT ({of.unless})", before)
    return Holding(
        kind=kind,
        keep=keep,
        partitions=None,
        rows=number,
        bytes=size if kind == "quarantine" else None,
        oldest=oldest,
        going_partitions=0,
        going_rows=going,
        going_bytes=None,
        held=f"{old - going} more as old are in history that is kept" if old > going else None,
    )


def _number(connection: Connection, sql: str, *given: object) -> int:
    row = connection.execute(sql.encode(), given).fetchone()
    return int(row[0]) if row else 0
