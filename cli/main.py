"""The `depeche` command."""

import os
import signal
import sys
from typing import Any

import click
import typer

from cli import demo, ingest, inspection, parsing, running
from cli.output import stderr
from shared.failures import UserError

app = typer.Typer(
    name="depeche",
    help="News pages in, articles and headline tickers out, as rows in Postgres.",
    epilog="First steps: `depeche demo`, or `depeche up` in one terminal and `depeche fetch URL --wait` in another.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("up")(running.up)
app.command("demo")(demo.demo)
app.command("fetch")(ingest.fetch)
app.command("parse")(parsing.parse)
app.command("status")(inspection.status)
app.command("articles")(inspection.articles)
app.command("headlines")(inspection.headlines)
app.command("dsn")(inspection.dsn)
app.command("migrate")(inspection.migrate)


def main() -> Any:
    """Run the command; a user's mistake is one sentence, and Ctrl-C is no error message."""
    try:
        return app(standalone_mode=False) or 0
    except UserError as error:
        stderr.print(f"depeche: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        stderr.print("stopped", style="dim")
        return 128 + signal.SIGINT
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


if __name__ == "__main__":
    sys.exit(main())
