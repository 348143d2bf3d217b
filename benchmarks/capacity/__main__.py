"""What is the highest rate that this machine sustains, what does a page cost there, and what would more pages need?

  python -m benchmarks.capacity [FOLDER] [--seconds S] [--json] [--write]

Serves the pages of FOLDER (*.html, *.html.gz; without one, those of the sample site) on loopback as those of 16 sites
without a delay, and ingests them with the real workers on embedded servers in a temporary folder: a fetcher, a parser
with a process for each core, an indexer and a tick, or as DEPECHE_* variables say. First it keeps 200 pages in the air
and sees how many land; then it accepts pages at lower and lower shares of that rate until no backlog grows any more.
That is the highest sustained rate. At it and at half of it, and with pages that have not changed, it adds up what a
page costs: CPU of each part, Redis' commands and memory, Postgres' tables, indexes and log. From these figures it
computes what more pages a day need. Examples:

  make bench-capacity DATA=folder      some six minutes
  make bench-capacity DATA=folder ARGS=--write    puts the tables into docs/capacity.md
"""

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.progress import Progress

from benchmarks.capacity.report import markdown
from benchmarks.capacity.trials import measure
from benchmarks.command import add_output, end, tell
from benchmarks.report import DOCUMENT, machine_load, setting
from cli.output import stderr
from shared.signals import interrupted_once

SECONDS = 60.0
SAMPLE = Path(__file__).parents[2] / "cli" / "sample_site" / "pages"
CAPACITY = DOCUMENT.with_name("capacity.md")


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.capacity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"length of each load (default: {SECONDS:.0f})")
    add_output(parser, CAPACITY)
    return parser.parse_args()


def main() -> None:
    """Measure, print, and write if asked."""
    chosen = options()
    with interrupted_once(), Progress(console=stderr, transient=True) as progress, ExitStack() as stack:
        task = progress.add_task("", total=None)
        measured = measure(chosen.folder, chosen.seconds, lambda what: progress.update(task, description=what), stack)
    tell(chosen, measured, lambda: f"{sentence(chosen.seconds)}\n\n{markdown(measured)}", "capacity", CAPACITY)


def sentence(seconds: float) -> str:
    """What was measured, where."""
    return f"{setting('celery', 'redis', 'psycopg')} Loads of {seconds:.0f} s; {machine_load()}"


if __name__ == "__main__":
    end("bench-capacity", main)
