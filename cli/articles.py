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
    tag: Annotated[str | None, typer.Option(help="Only those of sources with this tag.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List articles, newest first."""
    database_url = find_database(load_settings(CliSettings))
    rows = reading.articles(database_url, source=source, language=language, tag=tag, limit=limit)
    if as_json:
        print_json_lines(rows)
        return
    columns = {"published_at": "Published", "language": "", "title": "Title", "authors": "Authors", "url": "URL"}
    print_table(rows, columns)
