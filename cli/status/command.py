"""`depeche status`: what runs, what stands and why."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.live import Live
from rich.text import Text

from cli.output import Json, console, print_json, stderr
from cli.settings import CliSettings
from cli.status.report import as_json_object, show, show_problems
from cli.status.status import Status, look
from cli.times import shows_times
from shared.settings import load_settings
from shared.signals import stop_event


@shows_times
def status(
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="With --watch: seconds between two looks.")] = 2.0,
    as_json: Json = False,
) -> None:
    """Show what runs, what stands and why: stages, rates, workers, hosts held back, failing sources, quarantine.

    Where one server does not answer, the half of the other is shown. Rates are those of the last ten minutes and of the
    last hour. Exit status, for monitors: 0 when pages can land, 2 when a server does not answer, 3 when a stage has no
    worker, 1 when nothing lands though pages are at work, or Redis is nearly full.

        depeche status --watch
        depeche status --json | jq -r '.problems[].detail'
    """
    settings = load_settings(CliSettings)
    if watch:
        now = _watch(settings, every, as_json=as_json)
    else:
        now = look(settings)
        _print(now, as_json=as_json)
        show_problems(now, to=stderr)
    if now.exit_status:
        raise typer.Exit(now.exit_status)


def _watch(settings: CliSettings, every: float, *, as_json: bool) -> Status:
    """Look until Ctrl-C or SIGTERM; on a terminal each look takes the place of the one before. Returns the last one."""
    with stop_event() as stop, _screen(live=console.is_terminal and not as_json) as screen:
        while True:
            now = look(settings)
            if screen is None:
                _print(now, as_json=as_json)
                show_problems(now, to=stderr)
            else:
                with console.capture() as captured:
                    _print(now, as_json=False)
                    show_problems(now, to=console)
                screen.update(Text.from_ansi(captured.get()), refresh=True)
            if stop.wait(every):
                return now


@contextlib.contextmanager
def _screen(*, live: bool) -> Iterator[Live | None]:
    if not live:
        yield None
        return
    with Live(console=console, screen=True, auto_refresh=False) as screen:
        yield screen


def _print(now: Status, *, as_json: bool) -> None:
    if as_json:
        print_json(as_json_object(now))
    else:
        show(now)
