"""The indexer's composition root: settings -> clients -> Celery app -> worker."""

import sys
from functools import partial

import psycopg_pool

from services.indexer.connection import ImpatientConnection, Pool, check_connection, kept_alive
from services.indexer.followers.chores import doing
from services.indexer.followers.follower import following
from services.indexer.followers.partitions import PARTITIONS
from services.indexer.followers.search import SEARCH, SEARCH_FORMS
from services.indexer.followers.source_coverage import SOURCE_COVERAGE
from services.indexer.followers.source_health import SOURCE_HEALTH
from services.indexer.followers.stories import STORIES
from services.indexer.index import Indexer
from services.indexer.metrics import metrics_served
from services.indexer.pooler import is_pooled, require_timeouts, settle_in
from services.indexer.schema.migrate import connect, require_current
from services.indexer.settings import IndexerSettings
from services.indexer.tasks import register_index
from shared.broker.celery_app import make_celery, run_worker
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.flight.traces import traces_of
from shared.heap import trimmed
from shared.log_setup import set_up_logging
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings

# The timeouts are milliseconds: when a statement or a lock takes longer, the batch waits and is stored again. Time zone
# and date style are set because psycopg reads times in this form only, and the database may have other defaults.
SESSION_OPTIONS = "-c statement_timeout=20000 -c lock_timeout=10000 -c timezone=UTC -c datestyle=ISO"


def open_pool(database_url: str, threads: int, *, pooled: bool = False) -> Pool:
    """Return a pool of checked connections, one per thread; `pooled` says that they lead through PgBouncer."""
    session = {"prepare_threshold": None} if pooled else {"options": SESSION_OPTIONS}
    return psycopg_pool.ConnectionPool(
        kept_alive(database_url),
        connection_class=ImpatientConnection,
        min_size=1,
        max_size=threads,
        # Once the pool has given up, only the next request for a connection makes it try again; so none waits long.
        timeout=4.0,
        # After this time the pool starts over with short pauses between its attempts. Otherwise the pauses double:
        # after ten minutes without Postgres, the pool would take minutes to see that it is back.
        reconnect_timeout=5.0,
        # Enough for a Postgres that takes 2 s for each answer; a password takes four of them.
        kwargs={**session, "connect_timeout": 10},
        configure=settle_in if pooled else None,
        check=check_connection,
        open=True,
    )


def look_for_pooler(database_url: str) -> bool:
    """Return whether a pooler stands before Postgres; raises UserError if an indexer cannot work through it."""
    with connect(database_url) as connection:
        pooled = is_pooled(connection)
        if pooled:
            require_timeouts(connection)
        return pooled


def main() -> None:
    """Run an indexer until it is told to stop."""
    broker, settings = load_settings(BrokerSettings), load_settings(IndexerSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    client = wait_for(lambda: connect_redis(broker.redis_url))
    wait_for(lambda: require_current(settings.database_url))
    app = make_celery("indexer", broker.redis_url, connections=settings.indexer_threads + 8)
    ledger = Ledger(client, validators_kept_s=settings.keep_validators)
    traces = traces_of("indexer")
    backbone = Backbone(ledger=ledger, store=PageStore(client), publisher=Publisher(app), traces=traces)
    pooled = wait_for(lambda: look_for_pooler(settings.database_url))
    # One connection for each thread that stores, two for the chores, and one each for the followers and the metrics.
    connections = settings.indexer_threads + 4
    with (
        traces,
        open_pool(settings.database_url, connections, pooled=pooled) as pool,
        metrics_served(broker, pool),
    ):
        register_index(app, Indexer(backbone, pool))
        app.conf.depeche_keep_unreadable = partial(backbone.keep_unreadable, "index")
        threads = settings.indexer_threads
        chores = [PARTITIONS, SOURCE_HEALTH, SOURCE_COVERAGE, SEARCH_FORMS]
        with trimmed(), following(pool, [STORIES, SEARCH]), doing(pool, chores):
            run_worker(app, "index", pool="threads", concurrency=threads, health_file=broker.health_file)


if __name__ == "__main__":
    sys.exit(exit_status("indexer", main))
