"""How much does each block of text look like a part of the main article? Learned weights, summed.

A block's score is the log-odds of a logistic model over what the markup shows: how long it is, how much of it is
links, its tag, the words in its class and id and in those around it, its neighbours, where it stands to the headline.
Because the model is a plain sum, the part of the surrounding elements is added up once on the way down the tree.
`benchmarks/train_body.py` writes the weights.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from services.parser.features import Group, HintWeights, Weights, hint_names, read_weights
from services.parser.segments import INLINE, Element, Outline

# The sum over all surrounding elements says less the more there are of them.
LEAST_AROUND, MOST_AROUND = -6.0, 4.0
# Upper limits of the size buckets, in characters outside links.
SIZES = (0, 10, 25, 45, 70, 110, 170, 260, 400, 700, 1200)
# Blocks shorter than this end anyhow.
ENDING_CHARS = 25
# Chinese and Japanese say in one character what takes two to three letters elsewhere.
DENSE_WORTH, DENSE_SHARE, DENSE_SAMPLE = 2, 0.3, 400

_DENSE_SCRIPT = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_ENDINGS = ".!?…:;,\"'”»)。」؟।"


class Fact(msgspec.Struct):
    """What the model looks at in one block: its own characters, and the buckets that the features name.

    `place` counts blocks since the headline, in powers of two; -1 is before it, -2 a page without one. `before` and
    `after` are the sizes of the neighbours, -1 for links. `linked` is the share of links in fifths.
    """

    element: Element
    chars: int
    size: int
    linked: int
    place: int
    ending: str
    before: int = 0
    after: int = 0
    family: int = 0


def _shape_names(tag: str, size: int, linked: int, ending: str, hidden: bool) -> list[str]:
    return [
        *("bias", f"size {tag} {size}", f"size {size}", f"linked {linked}", f"linked {linked} {min(size, 5)}"),
        *(f"ending {ending} {min(size, 6)}", "hidden" if hidden else "shown"),
    ]


def _place_names(before: int, after: int, family: int, place: int) -> list[str]:
    return [f"before {before}", f"after {after}", f"family {family}", f"place {place}"]


_WEIGHTS = read_weights("body_weights.json")
_HINTS = HintWeights(_WEIGHTS)
_SHAPE, _PLACE = Group(_shape_names, _WEIGHTS), Group(_place_names, _WEIGHTS)


def use_weights(weights: Weights) -> None:
    """Judge by other weights than the shipped ones (for cross-validation)."""
    for part in (_HINTS, _SHAPE, _PLACE):
        part.use(weights)


def score_blocks(outline: Outline, title: Element | None) -> list[tuple[Fact, float]]:
    """Every block that has text of its own, in document order, with its log-odds of being article text."""
    hints, around = _weigh_hints(outline)
    out = []
    for fact in block_facts(outline, title):
        element = fact.element
        score = hints[element.index][0]
        score += _SHAPE.weight(element.tag, fact.size, fact.linked, fact.ending, element.hidden)
        score += _PLACE.weight(fact.before, fact.after, fact.family, fact.place)
        parent = element.parent
        if parent is not None:
            score += around[parent.index] + hints[parent.index][1]
            if parent.parent is not None:
                score += hints[parent.parent.index][1]
        out.append((fact, score))
    return out


def describe_blocks(outline: Outline, title: Element | None) -> Iterator[tuple[Fact, list[str]]]:
    """The same blocks with the names of their features, for training."""
    for fact in block_facts(outline, title):
        element = fact.element
        names = hint_names("own", element.tag, element.hint)
        names += _shape_names(element.tag, fact.size, fact.linked, fact.ending, element.hidden)
        names += _place_names(fact.before, fact.after, fact.family, fact.place)
        parent = element.parent
        for near in (parent, parent.parent if parent is not None else None):
            if near is not None:
                names += hint_names("near", near.tag, near.hint)
        while parent is not None:
            names += hint_names("far", parent.tag, parent.hint)
            parent = parent.parent
        yield fact, names


def block_facts(outline: Outline, title: Element | None) -> list[Fact]:
    """The blocks with text of their own, with their neighbours and their place seen from the headline."""
    chars, links = own_text(outline)
    density = _density(outline)
    facts: list[Fact] = []
    families: dict[int, int] = {}
    start = title.index if title is not None else len(outline.elements)
    since = 0
    missing = -1 if title is not None else -2
    for element in outline.elements:
        own = chars[element.index]
        if own <= 0:
            continue
        linked = links[element.index]
        share, prose = 5 * linked // own, (own - linked) * density
        own *= density
        since += element.index > start
        ending = _ending(outline.runs, element) if own >= ENDING_CHARS else ""
        place = since.bit_length() if since else missing
        fact = Fact(element, own, bisect_left(SIZES, prose), min(5, share), place, ending)
        if element.parent is not None and share < 3:
            families[element.parent.index] = families.get(element.parent.index, 0) + prose
        facts.append(fact)
    _note_neighbours(facts, families)
    return facts


def _note_neighbours(facts: list[Fact], families: dict[int, int]) -> None:
    latest: Fact | None = None
    previous = 0
    for fact in facts:
        fact.before = previous
        previous = fact.size if fact.linked < 3 else -1
        if latest is not None:
            latest.after = previous
        if fact.element.parent is not None:
            fact.family = families.get(fact.element.parent.index, 0).bit_length()
        latest = fact


def _weigh_hints(outline: Outline) -> tuple[list[tuple[float, float, float]], list[float]]:
    """For each element what its hint weighs, and the sum of what the elements around and itself weigh from afar."""
    hints: list[tuple[float, float, float]] = []
    sums: list[float] = []
    nothing = 0.0, 0.0, 0.0
    known, of = _HINTS.known, _HINTS.of
    for element in outline.elements:
        if not element.chars:
            hints.append(nothing)
            sums.append(0.0)
            continue
        weights = known.get((element.tag, element.hint)) or of(element.tag, element.hint)
        hints.append(weights)
        total = weights[2]
        if element.parent is not None:
            total += sums[element.parent.index]
        sums.append(LEAST_AROUND if total < LEAST_AROUND else MOST_AROUND if total > MOST_AROUND else total)
    return hints, sums


def _density(outline: Outline) -> int:
    """How many letters of an alphabet one character of the page's script is worth."""
    sample = "".join(outline.runs[:DENSE_SAMPLE])
    dense = len(_DENSE_SCRIPT.findall(sample))
    return DENSE_WORTH if dense and dense > DENSE_SHARE * sum(map(str.isalpha, sample)) else 1


def _ending(runs: list[str], element: Element) -> str:
    for at in range(element.last_run - 1, element.first_run - 1, -1):
        text = runs[at].rstrip()
        if text:
            last = text[-1]
            return "stop" if last in _ENDINGS else "digit" if last.isdigit() else "open"
    return ""


def own_text(outline: Outline) -> tuple[list[int], list[int]]:
    """For each block its characters, and those in links, that stand in no smaller block."""
    chars = [0] * len(outline.elements)
    links = [0] * len(outline.elements)
    block_of = [0] * len(outline.elements)
    for element in outline.elements:
        at, parent = element.index, element.parent
        if element.tag in INLINE and parent is not None:
            block_of[at] = block_of[parent.index]
            continue
        block_of[at] = at
        if element.chars:
            chars[at] += element.chars
            links[at] += element.link_chars
            if parent is not None:
                around = block_of[parent.index]
                chars[around] -= element.chars
                links[around] -= element.link_chars
    return chars, links
