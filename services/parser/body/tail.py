"""Where does the text end? Lines behind the last paragraph are about the article and not part of it."""

from collections import Counter
from collections.abc import Sequence

from services.parser.body.boilerplate import is_tail_heading
from services.parser.body.evidence import Fact
from services.parser.body.notices import closes_text, tells_of_author, tells_of_somebody
from services.parser.body.pieces import Piece
from services.parser.body.stretch import Scored
from services.parser.language.scripts import SENTENCE_ENDS
from services.parser.outline.outline import Element

# A heading at the end of the text belongs to what follows, unless it is longer than this.
SUBHEAD_CHARS = 120
# A last line up to this length that does not end like a sentence is an agency, initials, or a rubric.
LAST_LINE_CHARS = 40
# The part after a heading like "About the author" is at most this share of the text.
MOST_TAIL = 0.25
# A line up to this length that stands at least so often between paragraphs is a mark of the page.
REPEATED, REPEATED_CHARS = 3, 40
# Lines that follow an article without a heading of their own are among so many last pieces.
CLOSING_PIECES = 6
# A person who is introduced among so many last pieces, after at least so many pieces, is an author.
LIVES, LEAST_TEXT = 4, 5

# A paragraph that follows on the text scores at least so much, and has more than 25 characters.
LEAST_CLOSING, CLOSING_SIZE, TAKEN_IN = -0.6, 3, 0.1
# One that is not judged with the text must look like an article's by itself.
LEAST_APART = 1.0


def with_closing(scores: dict[int, float], scored: Scored) -> dict[int, float]:
    """The scores, with paragraphs taken in that follow on those of the text: alike, sentences, nearly enough score.

    The last paragraph scores low for what stands behind it, above all a short one before a list of links.
    """
    out = dict(scores)
    last: Element | None = None
    for fact, first_score in scored:
        element = fact.element
        if element.tag != "p":
            continue
        # Behind an advertisement, the last paragraphs are too far from the others to be judged with them.
        score = scores.get(element.index, first_score if first_score > LEAST_APART else LEAST_CLOSING)
        if score > 0 and element.index in scores:
            last = element
        elif score > LEAST_CLOSING and last is not None and _follows_on(fact, last):
            out[element.index] = TAKEN_IN
            last = element
    return out


def _follows_on(fact: Fact, before: Element) -> bool:
    element = fact.element
    return (
        element.parent is before.parent
        and element.hint == before.hint
        and fact.ending == "stop"
        and not element.link_chars
        and fact.size >= CLOSING_SIZE
    )


def without_tail(pieces: list[Piece], authors: Sequence[str] = ()) -> list[Piece]:
    """Returns the pieces up to the last sentence of the article, without lines that are repeated between paragraphs."""
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
    """Returns the pieces without last ones that say who wrote or worked on the text, or ask something of readers."""
    start = max(1, len(pieces) - CLOSING_PIECES)
    last = [p for p in pieces[start:] if not (closes_text(p.text) or tells_of_author(p.text, authors))]
    end = max(LEAST_TEXT, len(pieces) - LIVES)
    return pieces[:start] + [p for n, p in enumerate(last, start) if n < end or not tells_of_somebody(p.text)]


def _end(pieces: list[Piece]) -> int:
    """Returns the number of the heading that opens what follows the text, else the number of all pieces."""
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
    return piece.kind == "paragraph" and piece.text[-1] not in SENTENCE_ENDS and len(piece.text) <= LAST_LINE_CHARS
