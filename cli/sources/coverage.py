"""What each source has brought in the last days, by channel, for `depeche sources list`."""

from collections.abc import Mapping, Sequence

from cli.output import Row, stderr
from cli.reading import read_only
from cli.settings import CliSettings
from cli.stack.stack import find_database
from services.indexer.connection import Connection, rows_of
from shared.failures import UserError

COVERAGE = """
SELECT source, channel, stories, first, only_there, extract(epoch FROM head_start)::float8 AS head_start_s, since
FROM news.source_coverage
ORDER BY source, array_position('{front,feed,sitemap}', channel)
"""
# A channel is marked whose own stories are at least so many, and such a share of all that it brought.
MARKED_STORIES, MARKED_SHARE = 3, 0.1

Coverage = Mapping[str, Sequence[Row]]


def coverage_by_source(settings: CliSettings) -> Coverage | None:
    """Return each source's channels; None where Postgres is not there, which is said on standard error."""
    try:
        with read_only(find_database(settings)) as connection:
            return coverage(connection)
    except UserError as error:
        stderr.print(f"what each source brings is left out: {error}", markup=False, highlight=False, soft_wrap=True)
        return None


def coverage(connection: Connection) -> Coverage:
    """Return each source's channels."""
    found: dict[str, list[Row]] = {}
    for row in rows_of(connection, COVERAGE, {}):
        found.setdefault(row.pop("source"), []).append(row)
    return found


def in_short(channels: Sequence[Row]) -> str | None:
    """Return the channels for a person: "front 41, feed 39 (! 12 only there, first 60%)"; None where none is known."""
    return ", ".join(map(_channel, channels)) or None


def _channel(row: Row) -> str:
    shown = f"{row['channel']} {row['stories']}"
    if row["first"] is None or not row["stories"]:
        return shown
    only = f"{row['only_there']} only there, " if row["only_there"] else ""
    mark = "! " if brings_its_own(row) else ""
    return f"{shown} ({mark}{only}first {row['first'] / row['stories']:.0%})"


def brings_its_own(row: Row) -> bool:
    """Whether the channel brings what the others of its site never show, and not now and then alone."""
    only = row["only_there"] or 0
    return bool(only >= MARKED_STORIES and only >= MARKED_SHARE * row["stories"])
