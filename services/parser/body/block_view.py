"""What does a block's place say: in which container it stands, between which blocks, and which blocks look like it?"""

from bisect import bisect_left

from services.parser.body.boilerplate import is_foreign
from services.parser.body.context_features import (
    AMONG,
    FAMILY,
    LEVEL,
    LOOKS,
    NEIGHBOURS,
    PICTURED,
    PROSE,
    RELATION,
    SURROUNDINGS,
    TEXTURE,
)
from services.parser.body.evidence import Fact
from services.parser.body.features import Grouped
from services.parser.body.stretch import PROSE_SIZE, Scored, Stretch, mass_of
from services.parser.outline.outline import Element, Outline

# So many of the first blocks after the headline that could be a lead are numbered.
NUMBERED_PROSE = 3
# Beside a caption, its box may hold so many characters that say whose picture it is.
CREDIT_CHARS = 80

_PICTURES = ("img", "amp-img", "picture", "video")

Look = tuple[str, str, str, str]


class BlockView:
    """Describes each block by its place among its neighbours."""

    def __init__(self, outline: Outline, scored: Scored, stretch: Stretch, bounds: tuple[int, int]) -> None:
        first, last = bounds
        self.scored = scored
        self.pictures = sorted(picture.index for tag in _PICTURES for picture in outline.tagged(tag))
        self.first = first
        self.container = stretch.container
        self.levels = [-6, *(max(-5, min(5, round(score))) for _, score in scored[first:last]), -6]
        self.siblings = _siblings(scored, first, last)
        self.spread = _spread(scored, {fact.element.hint for fact, _ in scored[first:last]}, stretch.container)
        self.foreign: dict[int, bool] = {}
        self.before = 0
        self.after = sum(_is_prose(*entry, stretch.container) for entry in scored[first:last])
        self.twins, self.kin = _families(scored[stretch.first : stretch.last + 1])
        self.prose = 0

    def groups(self, number: int, where: str, leadish: bool, twin: int) -> Grouped:
        """Returns the groups of features that a block's place gives. Must be called once per block, in their order."""
        fact = self.scored[number][0]
        element, size, linked = fact.element, fact.size, fact.linked
        tag, parent = element.tag, element.parent
        before, level, after = self.levels[number - self.first : number - self.first + 3]
        kin = self.kin.get(parent.index, 0) if parent is not None else 0
        groups: Grouped = [
            (LEVEL, (level, where, tag, size)),
            (NEIGHBOURS, (before, level, after, *self.siblings[number])),
            (RELATION, (_relation(element, self.container), where, tag)),
            (TEXTURE, (linked, size, fact.ending, fact.place, where)),
            (FAMILY, (twin, kin, size)),
            (LOOKS, (self._spread_of(element), twin, size, tag)),
        ]
        own = _is_prose(fact, self.scored[number][1], self.container)
        self.after -= own
        groups.append((AMONG, (min(2, self.before), min(2, self.after), tag, size, linked)))
        self.before += own
        groups.append((SURROUNDINGS, (self._foreign_of(element), leadish, size, tag, where)))
        pictured = self._pictured(element)
        if pictured:
            groups.append((PICTURED, (pictured, size, twin, fact.ending, where)))
        if size >= 4 and linked < 2 and fact.place > 0 and self.prose < NUMBERED_PROSE:
            self.prose += 1
            groups.append((PROSE, (self.prose, where, tag, leadish)))
        return groups

    def _pictured(self, element: Element) -> int:
        """Returns 1 for a block with a picture in it, 2 if alone in a box with a picture, 3 in a <figure>, else 0."""
        if self._has_picture(element):
            return 1
        box, most = element, element.chars + CREDIT_CHARS
        while (parent := box.parent) is not None and parent.chars <= most:
            box = parent
            if box.tag == "figure":
                return 3
        return 2 if box is not element and self._has_picture(box) else 0

    def _has_picture(self, box: Element) -> bool:
        at = bisect_left(self.pictures, box.index)
        return at < len(self.pictures) and self.pictures[at] < box.end

    def _spread_of(self, element: Element) -> int:
        """Returns the share of blocks with the element's look that stand inside the container, in quarters (1 to 4).

        Returns 0 if no other block has that look.
        """
        inside, outside = self.spread.get(_look_of(element), (0, 0))
        if inside + outside == 1:
            return 0
        return 1 + int(3.99 * inside / max(1, inside + outside))

    def _foreign_of(self, element: Element) -> int:
        """Returns what names itself foreign: 1 the block, 2 its parent, 3 one above within the container, 0 nothing."""
        if is_foreign(element.tag, element.hint):
            return 1
        parent = element.parent
        if parent is None or self.container.inside(parent):
            return 0
        if is_foreign(parent.tag, parent.hint):
            return 2
        return 3 if self._foreign_above(parent.parent) else 0

    def _foreign_above(self, element: Element | None) -> bool:
        path: list[int] = []
        foreign = False
        while element is not None and not self.container.inside(element):
            known = self.foreign.get(element.index)
            path.append(element.index)
            if known is not None or is_foreign(element.tag, element.hint):
                foreign = known is None or known
                break
            element = element.parent
        self.foreign.update(dict.fromkeys(path, foreign))
        return foreign


def _is_prose(fact: Fact, score: float, container: Element) -> bool:
    return score > 0 and fact.size >= PROSE_SIZE and fact.linked < 2 and fact.element.inside(container)


def _look_of(element: Element) -> Look:
    parent = element.parent
    return (element.tag, element.hint, *((parent.tag, parent.hint) if parent is not None else ("", "")))


def _spread(scored: Scored, hints: set[str], container: Element) -> dict[Look, tuple[int, int]]:
    """Returns how many blocks stand inside and outside the container, for each look with one of these hints."""
    out: dict[Look, tuple[int, int]] = {}
    start, end = container.index, container.end
    for fact, _ in scored:
        element = fact.element
        if element.hint in hints:
            look = _look_of(element)
            inside, outside = out.get(look, (0, 0))
            out[look] = (inside + 1, outside) if start <= element.index < end else (inside, outside + 1)
    return out


def _siblings(scored: Scored, first: int, last: int) -> dict[int, tuple[int, int]]:
    """Returns the levels of the blocks before and after in the same parent. Boxes between paragraphs do not count."""
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
    """Returns how much prose stands in blocks of each look, and in those of each parent, in quarters (1 to 4)."""
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
    """Returns where the block stands relative to the container: how deep inside it, or how far up the two meet."""
    if element.inside(container):
        return f"in{min(4, element.depth - container.depth)}"
    above: Element | None = container
    for steps in range(1, 6):
        above = above.parent if above is not None else None
        if above is not None and element.inside(above):
            return f"up{steps} {min(3, element.depth - above.depth)}"
    return "apart"
