"""Finds the lead (standfirst): the sentences between headline and body that say what the article is about."""

import msgspec

from services.parser.body.boilerplate import is_lead_hint, line_names
from services.parser.body.context import Guide, is_leadish
from services.parser.body.evidence import Fact
from services.parser.body.pieces import Piece
from services.parser.body.stretch import Scored
from services.parser.language.folding import bare
from services.parser.outline.outline import Element, Outline

LEAST_LEAD, MOST_LEAD = 35, 900
# If more elements than this stand between headline and text, they are another part of the page.
FAR_FROM_TITLE = 250
# A text or description with fewer letters is not compared.
LEAST_FOLDED = 30
# A sentence at most this far after the headline (in blocks, as a power of two) is a lead from this length on.
SOON, LEAST_SENTENCE = 2, 80
# A bold first paragraph of at least this length is a lead if at least so many other texts follow, none of them bold.
LEAST_BOLD, LEAST_PLAIN = 80, 3
# The page's description and its lead agree in so many letters.
SAME_OPENING = 60

# What makes the first text of an article its lead, and what speaks against that, in words for people.
AS_HEADING = "the text opens with it as a heading"
BY_NAME = "the page calls its box a lead, a summary or the like"
AS_DESCRIBED = "the text opens with it, and the head describes the page in these words"
IN_BOLD = "the text opens with it in bold, and goes on in plain letters"
PLAIN_OPENING = "the first paragraph is plain text, and the head does not describe the page in its words"
ONLY_TEXT = "the article has one paragraph, which is its text"


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """The lead, the pieces without it, and why the first text is the lead or is none."""

    text: str | None = None
    rest: list[Piece]
    why: str


def missed_lead(
    outline: Outline, scored: Scored, guide: Guide, between: tuple[Element | None, Element]
) -> Element | None:
    """Returns a low-scored block between headline and text that is a lead; None if there is none.

    It is named a lead, or says what the page's description says, or is a sentence right behind the headline.
    """
    title, first = between
    if title is None or not title.end <= first.index <= title.end + FAR_FROM_TITLE or is_leadish(first):
        return None
    description = bare(guide.description or "")
    opening = bare(outline.text_of(first))
    for fact, _ in scored:
        element = fact.element
        if not title.end <= element.index < first.index or fact.linked > 1 or element.hidden:
            continue
        if not LEAST_LEAD <= element.chars <= MOST_LEAD or element.index in guide.claimed:
            continue
        text = outline.text_of(element)
        folded = bare(text)
        says = is_leadish(element) or _is_named_lead(element) or says_alike(folded, description) or _follows_title(fact)
        if says and not line_names(text) and not opening.startswith(folded[:SAME_OPENING]):
            return element
    return None


def _is_named_lead(element: Element) -> bool:
    """Whether an element that is called a lead holds the block, at most three levels up, and nothing else."""
    around = element.parent
    for _ in range(2):
        around = around.parent if around is not None else None
        if around is None or around.chars > element.chars:
            return False
        if is_lead_hint(around.hint):
            return True
    return False


def says_alike(folded: str, description: str) -> bool:
    """Whether a text and the page's description open alike; before either, a place name or a rubric may stand."""
    if len(folded) < LEAST_FOLDED or len(description) < LEAST_FOLDED:
        return False
    return folded[:SAME_OPENING] in description or description[:SAME_OPENING] in folded[: 2 * SAME_OPENING]


def _follows_title(fact: Fact) -> bool:
    """Whether the block is a sentence right behind the headline."""
    return 0 < fact.place <= SOON and fact.linked == 0 and fact.ending == "stop" and fact.chars >= LEAST_SENTENCE


def split_lead(pieces: list[Piece], description: str | None) -> Lead:
    """Returns the lead and the pieces without it; the lead is None for a body that opens with plain text."""
    folded = bare(description) if description else ""
    texts = [piece for piece in pieces if piece.kind != "block"]
    if len(texts) < 2:
        return Lead(rest=pieces, why=ONLY_TEXT)
    why = _why_lead(texts[0], description, folded) or (IN_BOLD if _stands_out(texts) else None)
    if why is None:
        return Lead(rest=pieces, why=PLAIN_OPENING)
    return Lead(text=texts[0].text, rest=[piece for piece in pieces if piece is not texts[0]], why=why)


def _why_lead(piece: Piece, description: str | None, folded: str) -> str | None:
    """Returns what makes the first text the lead; None if it is none."""
    if not LEAST_LEAD <= len(piece.text) <= MOST_LEAD or piece.linked > 0.5:
        return None
    if piece.kind == "heading":
        return AS_HEADING
    if is_leadish(piece.element):
        return BY_NAME
    said = bare(piece.text)
    cut = (description or "").rstrip().endswith(("…", "..."))
    return AS_DESCRIBED if says_alike(said, folded) and (cut or len(said) < 1.5 * len(folded)) else None


def _stands_out(texts: list[Piece]) -> bool:
    """Whether a text opens with one bold paragraph and continues in plain ones."""
    first = texts[0]
    if not (first.bold and first.kind == "paragraph" and LEAST_BOLD <= len(first.text) <= MOST_LEAD):
        return False
    return len(texts) > LEAST_PLAIN and not any(piece.bold and piece.kind == "paragraph" for piece in texts[1:])
