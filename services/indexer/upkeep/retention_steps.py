"""The work of `depeche retention --apply`: one short transaction after the other; it may be ended during any of them.

Whole months are dropped; rows that stand among current ones are deleted BLOCKS_AT_ONCE blocks at a time. A step that is
done stays done, and the next run continues with the rest.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import msgspec
import psycopg

from services.indexer.connection import Connection
from services.indexer.locks import RETENTION, hold
from services.indexer.short_locks import Patience, with_short_locks
from services.indexer.upkeep.retention import (
    HISTORIES,
    ROW_KINDS,
    Partition,
    Policy,
    RowKind,
    held_up,
    is_over,
    last_change,
    limits,
    number_before,
    partitions_of,
)
from shared.failures import UserError

# WAIT_MS is how long writers may have to queue behind a drop: less than the second after which Postgres looks for
# deadlocks. A drop is tried ATTEMPTS times, with a pause (in seconds) in which writers go on: at least 40 s in all.
WAIT_MS, ATTEMPTS, PAUSE_S = 500, 60, 0.25
# Blocks of 8 KB that one transaction deletes from: some five thousand headlines, whose pages are locked for half a
# second.
BLOCKS_AT_ONCE = 128
# Milliseconds to wait for the lock. If it is still held then, another run is at work; before, it may be that of a run
# that was ended without Postgres having noticed it yet.
TURN_MS = 5_000


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A step, and how much it let go. `held` says why it was left out; `part` is None where single rows are deleted."""

    kind: str
    part: str | None = None
    rows: int = 0
    bytes: int = 0
    held: str | None = None


def apply_policy(connection: Connection, policy: Policy) -> Iterator[Done]:
    """Let go all that the policy does not keep, each history oldest first; yields each step once it is done.

    Raises UserError if another run is at work.
    """
    connection.execute(f"SET lock_timeout = {TURN_MS}")
    try:
        hold(connection, RETENTION)
    except psycopg.errors.LockNotAvailable as error:
        raise UserError("Another `depeche retention --apply` is at work on this database.") from error
    for kind, before in limits(connection, policy).items():
        yield from _history(connection, kind, before) if kind in HISTORIES else _rows(connection, kind, before)


def _history(connection: Connection, kind: str, before: datetime) -> Iterator[Done]:
    for part in partitions_of(connection, HISTORIES[kind]):
        rows = number_before(connection, part, before) if part.is_net else part.rows
        if is_over(part, before) or (part.is_net and rows):
            held = _without_waiting_long(connection, part, before)
            done = Done(kind=kind, part=part.name, rows=rows, bytes=0 if part.is_net else part.bytes)
            yield Done(kind=kind, part=part.name, held=held) if held else done


def _without_waiting_long(connection: Connection, part: Partition, before: datetime) -> str | None:
    patience = Patience(wait_ms=WAIT_MS, attempts=ATTEMPTS, say=partial(time.sleep, PAUSE_S))
    return with_short_locks(connection, part.name, partial(_let_go, connection, part, before), patience)


FORGET = """
UPDATE depeche.feed SET (dropped_txid, dropped_change) = (%(txid)s, %(change)s)
WHERE (dropped_txid, dropped_change) < (%(txid)s, %(change)s)
"""


def _let_go(connection: Connection, part: Partition, before: datetime) -> str | None:
    """Drop the partition, or delete from the net. Returns why its rows may not go yet; None if they are gone.

    The tables are locked first, so that rows of transactions that had begun are seen, and the feed knows of all changes
    that go. The parent is locked before its partition, as readers and writers do. For a net, which is in use, the lock
    keeps out other writers only.
    """
    with connection.transaction():
        if part.is_net:
            connection.execute(f"LOCK TABLE {part.name} IN SHARE ROW EXCLUSIVE MODE".encode())
        else:
            connection.execute(f"LOCK TABLE ONLY depeche.{part.table} IN ACCESS EXCLUSIVE MODE".encode())
            connection.execute(f"LOCK TABLE {part.name} IN ACCESS EXCLUSIVE MODE".encode())
        held = held_up(connection, part, before)
        if held:
            return held
        last = last_change(connection, part, before) if part.table == "changes" else None
        if last:
            connection.execute(FORGET, {"txid": last[0], "change": last[1]})
        if part.is_net:
            connection.execute(f"DELETE FROM {part.name} WHERE {part.key} < %s".encode(), [before])
        else:
            connection.execute(f"DROP TABLE {part.name}".encode())
    return None


LOCK_PAGES = "SELECT page_id FROM depeche.pages WHERE page_id = ANY (%s) FOR UPDATE SKIP LOCKED"
BLOCKS = "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::integer"


def _rows(connection: Connection, kind: str, before: datetime) -> Iterator[Done]:
    of = ROW_KINDS[kind]
    (blocks,) = connection.execute(BLOCKS, [of.table]).fetchone() or (0,)
    for first in range(0, blocks, BLOCKS_AT_ONCE):
        with connection.transaction():
            rows = _delete(connection, of, before, first)
        yield Done(kind=kind, rows=rows)


def _delete(connection: Connection, of: RowKind, before: datetime, first: int) -> int:
    """Delete from some blocks; returns how many rows were deleted.

    An indexer that works on a page has locked the page's row; rows of such pages stay.
    """
    may_go = f"{of.ended_at} < %(before)s AND {of.among} AND NOT ({of.unless})"
    given = {"before": before, "first": f"({first},0)", "end": f"({first + BLOCKS_AT_ONCE},0)"}
    blocks = "t.ctid >= %(first)s::tid AND t.ctid < %(end)s::tid"
    page = "t.page_id" if of.of_page else "NULL::bigint"
    found = connection.execute(f"SELECT t.ctid, {page} FROM {of.table} t WHERE {blocks} AND {may_go}".encode(), given)
    rows = found.fetchall()
    given["rows"] = [row[0] for row in rows]
    if of.of_page:
        pages = connection.execute(LOCK_PAGES, [[row[1] for row in rows]]).fetchall()
        given["pages"] = [row[0] for row in pages]
        may_go += " AND t.page_id = ANY (%(pages)s)"
    delete = f"DELETE FROM {of.table} t WHERE t.ctid = ANY (%(rows)s::tid[]) AND {may_go}"
    return connection.execute(delete.encode(), given).rowcount if rows else 0
