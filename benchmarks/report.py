"""Tables for people, and the sections of docs/benchmarks.md that the benchmarks write themselves."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from services.parser.version import PARSER_VERSION
from shared.failures import UserError

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write_section(name: str, markdown: str, document: Path = DOCUMENT) -> None:
    """Put `markdown` between the document's `<!-- NAME -->` and `<!-- /NAME -->`, in place of what stood there."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = document.read_text("utf-8")
    if text.count(begin) != 1 or text.count(end) != 1:
        raise UserError(f"{document} has no section between {begin} and {end}.")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    document.write_text(f"{before}{begin}\n{markdown.strip()}\n{end}{after}", "utf-8")


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """A Markdown table; the first row names the columns, a missing value is an empty cell."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return significant(value) if isinstance(value, float) else str(value)


def significant(value: float) -> str:
    """Three digits or so that mean something, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.4f}"


def machine_load() -> str:
    """What else the machine did, for the end of a sentence."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"the machine's load at the end (1, 5, 15 minutes): {load}."


def setting(*packages: str) -> str:
    """One sentence on when, where and with what was measured."""
    versions = ", ".join(f"{package} {_version(package)}" for package in packages)
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores ({_processor()}), "
        f"{platform.system()}, Python {platform.python_version()}; parser version {PARSER_VERSION}; {versions}."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.machine()
