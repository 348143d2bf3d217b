"""How much does each block of text look like a part of the main article? Learned weights, summed.

A block's score is the log-odds of a logistic model over what the markup shows: how long it is, how much of it is
links, its tag, the words in its class and id and in those around it, its neighbours, where it stands to the headline.
Because the model is a plain sum, the part of the surrounding elements is added up once on the way down the tree, and
the part of each class attribute is remembered across pages. `benchmarks/train_body.py` writes the weights.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import msgspec

from services.parser.segments import INLINE, Element, Outline

# The sum over all surrounding elements says less the more there are of them.
LEAST_AROUND, MOST_AROUND = -6.0, 4.0

_WEIGHTS: dict[str, float] = msgspec.json.decode(
    files("services.parser").joinpath("body_weights.json").read_bytes(), type=dict[str, float]
)
# Chinese and Japanese say in one character what takes two to three letters elsewhere.
DENSE_WORTH = 2
DENSE_SHARE = 0.3
_DENSE_SCRIPT = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]{2,}")
_ENDINGS = ".!?…:;,\"'”»)。」؟।"
_SIZES = (0, 10, 25, 45, 70, 110, 170, 260, 400, 700, 1200)


class Fact(msgspec.Struct):
    """What the model looks at in one block: its own characters, and the buckets that the features name."""

    element: Element
    chars: int
    links: int
    size: int
    linked: int
    before: int = 0
    after: int = 0
    family: int = 0
    place: int = 0
    ending: str = ""


def score_blocks(outline: Outline, title: Element | None) -> list[tuple[Fact, float]]:
    """Every block that has text of its own, in document order, with its log-odds of being article text."""
    around = _around(outline)
    get = _WEIGHTS.get
    out = []
    for fact in block_facts(outline, title):
        element = fact.element
        parent = element.parent
        score = get("bias", 0.0) + _own_weight(element.tag, element.hint)
        if parent is not None:
            score += around[parent.index] + _near_weight(parent.tag, parent.hint)
            if parent.parent is not None:
                score += _near_weight(parent.parent.tag, parent.parent.hint)
        for name in _fact_names(fact):
            score += get(name, 0.0)
        out.append((fact, score))
    return out


def describe_blocks(outline: Outline, title: Element | None) -> Iterator[tuple[Fact, list[str]]]:
    """The same blocks with the names of their features, for training."""
    for fact in block_facts(outline, title):
        element = fact.element
        names = ["bias", *own_names(element.tag, element.hint), *_fact_names(fact)]
        parent = element.parent
        for near in (parent, parent.parent if parent is not None else None):
            if near is not None:
                names += near_names(near.tag, near.hint)
        while parent is not None:
            names += far_names(parent.tag, parent.hint)
            parent = parent.parent
        yield fact, names


def own_names(tag: str, hint: str) -> list[str]:
    return [f"tag {tag}", *(f"own {word}" for word in words_of(hint))]


def near_names(tag: str, hint: str) -> list[str]:
    return [f"near <{tag}>", *(f"near {word}" for word in words_of(hint))]


def far_names(tag: str, hint: str) -> list[str]:
    return [f"far <{tag}>", *(f"far {word}" for word in words_of(hint))]


def words_of(hint: str) -> list[str]:
    return sorted(set(_WORD.findall(hint)))


@lru_cache(maxsize=16384)
def _own_weight(tag: str, hint: str) -> float:
    return sum(_WEIGHTS.get(name, 0.0) for name in own_names(tag, hint))


@lru_cache(maxsize=16384)
def _near_weight(tag: str, hint: str) -> float:
    return sum(_WEIGHTS.get(name, 0.0) for name in near_names(tag, hint))


@lru_cache(maxsize=16384)
def _far_weight(tag: str, hint: str) -> float:
    return sum(_WEIGHTS.get(name, 0.0) for name in far_names(tag, hint))


def _around(outline: Outline) -> list[float]:
    sums: list[float] = []
    for element in outline.elements:
        weight = _far_weight(element.tag, element.hint)
        if element.parent is not None:
            weight += sums[element.parent.index]
        sums.append(min(max(weight, LEAST_AROUND), MOST_AROUND))
    return sums


def _fact_names(fact: Fact) -> tuple[str, ...]:
    tag = fact.element.tag
    return (
        f"size {tag} {fact.size}",
        f"size {fact.size}",
        f"linked {fact.linked}",
        f"linked {fact.linked} {min(fact.size, 5)}",
        f"before {fact.before}",
        f"after {fact.after}",
        f"family {fact.family}",
        f"place {fact.place}",
        f"ending {fact.ending} {min(fact.size, 6)}",
        "hidden" if fact.element.hidden else "shown",
    )


def block_facts(outline: Outline, title: Element | None) -> list[Fact]:
    """The blocks with text of their own, with their neighbours and their place seen from the headline."""
    chars, links = own_text(outline)
    density = _density(outline)
    facts = []
    families: dict[int, int] = {}
    start = title.index if title is not None else -1
    since = 0
    for element in outline.elements:
        own = chars[element.index]
        if own <= 0:
            continue
        own, linked = own * density, links[element.index] * density
        prose = own - linked
        fact = Fact(element, own, linked, _bucket(prose), min(5, 5 * linked // own))
        fact.ending = _ending(outline.runs, element) if own >= 25 else ""
        if start >= 0 and element.index > start:
            since += 1
            fact.place = since.bit_length()
        else:
            fact.place = -1 if start >= 0 else -2
        if element.parent is not None and fact.linked < 3:
            families[element.parent.index] = families.get(element.parent.index, 0) + prose
        facts.append(fact)
    previous = 0
    for number, fact in enumerate(facts):
        fact.before = previous
        previous = fact.size if fact.linked < 3 else -1
        if number:
            facts[number - 1].after = previous
        if fact.element.parent is not None:
            fact.family = families.get(fact.element.parent.index, 0).bit_length()
    return facts


def _density(outline: Outline) -> int:
    """How many letters of an alphabet one character of the page's script is worth."""
    sample = "".join(outline.runs[:400])
    dense = len(_DENSE_SCRIPT.findall(sample))
    return DENSE_WORTH if dense > DENSE_SHARE * sum(map(str.isalpha, sample)) else 1


def _bucket(size: int) -> int:
    for number, limit in enumerate(_SIZES):
        if size <= limit:
            return number
    return len(_SIZES)


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
