"""The lead (standfirst): the sentences between headline and body that say what the article is about."""

from services.parser.blocks import Piece
from services.parser.boilerplate import is_lead_hint
from services.parser.title_element import fold

LEAST_LEAD = 35
MOST_LEAD = 900


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
    parent = piece.element.parent
    if piece.kind == "heading" or is_lead_hint(f"{piece.element.hint} {parent.hint if parent else ''}"):
        return True
    folded = fold(piece.text)
    return len(description) >= 30 and folded.startswith(description[:80]) and len(folded) < 1.5 * len(description)
