"""`depeche up`: the whole stack on this machine, until Ctrl-C."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import console
from cli.settings import CliSettings
from cli.stack.stack import Workers, running_servers
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import read_sources
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

    Servers are embedded unless DEPECHE_REDIS_URL or DEPECHE_DATABASE_URL is set. A worker that dies is started again.
    Data, logs, run files and, unless DEPECHE_ARCHIVE names another folder, the archive are in DEPECHE_HOME (default:
    .depeche). Ctrl-C stops all.
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
        running_servers(settings) as endpoints,
        Workers(settings.home, endpoints, extra) as workers,
    ):
        console.print(f"Depeche is up; data and logs are in {settings.home.resolve()}", highlight=False)
        console.print("In another terminal: depeche fetch URL --wait", highlight=False)
        while not stop.wait(0.5):
            workers.mend(lambda sentence: console.print(sentence, style="yellow", markup=False, highlight=False))
        console.print("stopping …", style="dim")
