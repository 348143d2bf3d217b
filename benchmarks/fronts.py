"""How well are front and section pages read? Runs the corpus' own scorer on Depeche, and on the floor beside it.

    python -m benchmarks.fronts CORPUS

CORPUS has a folder `front` with labels and pages, and beside it the scorer, whose head says what the figures are. The
table is written into docs/benchmarks.md.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.report import table, write_section
from shared.failures import UserError

SCORER = Path("front").with_suffix(".py")
# What is shown of the scorer's figures, and under which heading.
FIGURES = {
    "recall": "stories found",
    "recall_front": "as front or ticker",
    "noise": "noise",
    "listing": "listing",
    "invented": "invented article",
    "top": "top story",
    "top_near": "in the first three",
    "order": "order",
    "kind_ok": "kind right",
}


def scores(corpus: Path, module: str, scratch: Path) -> dict[str, Any]:
    """The figures of a module that is called as `depeche` is."""
    command = scratch / module.rpartition(".")[2]
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n', "utf-8")
    command.chmod(0o700)
    labels, pages = corpus / "front" / "labels.json", corpus / "front" / "pages"
    arguments = [sys.executable, str(corpus / SCORER), str(command), str(labels), str(pages)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{corpus / SCORER} failed:\n{done.stderr[-1500:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def row(name: str, figures: dict[str, Any]) -> dict[str, object]:
    """One line of the table."""
    shown = {heading: f"{figures[key]:.3f}" for key, heading in FIGURES.items()}
    return {"reader": name, "pages": figures["pages"], "stories": figures["stories"], **shown}


def main() -> None:
    """Score both, print the table and write it into the document."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path, help="folder with labelled front pages and their scorer")
    corpus = options.parse_args().corpus
    if not (corpus / SCORER).is_file():
        raise SystemExit(f"{corpus} has no {SCORER}: name a corpus of labelled front pages.")
    with tempfile.TemporaryDirectory() as folder:
        readers = {"Depeche": "cli.main", "every link of 25 to 220 characters": "benchmarks.link_floor"}
        rows = [row(name, scores(corpus, module, Path(folder))) for name, module in readers.items()]
    print(table(rows))
    write_section("fronts", table(rows))


if __name__ == "__main__":
    main()
