"""How commands print: tables for people, JSON lines for programs; progress and complaints go to stderr."""

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = dict[str, Any]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows at the most.")]

# Words up to this length stand in one line of a table; longer ones, mostly addresses, may be broken.
LONGEST_WHOLE_WORD = 30

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
    """Print the rows as a table with these columns (key -> heading), on stdout where nothing else is said.

    Where the terminal is too narrow for that, each row is printed as a few lines, a heading and its value on each.
    """
    target = to or console
    headings = list(columns.values())
    cells = [[as_text(row.get(key)) for key in columns] for row in rows]
    widths = _whole_words(headings, cells)
    if sum(widths) + len(widths) * len(" │ ") + 1 > target.width:
        _print_row_by_row(headings, cells, title, target)
        return
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, overflow="fold", min_width=width)
    for row in cells:
        table.add_row(*row)
    target.print(table)


def _whole_words(headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int]:
    """Return how wide each column must be at the least, that no words be broken but very long ones."""
    columns = zip(headings, *([cell.plain for cell in row] for row in rows), strict=True)
    longest = (max(cell_len(word) for text in column for word in text.split() or [""]) for column in columns)
    return [min(width, LONGEST_WHOLE_WORD) for width in longest]


def _print_row_by_row(
    headings: Sequence[str], rows: Sequence[Sequence[Text]], title: str | None, target: Console
) -> None:
    """Print each row as lines of a heading and its value, without those that are empty."""
    if title is not None:
        target.print(Text(title, style="italic"))
    margin = max(map(cell_len, headings)) + 2
    for number, row in enumerate(rows):
        if number:
            target.print()
        for heading, cell in zip(headings, row, strict=True):
            if cell.plain:
                padded = heading + " " * (margin - cell_len(heading))
                target.print(Text.assemble((padded, "bold"), cell), soft_wrap=True)


def as_text(value: object) -> Text:
    """Return a value as a cell of a table. Text of a page acts neither as rich's markup nor as a terminal command."""
    if value is None:
        return Text()
    if isinstance(value, datetime):
        return Text(value.strftime("%Y-%m-%d %H:%M"))
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Text(CONTROLS.sub(" ", shown))
