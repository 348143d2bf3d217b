"""`depeche headlines`: the headlines of tickers, rails, fronts and feeds."""

from typing import Annotated

import typer

from cli import reading
from cli.output import Json, Limit, print_json_lines, print_table
from cli.settings import CliSettings
from cli.stack.stack import find_database
from shared.settings import load_settings


def headlines(
    kind: Annotated[str | None, typer.Option(help="Only lists of this kind, such as ticker or most_read.")] = None,
    page: Annotated[str | None, typer.Option(help="Only those of the page with this URL.")] = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> None:
    """List headlines of tickers, rails, fronts and feeds."""
    rows = reading.headlines(find_database(load_settings(CliSettings)), kind=kind, page=page, limit=limit)
    if as_json:
        print_json_lines(rows)
        return
    columns = {"kind": "Kind", "label": "Label", "position": "#", "text": "Headline", "page_url": "On page"}
    print_table(rows, columns)
