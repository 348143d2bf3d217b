"""Is this block article text, given the blocks around it? The second look, at the part of the page where the body is.

`evidence.py` judges each block by its own markup. This module judges it in its place: inside or beside the stretch
where prose is densest, within the same element as most of it, between paragraphs or between links. The place keeps
subheads and short paragraphs in, and boxes between paragraphs out. The weights are learned, too
(`benchmarks/train_body.py`).
"""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from services.parser.body.block_view import NUMBERED_PROSE, BlockView
from services.parser.body.boilerplate import is_lead_hint, line_names
from services.parser.body.context_features import DESCRIPTION, FORM, GUIDE, LEADISH, LINES, TITLE, WORDS
from services.parser.body.evidence import Fact
from services.parser.body.features import Grouped
from services.parser.body.stretch import COUNTED_CHARS, LINKED, PROSE_SIZE, Scored, Stretch
from services.parser.language.folding import bare
from services.parser.language.function_words import LANGUAGES_OF
from services.parser.outline.outline import Element, Outline

# The second look goes this many blocks beyond the stretch: leads stand before it, last lines after it.
MARGIN = 12
# Before the stretch, the second look goes back as far as the headline, but at most this many blocks.
MOST_BEFORE = 100
# Where the paragraphs in the container score less than this on average, all scores are raised.
USUAL_JUDGEMENT = 1.0
# Blocks that the first look scores lower are not looked at again: of 796 such blocks on 121 pages none would have been
# kept. With -3 it would be 1,486 blocks, but cross-validated that costs two pages' near (.719 -> .702) and a body
# probe.
HOPELESS = -4.0
# A block's words are read only where its score by place is nearer to 0 than this. Of the scores of 96,691 blocks on
# 1,324 pages four in five are farther from 0, and the words would have changed the sign of 19 of them.
DOUBTFUL = 1.5
# The look and first words of a line count up to the first of these size buckets (260 characters), all its words up to
# the second (170 characters): long paragraphs may speak of anything. Small words (function_words.py) never count: they
# would only tell which languages the training pages are in.
NOTED_SIZE, WORDED_SIZE = 7, 6
# So many characters of a block's beginning are compared with title, description and JSON-LD body.
COMPARED_CHARS = 160
# A JSON-LD body shorter than this is a summary.
LEAST_GUIDE = 300

# An emphasised element that holds this share of a block emphasises the whole block.
NEARLY_ALL = 0.9
# Words are counted in so many first characters of a block, up to this power of two.
COUNTED_WORDS, MOST_WORDS = 200, 7

_EMPHASES = {"b": "bold", "strong": "bold", "em": "italic", "i": "italic", "small": "small", "a": "link"}
_QUOTES = frozenset("\"'„“«‘")
_ENDINGS = {
    **dict.fromkeys(".!?…。؟।", "stop"),
    **dict.fromkeys("\"'”»“", "quote"),
    **dict.fromkeys(")]", "close"),
    ":": "colon",
}
_WORD = re.compile(r"[^\W\d_]+|\d+|[©#@|▸►»→]")


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the page says and helps to find the body."""

    title: str | None = None
    description: str | None = None
    article_body: str | None = None
    claimed: frozenset[int] = frozenset()
    url: str | None = None
    live: bool = False
    live_moments: dict[str, str] = {}  # by the text and by the headline of each entry that JSON-LD lists
    authors: tuple[str, ...] = ()


class _Placed(msgspec.Struct, frozen=True, gc=False):
    """A block in its place: the groups of its features with their values, and what else is known of it."""

    fact: Fact
    groups: Grouped
    where: str
    leadish: bool
    twin: int


def judge_blocks(outline: Outline, scored: Scored, stretch: Stretch, guide: Guide) -> dict[int, float]:
    """Returns the log-odds of being article text for each block near the stretch, by the index of its element."""
    places = _placed(outline, scored, stretch)
    weights = [sum([group[values] for group, values in place.groups]) for place in places]
    lift = _lift(places, weights, stretch)
    said = _Said(outline, guide)
    scores: dict[int, float] = {}
    for place, weight in zip(places, weights, strict=True):
        score = weight + lift if place.fact.linked < LINKED else weight
        if -DOUBTFUL < score < DOUBTFUL:
            score += said.weight(place)
        scores[place.fact.element.index] = score
    return scores


def _lift(places: list[_Placed], weights: list[float], stretch: Stretch) -> float:
    """Returns by how much the paragraphs in the container score too low on average; 0.0 if they do not."""
    prose = total = 0.0
    for place, weight in zip(places, weights, strict=True):
        fact = place.fact
        if fact.size >= PROSE_SIZE and fact.linked < LINKED and fact.element.inside(stretch.container):
            counted = min(fact.chars, COUNTED_CHARS)
            prose += counted
            total += weight * counted
    return max(0.0, USUAL_JUDGEMENT - total / prose) if prose else 0.0


def context_names(outline: Outline, scored: Scored, stretch: Stretch, guide: Guide) -> Iterator[tuple[Fact, list[str]]]:
    """Yield each block near the stretch with the names of its features, for training."""
    said = _Said(outline, guide)
    for place in _placed(outline, scored, stretch):
        groups, words, lines = said.features(place)
        names = [name for group, values in [*place.groups, *groups] for name in group.names(*values)]
        names += [f"word {word}" for word in sorted(words) if word not in LANGUAGES_OF]
        yield place.fact, names + [f"line {word}" for word in sorted(lines)]


def _placed(outline: Outline, scored: Scored, stretch: Stretch) -> list[_Placed]:
    """Returns the blocks near the stretch, without those that the first look scores below HOPELESS."""
    first = max(0, stretch.first - MARGIN)
    while first and first > stretch.first - MOST_BEFORE and scored[first][0].place > 0:
        first -= 1
    last = min(len(scored), stretch.last + 1 + MARGIN)
    view = BlockView(outline, scored, stretch, (first, last))
    places = []
    for number in range(first, last):
        fact, score = scored[number]
        if score < HOPELESS:
            continue
        element = fact.element
        where = "before" if number < stretch.first else "after" if number > stretch.last else "in"
        leadish = fact.size > 2 and fact.linked < 2 and view.prose < NUMBERED_PROSE and is_leadish(element)
        twin = view.twins.get((element.tag, element.hint), 0)
        places.append(_Placed(fact, view.groups(number, where, leadish, twin), where, leadish, twin))
    return places


def is_leadish(element: Element) -> bool:
    """Whether the element or its parent is called a lead."""
    return is_lead_hint(element.hint) or (element.parent is not None and is_lead_hint(element.parent.hint))


class _Said:
    """Judges the words of a block, by themselves and compared with title, description and JSON-LD body."""

    def __init__(self, outline: Outline, guide: Guide) -> None:
        self.outline = outline
        self.title = bare(guide.title or outline.title)
        self.description = bare(guide.description or "")
        self.article_body = bare(guide.article_body or "")

    def weight(self, place: _Placed) -> float:
        """Returns what the words of a block add to its log-odds."""
        groups, words, lines = self.features(place)
        return sum([group[values] for group, values in groups]) + WORDS.weight(words) + LINES.weight(lines)

    def features(self, place: _Placed) -> tuple[Grouped, set[str], set[str]]:
        """Returns the groups of features, the words of a short text, and the first words and looks of a line."""
        fact, where, leadish = place.fact, place.where, place.leadish
        text = self.outline.text_of(fact.element)
        folded = bare(text[:COMPARED_CHARS])
        groups: Grouped = [(FORM, _form_of(self.outline, fact.element, text))]
        if leadish:
            groups.append((LEADISH, (where, fact.size)))
        if self._is_description(folded):
            groups.append((DESCRIPTION, (where, leadish, fact.size, fact.place)))
        if self._is_title(folded):
            groups.append((TITLE, (where,)))
        if len(self.article_body) > LEAST_GUIDE and len(folded) > 8:
            groups.append((GUIDE, (folded[:80] in self.article_body, fact.size, place.twin, where)))
        if fact.size > NOTED_SIZE:
            return groups, set(), set()
        words = _WORD.findall(text.casefold())
        first = islice((word for word in words if word not in LANGUAGES_OF), 2)
        return groups, set(words) if fact.size <= WORDED_SIZE else set(), {*first, *line_names(text)}

    def _is_description(self, folded: str) -> bool:
        known = self.description
        return bool(known) and len(folded) > 30 and (known[:60] in folded or folded[:60] in known)

    def _is_title(self, folded: str) -> bool:
        title = self.title
        return 8 < len(folded) < 1.3 * len(title) and (folded in title or title in folded)


def _form_of(outline: Outline, element: Element, text: str) -> tuple[str, str, int, str, str]:
    """Returns the text's form: emphasis of all of it, beginning, number of words (a power of two), ending, and tag."""
    emphasis = ""
    if element.index + 1 < element.end:
        child = outline.elements[element.index + 1]
        if child.chars >= NEARLY_ALL * element.chars:
            emphasis = _EMPHASES.get(child.tag, "")
    words = min(MOST_WORDS, text.count(" ", 0, COUNTED_WORDS).bit_length())
    return emphasis, _beginning(text), words, _ending(text[-1:]), element.tag


def _beginning(text: str) -> str:
    first = text[:1]
    if first.isupper():
        return "capitals" if text.isupper() else "upper"
    if first.isalpha():
        return "lower" if first.islower() else "letter"
    return "digit" if first.isdigit() else "quote" if first in _QUOTES else "mark"


def _ending(last: str) -> str:
    return "digit" if last.isdigit() else _ENDINGS.get(last, "open")
