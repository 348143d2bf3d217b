"""PageParsed and PageDropped -> Postgres: one transaction a batch, all or nothing a page."""

import time
from collections.abc import Sequence
from typing import Any

import redis
import structlog

from services.indexer.article_store import upsert_article
from services.indexer.connection import Connection, Pool
from services.indexer.errors import postgres_failures
from services.indexer.headline_store import upsert_headlines
from services.indexer.landing import Landing, load
from services.indexer.locks import take_turns
from services.indexer.metrics import BATCH_SECONDS, BATCHES_POSTPONED
from services.indexer.page_fates import StoredPage, mark_stored, store_dropped, upsert_parsed
from services.indexer.visits import note_visit
from shared.failures import RetryLater, ServerUnavailable
from shared.intake import Backbone, read_message
from shared.ledger import Move
from shared.messages import PageDropped, PageParsed, Validators
from shared.stage import settle

log = structlog.get_logger()


# Seconds until Postgres is tried again after it has failed. Batches that come meanwhile wait for that moment without
# trying: else each page in the air would make it fail, and say so, on its own, ten times a second with 60 pages.
POSTGRES_PAUSE_S = 3.0

# By flight: what later visits are to know of its page, None where they are to know nothing.
Memory = dict[str, Validators | None]


class Indexer:
    """Stores what a message brings, and lands its flights once that is committed."""

    def __init__(self, backbone: Backbone, pool: Pool, *, pause_s: float = POSTGRES_PAUSE_S) -> None:
        self._backbone = backbone
        self._pool = pool
        self._pause_s = pause_s
        self._try_again_at = 0.0

    def run(self, message: dict[str, Any]) -> None:
        """Store the message's pages. Postgres failing makes them wait; Redis failing leaves them to the reconciler."""
        try:
            records = read_message("index", self._backbone, message, PageParsed | PageDropped)
            if self._try_again_at > time.monotonic():
                self._wait(records)
                return
            try:
                with BATCH_SECONDS.time():
                    memory = self._store(records)
            except ServerUnavailable as error:
                BATCHES_POSTPONED.inc()
                log.warning("postgres_unavailable", pages=len(records), error=str(error))
                self._try_again_at = time.monotonic() + self._pause_s
                self._wait(records)
                return
            failed = [record for record in records if isinstance(record, PageDropped) and record.fate == "failed"]
            self._backbone.ledger.note_failed([record.flight_id for record in failed])
            # An unchanged list is not followed; one that led to a failure must be, so that it is tried again.
            self._backbone.ledger.forget_validators([record.found_on for record in failed if record.found_on])
            self._backbone.ledger.land([record.flight_id for record in records], memory)
        except redis.RedisError as error:
            log.warning("redis_failed", stage="index", error=str(error))

    def _wait(self, records: Sequence[PageParsed | PageDropped]) -> None:
        """In the frontier, all until the same moment, so that they come back in few messages."""
        due_in = max(0.0, self._try_again_at - time.monotonic())
        moves = [Move(flight_id=record.flight_id, stage="index", record=record, due_in=due_in) for record in records]
        self._backbone.ledger.wait("index", moves)

    def _store(self, records: Sequence[PageParsed | PageDropped]) -> Memory:
        """Store all; gives what later visits are to know of the pages."""
        memory: Memory = {}
        landings = [self._settled(record) for record in records]
        with postgres_failures(), self._pool.connection() as connection, connection.transaction():
            take_turns(connection, landings)
            for landing in sorted(landings, key=lambda landing: landing.key):
                memory |= self._store_one(connection, landing)
        return memory

    def _settled(self, record: PageParsed | PageDropped) -> Landing:
        landing = settle("index", record, lambda record: load(record, self._backbone.store))
        if isinstance(landing, RetryLater):
            raise TypeError("loading a result is not retried")
        return landing if isinstance(landing, Landing) else Landing(record=landing)

    def _store_one(self, connection: Connection, landing: Landing) -> Memory:
        """In a savepoint, so that a page which Postgres refuses is quarantined alone."""

        def work(_record: PageParsed | PageDropped) -> Memory:
            with postgres_failures(), connection.transaction():
                return self._write(connection, landing)

        done = settle("index", landing.record, work)
        if isinstance(done, RetryLater):
            raise TypeError("storing a page is not retried")
        if isinstance(done, PageDropped):
            with connection.transaction():
                return self._write(connection, Landing(record=done))
        return done

    def _write(self, connection: Connection, landing: Landing) -> Memory:
        record = landing.record
        if isinstance(record, PageDropped):
            kept = self._backbone.store.get("page", record.flight_id) if record.fate == "quarantined" else None
            is_unread = store_dropped(connection, record, kept)
            note_visit(connection, landing)
            if record.fate != "unchanged":
                return {}
            # A database that never had the page is younger than Redis' memory of it: the next visit is to read it.
            return {record.flight_id: None if is_unread else record.validators}
        if store_parsed(connection, landing) is None:
            return {}
        return {record.flight_id: record.validators} if record.validators is not None else {}


def store_parsed(connection: Connection, landing: Landing) -> StoredPage | None:
    """The page with its headlines and its article; None when this visit changes nothing."""
    stored, page = upsert_parsed(connection, landing), landing.page
    if stored is None or page is None:
        note_visit(connection, landing)
        return None
    changed = upsert_headlines(connection, stored, page.headlines)
    if page.article is not None:
        changed |= upsert_article(connection, landing, stored, page.article)
    has_news = changed or stored.is_new
    if has_news and not stored.is_reread:
        mark_stored(connection, stored.page_id)
    note_visit(connection, landing, has_news)
    return stored
