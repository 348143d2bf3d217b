"""Is this block article text, given the blocks around it? The second look, at the part of the page where the body is.

`evidence.py` judges each block by its own markup. Here it is judged in its place: inside or beside the stretch where
prose is densest, within the same element as most of it, between paragraphs or between links. That is what keeps
subheads and short paragraphs in, and boxes between paragraphs out. Learned weights again (`benchmarks/train_body.py`).
"""

import re
from collections.abc import Iterator
from importlib.resources import files

import msgspec

from services.parser.boilerplate import is_foreign, is_lead_hint, line_names
from services.parser.evidence import Fact
from services.parser.function_words import LANGUAGES_OF
from services.parser.segments import Element, Outline
from services.parser.stretch import COUNTED_CHARS, LINKED, PROSE_SIZE, Scored, Stretch, mass_of
from services.parser.title_element import fold

# The second look goes this many blocks beyond the stretch: leads stand before it, last lines after it.
MARGIN = 25
# Before it, the look goes back to the headline, but not further than this.
MOST_BEFORE = 100
# What paragraphs in the container score at least on average; where they score less, all scores are raised.
USUAL_JUDGEMENT = 1.0
# Words count in blocks up to this size bucket (260 characters, 170 characters): long paragraphs may speak of anything.
# Small words (function_words.py) never count: they would only tell which languages the training pages are in.
NOTED_SIZE, WORDED_SIZE = 7, 6
# A JSON-LD body shorter than this is a summary.
LEAST_GUIDE = 300
# Of the blocks that could be a lead, the first few after the headline are numbered.
NUMBERED_PROSE = 3

_WEIGHTS: dict[str, float] = msgspec.json.decode(
    files("services.parser").joinpath("context_weights.json").read_bytes(), type=dict[str, float]
)
_WORD = re.compile(r"[^\W\d_]+|\d+|[©#@|▸►»→]")


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the page says that helps to find the body."""

    title: str | None = None
    description: str | None = None
    article_body: str | None = None
    claimed: frozenset[int] = frozenset()
    url: str | None = None
    live: bool = False


def judge_blocks(outline: Outline, scored: Scored, stretch: Stretch, guide: Guide) -> dict[int, float]:
    """The log-odds of each block near the stretch, by the index of its element."""
    get = _WEIGHTS.get
    scores: dict[int, float] = {}
    linked: set[int] = set()
    prose = total = 0.0
    for fact, names in context_names(outline, scored, stretch, guide):
        score = sum([get(name, 0.0) for name in names])
        scores[fact.element.index] = score
        if fact.linked >= LINKED:
            linked.add(fact.element.index)
        elif fact.size >= PROSE_SIZE and fact.element.inside(stretch.container):
            counted = min(fact.chars, COUNTED_CHARS)
            prose += counted
            total += score * counted
    lift = USUAL_JUDGEMENT - total / prose if prose else 0.0
    if lift <= 0:
        return scores
    return {index: score if index in linked else score + lift for index, score in scores.items()}


def context_names(outline: Outline, scored: Scored, stretch: Stretch, guide: Guide) -> Iterator[tuple[Fact, list[str]]]:
    """The features of each block near the stretch."""
    first = max(0, stretch.first - MARGIN)
    while first and first > stretch.first - MOST_BEFORE and scored[first][0].place > 0:
        first -= 1
    last = min(len(scored), stretch.last + 1 + MARGIN)
    view = _View(scored, stretch, first, last)
    said = _Said(outline, guide)
    for number in range(first, last):
        fact = scored[number][0]
        where = "before" if number < stretch.first else "after" if number > stretch.last else "in"
        leadish = is_leadish(fact.element)
        names = view.names(number, fact, where, leadish)
        twin = view.twins.get((fact.element.tag, fact.element.hint), 0)
        names += said.names(fact, where, leadish, twin)
        yield fact, names


def is_leadish(element: Element) -> bool:
    """Whether the element or its parent is called a lead."""
    return is_lead_hint(element.hint) or (element.parent is not None and is_lead_hint(element.parent.hint))


class _View:
    """What a block's place among its neighbours says."""

    def __init__(self, scored: Scored, stretch: Stretch, first: int, last: int) -> None:
        self.first = first
        self.container = stretch.container
        self.levels = [max(-5, min(5, round(score))) for _, score in scored[first:last]]
        self.siblings = _siblings(scored, first, last)
        self.twins, self.kin = _families(scored[stretch.first : stretch.last + 1])
        self.prose = 0

    def names(self, number: int, fact: Fact, where: str, leadish: bool) -> list[str]:
        levels, at, element = self.levels, number - self.first, fact.element
        tag, size, parent = element.tag, fact.size, element.parent
        level = levels[at]
        before = levels[at - 1] if at else -6
        after = levels[at + 1] if at + 1 < len(levels) else -6
        inner, outer = self.siblings[number]
        relation = _relation(element, self.container)
        twin = self.twins.get((tag, element.hint), 0)
        kin = self.kin.get(parent.index, 0) if parent is not None else 0
        short, long = min(size, 5), min(size, 6)
        names = [
            *("bias", f"level {level}", f"level {level} {where}", f"{where} {tag} {long}", f"where {where} {relation}"),
            *(f"before {before}", f"after {after}", f"siblings {inner} {outer}", f"relation {relation}"),
            f"around {max(-2, min(2, before))} {max(-2, min(2, after))} {max(-2, min(2, level))}",
            *(f"relation {relation} {tag}", f"linked {fact.linked} {short}", f"ending {fact.ending} {long}"),
            *(f"place {fact.place} {where}", f"size {tag} {size}"),
            *(f"twin {twin} {kin}", f"twin {twin} {long}", f"kin {kin} {long}"),
        ]
        if size >= 4 and fact.place > 0 and fact.linked < 2 and self.prose < NUMBERED_PROSE:
            self.prose += 1
            names += [f"prose {self.prose} {where} {tag}", f"prose {self.prose} {where} {leadish}"]
        if is_foreign(tag, element.hint):
            names.append("foreign own")
        if parent is not None and is_foreign(parent.tag, parent.hint):
            names.append("foreign parent")
        return names


class _Said:
    """What a block's words say, by themselves and beside title, description and JSON-LD body."""

    def __init__(self, outline: Outline, guide: Guide) -> None:
        self.outline = outline
        self.title = fold(guide.title or outline.title)
        self.description = fold(guide.description or "")
        self.article_body = fold(guide.article_body or "")
        self.known: set[str] = set()

    def names(self, fact: Fact, where: str, leadish: bool, twin: int) -> list[str]:
        text = self.outline.text_of(fact.element)
        folded = fold(text)
        size, long = fact.size, min(fact.size, 6)
        names = [f"leadish {where}", f"leadish {where} {long}"] if leadish else []
        if size <= NOTED_SIZE:
            names += line_names(text)
            words = [word for word in _WORD.findall(text.casefold()) if word not in LANGUAGES_OF]
            names += [f"first {word}" for word in words[:2]]
            if size <= WORDED_SIZE:
                names += [f"word {word}" for word in set(words)]
        if self._is_description(folded):
            names += ["description", f"description {where}", f"description {leadish} {long}"]
            names.append(f"description place {fact.place}")
        if self._is_title(folded):
            names += ["title", f"title {where}"]
        if len(self.article_body) > LEAST_GUIDE and len(folded) > 8:
            guided = folded[:80] in self.article_body
            names += [f"guide {guided} {long}", f"guide {guided} {twin}", f"guide {guided} {where}"]
        if folded in self.known and size > 1:
            names.append("again")
        self.known.add(folded)
        return names

    def _is_description(self, folded: str) -> bool:
        known = self.description
        return bool(known) and len(folded) > 20 and (folded.startswith(known[:60]) or known.startswith(folded[:60]))

    def _is_title(self, folded: str) -> bool:
        title = self.title
        return 8 < len(folded) < 1.3 * len(title) and (folded in title or title in folded)


def _siblings(scored: Scored, first: int, last: int) -> dict[int, tuple[int, int]]:
    """The levels of the blocks before and after within the same parent: boxes between paragraphs do not part them."""
    out: dict[int, tuple[int, int]] = {}
    latest: dict[int, tuple[int, int]] = {}
    for number in range(first, last):
        fact, score = scored[number]
        parent = fact.element.parent.index if fact.element.parent is not None else -1
        level = max(-3, min(3, round(score / 1.5)))
        previous = latest.get(parent)
        if previous is not None:
            out[previous[0]] = out[previous[0]][0], level
        out[number] = previous[1] if previous is not None else -4, -4
        latest[parent] = number, level
    return out


def _families(stretch: Scored) -> tuple[dict[tuple[str, str], int], dict[int, int]]:
    """How much of the prose stands in blocks that look the same, and in the same parent: 1 to 4 quarters."""
    looks: dict[tuple[str, str], float] = {}
    parents: dict[int, float] = {}
    whole = 1.0
    for fact, score in stretch:
        if score > 0:
            element = fact.element
            mass = mass_of(fact, score)
            whole += mass
            look = element.tag, element.hint
            looks[look] = looks.get(look, 0.0) + mass
            parent = element.parent.index if element.parent is not None else -1
            parents[parent] = parents.get(parent, 0.0) + mass
    return (
        {look: 1 + int(3.99 * mass / whole) for look, mass in looks.items()},
        {parent: 1 + int(3.99 * mass / whole) for parent, mass in parents.items()},
    )


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
