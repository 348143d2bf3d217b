"""Is this block article text, given the blocks around it? The second look, at the part of the page where the body is.

`evidence.py` judges each block by its own markup. Here it is judged in its place: inside or beside the stretch where
prose is densest, within the same element as most of it, between paragraphs or between links. That is what keeps
subheads and short paragraphs in, and boxes between paragraphs out. Learned weights again (`benchmarks/train_body.py`).
"""

import re
from collections.abc import Iterator

import msgspec

from services.parser.block_view import NUMBERED_PROSE, BlockView
from services.parser.boilerplate import is_lead_hint, line_names
from services.parser.context_features import AGAIN, DESCRIPTION, FORM, GUIDE, LEADISH, LINES, TITLE, WORDS
from services.parser.evidence import Fact
from services.parser.features import Group, Values
from services.parser.function_words import LANGUAGES_OF
from services.parser.segments import Element, Outline
from services.parser.stretch import COUNTED_CHARS, LINKED, PROSE_SIZE, Scored, Stretch
from services.parser.title_element import fold

# The second look goes this many blocks beyond the stretch: leads stand before it, last lines after it.
MARGIN = 12
# Before it, the look goes back to the headline, but not further than this.
MOST_BEFORE = 100
# What paragraphs in the container score at least on average; where they score less, all scores are raised.
USUAL_JUDGEMENT = 1.0
# Blocks that the first look scores lower are not looked at again: of 796 on 121 pages none would have been kept. From
# -3 on it would be 1,486, but cross-validated that costs two pages' near (.719 -> .702) and a body probe.
HOPELESS = -4.0
# Words count in blocks up to this size bucket (260 characters, 170 characters): long paragraphs may speak of anything.
# Small words (function_words.py) never count: they would only tell which languages the training pages are in.
NOTED_SIZE, WORDED_SIZE = 7, 6
# So much of a block's beginning is compared with title, description and JSON-LD body.
COMPARED_CHARS = 160
# A JSON-LD body shorter than this is a summary.
LEAST_GUIDE = 300

# An emphasis that holds so much of a block is one of the whole block.
NEARLY_ALL = 0.9
# Words are counted in the first so many characters, up to this power of two.
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
    for fact, groups, words, lines in _described(outline, scored, stretch, guide):
        score = sum([group.weight(*values) for group, values in groups])
        if lines:
            score += WORDS.weight(words) + LINES.weight(lines)
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
    for fact, groups, words, lines in _described(outline, scored, stretch, guide):
        names = [name for group, values in groups for name in group.names(*values)]
        names += [f"word {word}" for word in sorted(words)]
        yield fact, names + [f"line {word}" for word in sorted(lines)]


def _described(
    outline: Outline, scored: Scored, stretch: Stretch, guide: Guide
) -> Iterator[tuple[Fact, list[tuple[Group, Values]], set[str], set[str]]]:
    """For each block near the stretch the groups of its features with their values, its telling words and its signs."""
    first = max(0, stretch.first - MARGIN)
    while first and first > stretch.first - MOST_BEFORE and scored[first][0].place > 0:
        first -= 1
    last = min(len(scored), stretch.last + 1 + MARGIN)
    view = BlockView(scored, stretch, first, last)
    said = _Said(outline, guide)
    for number in range(first, last):
        fact, score = scored[number]
        if score < HOPELESS:
            continue
        where = "before" if number < stretch.first else "after" if number > stretch.last else "in"
        leadish = view.prose < NUMBERED_PROSE and fact.size > 2 and fact.linked < 2 and is_leadish(fact.element)
        twin = view.twins.get((fact.element.tag, fact.element.hint), 0)
        groups = view.groups(number, where, leadish, twin)
        said.add(groups, fact, (where, leadish, twin))
        yield fact, groups, *said.words_of(fact)


def is_leadish(element: Element) -> bool:
    """Whether the element or its parent is called a lead."""
    return is_lead_hint(element.hint) or (element.parent is not None and is_lead_hint(element.parent.hint))


class _Said:
    """What a block's words say, by themselves and beside title, description and JSON-LD body."""

    def __init__(self, outline: Outline, guide: Guide) -> None:
        self.outline = outline
        self.title = fold(guide.title or outline.title)
        self.description = fold(guide.description or "")
        self.article_body = fold(guide.article_body or "")
        self.known: set[str] = set()
        self.text = ""

    def add(self, groups: list[tuple[Group, Values]], fact: Fact, known: tuple[str, bool, int]) -> None:
        """Add what the text says to the groups."""
        where, leadish, twin = known
        text = self.text = self.outline.text_of(fact.element)
        folded = fold(text[:COMPARED_CHARS])
        size = fact.size
        if leadish:
            groups.append((LEADISH, (where, size)))
        if self._is_description(folded):
            groups.append((DESCRIPTION, (where, leadish, size, fact.place)))
        if self._is_title(folded):
            groups.append((TITLE, (where,)))
        if len(self.article_body) > LEAST_GUIDE and len(folded) > 8:
            groups.append((GUIDE, (folded[:80] in self.article_body, size, twin, where)))
        if folded in self.known and size > 1:
            groups.append((AGAIN, ()))
        self.known.add(folded)
        groups.append((FORM, _form_of(self.outline, fact.element, text)))

    def words_of(self, fact: Fact) -> tuple[set[str], set[str]]:
        """The telling words of the text added last, if it is short, and what it looks like."""
        if fact.size > NOTED_SIZE:
            return set(), set()
        words = [word for word in _WORD.findall(self.text.casefold()) if word not in LANGUAGES_OF]
        return set(words) if fact.size <= WORDED_SIZE else set(), {*words[:2], *line_names(self.text)}

    def _is_description(self, folded: str) -> bool:
        known = self.description
        return bool(known) and len(folded) > 30 and (known[:60] in folded or folded[:60] in known)

    def _is_title(self, folded: str) -> bool:
        title = self.title
        return 8 < len(folded) < 1.3 * len(title) and (folded in title or title in folded)


def _form_of(outline: Outline, element: Element, text: str) -> tuple[str, str, int, str, str]:
    """How the text looks: all of it emphasised, how it begins, how many words (as a power of two), how it ends."""
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
