"""Pages with known article text, cut into blocks that are labelled by it. The body's weights are learned from them."""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.parser.body.context import Guide
from services.parser.body.evidence import Fact, describe_blocks
from services.parser.fields.metadata import read_metadata
from services.parser.lists.headlines import find_headlines
from services.parser.outline.decode import decode
from services.parser.outline.outline import Outline, outline_of
from services.parser.outline.title_element import find_title_element

# The sets to learn from, and how much a page of each counts: those with the whole text are labelled best.
SETS = {
    **{"publishers": 2.0, "publishers-older": 1.5, "web-en": 1.0, "paragraphs-en": 1.0, "snippets": 1.0},
    "far": 0.25,
}
# The known text of these sets has some of the lines between headline and text, too: dates, names, rubrics. Blocks
# before the first article text of so many characters say nothing of what is body.
WITH_HEADS, LEAST_OPENING = frozenset(["far"]), 70
# A block counts for its length, within these bounds.
SHORTEST_COUNTS, CHARS_COUNTED, LONGEST_COUNTS = 0.5, 80, 4.0
# A block is article text when so many of its 4-token shingles are; one with few tokens must be in it as it is.
SHARED, FEW_SHINGLES = 0.6, 3

_TOKEN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+")
_DATED_HOST = re.compile(r"\d{8}_([^_]+)_")

Judge = Callable[[str], bool | None]


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


def labelled_pages(corpus: Path) -> list[Page]:
    """All pages of the sets to learn from."""
    return [page for name in SETS for page in _pages(corpus / "articles" / name, SETS[name])]


def publisher_of_page(page_id: str, known: dict[str, Any]) -> str:
    """The publisher of a page by its address; without one, by the host that its name has after a date."""
    dated = _DATED_HOST.match(page_id)
    return publisher_of(known.get("url") or (f"http://{dated[1]}/" if dated else None))


def publisher_of(url: str | None) -> str:
    """The registrable domain, nearly: three labels under co.uk and the like, else two."""
    host = urlsplit(url or "").hostname or ""
    parts = host.split(".")
    short = len(parts) > 2 and len(parts[-2]) <= 3 and len(parts[-1]) == 2
    return ".".join(parts[-3:] if short else parts[-2:])


def fold_of(publisher: str, folds: int) -> int:
    """Which fold all pages of a publisher are in."""
    return int(hashlib.sha1(publisher.encode(), usedforsecurity=False).hexdigest(), 16) // 7 % folds


def page_bytes(folder: Path, page_id: str) -> bytes:
    """The page as it was fetched."""
    plain = folder / "pages" / f"{page_id}.html"
    return plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_suffix(".html.gz").read_bytes())


def _pages(folder: Path, importance: float) -> list[Page]:
    gold = json.loads((folder / "gold.json").read_text("utf-8"))
    pages = []
    for page_id, known in gold.items():
        page = _page(page_bytes(folder, page_id), known, importance, publisher_of_page(page_id, known))
        if folder.name in WITH_HEADS:
            _forget_heads(page.blocks)
        pages.append(page)
    return pages


def _forget_heads(blocks: list[Block]) -> None:
    """Unlabel what stands between the headline and the first long text."""
    for block in blocks:
        if block.label and block.fact.chars >= LEAST_OPENING:
            return
        if block.label or block.fact.place > 0:
            block.label = None


def _page(raw: bytes, known: dict[str, Any], importance: float, publisher: str) -> Page:
    outline = outline_of(decode(raw, None).utf8)
    url = known.get("url")
    title = find_title_element(outline)
    judge = (
        _by_text(known["text"]) if known.get("text") else _by_snippets(known.get("with", []), known.get("without", []))
    )
    blocks = []
    for fact, names in describe_blocks(outline, title):
        label = False if fact.element is title else judge(outline.text_of(fact.element))
        counts = SHORTEST_COUNTS + min(fact.chars / CHARS_COUNTED, LONGEST_COUNTS)
        blocks.append(Block(fact, names, label, importance * counts))
    guide = _guide(outline, url)
    for element in outline.elements:
        element.nodes = None  # or the Lexbor trees of all pages stay in memory
    return Page(publisher, outline, guide, blocks)


def _guide(outline: Outline, url: str | None) -> Guide:
    metadata = read_metadata(outline, url)
    return Guide(
        title=metadata.headline or next(iter(metadata.titles), None),
        description=metadata.description,
        article_body=metadata.article_body,
        claimed=find_headlines(outline, url).claimed,
        url=url,
        authors=(*metadata.json_ld_authors, *metadata.meta_authors),
    )


def _by_text(gold: str) -> Judge:
    wanted, folded = _shingles(gold), f" {' '.join(_fold(gold))} "

    def judge(text: str) -> bool:
        shingles = _shingles(text)
        if shingles.total() <= FEW_SHINGLES:
            return f" {' '.join(_fold(text))} " in folded
        return (shingles & wanted).total() >= SHARED * shingles.total()

    return judge


def _by_snippets(wanted: list[str], unwanted: list[str]) -> Judge:
    yes = [f" {' '.join(_fold(s))} " for s in wanted if len(s) > 15]
    no = [f" {' '.join(_fold(s))} " for s in unwanted]

    def judge(text: str) -> bool | None:
        folded = f" {' '.join(_fold(text))} "
        if any(s in folded for s in yes):
            return True
        return False if any(s in folded for s in no) else None

    return judge


def _fold(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _fold(text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)) if words)
