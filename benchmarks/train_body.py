"""Learn the weights by which the parser finds the article's body, from pages with known article text.

  python -m benchmarks.train_body CORPUS                    writes the two files of weights
  python -m benchmarks.train_body CORPUS --cross-validate   scores pages with weights from other publishers' pages

CORPUS is laid out as docs/benchmarks.md says. Both models are logistic regressions (logistic.py). The second model
learns from the scores that the first one gives to pages it has not seen, because the first one is surer of itself on
pages that it has seen.

Trust the cross-validated figures: on its own training pages each model looks better than it is.
"""

import argparse
import hashlib
import inspect
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import msgspec

from benchmarks.body_pages import SETS, Page, fold_of, labelled_pages, page_bytes, publisher_of_page
from benchmarks.logistic import SETTINGS, Row, Weights, train
from benchmarks.scoring import Corpus, LabelledSet
from services.parser.body import context, context_features, evidence
from services.parser.body.features import Group, hint_names
from services.parser.body.stretch import find_stretch, lifted
from services.parser.page import parse_page
from shared.failures import PageFailure

FOLDS = 4
# Cross-validated over 1e-4 to 3e-2: lower ones learn sites by heart, higher ones lose leads.
BODY_PENALTY, CONTEXT_PENALTY = 1e-3, 6e-3
# A feature needs so many publishers that have it; a word needs more, since some words only say what a site is about.
LEAST_PUBLISHERS, LEAST_FOR_CONTEXT, LEAST_FOR_WORDS = 6, 10, 12
WEIGHTS = Path(__file__).parents[1] / "services" / "parser" / "body"


def recipe() -> str:
    """A hash of what the weights depend on besides the pages: how features are named, and how they are trained.

    A change of either without training again is found by a test.
    """
    groups = [
        group for part in (evidence, context_features) for group in vars(part).values() if isinstance(group, Group)
    ]
    naming = [hint_names, *(group.names for group in groups)]
    buckets = (evidence.SIZES, context.HOPELESS, context.NOTED_SIZE, context.WORDED_SIZE, context.COMPARED_CHARS)
    training = (FOLDS, BODY_PENALTY, CONTEXT_PENALTY, LEAST_PUBLISHERS, LEAST_FOR_CONTEXT, LEAST_FOR_WORDS, *SETTINGS)
    told = ["".join(inspect.getsource(names).split()) for names in naming] + [repr((buckets, training, SETS))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def main() -> None:
    """Train on everything and write, or score fold by fold."""
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("corpus", type=Path)
    cli.add_argument("--cross-validate", action="store_true")
    options = cli.parse_args()
    pages = labelled_pages(options.corpus)
    bodies = {fold: _train_body([p for p in pages if _fold(p.publisher) != fold]) for fold in range(FOLDS)}
    rows = _context_rows(pages, bodies)
    if options.cross_validate:
        contexts = {
            fold: _train_context([row for row in rows if _fold(row.publisher) != fold]) for fold in range(FOLDS)
        }
        _score(Corpus(options.corpus), bodies, contexts)
        return
    _write(WEIGHTS / "body_weights.json", _train_body(pages))
    _write(WEIGHTS / "context_weights.json", _train_context(rows))


def _train_body(pages: list[Page]) -> Weights:
    rows = [
        Row(block.names, block.label, block.weight, page.publisher)
        for page in pages
        for block in page.blocks
        if block.label is not None
    ]
    return train(rows, BODY_PENALTY, lambda _: LEAST_PUBLISHERS)


def _train_context(rows: list[Row]) -> Weights:
    return train(
        rows,
        CONTEXT_PENALTY,
        lambda name: LEAST_FOR_WORDS if name.startswith(("word ", "line ")) else LEAST_FOR_CONTEXT,
    )


def _context_rows(pages: list[Page], bodies: dict[int, Weights]) -> list[Row]:
    out = []
    for page in pages:
        body = bodies[_fold(page.publisher)]
        scored = lifted([(block.fact, sum(body.get(name, 0.0) for name in block.names)) for block in page.blocks])
        stretch = find_stretch(page.outline, scored, page.guide.claimed)
        if stretch is None:
            continue
        blocks = {block.fact.element.index: block for block in page.blocks}
        for fact, names in context.context_names(page.outline, scored, stretch, page.guide):
            block = blocks[fact.element.index]
            if block.label is not None:
                out.append(Row(names, block.label, block.weight, page.publisher))
    return out


def _score(corpus: Corpus, bodies: dict[int, Weights], contexts: dict[int, Weights]) -> None:
    """Parse each page with the weights that know nothing of its publisher; print the sets' metrics."""
    for labelled in corpus.sets:
        pages = _by_fold(labelled)
        with tempfile.TemporaryDirectory() as scratch:
            results = Path(scratch) / "results.jsonl"
            with results.open("wb") as out:
                for fold, entries in pages.items():
                    evidence.use_weights(bodies[fold])
                    context_features.use_weights(contexts[fold])
                    for page_id, url in entries:
                        out.write(_parsed(labelled.folder, page_id, url) + b"\n")
            scores = corpus.score(labelled, results)
        shown = "  ".join(f"{name}={value:.3f}" for name, value in scores.items() if isinstance(value, float))
        print(f"{labelled.name:17} {shown}", flush=True)


def _by_fold(labelled: LabelledSet) -> dict[int, list[tuple[str, str | None]]]:
    gold = labelled.folder / ("labels.json" if labelled.how == "tickers" else "gold.json")
    out: defaultdict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for page_id, known in json.loads(gold.read_text("utf-8")).items():
        out[_fold(publisher_of_page(page_id, known))].append((page_id, known.get("url")))
    return out


def _parsed(folder: Path, page_id: str, url: str | None) -> bytes:
    try:
        page = msgspec.to_builtins(parse_page(page_bytes(folder, page_id), url=url))
    except PageFailure as error:
        print(f"{page_id}: {error}", file=sys.stderr)
        page = {"article": None, "headlines": []}
    return msgspec.json.encode({"id": page_id, **page})


def _fold(publisher: str) -> int:
    return fold_of(publisher, FOLDS)


def _write(path: Path, weights: Weights) -> None:
    trained = {"recipe": recipe(), "weights": weights}
    path.write_text(json.dumps(trained, sort_keys=True, indent=0, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
