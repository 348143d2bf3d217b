"""`depeche logs`: what the services of the stack on this machine have written."""

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer

from cli.logs.files import LogFile, log_files
from cli.logs.lines import Level, Line, read_lines
from cli.options import Since
from cli.output import print_line, say
from cli.settings import CliSettings
from cli.stack.stack import WORKERS, home_of_stack
from cli.times import shows_times
from shared.failures import UserError
from shared.settings import load_settings
from shared.signals import stop_event

# How often (s) it is looked for new lines.
LOOK_S = 0.3
# How many lines of a file are looked at where not all of them are shown.
MOST_READ = 100_000


class Service(StrEnum):
    """Whatever `depeche up` runs and has the log of."""

    FETCHER = "fetcher"
    PARSER = "parser"
    INDEXER = "indexer"
    TICK = "tick"
    REDIS = "redis"
    POSTGRES = "postgres"


@shows_times
def logs(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    services: Annotated[
        list[Service] | None, typer.Argument(metavar="SERVICE...", help="Whose: the workers', unless you say.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines, until Ctrl-C.")] = False,
    most: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines, the last ones.")] = 50,
    level: Annotated[Level, typer.Option(help="Least severe line shown.")] = "debug",
    since: Since = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print lines as they were written.")] = False,
) -> None:
    """Show the logs of what `depeche up` runs, in the order of time; under Compose it is `docker compose logs`.

    `redis` and `postgres` are those that it runs itself. Their lines are shown as they are, whatever --level and
    --since say.

        depeche logs -f parser indexer
        depeche logs --level warning --since 2h -n 1000
    """
    wanted = services or [Service(name) for name in WORKERS]
    home = home_of_stack(load_settings(CliSettings))
    paths = log_files(home)
    if not any(paths[name].exists() for name in wanted):
        raise UserError(
            f"There is no log of {', '.join(wanted)} in {home}. `depeche up` writes them there; "
            "under Compose they are with Docker: `docker compose logs -f parser`."
        )
    files = {name: LogFile(paths[name]) for name in wanted}
    kept = MOST_READ if level != "debug" or since else most
    read = [line for name, file in files.items() for line in read_lines(name, file.last_lines(kept))]
    meant = [line for line in _sorted(read) if line.is_at_least(level) and (since is None or line.is_since(since))]
    _print(meant[-most:] if most else [], as_json=as_json)
    if not meant:
        say("no line is like that" if read else "nothing has been written yet")
    if follow:
        _follow(files, level, as_json=as_json)


def _follow(files: dict[Service, LogFile], level: Level, *, as_json: bool) -> None:
    with stop_event() as stop:
        while not stop.wait(LOOK_S):
            added = [line for name, file in files.items() for line in read_lines(name, list(file.new_lines()))]
            _print([line for line in _sorted(added) if line.is_at_least(level)], as_json=as_json)


def _sorted(lines: Iterable[Line]) -> list[Line]:
    """Return the lines of all services in the order of time; those of one service stay in their order."""
    return sorted(lines, key=lambda line: line.at)


def _print(lines: Iterable[Line], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            sys.stdout.write(f"{line.written}\n")
        else:
            print_line(line.shown())
    sys.stdout.flush()
