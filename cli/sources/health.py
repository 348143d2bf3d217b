"""`depeche sources health`: which fields of which sources have fallen, as when a site has changed?"""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli.output import Row, print_json_lines, print_table, stderr
from cli.reading import connected
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.times import shown, shows_times
from services.indexer.connection import Connection, rows_of
from shared.failures import UserError
from shared.settings import load_settings

# The latest falls come first; then the fields of each source, in the order in which one thing leads to the next.
ROWS = """
SELECT source, field, measure, value_now, value_past, pages_now, pages_past, fell, fell_at, parser_changed
FROM news.source_health
WHERE {which}
ORDER BY fell_at DESC NULLS LAST, source, array_position(
    '{visits,headlines,ticker,stories,pages,article,title,author,date,body}', field)
"""
FALLEN = "SELECT DISTINCT source FROM news.source_falls WHERE ended_at IS NULL"
IS_ANYTHING_KNOWN = "SELECT 1 FROM news.source_health LIMIT 1"


@shows_times
def health(
    name: Annotated[str | None, typer.Argument(help="Show all fields of this source.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Show all fields of all sources.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a field.")] = False,
) -> None:
    """Show what is read of which source's pages less often than before, as after a redesign of its site.

    Exit status 1 when something has fallen. Needs Postgres alone, and no more rights than to read schema news. The
    indexer looks every five minutes; docs/reading.md says what counts as a fall.

        depeche sources health
        depeche sources health beacon
    """
    database_url = find_database(load_settings(CliSettings))
    with connected(database_url) as connection:
        rows = _rows(connection, name, show_all)
        is_anything_known = bool(rows or rows_of(connection, IS_ANYTHING_KNOWN, {}))
    if name is not None and not rows:
        raise UserError(f"Of a source {name!r} nothing was read in the last 30 days; --all shows all that are known.")
    if as_json:
        print_json_lines(rows)
    elif rows:
        print_table([shown_field(row) for row in rows], COLUMNS)
    fallen = sum(row["fell"] for row in rows)
    if fallen:
        raise typer.Exit(1)
    if as_json:
        return
    if is_anything_known:
        stderr.print("nothing has fallen")
    else:
        stderr.print("no page of any source has been read yet, or no indexer has looked; it does every five minutes")


COLUMNS = {
    "source": "Source",
    "field": "Field",
    "now": "Now",
    "pages_now": "of pages",
    "past": "Before",
    "pages_past": "of pages",
    "fell": "Fallen",
}


def _rows(connection: Connection, name: str | None, show_all: bool) -> list[Row]:
    """Return the rows to show; asks by the sources' names where that is enough, since all of thousands take seconds."""
    if name is None and show_all:
        return rows_of(connection, ROWS.replace("{which}", "true"), {})
    if name is not None:
        return fields_of(connection, [name])
    return [row for row in fields_of(connection, fallen_sources(connection)) if row["fell"]]


def fallen_sources(connection: Connection) -> list[str]:
    """Return the names of the sources of which a field has fallen."""
    return [row["source"] for row in rows_of(connection, FALLEN, {})]


def fields_of(connection: Connection, names: Sequence[str]) -> list[Row]:
    """Return all fields of these sources, those that fell first."""
    return rows_of(connection, ROWS.replace("{which}", "source = ANY (%(sources)s)"), {"sources": list(names)})


def shown_field(row: Row) -> Row:
    """Return a field as a row of a table."""
    fell = shown(row["fell_at"]) if row["fell"] else None
    if fell and row["parser_changed"]:
        fell += ", and the parser has changed"
    now, past = (_value(row["measure"], row[value]) for value in ("value_now", "value_past"))
    return {**row, "now": now, "past": past, "fell": fell}


def _value(measure: str, value: float | None) -> str | None:
    if value is None:
        return None
    return f"{value:.0%}" if measure == "share" else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
