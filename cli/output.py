"""How commands print: tables for people, JSON lines, CSV and TSV for programs; progress and complaints go to stderr."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.times import shown

Row = dict[str, Any]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class Format(StrEnum):
    """How rows are printed: a table for people, or all columns of each row for programs."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"


AsFormat = Annotated[
    Format,
    typer.Option("--format", help="`table`; `json` (a line per row), `csv` and `tsv` have all columns, times in UTC."),
]

# Words up to this length stand in one line of a table; longer ones, mostly addresses, may be broken.
LONGEST_WHOLE_WORD = 30

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# How TSV writes what would end a field or a line, as Postgres' COPY does.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

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


def print_line(text: str | Text, style: str = "") -> None:
    """Print a line on stdout, never broken; text of a page in it does nothing but stand there."""
    console.print(as_text(text) if isinstance(text, str) else text, style=style, soft_wrap=True, highlight=False)


def say(sentence: str, style: str = "") -> None:
    """Print a sentence on stderr, never broken."""
    stderr.print(as_text(sentence), style=style, soft_wrap=True, highlight=False)


def print_rows(rows: Sequence[Row], columns: dict[str, str], all_columns: Sequence[str], shape: Format) -> None:
    """Print rows as they are asked for: these columns (key -> heading) as a table, or all of them for programs."""
    if shape is Format.TABLE:
        print_table(rows, columns)
    elif shape is Format.JSON:
        print_json_lines(rows)
    else:
        _print_separated(rows, all_columns, shape)


def _print_separated(rows: Sequence[Row], columns: Sequence[str], shape: Format) -> None:
    """Print a line of column names, then a line per row, with lists in one field each, separated by `; `."""
    out = io.StringIO()
    lines = [columns, *([_field(row.get(key)) for key in columns] for row in rows)]
    if shape is Format.CSV:
        csv.writer(out, lineterminator="\n").writerows(lines)
    else:
        out.writelines("\t".join(field.translate(ESCAPES) for field in line) + "\n" for line in lines)
    sys.stdout.buffer.write(out.getvalue().encode())
    sys.stdout.buffer.flush()


def _field(value: object) -> str:
    """Return a value as text for programs."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(_field, value))
    return value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')


def print_table(
    rows: Sequence[Row], columns: dict[str, str], *, title: str | None = None, to: Console | None = None
) -> None:
    """Print the rows as a table with these columns (key -> heading), on stdout where nothing else is said.

    Where the terminal is too narrow for that, each row is printed as a few lines, a heading and its value on each.
    Where there is no terminal, the table is as wide as it has to be.
    """
    target = to or console
    headings = list(columns.values())
    cells = [[as_text(row.get(key)) for key in columns] for row in rows]
    widths = _whole_words(headings, cells) if target.is_terminal else _whole_cells(headings, cells)
    needed = sum(widths) + len(widths) * len(" │ ") + 1
    if target.is_terminal and needed > target.width:
        _print_row_by_row(headings, cells, title, target)
        return
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, overflow="fold", min_width=width)
    for row in cells:
        table.add_row(*row)
    if not target.is_terminal:  # rich prints nothing wider than its console, and would give it 80 columns
        target = Console(file=target.file, width=max(needed, cell_len(title or "")))
    target.print(table)


def _whole_cells(headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int]:
    """Return how wide each column must be that each cell stands on one line."""
    columns = zip(headings, *([cell.plain for cell in row] for row in rows), strict=True)
    return [max(map(cell_len, column)) for column in columns]


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
        return Text(shown(value))
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Text(CONTROLS.sub(" ", said))
