"""How commands print: tables for people, JSON lines for programs; progress and complaints go to stderr."""

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = dict[str, Any]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows at the most.")]

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

console = Console()
stderr = Console(stderr=True)


def print_json(value: object) -> None:
    """Print one line of JSON on stdout, in UTF-8 whatever the locale."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def print_json_lines(rows: Iterable[Row]) -> None:
    """Print one line of JSON per row."""
    for row in rows:
        print_json(row)


def print_table(
    rows: Sequence[Row], columns: dict[str, str], *, title: str | None = None, to: Console | None = None
) -> None:
    """Print the rows as a table with these columns (key -> heading), on stdout where nothing else is said."""
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(as_text(row.get(key)) for key in columns))
    (to or console).print(table)


def as_text(value: object) -> Text:
    """Return a value as a cell of a table. Text of a page acts neither as rich's markup nor as a terminal command."""
    if value is None:
        return Text()
    if isinstance(value, datetime):
        return Text(value.strftime("%Y-%m-%d %H:%M"))
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Text(CONTROLS.sub(" ", shown))
