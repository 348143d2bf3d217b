"""The `depeche` command."""

import sys

import typer

from cli.on_demand import Later, OnDemand
from cli.output import stderr
from shared.failures import UserError
from shared.version import VERSION

# Each command as `depeche --help` lists it, by the first sentence of its own help.
COMMANDS = {
    "init": Later(
        "cli.init:init",
        "Write a commented .env and sources.toml to begin with; a file that is there stays as it is.",
    ),
    "up": Later("cli.up:up", "Run everything on this machine: Redis, Postgres, fetcher, parser, indexer and tick."),
    "demo": Later(
        "cli.demo:demo",
        "Ingest a bundled press site through the three services, show what Postgres then holds, and check it.",
    ),
    "fetch": Later("cli.fetch:fetch", "Fetch pages: each is accepted at once and lands in Postgres with a fate."),
    "replay": Later(
        "cli.replay.command:replay",
        "Send archived pages through the parser again; the running stack stores them.",
    ),
    "parse": Later(
        "cli.parse:parse",
        "Separate a page's article from its headlines and print both as JSON (docs/messages.md has the shape).",
    ),
    "inspect": Later(
        "cli.inspect.command:inspect",
        "Show what the parser made of a page: an HTML report with the reason for each part (docs/inspect.md).",
    ),
    "status": Later(
        "cli.status.command:status",
        "Show what runs, what stands and why: stages, rates, workers, hosts held back, failing sources, quarantine.",
    ),
    "dashboard": Later(
        "cli.dashboard.command:dashboard",
        "Serve web pages that show what runs, what stands and why, until Ctrl-C; docs/dashboard.md shows them.",
    ),
    "articles": Later("cli.articles:articles", "List articles, newest first."),
    "headlines": Later("cli.headlines:headlines", "List headlines of tickers, rails, fronts and feeds."),
    "search": Later(
        "cli.search:search",
        "Find articles by words, in any form that their own language gives them, best first.",
    ),
    "show": Later(
        "cli.show:show",
        "Print one article as text, with the headlines that stand on its page now; of a front or feed, its headlines.",
    ),
    "export": Later(
        "cli.export.command:export",
        "Export articles as they read now: one row each, all columns of news.articles, withdrawn ones too.",
    ),
    "relay": Later(
        "cli.relay.command:relay",
        "Deliver each change of an article to a webhook or to a stream of Redis, until Ctrl-C.",
    ),
    "trace": Later(
        "cli.trace.command:trace",
        "Show the whole way of a page: where it was found, every visit with each attempt, and what it became.",
    ),
    "logs": Later(
        "cli.logs.command:logs",
        "Show the logs of what `depeche up` runs, in the order of time; under Compose it is `docker compose logs`.",
    ),
    "doctor": Later(
        "cli.doctor.command:doctor",
        "Look at settings, servers, versions, rights, disks, clocks and workers, and say of each fault what to do.",
    ),
    "dsn": Later("cli.dsn:dsn", "Print the address of the Postgres in use, for psql and for downstream services."),
    "migrate": Later(
        "cli.migrate:migrate",
        "Bring the database to the schema that this version needs; does nothing when it is there.",
    ),
    "backup": Later(
        "cli.backup.command:backup",
        "Write all that Postgres holds to FILE, for `depeche restore`, while workers go on.",
    ),
    "restore": Later(
        "cli.restore.command:restore",
        "Put the backup FILE in place of the database, while workers go on.",
    ),
    "retention": Later(
        "cli.retention:retention",
        "Show what grows for ever and what is older than it is to be kept; with --apply, let that go.",
    ),
    "quarantine": Later(
        "cli.quarantine.command:app",
        "Pages and messages that failed in a way nobody foresaw: list, show, replay or drop them.",
    ),
    "rules": Later(
        "cli.rules:app",
        "Site rules: exact instructions for the pages of a few sites (docs/site-rules.md).",
    ),
    "sources": Later(
        "cli.sources.command:app",
        "Sources: pages, feeds and sitemaps that are fetched periodically (docs/sources.md).",
    ),
}


class Commands(OnDemand):
    """The command with all that stand below it."""

    later = COMMANDS


app = typer.Typer(
    name="depeche",
    cls=Commands,
    help="News pages in, articles and headline tickers out, as rows in Postgres.",
    epilog="First steps: `depeche demo`, or `depeche up` in one terminal and `depeche fetch URL --wait` in another.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def show_version(asked: bool) -> None:
    """Print the version and end, before any command is looked for."""
    if asked:
        typer.echo(f"depeche {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Show the version."),
) -> None:
    """Declare the options that stand before the command; the option's callback does all the work."""


def main() -> int:
    """Run the command; returns its exit status. A user's mistake is reported in one sentence.

    Typer answers wrong usage, Ctrl-C and a closed pipe.
    """
    try:
        app(prog_name="depeche")
    except UserError as error:
        problem = str(error)
    except _server_failures() as error:  # the server went away after the command had begun
        server = "Redis" if type(error).__module__.startswith("redis") else "Postgres"
        problem = f"{server}: {' '.join(str(error).split())}"
    else:
        return 0
    stderr.print(f"depeche: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)
    return 2


def _server_failures() -> tuple[type[Exception], ...]:
    """Returns the failures of the servers' clients; one that no command has loaded cannot have failed."""
    clients = {"redis": "RedisError", "psycopg": "Error"}
    return tuple(getattr(sys.modules[name], error) for name, error in clients.items() if name in sys.modules)


if __name__ == "__main__":
    sys.exit(main())
