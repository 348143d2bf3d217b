"""`depeche articles`: the stored articles, newest first."""

from typing import Annotated

import typer

from cli import reading
from cli.output import Json, Limit, print_json_lines, print_table
from cli.settings import CliSettings
from cli.stack.stack import find_database
from shared.settings import load_settings


def articles(
    source: Annotated[str | None, typer.Option(help="Only this source's.")] = None,
    language: Annotated[str | None, typer.Option(help="Only this language's (ISO 639-1, such as fr).")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List articles, newest first."""
    rows = reading.articles(find_database(load_settings(CliSettings)), source=source, language=language, limit=limit)
    if as_json:
        print_json_lines(rows)
        return
    columns = {"published_at": "Published", "language": "", "title": "Title", "authors": "Authors", "url": "URL"}
    print_table(rows, columns)
