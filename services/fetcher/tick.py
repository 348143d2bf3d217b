"""The tick: releases due pages, starts due sources, and publishes lost messages again.

The tick is a loop of its own and not a Celery beat, so that it never waits behind a queue of downloads. All its steps
are atomic in Redis, so several ticks at the same time do the same work as one.
"""

import contextlib
import sys
import threading
import time
import uuid
from collections.abc import Mapping

import msgspec
import redis
import structlog

from services.fetcher.metrics import SENT_AGAIN, WORKERS_LOST, RedisFacts
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import SourcesFile
from services.fetcher.sources.source import Source
from services.fetcher.timing.clock import Clock
from services.fetcher.timing.frontier import Frontier, Released
from services.fetcher.timing.memory_mark import MemoryMark
from services.fetcher.timing.reconciler import Lost, Reconciler
from services.fetcher.timing.revisits import Revisits
from services.fetcher.timing.schedule import Schedule
from services.fetcher.timing.wake import Wake
from shared import health
from shared.broker.celery_app import make_celery
from shared.broker.consumers import BEAT_S, Consumer, Consumers
from shared.broker.other_queues import OtherQueues
from shared.broker.redis_client import connect_redis
from shared.flight.drops import host_refuses, lost_too_often
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger, Move
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.flight.redis_keys import QUEUE
from shared.flight.stage import publish_moves
from shared.flight.traces import traces_of
from shared.heap import trimmed
from shared.host_scope import host_key_of
from shared.log_setup import set_up_logging
from shared.messages import MAX_LOSSES, STAGE_LIMIT_S, TASKS, FetchPage, PageFetched, StageName
from shared.metrics import served
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings
from shared.signals import stop_event
from shared.sources.log import SourceLog

log = structlog.get_logger()

# A page that is accepted wakes the tick, which rests so long (s) between two looks; a look costs 0.4 ms. Else it looks
# this often for hosts whose turn has come.
REST_S = 0.01
RELEASE_EVERY_S = 0.05
START_EVERY_S = 1.0
LOOK_AT_CLOCK_EVERY_S = 1.0
RECONCILE_EVERY_S = 2.0
BRING_BACK_EVERY_S = 1.0
GIVE_UP_EVERY_S = 10.0
PRUNE_EVERY_S = 600.0
# A release blocks Redis; this many flights take 15 to 20 ms (docs/benchmarks.md). Further ones are released at once
# after it.
RELEASED_AT_ONCE = 200
MOST_NAMES_LOGGED = 20
# The most pages per download message. One thread works through a message, so messages are this full only when every
# thread has enough pages. A message costs the fetcher about as much CPU as a page, most of it in Celery's loop: with 4
# pages per message it did 255 pages/s on one core, with 16 it did 436 (make bench-fetcher).
PAGES_A_DOWNLOAD = 16


class Tick:
    """The steps of a beat, done with the clients that it was given."""

    def __init__(self, client: "redis.Redis", backbone: Backbone, settings: FetcherSettings) -> None:
        self._backbone = backbone
        self._settings = settings
        self._clock = Clock(client)
        self._memory_mark = MemoryMark(client)
        self._frontier = Frontier(client, host_delay=settings.host_delay, host_connections=settings.host_connections)
        self._wake = Wake(client)
        self._schedule = Schedule(client)
        self._revisits = Revisits(client)
        self._source_log = SourceLog(client)
        limits = {stage: limit * settings.lost_after_factor for stage, limit in STAGE_LIMIT_S.items()}
        self._reconciler = Reconciler(client, limits)
        self._consumers = Consumers(client)
        self._name, self._here = uuid.uuid4().hex, Consumer.here("tick")
        self._other_queues = OtherQueues(client)

    def look_at_clock(self) -> None:
        """Make good for a clock of Redis that has been set back."""
        self._clock.look()

    def release(self) -> int:
        """Publish due flights, as many as the later stages have room for; returns their number."""
        counts = self._backbone.ledger.counts()
        if not counts["waiting"]:
            return 0
        most = self._settings.max_in_air
        if self._memory_mark.is_passed():
            most = min(most, self._settings.fetcher_threads)
        room = most - counts["fetch"] - counts["parse"] - counts["index"]
        released_at, released = self._frontier.release(RELEASED_AT_ONCE, room=room)
        threads = self._settings.fetcher_threads
        queued = max(0, counts["fetch"] - threads)  # pages that wait behind those being downloaded
        for stage in TASKS:
            flights = [flight for flight in released if flight.stage == stage]
            plenty = (queued + len(flights)) // threads
            self._publish(
                stage, released_at, flights, max(1, min(PAGES_A_DOWNLOAD, plenty)) if stage == "fetch" else 50
            )
        return len(released)

    def wait(self, longest_s: float) -> None:
        """Wait until a page is accepted, or this long."""
        self._wake.wait(longest_s)

    def _publish(self, stage: StageName, released_at: float, flights: list[Released], pages: int) -> None:
        records = [flight.record for flight in flights]
        self._backbone.publisher.publish(stage, records, released_at, pages_per_message=pages)

    def start_due(self, sources: Mapping[str, Source]) -> bool:
        """Accept requests for a limited number of due sources and stories; returns whether more may be due."""
        more = self._schedule.enter(sources)
        claim = self._schedule.claim_due()
        if claim.sources:
            names = [source.name for source in claim.sources[:MOST_NAMES_LOGGED]]
            log.info("sources_due", sources=len(claim.sources), names=names)
            requests = [source.request() for source in claim.sources]
            self._backbone.traces.accepted(requests, self._backbone.ledger.accept(requests))
            self._schedule.confirm(claim)
        stories = self._revisits.claim_due()
        if stories.requests:
            accepted = self._backbone.ledger.accept(stories.requests)
            self._backbone.traces.accepted(stories.requests, accepted)
            self._revisits.confirm(stories.taken_on(accepted))
        return bool(more or claim.sources or stories.requests)

    def beat(self) -> None:
        """Give a sign of life."""
        self._consumers.beat(self._name, self._here)

    def leave(self) -> None:
        """Say that this tick ends."""
        self._wake.close()
        self._consumers.leave(self._name, QUEUE + "tick")  # which is empty, as its hand is

    def bring_back(self) -> None:
        """Put the messages that lost workers had in hand back into their queues, and those that lie elsewhere."""
        for lost in self._consumers.bring_back_lost():
            WORKERS_LOST.labels(lost.stage).inc()
            log.warning("worker_lost", stage=lost.stage, host=lost.host, pid=lost.pid, messages=lost.messages)
        self._other_queues.move_on()
        self._backbone.publisher.send()

    def reconcile(self) -> None:
        """Publish lost messages again; quarantine pages whose messages are lost too often."""
        for stage in TASKS:
            published_at, lost = self._reconciler.find_lost(stage)
            if lost:
                SENT_AGAIN.labels(stage).inc(len(lost))
                log.warning("messages_sent_again", stage=stage, pages=len(lost))
                self._republish(stage, published_at, lost)

    def _republish(self, stage: StageName, published_at: float, lost: list[Lost]) -> None:
        poison = [flight for flight in lost if flight.losses > MAX_LOSSES]
        ends = [lost_too_often(stage, flight.record, flight.losses) for flight in poison]
        if stage != "index":  # by the index stage, a source's visit has ended already
            for flight, end in zip(poison, ends, strict=True):
                self._source_log.note(msgspec.json.decode(flight.record, type=FetchPage | PageFetched), end, [])
        moves = [Move(flight_id=end.flight_id, stage="index", record=end) for end in ends]
        publish_moves(self._backbone, stage, moves)
        again = [flight.record for flight in lost if flight.losses <= MAX_LOSSES]
        self._backbone.publisher.publish(stage, again, published_at, pages_per_message=1)

    def give_up_hopeless(self) -> None:
        """End the pages that have waited too long for a host that refuses every request."""
        found = self._frontier.hopeless(self._settings.host_patience, most=RELEASED_AT_ONCE)
        moves = []
        for page in found:
            record = msgspec.json.decode(page.record, type=FetchPage)
            end = host_refuses(record, page.why, page.since)
            self._source_log.note(record, end, [])
            moves.append(Move(flight_id=end.flight_id, stage="index", record=end))
        if moves:
            log.warning(
                "host_given_up",
                pages=len(moves),
                reason=found[0].why,
                url=moves[0].record.origin.url,
                flight_id=moves[0].flight_id,
            )
        publish_moves(self._backbone, "waiting", moves)

    def prune(self) -> None:
        """Forget pages that were last accepted long ago, sources of no file, and revisits that are too late."""
        self._backbone.ledger.forget_seen(self._settings.keep_known_urls)
        self._schedule.prune()
        self._revisits.prune()


class _Timetable:
    """Knows when each of a tick's jobs is due next; at first, all are due."""

    def __init__(self) -> None:
        self._due_at: dict[str, float] = {}

    def is_due(self, job: str, every: float) -> bool:
        """Returns whether the job is due now; if it is, it is due again `every` seconds later."""
        now = time.monotonic()
        if now < self._due_at.get(job, 0.0):
            return False
        self._due_at[job] = now + every
        return True

    def make_due(self, job: str) -> None:
        """Make the job due at once."""
        self._due_at[job] = 0.0


def run(tick: Tick, sources: SourcesFile, stop: threading.Event, health_file: str | None) -> None:
    """Beat until `stop` is set; while Redis is away, try again every second."""
    timetable = _Timetable()
    while not stop.is_set():
        try:
            _do_what_is_due(tick, sources, timetable)
            released = tick.release()
            if health_file and timetable.is_due("health", health.BEAT_S):
                health.beat(health_file)
            if released < RELEASED_AT_ONCE and not stop.wait(REST_S):
                tick.wait(RELEASE_EVERY_S - REST_S)
        except redis.RedisError as error:
            log.warning("redis_failed", stage="tick", error=str(error))
            stop.wait(1.0)
    with contextlib.suppress(redis.RedisError):
        tick.leave()


def _do_what_is_due(tick: Tick, sources: SourcesFile, timetable: _Timetable) -> None:
    if timetable.is_due("look_at_clock", LOOK_AT_CLOCK_EVERY_S):  # first, as all else goes by it
        tick.look_at_clock()
    if timetable.is_due("start_due", START_EVERY_S) and tick.start_due(sources.enabled):
        timetable.make_due("start_due")  # more may be due than were started
    if timetable.is_due("beat", BEAT_S):
        tick.beat()
    if timetable.is_due("bring_back", BRING_BACK_EVERY_S):
        tick.bring_back()
    if timetable.is_due("reconcile", RECONCILE_EVERY_S):
        tick.reconcile()
    if timetable.is_due("give_up_hopeless", GIVE_UP_EVERY_S):
        tick.give_up_hopeless()
    if timetable.is_due("prune", PRUNE_EVERY_S):
        tick.prune()


def main() -> None:
    """Run the tick until it is told to stop."""
    broker, settings = load_settings(BrokerSettings), load_settings(FetcherSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    sources = SourcesFile(settings.sources)
    client = wait_for(lambda: connect_redis(broker.redis_url))
    ledger = Ledger(client, host_key=host_key_of(broker.host_scope))
    publisher = Publisher(make_celery("tick", broker.redis_url))
    traces = traces_of("tick")
    backbone = Backbone(ledger=ledger, store=PageStore(client), publisher=publisher, traces=traces)
    with trimmed(), traces, stop_event() as stop, served(broker, RedisFacts(client)):
        log.info("tick_started", sources=len(sources.enabled))
        run(Tick(client, backbone, settings), sources, stop, broker.health_file)


if __name__ == "__main__":
    sys.exit(exit_status("tick", main))
