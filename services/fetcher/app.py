"""The fetcher's composition root: settings -> clients -> Celery app -> worker."""

import sys
from functools import partial

from services.fetcher.download import Downloader, DownloadOptions
from services.fetcher.politeness import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.tasks import register_door, register_download
from shared.celery_app import make_celery, run_worker
from shared.intake import Backbone
from shared.ledger import Ledger
from shared.log_setup import set_up_logging
from shared.messages import FetchPage
from shared.page_store import PageStore
from shared.per_thread import PerThread
from shared.publisher import Publisher
from shared.redis_client import connect_redis
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings
from shared.stage import Retry, Stage


def download_options(settings: FetcherSettings) -> DownloadOptions:
    """The downloader's options, from what the operator set."""
    return DownloadOptions(
        user_agent=settings.full_user_agent,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        total_timeout=settings.total_timeout,
        max_bytes=settings.max_page_bytes,
        max_redirects=settings.max_redirects,
        allow_networks=settings.allow_networks,
    )


def main() -> None:
    """Run a fetcher until it is told to stop."""
    broker, settings = load_settings(BrokerSettings), load_settings(FetcherSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    client = wait_for(lambda: connect_redis(broker.redis_url))
    app = make_celery("fetcher", broker.redis_url, connections=settings.fetcher_threads + 8)
    backbone = Backbone(ledger=Ledger(client), store=PageStore(client), publisher=Publisher(app))
    retry = Retry(attempts=settings.fetch_attempts, base=settings.retry_delay)
    stage: Stage[FetchPage] = Stage("fetch", FetchPage, backbone, retry)
    options = download_options(settings)
    register_door(app, backbone)
    register_download(
        app,
        stage,
        PerThread(lambda: Downloader(options)),
        Politeness(client, host_delay=settings.host_delay),
    )
    app.conf.depeche_keep_unreadable = partial(backbone.keep_unreadable, "fetch")
    run_worker(app, "fetch", pool="threads", concurrency=settings.fetcher_threads, health_file=broker.health_file)


if __name__ == "__main__":
    sys.exit(exit_status("fetcher", main))
