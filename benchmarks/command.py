"""What the command lines of the long runs have in common: their options, what they print and write, how they end."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks.report import DOCUMENT, write_section
from cli.output import print_json, stderr
from shared.service import exit_status

# So many of what is wrong in one way are named, at the most.
NAMED = 20


def add_home(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the folder for servers and workers."""
    parser.add_argument("--home", type=Path, help="new folder for data and logs, which is kept (default: none is)")


def add_output(parser: argparse.ArgumentParser, document: Path = DOCUMENT) -> None:
    """Add the options for `tell`."""
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print all figures as one line of JSON")
    output.add_argument("--write", action="store_true", help=f"put the tables into docs/{document.name}")


def tell(
    chosen: argparse.Namespace, figures: object, markdown: Callable[[], str], section: str, document: Path = DOCUMENT
) -> None:
    """Print the figures, or the tables, which are written into a section of a document if asked."""
    if chosen.json:
        print_json(figures)
        return
    print(told := markdown())
    if chosen.write:
        write_section(section, told, document)


def name_wrong(found: Mapping[str, Sequence[str]]) -> None:
    """Name on stderr what is wrong, by the way in which it is."""
    for what, named in found.items():
        for one in named[:NAMED]:
            stderr.print(f"{what}: {one}", markup=False, soft_wrap=True)


def end(name: str, main: Callable[[], None]) -> NoReturn:
    """Run, and exit: with 1 when what is promised did not hold, or the run failed."""
    code = exit_status(name, main)
    sys.exit(1 if code == 2 else code)
