"""Writes to the cases of the quarantine: records that a case is replayed, and drops cases.

A case is replayed once, whichever process ends in the middle. First the case gets the id of its new flight, which is
committed before anything is sent. Then, while the row is locked, the case is sent, unless a flight with that id is in
the air or has landed; and then the row says that it was replayed. If a replay ended in between, the next one finds by
the flight id whether the case was sent.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import psycopg

from services.indexer.connection import Connection
from services.indexer.pooler import require_session
from shared.failures import UserError

# Rows, with their pages, that one transaction deletes: half a second's work at the most.
DROPPED_AT_ONCE = 200
# Milliseconds to wait for a case that another replay has locked, while that sends 50 pages to Redis.
LOCK_TIMEOUT_MS = 15_000


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a case that is needed to send its page again, as the flight `replay_flight_id`."""

    quarantine_id: int
    url: str
    message: str | None
    page: bytes | None
    replay_flight_id: str


MAY_WRITE = "SELECT page FROM depeche.quarantine WHERE false FOR UPDATE"


def require_writer(connection: Connection, who: str) -> None:
    """Raise UserError unless this user may read pages and record replays; `who` is the command that needs this."""
    try:
        connection.execute(MAY_WRITE)
    except psycopg.errors.InsufficientPrivilege as error:
        raise UserError(
            f"{who} needs a user in role depeche_writer; {connection.info.user} is not. "
            "Set DEPECHE_DATABASE_URL to the address of one that is."
        ) from error


# NUMBER and TAKE lock in the same order, so that two replays cannot deadlock.
NUMBER = """
UPDATE depeche.quarantine SET replay_flight_id = gen_random_uuid()
WHERE quarantine_id IN (SELECT quarantine_id FROM depeche.quarantine
                        WHERE quarantine_id = ANY (%s) AND replay_flight_id IS NULL
                        ORDER BY quarantine_id FOR UPDATE)
    AND replay_flight_id IS NULL
"""


def number(connection: Connection, quarantine_ids: Sequence[int]) -> None:
    """Give each of these cases the id of its next flight, if it has none."""
    require_session(connection)
    connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    connection.execute(NUMBER, [list(quarantine_ids)])


TAKE = """
SELECT quarantine_id, url, message, page, replay_flight_id FROM depeche.quarantine
WHERE quarantine_id = ANY (%s) AND replay_flight_id IS NOT NULL AND replayed_at IS NULL
ORDER BY quarantine_id FOR UPDATE
"""


def take(connection: Connection, quarantine_ids: Sequence[int]) -> list[Case]:
    """Return those of these cases that have a flight id and are not replayed; locks them until the transaction ends."""
    return [
        Case(quarantine_id=case_id, url=url, message=message, page=page, replay_flight_id=flight_id.hex)
        for case_id, url, message, page, flight_id in connection.execute(TAKE, [list(quarantine_ids)])
    ]


LANDED = "SELECT flight_id FROM depeche.visits WHERE flight_id = ANY (%s)"


def landed(connection: Connection, flight_ids: Sequence[str]) -> set[str]:
    """Return which of these flights have landed. A replay that changed nothing is not among them, and may go again."""
    rows = connection.execute(LANDED, [[uuid.UUID(flight_id) for flight_id in flight_ids]])
    return {flight_id.hex for (flight_id,) in rows}


NOTE_REPLAYED = """
UPDATE depeche.quarantine q SET replayed_at = clock_timestamp(), replay_flight_id = sent.flight_id
FROM unnest(%s::bigint[], %s::uuid[]) AS sent (quarantine_id, flight_id)
WHERE q.quarantine_id = sent.quarantine_id
"""


def note_replayed(connection: Connection, flights: Mapping[int, str]) -> None:
    """Record that these cases were sent again. `flights` has the flight id of each case."""
    connection.execute(NOTE_REPLAYED, [list(flights), [uuid.UUID(flight_id) for flight_id in flights.values()]])


DROP = "DELETE FROM depeche.quarantine WHERE quarantine_id = ANY (%s)"


def drop(connection: Connection, quarantine_ids: Sequence[int]) -> Iterator[int]:
    """Delete these cases, a few at a time; yields how many were deleted each time."""
    for start in range(0, len(quarantine_ids), DROPPED_AT_ONCE):
        yield connection.execute(DROP, [list(quarantine_ids[start : start + DROPPED_AT_ONCE])]).rowcount


PAGE = "SELECT page FROM depeche.quarantine WHERE quarantine_id = %s"


def page_of(connection: Connection, quarantine_id: int) -> bytes | None:
    """Return the page's bytes as they were fetched; None if the case has none."""
    row = connection.execute(PAGE, [quarantine_id]).fetchone()
    return row[0] if row else None
