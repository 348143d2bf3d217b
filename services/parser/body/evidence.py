"""How much does each block of text look like a part of the main article? Learned weights, summed.

A block's score is the log-odds of a logistic model over what the markup shows: how long the block is, how much of it is
links, its tag, the words in its class and id and in those of the elements around it, its neighbours, and how far after
the headline it stands. Because the model is a plain sum, the weights of surrounding elements are added up once, on the
way down the tree.
`benchmarks/train_body.py` writes the weights.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator

import msgspec

from services.parser import native
from services.parser.body.features import Group, HintWeights, Weights, hint_names, read_weights
from services.parser.language.scripts import SCRIPTS, SENTENCE_ENDS, SENTENCE_STOPS
from services.parser.native.nasty import NASTY
from services.parser.outline.outline import Element, Outline, outline_of
from services.parser.outline.tags import INLINE

# Bounds of the sum over all surrounding elements, which says less the more elements there are.
LEAST_AROUND, MOST_AROUND = -6.0, 4.0
# Upper limits of the size buckets, in characters outside links.
SIZES = (0, 10, 25, 45, 70, 110, 170, 260, 400, 700, 1200)
# The place of the first block behind the headline.
RIGHT_BEHIND = 1
# Shorter blocks end like a sentence or not by chance.
ENDING_CHARS = 25
# A single link that holds so many letters is a text whose link was never closed.
LONG_LINK, ALL_OF_BLOCK = 700, 0.9
# Chinese, Japanese and Korean say in one character what takes two to three letters elsewhere, Amharic what takes 1.5.
DENSE_WORTH, ETHIOPIC_WORTH, DENSE_SHARE, DENSE_SAMPLE = 2, 1.5, 0.3, 400

# All bytes but those that characters from U+3000 to U+D7FF begin with in UTF-8, and all but that of Ethiopic letters.
_NOT_DENSE = bytes(code for code in range(256) if not 0xE3 <= code <= 0xED)
_NOT_ETHIOPIC = bytes(code for code in range(256) if code != 0xE1)
_ETHIOPIC = re.compile(f"[{SCRIPTS['ethiopic'].letters}]")
_ENDINGS = frozenset(SENTENCE_ENDS + ":;,')“’：；，、،؛）")
# What may end a footnote's number, as a digit may.
_UNSURE = "]"
_STOPS = frozenset(SENTENCE_STOPS)
# A footnote's number behind a sentence, in brackets or in an element of its own.
_REFERENCE = re.compile(r"\[\d{1,3}\]$")
_REFERENCE_CHARS = 3


class Fact(msgspec.Struct, gc=False):
    """What the model looks at in one block: its own characters, and the buckets that the features name.

    `place` counts blocks since the headline, in powers of two; it is -1 before the headline, and -2 on a page without
    one. `before` and `after` are the sizes of the neighbours, -1 for links. `linked` is the share of links in fifths.
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


Score = Callable[[Outline, Element | None], list[tuple[Fact, float]]]


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
    forget = getattr(score_blocks, "forget", None)  # The compiled twin remembers weights by itself.
    if forget is not None:
        forget()


def score_blocks_in_python(outline: Outline, title: Element | None) -> list[tuple[Fact, float]]:
    """Returns every block with text of its own, in document order, with its log-odds of being article text."""
    out = []
    outer: dict[int, tuple[float, float]] = {}
    around: dict[int, float] = {}
    for fact in block_facts(outline, title):
        element = fact.element
        tag, parent = element.tag, element.parent
        score = _HINTS[tag, element.hint][0]
        score += _SHAPE[tag, fact.size, fact.linked, fact.ending, element.hidden]
        score += _PLACE[fact.before, fact.after, fact.family, fact.place]
        if parent is not None:
            weight = around.get(parent.index)
            if weight is None:
                weight = around[parent.index] = _weight_around(parent, outer)
            score += weight
        out.append((fact, score))
    return out


def with_loose_text(scored: list[tuple[Fact, float]], title: Element | None) -> list[tuple[Fact, float]]:
    """Returns the scores, where loose text in the block that holds the headline as well counts as right behind it.

    So few pages have any that nothing can be learned from them; what there is mostly follows the headline.
    """
    if title is None:
        return scored
    out = list(scored)
    for number, (fact, score) in enumerate(scored):
        if fact.element.index >= title.index:
            break
        if title.index < fact.element.end:
            shape = fact.before, fact.after, fact.family
            out[number] = fact, score + _PLACE[*shape, RIGHT_BEHIND] - _PLACE[*shape, fact.place]
    return out


def _weight_around(parent: Element, known: dict[int, tuple[float, float]]) -> float:
    """Returns the weight of the parent and all elements around it.

    `known` remembers for each element the sum of the far weights down to it, and its near weight.
    """
    path: list[Element] = []
    at: Element | None = parent
    while at is not None and at.index not in known:
        path.append(at)
        at = at.parent
    total = known[at.index][0] if at is not None else 0.0
    for element in reversed(path):
        _, near, far = _HINTS[element.tag, element.hint]
        total += far
        total = LEAST_AROUND if total < LEAST_AROUND else MOST_AROUND if total > MOST_AROUND else total
        known[element.index] = total, near
    total, near = known[parent.index]
    return total + near + (known[parent.parent.index][1] if parent.parent is not None else 0.0)


def describe_blocks(outline: Outline, title: Element | None) -> Iterator[tuple[Fact, list[str]]]:
    """Yield the blocks that `score_blocks` scores, with the names of their features, for training."""
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
    """Returns the facts of all blocks with text of their own, with their neighbours and place after the headline."""
    density = _density(outline)
    facts: list[Fact] = []
    families: dict[int, int] = {}
    runs = outline.runs
    start = title.index if title is not None else len(outline.elements)
    since = previous = 0
    latest: Fact | None = None
    missing = -1 if title is not None else -2
    for element, own, linked in own_text(outline):
        in_links = linked
        if linked and own * density >= LONG_LINK and _is_one_link(outline, element, own):
            in_links = 0
        share, prose = 5 * in_links // own, int((own - in_links) * density)
        since += element.index > start
        ending = _ending(runs, element) if own * density >= ENDING_CHARS else ""
        place = since.bit_length() if since else missing
        size = bisect_left(SIZES, prose)
        fact = Fact(element, int(own * density), size, share if share < 5 else 5, place, ending, previous)
        previous = size if share < 3 else -1
        if latest is not None:
            latest.after = previous
        facts.append(fact)
        latest = fact
        if share < 3 and element.parent is not None:
            family = element.parent.index
            families[family] = families.get(family, 0) + prose
    for fact in facts:
        if fact.element.parent is not None:
            fact.family = families.get(fact.element.parent.index, 0).bit_length()
    return facts


def _is_one_link(outline: Outline, element: Element, own: int) -> bool:
    """Whether one link stands around the block, or holds nearly all of its own text."""
    around: Element | None = element
    while around is not None:
        if around.tag == "a":
            return True
        around = around.parent
    return any(inner.tag == "a" and inner.chars >= ALL_OF_BLOCK * own for inner in outline.subtree(element))


def _density(outline: Outline) -> float:
    """How many letters of an alphabet one character of the page's script is worth."""
    sample = "".join(outline.runs[:DENSE_SAMPLE])
    coded = sample.encode("utf-8", "surrogatepass")
    dense = len(coded.translate(None, _NOT_DENSE))
    ethiopic = 0 if dense else len(coded.translate(None, _NOT_ETHIOPIC))
    if not dense and not ethiopic:
        return 1
    least = DENSE_SHARE * sum(map(str.isalpha, sample))
    if dense > least:
        return DENSE_WORTH
    return ETHIOPIC_WORTH if ethiopic > least and len(_ETHIOPIC.findall(sample)) > least else 1


def _ending(runs: list[str], element: Element) -> str:
    for at in range(element.last_run - 1, element.first_run - 1, -1):
        text = runs[at].rstrip()
        if text:
            last = text[-1]
            if last in _ENDINGS:
                return "stop"
            if last in _UNSURE:
                return "stop" if _REFERENCE.search(text) else "open"
            if not last.isdigit():
                return "open"
            if len(text) > _REFERENCE_CHARS or at == element.first_run or runs[at - 1].rstrip()[-1:] not in _STOPS:
                return "digit"
    return ""


def own_text(outline: Outline) -> list[tuple[Element, int, int]]:
    """Returns the blocks with characters outside smaller blocks, how many these are, and how many are in links."""
    chars = [0] * len(outline.elements)
    links = [0] * len(outline.elements)
    block_of = [0] * len(outline.elements)
    blocks: list[Element] = []
    for element in outline.elements:
        size = element.chars
        if not size:
            continue
        at, parent = element.index, element.parent
        if parent is not None:
            around = block_of[parent.index]
            if element.tag in INLINE:
                block_of[at] = around
                continue
            chars[around] -= size
            links[around] -= element.link_chars
        block_of[at] = at
        chars[at] = size
        links[at] = element.link_chars
        blocks.append(element)
    return [(block, chars[block.index], links[block.index]) for block in blocks if chars[block.index] > 0]


class ScoreTables(msgspec.Struct, frozen=True, kw_only=True):
    """What the compiled twin is told: tables, and the functions that it asks where only a rule can tell."""

    element: type[Element] = Element
    fact: type[Fact] = Fact
    inline: frozenset[str] = INLINE
    sizes: tuple[int, ...] = SIZES
    least_around: float = LEAST_AROUND
    most_around: float = MOST_AROUND
    ending_chars: int = ENDING_CHARS
    long_link: int = LONG_LINK
    endings: tuple[str, str, str, str] = ("", "stop", "open", "digit")
    stops: frozenset[str] = _ENDINGS
    unsure: str = _UNSURE
    hints: HintWeights = _HINTS
    shapes: Group = _SHAPE
    places: Group = _PLACE
    density: Callable[..., float] = _density
    is_one_link: Callable[..., bool] = _is_one_link
    ending: Callable[..., str] = _ending


def score_alike(one: Score, other: Score) -> bool:
    """Whether two functions score alike what is rare, twice, since weights are remembered."""
    outline = outline_of(NASTY)
    titles = [None, *outline.tagged("h2")]
    return all(one(outline, title) == other(outline, title) for title in titles + titles)


score_blocks = native.faster(
    "blocks", score_blocks_in_python, lambda compiled: compiled.Scorer(ScoreTables()), score_alike
)
