"""Which story does a front lead with? It is given first, though a strip, a side column or lines stand before it."""

import re
from functools import lru_cache

from services.parser.lists.copies import HeadlineList
from services.parser.outline.outline import Element, Outline

# How much a headline stands out: a heading of the first or second rank, or a lesser one; a card named as the lead's; a
# picture. A later headline leads only if it stands out clearly more than the first.
FIRST_RANK, NAMED, SECOND_RANK, LESSER_RANK, PICTURED = 4, 3, 2, 1, 1
CLEARLY_MORE = 2
# The lead is among the first headlines of a front. Its card stands at most so many levels above the link.
MOST_BEFORE, CARD_LEVELS = 20, 4
# A card of more text holds other stories. If a link or a card holds a heading, it is among its first elements.
MOST_CARD, MOST_INSIDE = 700, 12

_HEADINGS = {"h1": FIRST_RANK, "h2": SECOND_RANK, "h3": LESSER_RANK, "h4": LESSER_RANK}
_PICTURES = frozenset({"figure", "img", "picture", "video"})
_LEAD_HINT = re.compile(
    r"(?:^|[\s_-])(?:aufmacher|featured|hero|lead|lead-?story|main-?story|manchete|destaque|destacad[ao]|principal"
    r"|top-?story|apertura|aper[ct]ura|manset|forside|glavna|main-?news)(?:$|[\s_-])"
)


def with_lead_first(lists: list[HeadlineList], outline: Outline) -> list[HeadlineList]:
    """Returns the lists of a front, with the lead story's list before the other lists, and the story first in it."""
    before = [(one, at) for one in lists if one.kind == "front" for at in range(len(one.entries))][:MOST_BEFORE]
    if not before:
        return lists
    weights = [_prominence(outline, outline.elements[one.entries[at].at]) for one, at in before]
    lead = next((place for place, weight in enumerate(weights) if weight >= weights[0] + CLEARLY_MORE), 0)
    if not lead:
        return lists
    found, at = before[lead]
    found.entries.insert(0, found.entries.pop(at))
    return [found, *(one for one in lists if one is not found)]


def _prominence(outline: Outline, link: Element) -> int:
    weight, card = 0, link
    for level in range(CARD_LEVELS):
        if card.tag == "aside":
            return 0
        weight = max(weight, _HEADINGS.get(card.tag, 0))
        if level and card.hint and _is_lead_hint(card.hint):
            weight = max(weight, NAMED)
        if card.parent is None or card.parent.chars > MOST_CARD or card.parent.link_chars > 2 * link.chars:
            break
        card = card.parent
    inside = outline.elements[link.index : link.end] + outline.elements[card.index : link.index]
    for heading in inside[:MOST_INSIDE]:
        weight = max(weight, _HEADINGS.get(heading.tag, 0))
    if any(element.tag in _PICTURES for element in outline.elements[card.index : card.end]):
        weight = max(weight, PICTURED)
    return weight


@lru_cache(maxsize=4096)
def _is_lead_hint(hint: str) -> bool:
    return _LEAD_HINT.search(hint) is not None
