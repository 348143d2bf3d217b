"""Where on the page is prose densest? The stretch of neighbouring blocks that the article's body is looked for in."""

import msgspec

from services.parser.body.evidence import Fact
from services.parser.outline.outline import Element, Outline

# A block counts for at most this length and this score, so that one long notice does not outweigh an article. A block
# behind the headline without links counts for more: the whole text may stand in it, its paragraphs divided by <br>.
COUNTED_CHARS, COUNTED_ALONE, MOST_SCORE = 400, 3000, 4.0
# A stretch whose sum of score by length is less than this is not an article.
LEAST_PROSE = 140.0
# A run that begins within so many blocks (as a power of two) after the headline counts so many times.
SOON, NEAR_TITLE = 5, 2.0
# A claimed block scores at most so much. One of at least so many characters with few links is prose all the same.
MOST_OF_CLAIMED, CLAIMED_PROSE = -1.0, 200
# A single block can be an article if it is at least this long, and scores at most so much below a usual paragraph.
LEAST_ALONE, MOST_RAISED = 200, 4.0
# So many paragraphs in a row behind the headline are a story together, where none of them is one alone; they score at
# least so much, which addresses and legal notices in a footer do not.
LEAST_ROW, LEAST_ROW_CHARS, LEAST_IN_ROW = 3, 120, -1.0
# On a page without a headline, two paragraphs are a story together from so many characters on.
LEAST_PAIR, LEAST_PAIR_CHARS = 2, 250
# A block without links of so many characters is an article however low it scores, where there is none else.
SURELY_ALONE = 700
# The container is the deepest element with this share of the prose.
CONTAINER_SHARE = 0.75
# No page nests deeper than this on purpose; the way up from a deeper block ends at once.
MOST_DEPTH = 200
# Blocks from this size bucket on (over 110 characters) are prose if they end like a sentence.
PROSE_SIZE = 5
# A paragraph of a row has more than 25 characters.
ROW_SIZE = 3
# What paragraphs of an article usually score, how far a page's scores are raised towards it, how much prose that takes,
# and how much of it one block can be.
USUAL_SCORE, MOST_LIFT, LEAST_FAMILY, LONG_PROSE = 2.0, 5.0, 600, 1500
# Blocks with at least this share of their characters in links (in fifths) are not raised.
LINKED = 3

Scored = list[tuple[Fact, float]]


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The neighbouring blocks where prose is densest, by number, and the element that holds most of their prose."""

    first: int
    last: int
    container: Element


def find_stretch(outline: Outline, scored: Scored, claimed: frozenset[int]) -> Stretch | None:
    """Returns the run of neighbouring blocks with the largest sum of score by length (Kadane's algorithm), or None.

    A run that begins soon after the headline counts double: a long sidebar does not outweigh a short article.
    """
    best = total = highest = 0.0
    start = 0
    found: tuple[int, int] | None = None
    for number, (fact, score) in enumerate(scored):
        # Most blocks are below it already, and score so low that nothing is to be weighed before the next high one.
        too_high = score > MOST_OF_CLAIMED and is_claimed(fact, claimed)
        if total <= 0 and (score <= 0 or too_high):
            total, start = 0.0, number + 1
            continue
        total += mass_of(fact, MOST_OF_CLAIMED if too_high else score)
        if total <= 0:
            total, start = 0.0, number + 1
            continue
        weighed = total * (NEAR_TITLE if 0 < scored[start][0].place <= SOON else 1.0)
        if weighed > highest:
            highest, best, found = weighed, total, (start, number)
    if found is None or best < LEAST_PROSE:
        return None
    return Stretch(first=found[0], last=found[1], container=_container(outline, scored[found[0] : found[1] + 1]))


def is_claimed(fact: Fact, claimed: frozenset[int]) -> bool:
    """Whether the block is part of a headline list. A long text with few links never is, even if a list claims it."""
    return fact.element.index in claimed and (fact.linked > 0 or fact.chars < CLAIMED_PROSE)


def raised(scored: Scored, claimed: frozenset[int]) -> Scored:
    """For a page where no stretch was found: the scores, raised to where the best long block or row would be one."""
    likely = [
        score
        for fact, score in scored
        if _can_be_alone(fact) and fact.linked < 2 and fact.place != -1 and not is_claimed(fact, claimed)
    ]
    likely += _in_rows(scored, claimed)
    lift = USUAL_SCORE - max(likely, default=USUAL_SCORE)
    if lift > MOST_RAISED:
        lift = _lift_of_longest(scored, claimed)
    if lift <= 0:
        return scored
    return [(fact, score + lift if fact.linked < LINKED else score) for fact, score in scored]


def _lift_of_longest(scored: Scored, claimed: frozenset[int]) -> float:
    """Returns by how much the longest block without links scores too low; 0.0 if it is no article for sure."""
    longest = max(
        ((fact.chars, score) for fact, score in scored if not fact.linked and not is_claimed(fact, claimed)),
        default=(0, USUAL_SCORE),
    )
    return USUAL_SCORE - longest[1] if longest[0] >= SURELY_ALONE else 0.0


def _can_be_alone(fact: Fact) -> bool:
    """Whether a block alone can be an article: it is long enough, or a sentence behind the headline."""
    return fact.chars >= LEAST_ALONE or (fact.size >= PROSE_SIZE and fact.ending == "stop" and fact.place > 0)


def _in_rows(scored: Scored, claimed: frozenset[int]) -> list[float]:
    """The scores of paragraphs without links that stand together behind the headline and say enough for a story."""
    rows: dict[int, list[tuple[int, float]]] = {}
    titled = any(fact.place > 0 for fact, _ in scored)
    least, least_chars = (LEAST_ROW, LEAST_ROW_CHARS) if titled else (LEAST_PAIR, LEAST_PAIR_CHARS)
    for fact, score in scored:
        element = fact.element
        if element.tag != "p" or fact.linked or fact.place == -1 or fact.size < ROW_SIZE or score < LEAST_IN_ROW:
            continue
        if element.parent is not None and not is_claimed(fact, claimed):
            rows.setdefault(element.parent.index, []).append((fact.chars, score))
    return [
        max(score for _, score in row)
        for row in rows.values()
        if len(row) >= least and sum(chars for chars, _ in row) >= least_chars
    ]


def lifted(scored: Scored) -> Scored:
    """Returns the scores, all raised by the same amount where the page's own prose scores low.

    A word in the class of a wrapper ("paywall", "live") can weigh down a whole article. On one page it
    matters which blocks stand out, so the blocks that look alike and hold most of the page's prose are the measure.
    """
    prose: dict[tuple[str, ...], tuple[float, float, int]] = {}
    for fact, score in scored:
        if fact.size >= PROSE_SIZE and fact.linked < 2 and fact.ending == "stop":
            element, parent = fact.element, fact.element.parent
            counted = min(fact.chars, LONG_PROSE)
            weight = counted * (NEAR_TITLE if 0 < fact.place <= SOON else 1)
            wide = (element.tag, element.hint)
            for look in (wide, (*wide, parent.tag, parent.hint)) if parent is not None else (wide,):
                mass, total, chars = prose.get(look, (0.0, 0.0, 0))
                prose[look] = mass + weight, total + score * weight, chars + counted
    narrowest = max((known for look, known in prose.items() if len(look) == 4), default=(0.0, 0.0, 0))
    widest = max((known for look, known in prose.items() if len(look) == 2), default=(0.0, 0.0, 0))
    mass, total, chars = narrowest if 2 * narrowest[0] >= widest[0] else widest
    lift = min(MOST_LIFT, USUAL_SCORE - total / max(1, mass))
    if chars < LEAST_FAMILY or lift <= 0:
        return scored
    return [(fact, score + lift if fact.linked < LINKED else score) for fact, score in scored]


def mass_of(fact: Fact, score: float) -> float:
    """Returns score by length, with bounds on both."""
    chars = fact.chars
    bounded = MOST_SCORE if score > MOST_SCORE else -MOST_SCORE if score < -MOST_SCORE else score
    most = COUNTED_ALONE if 0 < fact.place <= SOON and not fact.linked else COUNTED_CHARS
    return bounded * (chars if chars < most else most)


def _container(outline: Outline, stretch: Scored) -> Element:
    """Returns the deepest element that holds CONTAINER_SHARE of the prose."""
    sums: dict[int, float] = {}
    whole = 0.0
    for fact, score in stretch:
        if score > 0:
            mass = mass_of(fact, score)
            whole += mass
            element: Element | None = fact.element.parent or fact.element
            while element is not None and element.depth > 0:
                sums[element.index] = sums.get(element.index, 0.0) + mass
                element = element.parent if element.depth < MOST_DEPTH else None
    best = outline.elements[0]
    for index, mass in sums.items():
        if mass >= CONTAINER_SHARE * whole and outline.elements[index].depth > best.depth:
            best = outline.elements[index]
    return best
