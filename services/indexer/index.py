"""PageParsed and PageDropped -> Postgres: one transaction per batch; each page is stored whole or not at all."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import redis
import structlog

from services.indexer.connection import Connection, Pool
from services.indexer.errors import postgres_failures
from services.indexer.landing import Landing, load
from services.indexer.metrics import BATCH_PAGES, BATCH_SECONDS, BATCHES_POSTPONED, count_landed
from services.indexer.one_story import keep_apart, make_room
from services.indexer.parse_quality import count_quality
from services.indexer.same_postgres import SamePostgres
from services.indexer.store.articles import upsert_articles
from services.indexer.store.headlines import upsert_headlines
from services.indexer.store.pages import StoredPage, mark_stored, store_dropped, upsert_parsed
from services.indexer.store.sources import note_sources
from services.indexer.store.turns import take_turns
from services.indexer.store.visits import note_visits
from services.indexer.store.waves import waves
from services.indexer.store.withdrawal import restore, withdraw
from shared.failures import RetryLater, ServerUnavailable
from shared.flight.intake import Backbone, read_message
from shared.flight.ledger import Move
from shared.flight.stage import settle, settle_together
from shared.flight.traces import Landed
from shared.messages import PageDropped, PageParsed, Validators

log = structlog.get_logger()


# Seconds until Postgres is tried again after it has failed. Batches that come meanwhile wait for that moment without
# trying. Otherwise each page in the air would fail and be logged on its own: with 60 pages, ten times a second.
POSTGRES_PAUSE_S = 3.0

# Flight id -> the validators that are remembered for the next visit of its page; None if nothing is to be remembered.
Memory = dict[str, Validators | None]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """Pages that were stored, each as it has ended, and the validators to remember for their next visits."""

    landings: Sequence[Landing]
    memory: Memory
    rows: Sequence[StoredPage]  # those of them that were parsed, and are not stored or superseded already


class Indexer:
    """Stores the pages of a message, and lands their flights once they are committed."""

    def __init__(self, backbone: Backbone, pool: Pool, *, pause_s: float = POSTGRES_PAUSE_S) -> None:
        self._backbone = backbone
        self._same_postgres = SamePostgres(backbone.ledger.client)
        self._pool = pool
        self._pause_s = pause_s
        self._try_again_at = 0.0

    def run(self, message: dict[str, Any]) -> None:
        """Store the message's pages. If Postgres fails, they wait; if Redis fails, they are left to the reconciler."""
        try:
            records = read_message("index", self._backbone, message, PageParsed | PageDropped)
            if self._try_again_at > time.monotonic():
                self._wait(records)
                return
            began_ns = time.time_ns()
            try:
                with BATCH_SECONDS.time():
                    stored = self._store(records)
            except ServerUnavailable as error:
                BATCHES_POSTPONED.inc()
                log.warning("postgres_unavailable", pages=len(records), error=str(error))
                self._try_again_at = time.monotonic() + self._pause_s
                self._wait(records)
                return
            failed = [record for record in records if isinstance(record, PageDropped) and record.fate == "failed"]
            self._backbone.ledger.note_failed([record.flight_id for record in failed])
            # A headline list that is unchanged is not followed. The page that led to a failure has to be read and
            # followed again, so that the failed page is tried again: its validators are forgotten.
            self._backbone.ledger.forget_validators([url for record in failed if (url := record.origin.found_on)])
            for record in records:
                log.debug("page_landed", stage="index", flight_id=record.flight_id, url=record.origin.url)
            flights = [record.flight_id for record in records]
            traces = self._backbone.traces
            accepted_at = self._backbone.ledger.accepted_at(flights) if traces.is_on else {}
            self._backbone.ledger.land(flights, self._of_this_postgres(records, stored.memory))
            if traces.is_on:
                traces.landed(_landed(stored.landings, accepted_at, began_ns))
        except redis.RedisError as error:
            log.warning("redis_failed", stage="index", error=str(error))

    def _of_this_postgres(self, records: Sequence[PageParsed | PageDropped], memory: Memory) -> Memory:
        """Returns the memory without that of pages that were unchanged since what Postgres has no longer."""
        stale = {
            record.flight_id: None
            for record in records
            if isinstance(record, PageDropped)
            and record.fate == "unchanged"
            and self._same_postgres.is_of_before(datetime.fromisoformat(record.visited_at).timestamp())
        }
        return memory | stale

    def _wait(self, records: Sequence[PageParsed | PageDropped]) -> None:
        """Put the records back into the frontier, all until the same moment, so that they come back in few messages."""
        due_in = max(0.0, self._try_again_at - time.monotonic())
        moves = [Move(flight_id=record.flight_id, stage="index", record=record, due_in=due_in) for record in records]
        self._backbone.ledger.wait("index", moves)

    def _store(self, records: Sequence[PageParsed | PageDropped]) -> Stored:
        """Store all pages at once or, if Postgres refuses a value, one by one, so that only its page is quarantined."""
        stored = self._store_landings(self._landings(records))
        BATCH_PAGES.observe(len(records))
        count_landed(stored.landings)
        count_quality(stored.rows)
        return stored

    def _store_landings(self, landings: Sequence[Landing]) -> Stored:
        with postgres_failures(), self._pool.connection() as connection:
            self._same_postgres.look(connection)
            if len(landings) > 1:
                done = settle_together("index", len(landings), lambda: store_together(connection, landings))
                if done is not None:
                    return done
            with connection.transaction():
                take_turns(connection, landings)
                alone = [self._store_one(connection, landing) for landing in landings]
            return all_of(alone)

    def _landings(self, records: Sequence[PageParsed | PageDropped]) -> list[Landing]:
        parsed = [record.flight_id for record in records if isinstance(record, PageParsed)]
        results = self._backbone.store.get_packed("result", parsed)
        return [self._landing(record, results.get(record.flight_id)) for record in records]

    def _landing(self, record: PageParsed | PageDropped, result: bytes | None) -> Landing:
        if isinstance(record, PageDropped):
            return self._end(record)
        landing = settle("index", record, lambda record: load(record, result))
        if isinstance(landing, RetryLater):
            raise TypeError("loading a result is not retried")
        return self._end(landing) if isinstance(landing, PageDropped) else landing

    def _end(self, record: PageDropped) -> Landing:
        body = self._backbone.store.get("page", record.flight_id) if record.fate == "quarantined" else None
        return Landing(record=record, body=body)

    def _store_one(self, connection: Connection, landing: Landing) -> Stored:
        def store(landing: Landing) -> Stored:
            with postgres_failures(), connection.transaction():
                return store_waves(connection, [[landing]])

        done = settle("index", landing.record, lambda _record: store(landing))
        if isinstance(done, RetryLater):
            raise TypeError("storing a page is not retried")
        return store(self._end(done)) if isinstance(done, PageDropped) else done


def _landed(landings: Sequence[Landing], accepted_at: Mapping[str, float], began_ns: int) -> Iterator[Landed]:
    for landing in landings:
        at = accepted_at.get(landing.record.flight_id)
        yield Landed(record=landing.record, accepted_at=at, began_ns=began_ns, batch=len(landings))


def store_together(connection: Connection, landings: Sequence[Landing]) -> Stored:
    """Store parsed and dropped pages in one transaction, all or none."""
    with postgres_failures(), connection.transaction():
        articles_of = take_turns(connection, landings)
        return store_waves(connection, waves(landings, articles_of))


def store_waves(connection: Connection, of_batch: Iterable[Sequence[Landing]]) -> Stored:
    """Store parsed and dropped pages, wave by wave."""
    stored = all_of([_store_wave(connection, wave) for wave in of_batch])
    note_sources(connection, stored.landings)
    return stored


def _store_wave(connection: Connection, wave: Sequence[Landing]) -> Stored:
    memory: Memory = {}
    rows = store_parsed(connection, [landing for landing in wave if landing.page is not None])
    for row in rows:
        record = row.landing.record
        if record.answer is not None and record.answer.validators is not None:
            memory[record.flight_id] = record.answer.validators
    memory |= _store_ends(connection, [landing for landing in wave if landing.page is None])
    return Stored(landings=wave, memory=memory, rows=rows)


def all_of(parts: Sequence[Stored]) -> Stored:
    """Returns what was stored in several parts as one."""
    return Stored(
        landings=[landing for part in parts for landing in part.landings],
        memory={flight: kept for part in parts for flight, kept in part.memory.items()},
        rows=[row for part in parts for row in part.rows],
    )


def store_parsed(connection: Connection, landings: Sequence[Landing]) -> list[StoredPage]:
    """Store the parsed pages of one wave, with their headlines and articles.

    Returns the pages that were written; skips visits that are stored already, and visits older than the stored one
    unless they brought the same body.
    """
    landings = keep_apart(connection, landings)
    stored = upsert_parsed(connection, landings)
    make_room(connection, stored)
    changed = upsert_headlines(connection, stored) | upsert_articles(connection, stored)
    mark_stored(connection, [of for of in stored if of.page_id in changed])
    restore(connection, [of.page_id for of in stored if of.was_withdrawn])
    withdraw(connection, {key: of.fetched_at for of in stored for key in of.left})
    has_news = {of.landing.record.flight_id: of.is_new or of.page_id in changed for of in stored}
    note_visits(connection, landings, has_news)
    return stored


def _store_ends(connection: Connection, landings: Sequence[Landing]) -> Memory:
    unread = store_dropped(connection, landings)
    note_visits(connection, landings)
    unchanged = [
        r for r in (landing.record for landing in landings) if isinstance(r, PageDropped) and r.fate == "unchanged"
    ]
    # If the database has never had the page, it is younger than the validators in Redis. They are forgotten, so that
    # the next visit reads the page.
    return {r.flight_id: r.answer.validators if r.answer and r.flight_id not in unread else None for r in unchanged}
