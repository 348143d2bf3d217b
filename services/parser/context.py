"""Is this block article text, given the blocks around it? The second look, at the part of the page where the body is.

`evidence.py` judges each block by its own markup. Here it is judged in its place: inside or beside the stretch where prose
is densest, within the same element as most of it, between paragraphs or between links. That is what keeps subheads and
short paragraphs in, and boxes between paragraphs out. Learned weights again, written by `benchmarks/train_body.py`.
"""

from collections.abc import Iterator
from importlib.resources import files

import msgspec

from services.parser.boilerplate import is_foreign, is_lead_hint, is_unwanted_line
from services.parser.evidence import Fact
from services.parser.segments import Element, Outline
from services.parser.title_element import fold

# A block's score counts for its length up to here, so that one long notice does not outweigh an article.
COUNTED_CHARS = 400
# Less than this sum of score by length is no article.
LEAST_PROSE = 140.0
# The second look goes this many blocks beyond the stretch: leads stand before it, last lines after it.
MARGIN = 25
# The container is the deepest element with this share of the prose.
CONTAINER_SHARE = 0.75

_WEIGHTS: dict[str, float] = msgspec.json.decode(
    files("services.parser").joinpath("context_weights.json").read_bytes(), type=dict[str, float]
)


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the page says that helps to find the body."""

    title: str | None = None
    description: str | None = None
    article_body: str | None = None
    claimed: frozenset[int] = frozenset()


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The neighbouring blocks where prose is densest, by number, and the element that holds most of it."""

    first: int
    last: int
    container: Element


Scored = list[tuple[Fact, float]]


def find_stretch(outline: Outline, scored: Scored, claimed: frozenset[int]) -> Stretch | None:
    """The run of neighbouring blocks with the largest sum of score by length (Kadane's algorithm)."""
    best = total = 0.0
    start = 0
    found: tuple[int, int] | None = None
    for number, (fact, score) in enumerate(scored):
        total += _mass(fact, min(score, -1.0) if fact.element.index in claimed else score)
        if total <= 0:
            total, start = 0.0, number + 1
        elif total > best:
            best, found = total, (start, number)
    if found is None or best < LEAST_PROSE:
        return None
    return Stretch(first=found[0], last=found[1], container=_container(outline, scored[found[0] : found[1] + 1]))


def judge_blocks(outline: Outline, scored: Scored, stretch: Stretch, guide: Guide) -> dict[int, float]:
    """The log-odds of each block near the stretch, by the index of its element."""
    get = _WEIGHTS.get
    return {
        fact.element.index: sum([get(name, 0.0) for name in names])
        for fact, names in context_names(outline, scored, stretch, guide)
    }


def context_names(outline: Outline, scored: Scored, stretch: Stretch, guide: Guide) -> Iterator[tuple[Fact, list[str]]]:
    """The features of each block near the stretch."""
    description = fold(guide.description or "")
    title = fold(guide.title or outline.title)
    article_body = fold(guide.article_body or "")
    first = max(0, stretch.first - MARGIN)
    last = min(len(scored), stretch.last + 1 + MARGIN)
    levels = [max(-5, min(5, round(score))) for _, score in scored[first:last]]
    known: set[str] = set()
    for number in range(first, last):
        fact, _ = scored[number]
        at = number - first
        level = levels[at]
        where = "before" if number < stretch.first else "after" if number > stretch.last else "in"
        before = levels[at - 1] if at else -6
        after = levels[at + 1] if at + 1 < len(levels) else -6
        further = max(levels[max(0, at - 3) : at], default=-6), max(levels[at + 1 : at + 4], default=-6)
        element = fact.element
        relation = _relation(element, stretch.container)
        tag = element.tag
        size = fact.size
        names = [
            "bias", f"level {level}", f"level {level} {where}", f"{where} {tag} {min(size, 6)}", f"where {where} {relation}",
            f"before {before}", f"after {after}", f"around {max(-2, min(2, before))} {max(-2, min(2, after))} {max(-2, min(2, level))}",
            f"further {further[0]} {further[1]}", f"relation {relation}", f"relation {relation} {tag}", f"linked {fact.linked} {min(size, 5)}",
            f"ending {fact.ending} {min(size, 6)}", f"place {fact.place} {where}", f"size {tag} {size}",
        ]  # fmt: skip
        if is_foreign(tag, element.hint):
            names.append("foreign own")
        if element.parent is not None and is_foreign(element.parent.tag, element.parent.hint):
            names.append("foreign parent")
        text = outline.text_of(element)
        folded = fold(text)
        if size <= 7:
            if is_unwanted_line(text):
                names.append("unwanted line")
            words = text.casefold().split(None, 2)
            names += [f"word {word}" for word in words[:2]]
        hints = element.hint + " " + (element.parent.hint if element.parent is not None else "")
        if is_lead_hint(hints):
            names += [f"leadish {where}", f"leadish {where} {min(size, 6)}"]
        if (
            description
            and len(folded) > 20
            and (folded.startswith(description[:60]) or description.startswith(folded[:60]))
        ):
            names += ["description", f"description {where}"]
        if (
            title
            and folded
            and (folded in title or title in folded)
            and len(folded) < 1.3 * len(title)
            and len(folded) > 8
        ):
            names += ["title", f"title {where}"]
        if len(article_body) > 300 and len(folded) > 8:
            names.append(f"guide {folded[:80] in article_body} {min(size, 6)}")
        if folded in known and size > 1:
            names.append("again")
        known.add(folded)
        yield fact, names


def _mass(fact: Fact, score: float) -> float:
    return max(-4.0, min(4.0, score)) * min(fact.chars, COUNTED_CHARS)


def _container(outline: Outline, stretch: Scored) -> Element:
    """The deepest element that holds CONTAINER_SHARE of the prose."""
    sums: dict[int, float] = {}
    whole = 0.0
    for fact, score in stretch:
        if score > 0:
            mass = _mass(fact, score)
            whole += mass
            element: Element | None = fact.element.parent or fact.element
            while element is not None and element.depth > 0:
                sums[element.index] = sums.get(element.index, 0.0) + mass
                element = element.parent if element.depth < 200 else None
    best = outline.elements[0]
    for index, mass in sums.items():
        if mass >= CONTAINER_SHARE * whole and outline.elements[index].depth > best.depth:
            best = outline.elements[index]
    return best


def _relation(element: Element, container: Element) -> str:
    """Where the block stands to the container: how deep inside, or how far up they meet."""
    if element.inside(container):
        return f"in{min(4, element.depth - container.depth)}"
    above: Element | None = container
    for steps in range(1, 6):
        above = above.parent if above is not None else None
        if above is not None and element.inside(above):
            return f"up{steps} {min(3, element.depth - above.depth)}"
    return "apart"
