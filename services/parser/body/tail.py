"""Where does the text end? What stands behind the last paragraph is about the article, not of it."""

from collections import Counter
from collections.abc import Sequence

from services.parser.body.boilerplate import is_tail_heading
from services.parser.body.notices import closes_text, tells_of_author, tells_of_somebody
from services.parser.body.pieces import SENTENCE_ENDS, Piece

# A heading at the end of the text is one of what follows, unless it is as long as a paragraph.
SUBHEAD_CHARS = 120
# A last line up to this length that ends like no sentence is an agency, initials, a rubric.
LAST_LINE_CHARS = 40
# What follows a heading like "About the author" is no more than this share of the text.
MOST_TAIL = 0.25
# A short line that stands so often between paragraphs is a mark of the page.
REPEATED, REPEATED_CHARS = 3, 40
# What follows an article, without a heading of its own, is among so many last pieces.
CLOSING_PIECES = 6
# People that are introduced among so many last pieces, of more than so many, are authors.
LIVES, LEAST_TEXT = 4, 5


def without_tail(pieces: list[Piece], authors: Sequence[str] = ()) -> list[Piece]:
    """The pieces up to the last sentence of the article, and without lines that stand there again and again."""
    pieces = _without_marks(pieces)
    pieces = _without_closing(pieces[: _end(pieces)], [name for name in authors if " " in name])
    while pieces and _is_remnant(pieces[-1]):
        pieces.pop()
    return pieces


def _without_marks(pieces: list[Piece]) -> list[Piece]:
    counts = Counter(p.text for p in pieces if p.kind == "paragraph" and len(p.text) <= REPEATED_CHARS)
    if not counts or counts.most_common(1)[0][1] < REPEATED:
        return pieces
    return [p for p in pieces if p.kind != "paragraph" or counts[p.text] < REPEATED]


def _without_closing(pieces: list[Piece], authors: Sequence[str]) -> list[Piece]:
    """Without who worked on the text, who wrote it, and what it asks of its readers, among its last pieces."""
    start = max(1, len(pieces) - CLOSING_PIECES)
    last = [p for p in pieces[start:] if not (closes_text(p.text) or tells_of_author(p.text, authors))]
    end = max(LEAST_TEXT, len(pieces) - LIVES)
    return pieces[:start] + [p for n, p in enumerate(last, start) if n < end or not tells_of_somebody(p.text)]


def _end(pieces: list[Piece]) -> int:
    """The number of the heading that opens what follows, else that of all pieces."""
    behind, whole = 0, sum(len(piece.text) for piece in pieces)
    end = len(pieces)
    for number in range(len(pieces) - 1, 0, -1):
        piece = pieces[number]
        behind += len(piece.text)
        if behind > MOST_TAIL * whole:
            break
        if piece.kind in ("heading", "paragraph") and is_tail_heading(piece.text):
            end = number
    return end


def _is_remnant(piece: Piece) -> bool:
    if piece.kind == "heading":
        return len(piece.text) <= SUBHEAD_CHARS
    return piece.kind == "paragraph" and len(piece.text) <= LAST_LINE_CHARS and piece.text[-1] not in SENTENCE_ENDS
