"""Finds a news brief: one short paragraph below a dated headline, too little text for article.py to find."""

from services.parser.body.article import Body, Cut, body_of, rejecter
from services.parser.body.boilerplate import is_byline, is_foreign, is_moment_line, is_unwanted_line
from services.parser.body.context import Guide
from services.parser.body.evidence import Fact, score_blocks
from services.parser.body.pieces import cut_pieces
from services.parser.fields.facts import complete_fields
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare
from services.parser.lists.story_urls import is_home
from services.parser.outline.outline import Element, Outline
from services.parser.outline.title_element import find_title_element

# A shorter sentence is a notice; article.py finds longer paragraphs.
LEAST_CHARS, MOST_CHARS = 80, 400
# The paragraph stands at most this far behind the headline: in blocks (as a power of two), and in elements.
SOON, NEAR = 4, 60
# A block with a lower score is something else, as its markup says clearly enough.
LEAST_SCORE = -5.0
# A heading may hold a title of fewer letters by chance.
LEAST_TITLE = 12
# The score that the paragraph is given, because headline and date have decided already.
SURE = 9.0


def read_brief(outline: Outline, guide: Guide, metadata: Metadata) -> Body | None:
    """Returns the brief on a page without other article text.

    Returns None where the headline, the sentence or the date is missing.
    """
    title = find_title_element(outline, guide.title)
    if title is None or is_home(guide.url) or not _is_headline(outline, title, guide):
        return None
    paragraph = next(
        (f.element for f, score in score_blocks(outline, title) if _is_text(outline, f, score, guide)), None
    )
    if paragraph is None or not 0 <= paragraph.index - title.end <= NEAR:
        return None
    pieces = [
        piece
        for piece in cut_pieces(outline, paragraph, paragraph, rejecter(guide.claimed))
        if piece.kind in {"paragraph", "block"}
    ]
    cut = Cut(title=title, first=paragraph, last=paragraph, pieces=pieces, scores={paragraph.index: SURE})
    body = body_of(outline, guide, cut)
    if body is None or complete_fields(outline, metadata, body.region).published_at is None:
        return None
    return body


def _is_headline(outline: Outline, heading: Element, guide: Guide) -> bool:
    """Whether the heading says the page's title and is not a link to another page."""
    said, title = bare(outline.text_of(heading)), bare(guide.title or outline.title)
    return 2 * heading.link_chars <= heading.chars and len(said) >= LEAST_TITLE and (said in title or title in said)


def _is_text(outline: Outline, fact: Fact, score: float, guide: Guide) -> bool:
    """Whether the block is a sentence soon behind the headline, outside parts of the page that are no article text."""
    if not (0 < fact.place <= SOON and LEAST_CHARS <= fact.chars <= MOST_CHARS and fact.linked < 1):
        return False
    element = fact.element
    if score < LEAST_SCORE or element.hidden or element.index in guide.claimed or fact.ending != "stop":
        return False
    text = outline.text_of(element)
    if is_unwanted_line(text) or is_byline(text) or is_moment_line(text):
        return False
    return not any(is_foreign(around.tag, around.hint) for around in _around(element))


def _around(element: Element) -> list[Element]:
    """Returns the element and the elements around it, from the inside out, up to <main>, <body> or <html>."""
    path: list[Element] = []
    at: Element | None = element
    while at is not None and at.tag not in {"main", "body", "html"}:
        path.append(at)
        at = at.parent
    return path
