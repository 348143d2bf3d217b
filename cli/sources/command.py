"""`depeche sources`: is sources.toml valid, do its sources work, and how have their visits gone?"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress
from rich.text import Text

from cli.output import as_text, console, print_json, print_json_lines, print_table, stderr
from cli.rights import lines_of
from cli.settings import CliSettings
from cli.sources import by_hand, exporting, health, importing
from cli.sources.coverage import coverage_by_source, in_short
from cli.sources.discovery import command as discovery
from cli.sources.holds import as_words, held_sources
from cli.sources.listing import COLUMNS, RARE, listed
from cli.sources.trial import Trial, Trier, without_log_lines
from cli.stack.stack import find_endpoints
from cli.times import shows_times
from cli.wording import counted
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import check_sources
from services.fetcher.sources.source import Source
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.host_scope import host_key_of
from shared.settings import BrokerSettings, load_settings
from shared.sources.log import SourceLog

app = typer.Typer(no_args_is_help=True)

TRIED_AT_ONCE = 8


@app.callback()
def sources() -> None:
    """Sources: pages, feeds and sitemaps that are fetched periodically (docs/sources.md)."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="sources.toml; without it, that of DEPECHE_SOURCES.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only read the file; fetch nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a source.")] = False,
) -> None:
    """Say what is wrong with the file, then try each source once and show what would be followed.

    Needs no servers. Robots.txt, delays and the address guard hold as they do in the stack. Exit status 2 when the file
    is wrong, 1 when a source fails.

        depeche sources check sources.toml
        depeche sources check --offline
    """
    settings = load_settings(FetcherSettings)
    path = file or settings.sources
    if path is None:
        raise UserError("Name a sources file, or set DEPECHE_SOURCES.")
    found = check_sources(path)
    enabled = [source for source in found if source.enabled]
    off = len(found) - len(enabled)
    if offline:
        stderr.print(f"{path} is right: {counted(len(enabled), 'source')}" + (f", {off} more are off" if off else ""))
        return
    rules = load_site_rules(load_settings(ParserSettings).site_rules)
    trier = Trier(settings, load_settings(BrokerSettings).host_scope, rules)
    failed = 0
    for trial in _tried(trier, enabled):
        failed += not trial.ok
        if as_json:
            print_json(msgspec.to_builtins(trial))
        else:
            _show(trial)
    if not as_json:
        stderr.print(
            f"{len(enabled) - failed} of {counted(len(enabled), 'source')} {'works' if len(enabled) == 1 else 'work'}"
            + (f", {off} are off" if off else "")
        )
    if failed:
        raise typer.Exit(1)


def _tried(trier: Trier, enabled: list[Source]) -> Iterator[Trial]:
    """Yield the trials in the order of the file, each as soon as it and all before it are done."""
    with (
        without_log_lines(),
        Progress(console=stderr, transient=True) as progress,
        ThreadPoolExecutor(TRIED_AT_ONCE) as threads,
    ):
        yield from progress.track(threads.map(trier.try_source, enabled), total=len(enabled), description="trying")


def _show(trial: Trial) -> None:
    """Print a trial in a few lines. Text from a server can act neither as markup nor as a terminal command."""
    mark = Text("works  ", style="green") if trial.ok else Text("fails  ", style="red")
    console.print(mark + as_text(f"{trial.name}  {trial.url}"), soft_wrap=True)
    lines = [
        trial.problem and f"{trial.reason}: {trial.problem}",
        trial.note,
        trial.faults and f"is broken: {trial.faults}",
    ]
    if trial.final_url:
        lines.append(f"redirects to {trial.final_url}")
    if trial.kind:
        counts = ", ".join(f"{count} {kind}" for kind, count in trial.headlines.items()) or "no headlines"
        lines.append(f"{trial.kind}: {counts}")
        old = f", {trial.too_old} are too old" if trial.too_old else ""
        lines.append(f"would follow {counted(trial.stories, 'story')} and {counted(trial.feeds_followed, 'feed')}{old}")
        if trial.forbidden:
            lines.append(f"robots.txt forbids {trial.forbidden} of these stories, which will be refused")
        lines += [f"  {url}" for url in trial.first_stories]
        lines += [f"names the feed {url}" for url in trial.feeds]
    if trial.rights:
        lines += [f"says {line}" for line in lines_of(trial.rights)]
    for line in filter(None, lines):
        console.print(Text("       ") + as_text(line), soft_wrap=True)


@app.command("list")
@shows_times
def list_sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a source.")] = False,
) -> None:
    """Show each source's next visit, how the last one ended, what visits bring, and what is wrong.

    The last columns have why and until when its host is held back, and the new stories of a week by the channel that
    brought them: the source's front page, feeds, sitemaps. `!` marks one that brings what the site's other channels
    never show. That column is empty without Postgres.

        depeche sources list
        depeche sources list --json | jq -r 'select(.failures > 0) | .name'
    """
    settings = load_settings(CliSettings)
    client = connect_redis(find_endpoints(settings).redis_url)
    states = SourceLog(client).states()
    held = held_sources(client, states, host_key_of(load_settings(BrokerSettings).host_scope))
    brought = coverage_by_source(settings) if states else {}
    if as_json:
        known = {state.name: None if brought is None else brought.get(state.name, []) for state in states}
        print_json_lines(
            msgspec.to_builtins(state)
            | {"coverage": known[state.name], "held": msgspec.to_builtins(held.get(state.name))}
            for state in states
        )
    elif states:
        now, brought = time.time(), brought or {}
        rows = [
            listed(state, now)
            | {"held": as_words(held.get(state.name)), "brings": in_short(brought.get(state.name, []))}
            for state in states
        ]
        print_table(
            rows, {key: heading for key, heading in COLUMNS.items() if key not in RARE or any(row[key] for row in rows)}
        )
    else:
        stderr.print("no source is on the schedule; start the stack with --sources, or set DEPECHE_SOURCES")


app.command("health")(health.health)
app.command("discover")(discovery.discover)
app.command("import")(importing.import_)
app.command("export")(exporting.export)
app.command("visit")(by_hand.visit)
app.command("pause")(by_hand.pause)
app.command("resume")(by_hand.resume)
