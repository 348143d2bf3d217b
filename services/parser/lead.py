"""The lead (standfirst): the sentences between headline and body that say what the article is about."""

from services.parser.blocks import Piece
from services.parser.boilerplate import is_lead_hint, line_names
from services.parser.context import Guide, is_leadish
from services.parser.segments import Element, Outline
from services.parser.stretch import Scored
from services.parser.title_element import fold

LEAST_LEAD, MOST_LEAD = 35, 900
# More elements than this between headline and text are another part of the page.
FAR_FROM_TITLE = 250
# The page's description and its lead agree on so many letters.
SAME_OPENING = 60


def missed_lead(
    outline: Outline, scored: Scored, guide: Guide, between: tuple[Element | None, Element]
) -> Element | None:
    """A block between headline and text that is called a lead, or says the page's description, but scored low."""
    title, first = between
    if title is None or not title.end <= first.index <= title.end + FAR_FROM_TITLE or is_leadish(first):
        return None
    description = fold(guide.description or "")
    opening = fold(outline.text_of(first))
    for fact, _ in scored:
        element = fact.element
        if not title.end <= element.index < first.index or fact.linked > 1 or element.hidden:
            continue
        if not LEAST_LEAD <= element.chars <= MOST_LEAD or element.index in guide.claimed:
            continue
        text = outline.text_of(element)
        folded = fold(text)
        says = is_lead_hint(element.hint) or (len(folded) > 30 and description.startswith(folded[:SAME_OPENING]))
        if says and not line_names(text) and not opening.startswith(folded[:SAME_OPENING]):
            return element
    return None


def split_lead(pieces: list[Piece], description: str | None) -> tuple[str | None, list[Piece]]:
    """The lead and the pieces without it. A body that opens with plain text has no lead of its own."""
    folded = fold(description) if description else ""
    texts = [piece for piece in pieces if piece.kind != "block"]
    if len(texts) < 2 or not _is_lead(texts[0], folded):
        return None, pieces
    return texts[0].text, [piece for piece in pieces if piece is not texts[0]]


def _is_lead(piece: Piece, description: str) -> bool:
    if not LEAST_LEAD <= len(piece.text) <= MOST_LEAD or piece.linked > 0.5:
        return False
    if piece.kind == "heading" or is_leadish(piece.element):
        return True
    folded = fold(piece.text)
    return len(description) >= 30 and folded.startswith(description[:80]) and len(folded) < 1.5 * len(description)
