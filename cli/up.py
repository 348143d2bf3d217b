"""`depeche up`: the whole stack on this machine, until Ctrl-C."""

import socket
from pathlib import Path
from typing import Annotated

import redis
import typer

from cli.output import console
from cli.settings import CliSettings
from cli.stack.servers import running_servers
from cli.stack.stack import Workers
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import read_sources
from shared.broker.consumers import Consumers
from shared.broker.redis_client import connect_redis
from shared.settings import load_settings
from shared.signals import stop_event


def up(
    sources: Annotated[
        Path | None, typer.Option(help="sources.toml with pages to fetch periodically (see sources.example.toml).")
    ] = None,
    archive: Annotated[
        bool, typer.Option("--archive/--no-archive", help="Keep every page as it came, in DEPECHE_HOME/archive.")
    ] = True,
) -> None:
    """Run everything on this machine: Redis, Postgres, fetcher, parser, indexer and tick.

    Servers are embedded unless DEPECHE_REDIS_URL or DEPECHE_DATABASE_URL is set. What dies, an embedded server or a
    worker, is started again.
    Data, logs, run files and, unless DEPECHE_ARCHIVE names another folder, the archive are in DEPECHE_HOME (default:
    .depeche). Ctrl-C stops all.

        depeche up
        depeche up --sources sources.toml --no-archive
    """
    settings = load_settings(CliSettings)
    extra = {}
    if archive and load_settings(FetcherSettings).archive is None:
        extra["DEPECHE_ARCHIVE"] = str(settings.home.resolve() / "archive")
    if sources is not None:
        read_sources(sources)
        extra["DEPECHE_SOURCES"] = str(sources.resolve())
    with (
        stop_event() as stop,
        running_servers(settings) as servers,
        Workers(settings.home, servers.endpoints, extra) as workers,
    ):
        console.print(f"starting; data and logs are in {settings.home.resolve()}", style="dim", highlight=False)
        consumers = Consumers(connect_redis(servers.endpoints.redis_url))
        is_up = False
        while not stop.wait(0.5):
            servers.mend(_say)
            workers.mend(_say)
            if not is_up and _all_serve(consumers, workers):
                is_up = True
                console.print("Depeche is up: every worker is at its queue", highlight=False)
                console.print("In another terminal: depeche fetch URL --wait", highlight=False)
        console.print("stopping …", style="dim")


def _say(sentence: str) -> None:
    console.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _all_serve(consumers: Consumers, workers: Workers) -> bool:
    """Return whether each of these workers has given a sign of life."""
    try:
        here = socket.gethostname()
        return set(workers.pids().values()) <= {one.pid for one in consumers.all() if one.host == here}
    except redis.RedisError:  # the next look may find it again
        return False
