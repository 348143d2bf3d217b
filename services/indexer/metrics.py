"""Metrics of an indexer for Prometheus, at http://DEPECHE_METRICS_HOST:DEPECHE_METRICS_PORT/metrics.

The work of this process is counted as it happens. Facts of the database, such as how far a follower is behind, are read
at each scrape: so they are right whichever indexer does the work, and also when the thread that does it hangs.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from datetime import datetime

import psycopg
import structlog
from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.indexer.connection import Connection, Pool
from services.indexer.errors import postgres_failures
from services.indexer.landing import Landing
from services.indexer.server_metrics import room
from shared.failures import ServerUnavailable
from shared.messages import PageDropped
from shared.metrics import kind_of, reason_label, served
from shared.parsed_page import FeedFaults
from shared.settings import BrokerSettings

log = structlog.get_logger()

# Unread changes are counted up to this number, so that a scrape is quick even if a follower is further behind.
MOST_COUNTED = 10_000
# How many of the latest falls get series of their own. All fields of ten thousand sources would be a hundred thousand
# series; fields that have not fallen can be looked up in news.source_health.
MOST_FALLS = 100
# Seconds that a scrape waits for a connection. Prometheus itself gives up after 10.
SCRAPE_WAIT_S = 3.0

BATCH_SECONDS = Histogram(
    "depeche_batch_seconds",
    "Time that one batch of pages took to be stored.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
BATCHES_POSTPONED = Counter("depeche_batches_postponed", "Batches that wait because Postgres did not store them.")
BATCH_PAGES = Histogram(
    "depeche_batch_pages", "Pages of a batch that was stored.", buckets=(1, 2, 5, 10, 20, 30, 40, 50)
)
PAGES_LANDED = Counter("depeche_pages_landed", "Pages whose visit is stored, by how it ended.", ["result", "kind"])
PAGES_DROPPED = Counter(
    "depeche_pages_dropped", "Of these, those that were not parsed, by where and why.", ["stage", "fate", "reason"]
)
FRESHNESS_SECONDS = Histogram(
    "depeche_freshness_seconds",
    "Time from when a story that a list led to was published, as its page says, until its first visit was stored.",
    buckets=(60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400),
)
FEEDS_BROKEN = Counter(
    "depeche_feeds_broken", "Feeds and sitemaps that were stored and are not as they should be, by how.", ["fault"]
)
FOLLOWER_FAILURES = Counter("depeche_follower_failures", "Times that a follower's work failed.", ["follower"])
FOLLOWER_CHANGES = Counter("depeche_follower_changes", "Changes that a follower has worked on.", ["follower"])
CHORE_SECONDS = Histogram(
    "depeche_chore_seconds", "Time that a chore took.", ["chore"], buckets=(0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30)
)
CHORE_FAILURES = Counter("depeche_chore_failures", "Times that a chore failed.", ["chore"])


def count_landed(landings: Iterable[Landing]) -> None:
    """Count pages that have been stored, by how their visits ended, and how fresh their stories are."""
    for landing in landings:
        record = landing.record
        kind = kind_of(record.origin)
        if isinstance(record, PageDropped):
            PAGES_LANDED.labels(record.fate, kind).inc()
            PAGES_DROPPED.labels(record.stage, record.fate, reason_label(record.reason)).inc()
            continue
        PAGES_LANDED.labels("parsed", kind).inc()
        if kind == "followed" and landing.page and landing.page.article:
            _note_freshness(landing.page.article.published_at)
        if landing.page and landing.page.faults:
            count_broken(landing.page.faults)


def _note_freshness(published_at: str | None) -> None:
    """Count the age of a story whose page says a moment; a date, or a time of no zone, does not say one."""
    if published_at is None:
        return
    try:
        published = datetime.fromisoformat(published_at)
    except ValueError:
        return
    if published.tzinfo is not None:
        FRESHNESS_SECONDS.observe(max(0.0, time.time() - published.timestamp()))


def count_broken(faults: FeedFaults) -> None:
    """Count a feed or sitemap once for each way in which it is broken."""
    ways = {"mended": faults.mended, "passed_over": faults.passed_over, "stopped": faults.stopped_at is not None}
    for way, is_so in ways.items():
        if is_so:
            FEEDS_BROKEN.labels(way).inc()


def metrics_served(settings: BrokerSettings, pool: Pool) -> contextlib.AbstractContextManager[None]:
    """Answer scrapes, if a port is set; entering raises UserError if the address cannot be bound."""
    return served(settings, DatabaseFacts(pool))


class DatabaseFacts(Collector):
    """The metrics that are read from Postgres at each scrape."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def describe(self) -> Iterable[Metric]:
        """Return no metrics in advance, so that registering does not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics or, if Postgres does not answer, only `depeche_database_up` as 0."""
        up = GaugeMetricFamily("depeche_database_up", "Whether this indexer could read Postgres for this scrape.")
        try:
            with postgres_failures(), self._pool.connection(timeout=SCRAPE_WAIT_S) as connection:
                read = [*_followers(connection), *_falls(connection), *room(connection)]
        except (ServerUnavailable, psycopg.Error) as error:
            log.warning("metrics_incomplete", error=str(error))
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from read


LAGS = """
SELECT f.name, coalesce(extract(epoch FROM clock_timestamp() - c.oldest), 0)::float8, c.number
FROM depeche.followers f
CROSS JOIN LATERAL (
    SELECT min(recorded_at) AS oldest, count(*) AS number FROM news.changes_since(f.cursor, %s)) AS c
"""
HELD = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(c.recorded_at)), 0)::float8
FROM depeche.changes c
WHERE c.txid >= (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + txid_offset FROM depeche.feed)
"""


def _followers(connection: Connection) -> list[Metric]:
    """Return how far each follower is behind, and how far the change feed itself is."""
    seconds = GaugeMetricFamily(
        "depeche_follower_lag_seconds",
        "Age of the oldest change not worked on yet.",
        labels=["follower"],
    )
    changes = GaugeMetricFamily(
        "depeche_follower_lag_changes",
        f"Changes not worked on yet; {MOST_COUNTED} stands for that many or more.",
        labels=["follower"],
    )
    for name, lag, number in connection.execute(LAGS, [MOST_COUNTED]):
        seconds.add_metric([name], lag)
        changes.add_metric([name], number)
    held = GaugeMetricFamily(
        "depeche_feed_held_seconds",
        "Age of the oldest change that waits for a transaction to end before it is given out.",
    )
    row = connection.execute(HELD).fetchone()
    held.add_metric([], row[0] if row else 0)
    return [seconds, changes, held]


FALLS = "SELECT source, field FROM depeche.source_falls WHERE ended_at IS NULL ORDER BY fell_at DESC LIMIT %s"
# The sources are asked for by name: if this were joined to FALLS, Postgres would add up all sources.
FILLED = """
SELECT source, field, depeche.as_shown(measure, total_now / nullif(pages_now, 0))
FROM depeche.source_fields WHERE source = ANY (%s)
"""
NUMBER_OF_FALLS = "SELECT count(*) FROM depeche.source_falls WHERE ended_at IS NULL"


def _falls(connection: Connection) -> list[Metric]:
    """Return which fields of which sources have fallen below their own past."""
    labels = ["source", "field"]
    fell = GaugeMetricFamily(
        "depeche_source_field_fell", f"1 for a field that has fallen; the latest {MOST_FALLS}.", labels=labels
    )
    filled = GaugeMetricFamily(
        "depeche_source_field_filled",
        "Of these, the share of pages with it, or its typical number.",
        labels=labels,
    )
    fallen = {(source, field) for source, field in connection.execute(FALLS, [MOST_FALLS])}
    for source, field in fallen:
        fell.add_metric([source, field], 1)
    for source, field, value in connection.execute(FILLED, [[source for source, _ in fallen]]):
        if (source, field) in fallen and value is not None:
            filled.add_metric([source, field], value)
    number = GaugeMetricFamily("depeche_source_fields_fallen", "Fields of sources that have fallen, all of them.")
    row = connection.execute(NUMBER_OF_FALLS).fetchone()
    number.add_metric([], row[0] if row else 0)
    return [fell, filled, number]
