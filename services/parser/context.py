"""Is this block article text, given the blocks around it? The second look, at the part of the page where the body is.

`evidence.py` judges each block by its own markup. Here it is judged in its place: inside or beside the stretch where
prose is densest, within the same element as most of it, between paragraphs or between links. That is what keeps
subheads and short paragraphs in, and boxes between paragraphs out. Learned weights again (`benchmarks/train_body.py`).
"""

import re
from collections.abc import Iterator

import msgspec

from services.parser.boilerplate import is_lead_hint, line_names
from services.parser.evidence import Fact
from services.parser.features import Group, Values, read_weights, words_weights
from services.parser.function_words import LANGUAGES_OF
from services.parser.segments import Element, Outline
from services.parser.stretch import COUNTED_CHARS, LINKED, PROSE_SIZE, Scored, Stretch, mass_of
from services.parser.title_element import fold

# The second look goes this many blocks beyond the stretch: leads stand before it, last lines after it.
MARGIN = 12
# Before it, the look goes back to the headline, but not further than this.
MOST_BEFORE = 100
# What paragraphs in the container score at least on average; where they score less, all scores are raised.
USUAL_JUDGEMENT = 1.0
# Words count in blocks up to this size bucket (260 characters, 170 characters): long paragraphs may speak of anything.
# Small words (function_words.py) never count: they would only tell which languages the training pages are in.
NOTED_SIZE, WORDED_SIZE = 7, 6
# So much of a block's beginning is compared with title, description and JSON-LD body.
COMPARED_CHARS = 160
# A JSON-LD body shorter than this is a summary.
LEAST_GUIDE = 300
# Of the blocks that could be a lead, the first few after the headline are numbered.
NUMBERED_PROSE = 3

_WORD = re.compile(r"[^\W\d_]+|\d+|[©#@|▸►»→]")


def _level(level: int, where: str, tag: str, size: int) -> list[str]:
    names = ["bias", f"level {level}", f"level {level} {where}", f"{where} {tag} {min(size, 6)}"]
    return [*names, f"size {tag} {size}"]


def _neighbours(before: int, level: int, after: int, inner: int, outer: int) -> list[str]:
    around = " ".join(str(max(-2, min(2, value))) for value in (before, after, level))
    return [f"before {before}", f"after {after}", f"siblings {inner} {outer}", f"around {around}"]


def _related(relation: str, where: str, tag: str) -> list[str]:
    return [f"relation {relation}", f"where {where} {relation}", f"relation {relation} {tag}"]


def _texture(linked: int, size: int, ending: str, place: int, where: str) -> list[str]:
    return [f"linked {linked} {min(size, 5)}", f"ending {ending} {min(size, 6)}", f"place {place} {where}"]


def _family(twin: int, kin: int, size: int) -> list[str]:
    return [f"twin {twin} {kin}", f"twin {twin} {min(size, 6)}", f"kin {kin} {min(size, 6)}"]


def _prose(number: int, where: str, tag: str, leadish: bool) -> list[str]:
    return [f"prose {number} {where} {tag}", f"prose {number} {where} {leadish}"]


def _leadish(where: str, size: int) -> list[str]:
    return [f"leadish {where}", f"leadish {where} {min(size, 6)}"]


def _described_alike(where: str, leadish: bool, size: int, place: int) -> list[str]:
    names = ["description", f"description {where}", f"description {leadish} {min(size, 6)}"]
    return [*names, f"description place {place}"]


def _titled(where: str) -> list[str]:
    return ["title", f"title {where}"]


def _guided(said: bool, size: int, twin: int, where: str) -> list[str]:
    return [f"guide {said} {min(size, 6)}", f"guide {said} {twin}", f"guide {said} {where}"]


def _again() -> list[str]:
    return ["again"]


def _line(*names: str) -> list[str]:
    return [f"line {name}" for name in names]


_WEIGHTS = read_weights("context_weights.json")
_WORD_WEIGHTS = words_weights(_WEIGHTS, "word")
_LEVEL, _NEIGHBOURS, _RELATION, _TEXTURE, _FAMILY, _PROSE = (
    Group(names, _WEIGHTS) for names in (_level, _neighbours, _related, _texture, _family, _prose)
)
_LEADISH, _DESCRIPTION, _TITLE, _GUIDE, _AGAIN, _LINE = (
    Group(names, _WEIGHTS) for names in (_leadish, _described_alike, _titled, _guided, _again, _line)
)


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
    scores: dict[int, float] = {}
    linked: set[int] = set()
    prose = total = 0.0
    for fact, groups, words in _described(outline, scored, stretch, guide):
        score = sum([group.weight(*values) for group, values in groups])
        if words:
            score += sum([_WORD_WEIGHTS.get(word, 0.0) for word in words])
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
    """The features of each block near the stretch, for training."""
    for fact, groups, words in _described(outline, scored, stretch, guide):
        names = [name for group, values in groups for name in group.names(*values)]
        yield fact, names + [f"word {word}" for word in words]


def _described(
    outline: Outline, scored: Scored, stretch: Stretch, guide: Guide
) -> Iterator[tuple[Fact, list[tuple[Group, Values]], set[str]]]:
    """For each block near the stretch the groups of its features with their values, and its telling words."""
    first = max(0, stretch.first - MARGIN)
    while first and first > stretch.first - MOST_BEFORE and scored[first][0].place > 0:
        first -= 1
    last = min(len(scored), stretch.last + 1 + MARGIN)
    view = _View(scored, stretch, first, last)
    said = _Said(outline, guide)
    for number in range(first, last):
        fact = scored[number][0]
        where = "before" if number < stretch.first else "after" if number > stretch.last else "in"
        leadish = view.prose < NUMBERED_PROSE and fact.size > 2 and fact.linked < 2 and is_leadish(fact.element)
        twin = view.twins.get((fact.element.tag, fact.element.hint), 0)
        groups = view.groups(number, where, leadish, twin)
        yield fact, groups, said.add(groups, fact, (where, leadish, twin))


def is_leadish(element: Element) -> bool:
    """Whether the element or its parent is called a lead."""
    return is_lead_hint(element.hint) or (element.parent is not None and is_lead_hint(element.parent.hint))


class _View:
    """What a block's place among its neighbours says."""

    def __init__(self, scored: Scored, stretch: Stretch, first: int, last: int) -> None:
        self.scored = scored
        self.first = first
        self.container = stretch.container
        self.levels = [-6, *(max(-5, min(5, round(score))) for _, score in scored[first:last]), -6]
        self.siblings = _siblings(scored, first, last)
        self.twins, self.kin = _families(scored[stretch.first : stretch.last + 1])
        self.prose = 0

    def groups(self, number: int, where: str, leadish: bool, twin: int) -> list[tuple[Group, Values]]:
        fact = self.scored[number][0]
        element, size, linked = fact.element, fact.size, fact.linked
        tag, parent = element.tag, element.parent
        before, level, after = self.levels[number - self.first : number - self.first + 3]
        kin = self.kin.get(parent.index, 0) if parent is not None else 0
        groups: list[tuple[Group, Values]] = [
            (_LEVEL, (level, where, tag, size)),
            (_NEIGHBOURS, (before, level, after, *self.siblings[number])),
            (_RELATION, (_relation(element, self.container), where, tag)),
            (_TEXTURE, (linked, size, fact.ending, fact.place, where)),
            (_FAMILY, (twin, kin, size)),
        ]
        if size >= 4 and linked < 2 and fact.place > 0 and self.prose < NUMBERED_PROSE:
            self.prose += 1
            groups.append((_PROSE, (self.prose, where, tag, leadish)))
        return groups


class _Said:
    """What a block's words say, by themselves and beside title, description and JSON-LD body."""

    def __init__(self, outline: Outline, guide: Guide) -> None:
        self.outline = outline
        self.title = fold(guide.title or outline.title)
        self.description = fold(guide.description or "")
        self.article_body = fold(guide.article_body or "")
        self.known: set[str] = set()

    def add(self, groups: list[tuple[Group, Values]], fact: Fact, known: tuple[str, bool, int]) -> set[str]:
        """Add what the text says to the groups; gives the telling words of a short text."""
        where, leadish, twin = known
        text = self.outline.text_of(fact.element)
        folded = fold(text[:COMPARED_CHARS])
        size = fact.size
        if leadish:
            groups.append((_LEADISH, (where, size)))
        if self._is_description(folded):
            groups.append((_DESCRIPTION, (where, leadish, size, fact.place)))
        if self._is_title(folded):
            groups.append((_TITLE, (where,)))
        if len(self.article_body) > LEAST_GUIDE and len(folded) > 8:
            groups.append((_GUIDE, (folded[:80] in self.article_body, size, twin, where)))
        if folded in self.known and size > 1:
            groups.append((_AGAIN, ()))
        self.known.add(folded)
        if size > NOTED_SIZE:
            return set()
        words = [word for word in _WORD.findall(text.casefold()) if word not in LANGUAGES_OF]
        groups.append((_LINE, (*words[:2], *line_names(text))))
        return set(words) if size <= WORDED_SIZE else set()

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
