"""The `depeche` command."""

import sys
from typing import Any

import psycopg
import redis
import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from cli import articles, demo, dsn, fetch, headlines, init, migrate, parse, retention, rules, search, show, up
from cli.backup import command as backup
from cli.dashboard import command as dashboard
from cli.doctor import command as doctor
from cli.export import command as export
from cli.inspect import command as inspect
from cli.logs import command as logs
from cli.output import stderr
from cli.quarantine import command as quarantine
from cli.replay import command as replay
from cli.restore import command as restore
from cli.sources import command as sources
from cli.status import command as status
from cli.trace import command as trace
from shared.failures import UserError
from shared.version import VERSION
from shared.wrong_values import wrong_values


class PlainWords(TyperGroup):
    """The command, which says of a mistyped value what is wrong with it in its own words, and not in pydantic's."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is asked for."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as mistake:
            if isinstance(mistake.__cause__, ValidationError):
                found = wrong_values(mistake.__cause__).items()
                mistake.message = "; ".join(what if value in what else f"{value}: {what}" for (_, value), what in found)
            raise


app = typer.Typer(
    name="depeche",
    cls=PlainWords,
    help="News pages in, articles and headline tickers out, as rows in Postgres.",
    epilog="First steps: `depeche demo`, or `depeche up` in one terminal and `depeche fetch URL --wait` in another.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("init")(init.init)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("fetch")(fetch.fetch)
app.command("replay")(replay.replay)
app.command("parse")(parse.parse)
app.command("inspect")(inspect.inspect)
app.command("status")(status.status)
app.command("dashboard")(dashboard.dashboard)
app.command("articles")(articles.articles)
app.command("headlines")(headlines.headlines)
app.command("search")(search.search)
app.command("show")(show.show)
app.command("export")(export.export)
app.command("trace")(trace.trace)
app.add_typer(quarantine.app, name="quarantine")
app.command("logs")(logs.logs)
app.command("doctor")(doctor.doctor)
app.command("dsn")(dsn.dsn)
app.command("migrate")(migrate.migrate)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("retention")(retention.retention)
app.add_typer(rules.app, name="rules")
app.add_typer(sources.app, name="sources")


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
    except (redis.RedisError, psycopg.Error) as error:  # the server went away after the command had begun
        server = "Redis" if isinstance(error, redis.RedisError) else "Postgres"
        problem = f"{server}: {' '.join(str(error).split())}"
    else:
        return 0
    stderr.print(f"depeche: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
