"""Does a link stand in running text, where it is no headline?"""

from services.parser.lists.words import LONGEST_LABEL, kind_of_label
from services.parser.outline.outline import BREAK, EDGE, Element, Outline
from services.parser.outline.tags import INLINE

# A block with more text of its own than this beside the link is running text; "Lire aussi :" and a time stay below.
MOST_PROSE_CHARS, MOST_PROSE_SHARE = 20, 0.3

_LINE_ENDS = (BREAK, EDGE)
_FORMATTING = frozenset({"b", "em", "font", "i", "strong", "u"})


class RunningText:
    """Knows how much text of its own a block has beside links; counts it once per block."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.known: dict[int, int] = {}

    def holds(self, anchor: Element) -> bool:
        """Whether the link stands in running text: its block has clearly more text than the link."""
        block = anchor.parent
        while block is not None and block.tag in INLINE and block.chars <= anchor.chars + MOST_PROSE_CHARS:
            block = block.parent
        if block is None or block.chars <= anchor.chars + MOST_PROSE_CHARS:
            return False
        prose = self.known.get(block.index)
        if prose is None:
            prose = self.known[block.index] = self._count(block)
        if prose <= MOST_PROSE_CHARS or prose <= MOST_PROSE_SHARE * anchor.chars:
            return False
        return prose > LONGEST_LABEL or not self._is_labelled(block, anchor)

    def _is_labelled(self, block: Element, anchor: Element) -> bool:
        """Whether all that stands before a link in its block announces another story."""
        before = " ".join("".join(self.outline.runs[block.first_run : anchor.first_run]).split())
        return before.endswith((":", "：")) and kind_of_label(before) == "related"

    def has_line(self, anchor: Element) -> bool:
        """Whether a link in running text has a line between <br> for itself, except for a "Lire aussi :" before it."""
        runs, before, after = self.outline.runs, anchor.first_run - 1, anchor.last_run
        chars = 0
        while before >= 0 and runs[before] not in _LINE_ENDS:
            chars += len(runs[before].strip())
            if chars > MOST_PROSE_CHARS:
                return False
            before -= 1
        while after < len(runs) and runs[after].isspace() and runs[after] not in _LINE_ENDS:
            after += 1
        return after < len(runs) and runs[after] in _LINE_ENDS

    def _count(self, block: Element) -> int:
        prose = block.chars - block.link_chars
        if prose > MOST_PROSE_CHARS and block.link_chars > prose and block.tag != "p":
            prose = min(prose, self._count_words(block))
        if block.tag == "p":
            return prose
        return prose - sum(c.chars - c.link_chars for c in self.outline.children(block) if c.tag not in _FORMATTING)

    def _count_words(self, block: Element) -> int:
        """Returns the letters and digits outside links: separators such as "+++" between headlines are no prose."""
        runs, at, outside = self.outline.runs, block.first_run, []
        for element in self.outline.subtree(block):
            if element.tag == "a" and element.first_run >= at:
                outside += runs[at : element.first_run]
                at = element.last_run
        outside += runs[at : block.last_run]
        return sum(character.isalnum() for run in outside for character in run)


def block_of(anchor: Element) -> Element:
    """Returns the nearest element around a link that is a block."""
    block = anchor
    while block.tag in INLINE and block.parent is not None:
        block = block.parent
    return block
