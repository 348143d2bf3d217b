"""Learn the weights by which the parser finds the article's body, from pages with known article text.

  python -m benchmarks.train_body CORPUS [--half tune|all]

writes services/parser/body_weights.json and context_weights.json. CORPUS/articles holds folders with gold.json
({"id": {"url", "text", "with", "without"}}) and pages/<id>.html[.gz]. A block counts as article text when most of its
4-token shingles are in the page's text. Both models are logistic regressions, trained by AdaGrad in a fixed order, so
that the same corpus gives the same weights. The second model is trained on scores of the first that come from other
publishers (two folds), since the first is surer of itself on pages that it has seen. Words that few publishers use are
left out: they would only learn one site by heart.
"""

import argparse
import gzip
import hashlib
import json
import math
import random
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.parser.context import Guide, context_names
from services.parser.decode import decode_page
from services.parser.evidence import Fact, describe_blocks
from services.parser.segments import Outline, outline_of
from services.parser.stretch import find_stretch, lifted
from services.parser.title_element import find_title_element

SETS = {"publishers": 2.0, "publishers-older": 1.5, "web-en": 1.0, "paragraphs-en": 1.0, "snippets": 1.0}
LEAST_PUBLISHERS = 6
LEAST_FOR_WORDS = 8
EPOCHS, RATE, L2 = 6, 0.15, 1e-4
TOKEN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+")
PARSER = Path(__file__).parent.parent / "services" / "parser"

Weights = dict[str, float]


class Block(msgspec.Struct):
    """One block: what the first model sees, whether it is article text (None: not known), how much it counts."""

    fact: Fact
    names: list[str]
    label: bool | None
    weight: float


class Page(msgspec.Struct):
    """A page with its blocks."""

    publisher: str
    outline: Outline
    guide: Guide
    blocks: list[Block]


class Row(msgspec.Struct):
    """What logistic regression learns from."""

    names: list[str]
    label: bool
    weight: float
    publisher: str


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("corpus", type=Path)
    cli.add_argument("--half", choices=["tune", "all"], default="all")
    options = cli.parse_args()
    pages = [page for name in SETS for page in _pages(options.corpus / "articles" / name, SETS[name])]
    tuning = [page for page in pages if options.half == "all" or half_of(page.publisher) == 0]
    held_out = [page for page in pages if half_of(page.publisher) == 1]
    body = train(_rows(tuning))
    folds = [train(_rows([page for page in tuning if fold_of(page.publisher) != fold])) for fold in (0, 1)]
    context = train([row for page in tuning for row in _context_rows(page, folds[fold_of(page.publisher)])])
    _write(PARSER / "body_weights.json", body)
    _write(PARSER / "context_weights.json", context)
    for name, part in (("tuning", tuning), ("odd half", held_out)):
        print(name, len(part), "first:", _report(body, _rows(part)))
        print(name, len(part), "second:", _report(context, [row for page in part for row in _context_rows(page, body)]))


def half_of(publisher: str) -> int:
    return int(hashlib.sha1(publisher.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def fold_of(publisher: str) -> int:
    return int(hashlib.sha1(publisher.encode(), usedforsecurity=False).hexdigest(), 16) // 2 % 2


def publisher_of(url: str | None) -> str:
    host = urlsplit(url or "").hostname or ""
    parts = host.split(".")
    short = len(parts) > 2 and len(parts[-2]) <= 3 and len(parts[-1]) == 2
    return ".".join(parts[-3:] if short else parts[-2:])


def _pages(folder: Path, importance: float) -> list[Page]:
    gold = json.loads((folder / "gold.json").read_text("utf-8"))
    return [_page(folder, page_id, known, importance) for page_id, known in gold.items()]


def _page(folder: Path, page_id: str, known: dict[str, Any], importance: float) -> Page:
    plain = folder / "pages" / f"{page_id}.html"
    raw = plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_suffix(".html.gz").read_bytes())
    outline = outline_of(decode_page(raw))
    title = find_title_element(outline)
    judge = (
        _by_text(known["text"]) if known.get("text") else _by_snippets(known.get("with", []), known.get("without", []))
    )
    blocks = []
    for fact, names in describe_blocks(outline, title):
        label = False if fact.element is title else judge(outline.text_of(fact.element))
        blocks.append(Block(fact, names, label, importance * (0.5 + min(fact.chars / 80, 4.0))))
    for element in outline.elements:
        element.node = None  # or the Lexbor trees of all pages stay in memory
    return Page(publisher_of(known.get("url")), outline, _guide(outline), blocks)


def _guide(outline: Outline) -> Guide:
    said = {m.get("property") or m.get("name"): m.get("content") for m in outline.metas}
    bodies = [
        found[1] for text in outline.json_ld for found in re.finditer(r'"articleBody"\s*:\s*"((?:[^"\\]|\\.)*)"', text)
    ]
    body = max(bodies, key=len, default=None)
    return Guide(
        title=said.get("og:title") or outline.title,
        description=said.get("og:description") or said.get("description"),
        article_body=json.loads(f'"{body}"', strict=False) if body else None,
    )


def _by_text(gold: str) -> Any:
    wanted, folded = _shingles(gold), f" {' '.join(_fold(gold))} "

    def judge(text: str) -> bool:
        shingles = _shingles(text)
        if shingles.total() <= 3:
            return f" {' '.join(_fold(text))} " in folded
        return (shingles & wanted).total() >= 0.6 * shingles.total()

    return judge


def _by_snippets(wanted: list[str], unwanted: list[str]) -> Any:
    yes = [f" {' '.join(_fold(s))} " for s in wanted if len(s) > 15]
    no = [f" {' '.join(_fold(s))} " for s in unwanted]

    def judge(text: str) -> bool | None:
        folded = f" {' '.join(_fold(text))} "
        if any(s in folded for s in yes):
            return True
        return False if any(s in folded for s in no) else None

    return judge


def _fold(text: str) -> list[str]:
    return TOKEN.findall(text.casefold())


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _fold(text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)) if words)


def _rows(pages: list[Page]) -> list[Row]:
    return [
        Row(b.names, b.label, b.weight, page.publisher) for page in pages for b in page.blocks if b.label is not None
    ]


def _context_rows(page: Page, body: Weights) -> list[Row]:
    scored = lifted([(block.fact, sum(body.get(name, 0.0) for name in block.names)) for block in page.blocks])
    stretch = find_stretch(page.outline, scored, frozenset())
    if stretch is None:
        return []
    blocks = {block.fact.element.index: block for block in page.blocks}
    out = []
    for fact, names in context_names(page.outline, scored, stretch, page.guide):
        block = blocks[fact.element.index]
        if block.label is not None:
            out.append(Row(names, block.label, block.weight, page.publisher))
    return out


def train(rows: list[Row]) -> Weights:
    users: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name in row.names:
            if len(users[name]) < LEAST_FOR_WORDS:
                users[name].add(row.publisher)
    known = {name: number for number, name in enumerate(n for n, who in users.items() if len(who) >= _least(n))}
    data = [([known[n] for n in row.names if n in known], row.label, row.weight) for row in rows]
    weights, seen = [0.0] * len(known), [1e-3] * len(known)
    order = random.Random(1)
    for _ in range(EPOCHS):
        order.shuffle(data)
        for features, label, importance in data:
            score = sum([weights[f] for f in features])
            error = (1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - label) * importance
            for f in features:
                step = error + L2 * weights[f]
                seen[f] += step * step
                weights[f] -= RATE * step / math.sqrt(seen[f])
    return {name: round(weights[number], 2) for name, number in known.items() if abs(weights[number]) >= 0.05}


def _least(name: str) -> int:
    return LEAST_FOR_WORDS if name.startswith(("word ", "line ")) else LEAST_PUBLISHERS


def _write(path: Path, weights: Weights) -> None:
    path.write_text(json.dumps(weights, sort_keys=True, indent=0, ensure_ascii=False) + "\n")


def _report(weights: Weights, rows: list[Row]) -> str:
    hits = said = true = 0
    for row in rows:
        score = sum(weights.get(name, 0.0) for name in row.names)
        said += score > 0
        true += row.label
        hits += score > 0 and row.label
    return f"{len(rows)} blocks P={hits / max(1, said):.3f} R={hits / max(1, true):.3f}"


if __name__ == "__main__":
    main()
