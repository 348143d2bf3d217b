"""The fetcher's composition root: settings -> clients -> Celery app -> worker."""

import sys
from dataclasses import replace
from functools import partial

import redis

from services.fetcher.archive.archive import Archive
from services.fetcher.download.download import Downloader, DownloadOptions
from services.fetcher.fetch import Fetcher
from services.fetcher.politeness.host_turns import HostTurns, Pace
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.robots_copies import RobotsCopies
from services.fetcher.politeness.tdm_files import SharedTdmCopies, TdmFiles
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import SourcesFile
from services.fetcher.tasks import register_door, register_download
from services.fetcher.timing.revisits import Revisits
from services.fetcher.validators import PageMemory
from shared.broker.celery_app import make_celery, run_worker
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.flight.stage import Retry, Stage
from shared.flight.traces import NO_TRACES, Traces, traces_of
from shared.heap import trimmed
from shared.host_scope import HostKey, host_key_of
from shared.log_setup import set_up_logging
from shared.messages import FetchPage
from shared.metrics import served
from shared.per_thread import PerThread
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings
from shared.sources.log import SourceLog

# A turn's lease lasts this much longer (s) than a download may take, so that it expires only when its worker is dead.
LEASE_SLACK_S = 5.0


def download_options(settings: FetcherSettings) -> DownloadOptions:
    """Returns the downloader's options, taken from the operator's settings."""
    return DownloadOptions(
        user_agent=settings.full_user_agent,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        total_timeout=settings.total_timeout,
        max_bytes=settings.max_page_bytes,
        max_redirects=settings.max_redirects,
        allow_networks=settings.allow_networks,
    )


def make_politeness(
    client: "redis.Redis", settings: FetcherSettings, host_key: HostKey, traces: Traces = NO_TRACES
) -> Politeness:
    """Returns the politeness of all downloads, whose state all workers share in Redis."""
    # A request may use its whole time to wait for its first byte; a robots.txt waits for its host's turn before that.
    lease_s = settings.total_timeout + LEASE_SLACK_S
    pace = Pace(host_delay=settings.host_delay, host_connections=settings.host_connections, lease_s=lease_s)
    robots = Robots(RobotsCopies(client), turn_s=2 * lease_s) if settings.obey_robots else None
    tdm_files = TdmFiles(SharedTdmCopies(client), turn_s=2 * lease_s) if settings.obey_robots else None
    turns = HostTurns(client, pace, host_key)
    return Politeness(turns, robots, tdm_files, user_agent=settings.full_user_agent, traces=traces)


def open_archive(settings: FetcherSettings) -> Archive | None:
    """Returns the archive, or None where the operator has not set a folder for one."""
    if settings.archive is None:
        return None
    return Archive(
        settings.archive,
        max_bytes=settings.archive_max_bytes,
        min_free=settings.archive_min_free,
        software=settings.full_user_agent,
    )


def main() -> None:
    """Run a fetcher until it is told to stop."""
    broker, settings = load_settings(BrokerSettings), load_settings(FetcherSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    sources = SourcesFile(settings.sources)
    client = wait_for(lambda: connect_redis(broker.redis_url))
    app = make_celery("fetcher", broker.redis_url, connections=settings.fetcher_threads + 8)
    host_key = host_key_of(broker.host_scope)
    traces = traces_of("fetcher")
    ledger = Ledger(client, host_key=host_key)
    backbone = Backbone(ledger=ledger, store=PageStore(client), publisher=Publisher(app), traces=traces)
    retry = Retry(attempts=settings.fetch_attempts, base=settings.retry_delay)
    notes = (SourceLog(client).note, Revisits(client).plan_next)
    stage: Stage[FetchPage] = Stage("fetch", FetchPage, backbone, retry, notes)
    archive = open_archive(settings)
    options = replace(download_options(settings), keep_raw=archive is not None)
    register_door(app, backbone)
    fetcher = Fetcher(
        downloaders=PerThread(lambda: Downloader(options)),
        politeness=make_politeness(client, settings, host_key, traces),
        memory=PageMemory(client),
        options_of=sources.options_of,
        archive=archive,
        user_agent=settings.full_user_agent,
        traces=traces,
    )
    register_download(app, stage, fetcher)
    app.conf.depeche_keep_unreadable = partial(backbone.keep_unreadable, "fetch")
    with trimmed(), traces, served(broker):
        run_worker(app, "fetch", pool="threads", concurrency=settings.fetcher_threads, health_file=broker.health_file)


if __name__ == "__main__":
    sys.exit(exit_status("fetcher", main))
