"""How well does the parser separate, how well do its peers extract, and what does each cost?

  python -m benchmarks.parser CORPUS [--sets NAME ...] [--peers NAME ...] [--quick] [--json]

CORPUS holds labelled pages and the evaluate.py that scores them (docs/benchmarks.md describes the layout). In one run,
all contenders read the same pages. Without options, or with --quick alone, the result is also written into
docs/benchmarks.md, each into its own section.
"""

import argparse
import gzip
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.progress import Progress

from benchmarks.parse_timing import OURS, ROUNDS, Page, Timing, as_rows, contenders, read_page, time_all
from benchmarks.report import setting, table, write_section
from benchmarks.scoring import PEERS, Corpus, LabelledSet, Metrics, missing_modules
from cli.output import print_json, stderr
from shared.failures import UserError
from shared.service import exit_status
from shared.signals import interrupted_once

# The set that is timed, where the corpus has it: whole pages of many publishers.
TIMED_SET = "publishers"
COUNTS = ("swallowed", "false_ticker_pages")
TITLES = {"articles": "Articles", "tickers": "Headlines"}
LEGEND = {
    "articles": "P, R, F1: 4-token shingles of the body against the article's text. near: P and R both 95 % or more. "
    "clean: R 95 % or more and no foreign line. lead, subhead, para: found, the latter two on a line of their own. "
    "with, leak: strings that must and must not be in the text. title, author, date: equal.",
    "tickers": "ticker_P, R, F1: headlines of kind ticker. recall_all: labelled headlines found, of whatever kind; "
    "kind_ok: those with the labelled kind. excess: headlines given for each one on the page. url_ok: with its link. "
    "leak: labelled headlines inside the body. loss: body probes missing from the body. swallowed: body sentences "
    "given as a headline. Peers give out no headlines, so that only leak and loss say something of them.",
}


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """The metrics of one contender on one set."""

    set_name: str
    how: Metrics
    contender: str
    metrics: dict[str, Any]


def main() -> None:
    """Score, time, print; at the default settings also write."""
    chosen = _options()
    corpus = Corpus(chosen.corpus)
    sets = corpus.choose(chosen.sets)
    peers = [] if chosen.quick else _installed(chosen.peers or list(PEERS))
    with interrupted_once(), Progress(console=stderr, transient=True) as progress:
        task = progress.add_task("", total=len(sets) * (1 + len(peers)) + ROUNDS)

        def step(what: str) -> None:
            progress.update(task, advance=1, description=what)

        scored = [score for labelled in sets for score in _score(corpus, labelled, peers, step)]
        timed = next((s for s in sets if s.name == TIMED_SET), sets[0])
        pages = _pages(corpus, timed)
        timings = time_all(contenders(peers=bool(peers)), pages, step)
    if chosen.json:
        print_json({"scores": scored, "timings": timings})
        return
    text = markdown(scored, timings, f"{len(pages)} pages of {timed.name}", peers)
    print(text)
    if not (chosen.sets or chosen.peers):
        write_section("parser-alone" if chosen.quick else "parser", text)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    options.add_argument("--sets", nargs="+", default=[], help="score these sets only")
    options.add_argument("--peers", nargs="+", default=[], help=f"run these peers only (default: {' '.join(PEERS)})")
    options.add_argument("--quick", action="store_true", help="no peers")
    options.add_argument("--json", action="store_true", help="print scores and timings as one line of JSON")
    return options.parse_args()


def _installed(peers: list[str]) -> list[str]:
    there = []
    for peer in peers:
        missing = missing_modules(peer)
        if missing:
            stderr.print(f"{peer} is left out: {', '.join(missing)} not installed (pip install 'depeche[bench]')")
        else:
            there.append(peer)
    return there


def _score(corpus: Corpus, labelled: LabelledSet, peers: list[str], step: Callable[[str], None]) -> list[Scored]:
    scored = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in [OURS, *peers]:
            step(f"{labelled.name}: {name}")
            run = corpus.ours(labelled, Path(scratch)) if name == OURS else corpus.peer(name, labelled, Path(scratch))
            metrics = corpus.score(labelled, run)
            scored.append(Scored(set_name=labelled.name, how=labelled.how, contender=name, metrics=metrics))
    return scored


def _pages(corpus: Corpus, labelled: LabelledSet) -> list[Page]:
    pages = []
    for line in corpus.manifest(labelled).splitlines():
        entry = msgspec.json.decode(line)
        raw = Path(entry["file"]).read_bytes()
        page = read_page(gzip.decompress(raw) if entry["file"].endswith(".gz") else raw, entry["url"])
        if page is not None:
            pages.append(page)
    if not pages:
        raise UserError(f"{labelled.folder} has no pages to time.")
    return pages


def markdown(scored: Sequence[Scored], timings: Sequence[Timing], timed: str, peers: Sequence[str]) -> str:
    """The section of docs/benchmarks.md."""
    parts = [setting("selectolax", *peers), f"**Cost**: {timed}, medians of {ROUNDS} rounds", table(as_rows(timings))]
    for how, title in TITLES.items():
        names = dict.fromkeys(score.set_name for score in scored if score.how == how)
        for number, name in enumerate(names):
            rows = [score for score in scored if score.set_name == name]
            pages = rows[0].metrics["pages"]
            parts.append(f"**{title}: {name}**, {pages} pages" + ("" if number else f"\n\n{LEGEND[how]}"))
            parts.append(table([_row(score) for score in rows]))
    return "\n\n".join(parts)


def _row(score: Scored) -> dict[str, object]:
    first = [key for key in ("P", "R", "F1") if key in score.metrics]
    shown = {key: score.metrics[key] for key in [*first, *score.metrics] if key != "pages"}
    cells = {key: value if value is None or key in COUNTS else f"{value:.3f}" for key, value in shown.items()}
    return {"": score.contender, **cells}


if __name__ == "__main__":
    sys.exit(exit_status("bench-parser", main))
