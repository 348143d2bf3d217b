"""Which boxes amid the paragraphs are part of the text? Each is in it whole, with its heading, or not at all.

Blocks are judged one by one (evidence.py, context.py), so that of an info box one paragraph may be taken for the
article's and the next not. The box is judged by the sum.
"""

from bisect import bisect_left
from collections import Counter

from services.parser.body.evidence import Fact
from services.parser.body.stretch import LINKED, PROSE_SIZE, Scored, mass_of
from services.parser.outline.outline import Outline

# Boxes stand in an element with so many paragraphs of the text, and hold at most this share of the text.
LEAST_BESIDE, MOST_SHARE = 2, 0.5
# The first line of a box is a heading, or at most this long.
HEADING_CHARS = 70
# Blocks are taken in with their box from this score on. Of three boxes with a lower one, one invited to a newsletter,
# one showed readers' comments, and one belonged to the text.
LEAST_TAKEN_IN = -1.0
# More boxes that are to be left out are sections of the text, such as the reviews of a list.
MOST_LEFT_OUT = 2
TAKEN_IN, LEFT_OUT = 0.1, -0.1

_BOXES = frozenset(["aside", "details", "div", "dl", "section"])
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])


def with_whole_boxes(outline: Outline, scores: dict[int, float], scored: Scored) -> dict[int, float]:
    """Returns the scores, with those of each box amid the paragraphs on one side of 0."""
    judged = [(fact, scores[fact.element.index]) for fact, _ in scored if fact.element.index in scores]
    beside: Counter[int] = Counter()
    for fact, score in judged:
        if score > 0 and fact.size >= PROSE_SIZE and fact.element.tag == "p" and fact.element.parent is not None:
            beside[fact.element.parent.index] += 1
    whole = sum(fact.chars for fact, score in judged if score > 0)
    places = [fact.element.index for fact, _ in judged]
    out = dict(scores)
    left: list[dict[int, float]] = []
    for index, count in beside.items():
        if count >= LEAST_BESIDE:
            for box in outline.children(outline.elements[index]):
                if box.tag in _BOXES and 0 < box.chars <= MOST_SHARE * whole:
                    changed = _decided(judged[bisect_left(places, box.index) : bisect_left(places, box.end)])
                    if changed and max(changed.values()) <= 0:
                        left.append(changed)
                    else:
                        out.update(changed)
    for changed in left if len(left) <= MOST_LEFT_OUT else ():
        out.update(changed)
    return out


def _decided(blocks: Scored) -> dict[int, float]:
    """Returns the scores to change in a box whose blocks are partly text; none if it does not begin with a heading."""
    inside = [(fact, score) for fact, score in blocks if fact.linked < LINKED]
    while inside and inside[-1][1] <= 0 and _is_heading(inside[-1][0]):
        inside.pop()  # A button, or who wrote the box.
    taken = sum(score > 0 for _, score in inside)
    if not 0 < taken < len(inside) or not _is_heading(inside[0][0]):
        return {}
    if sum(mass_of(fact, score) for fact, score in inside) > 0:
        if not _may_join(inside):
            return {}
        return {fact.element.index: max(score, TAKEN_IN) for fact, score in inside}
    return {fact.element.index: min(score, LEFT_OUT) for fact, score in inside}


def _may_join(blocks: Scored) -> bool:
    """Whether no block's score forbids to take the box in; that of a heading does not, if all below it is text."""
    (first, _), *below = blocks
    if first.element.tag in _HEADINGS and all(score > 0 for _, score in below):
        return True
    return min(score for _, score in blocks) >= LEAST_TAKEN_IN


def _is_heading(fact: Fact) -> bool:
    return fact.element.tag in _HEADINGS or (fact.chars <= HEADING_CHARS and fact.ending != "stop")
