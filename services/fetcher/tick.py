"""The tick: releases what is due, starts due sources, and mends what was lost.

A loop of its own and not a Celery beat, so that it never stands behind a queue of downloads. All that it does is
atomic in Redis; any number of ticks at the same time does no more than one.
"""

import signal
import sys
import threading
import time

import redis
import structlog

from services.fetcher.frontier import Frontier, Released
from services.fetcher.schedule import Schedule
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources import Source, read_sources
from shared import health
from shared.celery_app import make_celery
from shared.drops import lost_too_often
from shared.host_scope import host_key_of
from shared.intake import Backbone
from shared.ledger import Ledger, Move
from shared.log_setup import set_up_logging
from shared.messages import MAX_LOSSES, STAGE_LIMIT_S, TASKS, StageName
from shared.page_store import PageStore
from shared.publisher import Publisher
from shared.reconciler import Lost, Reconciler
from shared.redis_client import connect_redis
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings
from shared.stage import publish_moves

log = structlog.get_logger()

# Half of a page's way when nothing else is to do; a beat costs 0.4 ms.
RELEASE_EVERY_S = 0.05
RECONCILE_EVERY_S = 2.0
PRUNE_EVERY_S = 600.0
RELEASED_AT_ONCE = 500
# Pages a download message: one thread works through it, so a few, and only when there is plenty for every thread.
PAGES_A_DOWNLOAD = 4


class Tick:
    """What is done at each beat, on clients that it was given."""

    def __init__(self, client: "redis.Redis", backbone: Backbone, settings: FetcherSettings) -> None:
        self._backbone = backbone
        self._settings = settings
        self._frontier = Frontier(client, host_delay=settings.host_delay, host_connections=settings.host_connections)
        self._schedule = Schedule(client)
        limits = {stage: limit * settings.lost_after_factor for stage, limit in STAGE_LIMIT_S.items()}
        self._reconciler = Reconciler(client, limits)

    def release(self) -> int:
        """Publish flights that are due, as long as the stages behind have room; returns how many."""
        counts = self._backbone.ledger.counts()
        if not counts["waiting"]:
            return 0
        room = self._settings.max_in_air - counts["fetch"] - counts["parse"] - counts["index"]
        released_at, released = self._frontier.release(RELEASED_AT_ONCE, room=room)
        for stage in TASKS:
            self._publish(stage, released_at, [flight for flight in released if flight.stage == stage])
        return len(released)

    def _publish(self, stage: StageName, released_at: float, flights: list[Released]) -> None:
        pages = 50
        if stage == "fetch":
            pages = max(1, min(PAGES_A_DOWNLOAD, len(flights) // self._settings.fetcher_threads))
        records = [flight.record for flight in flights]
        self._backbone.publisher.publish(stage, records, released_at, pages_per_message=pages)

    def start_due(self, sources: list[Source]) -> None:
        """Accept a fetch of each source that is due."""
        due = self._schedule.claim_due(sources)
        if due:
            log.info("sources_due", names=[source.name for source in due])
            self._backbone.ledger.accept([source.request() for source in due])

    def reconcile(self) -> None:
        """Publish lost messages again; what is lost too often is quarantined."""
        for stage in TASKS:
            published_at, lost = self._reconciler.find_lost(stage)
            if lost:
                log.warning("messages_lost", stage=stage, pages=len(lost))
                self._republish(stage, published_at, lost)

    def _republish(self, stage: StageName, published_at: float, lost: list[Lost]) -> None:
        poison = [flight for flight in lost if flight.losses > MAX_LOSSES]
        moves = [
            Move(flight_id=f.flight_id, stage="index", record=lost_too_often(stage, f.record, f.losses)) for f in poison
        ]
        publish_moves(self._backbone, stage, moves)
        again = [flight.record for flight in lost if flight.losses <= MAX_LOSSES]
        self._backbone.publisher.publish(stage, again, published_at, pages_per_message=1)

    def prune(self) -> None:
        """Forget pages that were last accepted long ago."""
        self._backbone.ledger.forget_seen()


def run(tick: Tick, sources: list[Source], stop: threading.Event, health_file: str | None) -> None:
    """Beat until `stop`; a Redis that is away is waited for."""
    due_at = {"start_due": 0.0, "reconcile": 0.0, "prune": 0.0, "health": 0.0}

    def is_due(what: str, every: float) -> bool:
        if time.monotonic() < due_at[what]:
            return False
        due_at[what] = time.monotonic() + every
        return True

    while not stop.is_set():
        released = 0
        try:
            if is_due("start_due", 1.0):
                tick.start_due(sources)
            if is_due("reconcile", RECONCILE_EVERY_S):
                tick.reconcile()
            if is_due("prune", PRUNE_EVERY_S):
                tick.prune()
            released = tick.release()
            if health_file and is_due("health", health.BEAT_S):
                health.beat(health_file)
        except redis.RedisError as error:
            log.warning("redis_failed", stage="tick", error=str(error))
            stop.wait(1.0)
        if released < RELEASED_AT_ONCE:
            stop.wait(RELEASE_EVERY_S)


def main() -> None:
    """Run the tick until it is told to stop."""
    broker, settings = load_settings(BrokerSettings), load_settings(FetcherSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    sources = read_sources(settings.sources) if settings.sources else []
    client = wait_for(lambda: connect_redis(broker.redis_url))
    ledger = Ledger(client, host_key=host_key_of(broker.host_scope))
    publisher = Publisher(make_celery("tick", broker.redis_url))
    backbone = Backbone(ledger=ledger, store=PageStore(client), publisher=publisher)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("tick_started", sources=len(sources))
    run(Tick(client, backbone, settings), sources, stop, broker.health_file)


if __name__ == "__main__":
    sys.exit(exit_status("tick", main))
