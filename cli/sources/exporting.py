"""`depeche sources export`: the sources of a file, for a feed reader."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.output import as_text, stderr
from cli.sources.opml import write_opml
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import read_sources
from services.fetcher.sources.source import Source
from shared.failures import UserError
from shared.settings import load_settings


def export(
    file: Annotated[Path | None, typer.Argument(help="sources.toml; without it, that of DEPECHE_SOURCES.")] = None,
    opml: Annotated[bool, typer.Option("--opml", help="As OPML 2.0, which feed readers import.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Pages and sitemaps too, as links, and sources that are off, as comments.")
    ] = False,
) -> None:
    """Print the feeds of a sources file as OPML, for Miniflux, FreshRSS, NewsBlur, Feedly and other readers.

    A feed stands in a folder by its first tag; its other tags are its category. Readers read feeds alone, so other
    sources are left out, and told on standard error; with --all they are written as links, which `sources import` reads
    again. Headers, proxies and other terms of a source are never exported.

        depeche sources export sources.toml --opml > feeds.opml
    """
    path = file or load_settings(FetcherSettings).sources
    if path is None:
        raise UserError("Name a sources file, or set DEPECHE_SOURCES.")
    if not opml:
        raise UserError("Say in which form: --opml is the only one so far.")
    sources = read_sources(path)
    feeds: list[Source] = []
    left: list[Source] = []
    for source in sources:
        is_for_readers = source.enabled and source.expected_kind == "feed"
        (feeds if everything or is_for_readers else left).append(source)
    sys.stdout.buffer.write(write_opml(feeds).encode())
    sys.stdout.buffer.flush()
    names = ", ".join(source.name for source in left)
    stderr.print(as_text(f"{len(feeds)} exported, {len(left)} left out{f': {names}' if names else ''}"), soft_wrap=True)
