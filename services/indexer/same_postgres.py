"""Is this still the Postgres that Redis' memory belongs to, and has it not gone back in time?

A Postgres is told by its cluster, its timeline (a failover or a point-in-time recovery begins another), its database
and its table of pages (a restore makes them anew); how far it has come by its write-ahead log, of which a disk that was
set back has less.
"""

import time
import uuid

import redis
import structlog

from services.indexer.connection import Connection
from services.indexer.locks import take_for_transaction
from shared.flight.bound_memory import BoundMemory, Position

log = structlog.get_logger()

# It is looked at again after this time (s), and in each new session.
LOOK_EVERY_S = 10.0

POSITION = """
SELECT concat_ws('/', system.system_identifier, checkpoint.timeline_id, database.oid, 'depeche.pages'::regclass::oid),
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END
        - '0/0'::pg_lsn)::bigint
FROM pg_control_system() AS system, pg_control_checkpoint() AS checkpoint, pg_database AS database
WHERE database.datname = current_database()
"""
STORED = "SELECT url_key FROM depeche.pages WHERE url_key = ANY (%s::uuid[])"


class SamePostgres:
    """Looks, and mends the memory; one for all threads of an indexer."""

    def __init__(self, client: "redis.Redis") -> None:
        self._memory = BoundMemory(client)
        self._looked: dict[int, float] = {}  # session -> when it was looked at
        self._since = 0.0

    def look(self, connection: Connection) -> None:
        """Look at this session's Postgres if it is time to; the connection must be in no transaction."""
        session, now = connection.info.backend_pid, time.monotonic()
        if now < self._looked.get(session, float("-inf")) + LOOK_EVERY_S:
            return
        # First what Redis knows: another indexer may move that on while this one asks Postgres.
        known, since = self._memory.bound_to()
        self._since = max(self._since, since)  # what is being mended is not bound yet
        with connection.transaction():
            row = connection.execute(POSITION).fetchone()
        if row is None:
            raise LookupError("Postgres does not name the database that it is connected to")
        position = Position(identity=row[0], reached=row[1])
        if known is not None and (position.identity != known.identity or position.reached < known.reached):
            self._mend(connection, known, position)
        elif known is None or position.reached > known.reached:
            self._memory.bind(position)
        self._looked = {one: at for one, at in self._looked.items() if now < at + LOOK_EVERY_S} | {session: now}

    def is_of_before(self, visited_at: float) -> bool:
        """Whether a visit (Unix seconds) took place when the memory was that of what Postgres has no longer."""
        return visited_at <= self._since

    def _mend(self, connection: Connection, known: Position, position: Position) -> None:
        with connection.transaction():  # only reads, so that it holds up nobody, however long it takes
            if not take_for_transaction(connection, "memory"):  # another indexer mends it at this moment
                self._since = time.time()
                return
            log.error("postgres_is_another", known=known.identity, is_now=position.identity, reached=position.reached)
            self._since = since = time.time()
            validators = self._memory.forget_validators()
            seen = self._memory.forget_seen(lambda keys: _stored(connection, keys))
            # Only now, so that an indexer that ends before it leaves the work to the next one.
            self._memory.bind(position, since=since)
            log.error("memory_mended", pages_to_read_again=validators, pages_to_find_again=seen)


def _stored(connection: Connection, keys: list[str]) -> set[str]:
    """Return those of these URL keys that Postgres has a page of."""
    named = {key: str(uuid.UUID(key)) for key in keys}
    rows = connection.execute(STORED, [list(named.values())]).fetchall()
    stored = {str(row[0]) for row in rows}
    return {key for key, name in named.items() if name in stored}
