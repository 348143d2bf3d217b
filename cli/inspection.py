"""Commands that look: status, articles, headlines, dsn, migrate."""

from pathlib import Path
from typing import Annotated

import typer

from cli import reading
from cli.output import console, print_json, print_json_lines, print_table
from cli.settings import CliSettings
from cli.stack import find_database, find_endpoints
from services.indexer.logins import Login
from services.indexer.migrate import migrate as apply_migrations
from shared.failures import UserError
from shared.ledger import Ledger
from shared.redis_client import connect_redis
from shared.settings import load_settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows at the most.")]


def status(as_json: Json = False) -> None:
    """Show what is in flight, stage by stage, and what Postgres holds."""
    endpoints = find_endpoints(load_settings(CliSettings))
    in_flight = Ledger(connect_redis(endpoints.redis_url)).counts()
    totals = reading.totals(endpoints.database_url)
    if as_json:
        print_json({"in_flight": sum(in_flight.values()), "stages": in_flight, **totals})
        return
    print_table(
        [{"stage": stage, "pages": count} for stage, count in in_flight.items()],
        {"stage": "In flight", "pages": "Pages"},
    )
    held = {key: totals[key] for key in ("pages", "articles", "headlines", "quarantined")}
    print_table([{"what": k, "rows": v} for k, v in held.items()], {"what": "In Postgres", "rows": "Rows"})
    print_table([{"fate": k, "pages": v} for k, v in totals["fates"].items()], {"fate": "Fate", "pages": "Pages"})


def articles(
    source: Annotated[str | None, typer.Option(help="Only this source's.")] = None,
    language: Annotated[str | None, typer.Option(help="Only this language's (ISO 639-1, such as fr).")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List articles, newest first."""
    rows = reading.articles(_database_url(), source=source, language=language, limit=limit)
    if as_json:
        print_json_lines(rows)
        return
    columns = {"published_at": "Published", "language": "", "title": "Title", "authors": "Authors", "url": "URL"}
    print_table(rows, columns)


def headlines(
    kind: Annotated[str | None, typer.Option(help="Only lists of this kind, such as ticker or most_read.")] = None,
    page: Annotated[str | None, typer.Option(help="Only those of the page with this URL.")] = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> None:
    """List headlines of tickers, rails, fronts and feeds."""
    rows = reading.headlines(_database_url(), kind=kind, page=page, limit=limit)
    if as_json:
        print_json_lines(rows)
        return
    columns = {"kind": "Kind", "label": "Label", "position": "#", "text": "Headline", "page_url": "On page"}
    print_table(rows, columns)


def dsn() -> None:
    """Print the Postgres DSN in use, for psql and for downstream services."""
    console.print(_database_url(), markup=False, highlight=False, soft_wrap=True)


def migrate(
    writer: Annotated[
        list[Path] | None,
        typer.Option(
            help="File with a DSN, such as the indexer's: its user is made, in role depeche_writer. May repeat."
        ),
    ] = None,
    reader: Annotated[list[Path] | None, typer.Option(help="The same in role depeche_reader. May repeat.")] = None,
) -> None:
    """Bring the database to the schema that this version needs; does nothing when it is there."""
    logins = [Login(url=read_secret(file), role="depeche_writer") for file in writer or []]
    logins += [Login(url=read_secret(file), role="depeche_reader") for file in reader or []]
    applied = apply_migrations(_database_url(), logins=logins)
    for name in applied:
        console.print(f"applied {name}", highlight=False)
    if not applied:
        console.print("the schema is up to date", highlight=False)


def read_secret(file: Path) -> str:
    """A secret that is kept in a file of its own."""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read {file}: {error}") from error


def _database_url() -> str:
    return find_database(load_settings(CliSettings))
