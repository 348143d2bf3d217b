"""Finds the main article's body, cuts it into blocks, and leaves out what is not part of it.

    scored blocks (evidence.py) -> the best stretch of the page -> pieces (pieces.py) -> unwanted lines (boilerplate.py)
    -> lead (lead.py) -> blocks (assemble.py) -> what is missing (signs.py)

The caller adds the fields that need metadata: title, authors, dates.
"""

from collections.abc import Callable

import msgspec

from services.parser.body.apart import parts_apart, without_parts
from services.parser.body.assemble import assemble, text_of_blocks
from services.parser.body.boilerplate import (
    is_byline,
    is_foreign,
    is_head_line,
    is_moment_line,
    is_unwanted_line,
)
from services.parser.body.boxes import with_whole_boxes
from services.parser.body.captions import without_counters
from services.parser.body.context import Guide, judge_blocks
from services.parser.body.evidence import score_blocks, with_loose_text
from services.parser.body.galleries import Galleries
from services.parser.body.images import PICTURE_TAGS, image_of
from services.parser.body.labels import LABEL_CHARS, invites_to_follow, is_machine_text, is_share_line, kind_of_line
from services.parser.body.lead import missed_lead, split_lead
from services.parser.body.live_blog import dated
from services.parser.body.more_pages import MorePages, find_more_pages
from services.parser.body.next_story import NextStory, next_stories
from services.parser.body.notices import names_authors
from services.parser.body.pieces import Piece, cut_pieces
from services.parser.body.signs import has_wall, is_consent_wall, is_cut_short
from services.parser.body.stretch import find_stretch, lifted, raised
from services.parser.body.tail import with_closing, without_tail
from services.parser.language.folding import bare
from services.parser.language.scripts import SENTENCE_ENDS
from services.parser.outline.addresses import base_of
from services.parser.outline.outline import Element, Outline
from services.parser.outline.region import Apart, Region
from services.parser.outline.tags import INLINE
from services.parser.outline.title_element import find_title_element
from shared.parsed_page import Block

# A claimed link stays if it stands in a sentence: in a block with at most this share of its text in links.
LINKED_BLOCK = 0.5
# A line like a byline is one only before this many paragraphs.
OPENING = 2
# The line that says who is quoted is at most this long.
SOURCE_CHARS = 120
# A paragraph up to this length, with at least this share of its characters in links, is merely a link. 148 such
# paragraphs on 1,100 pages do not end like a sentence: 3 pages lose a line of their text by this rule, and 8 pages
# lose all text that is foreign to them.
LINK_ALONE, LINK_CHARS = 0.95, 120
# A line below "Related articles" with this share of its characters in links is one of them.
LINKED_POINTER = 0.4
# A calendar has a row for each of so many weeks at least, and so many of its cells are days.
LEAST_WEEKS, LEAST_DAYS, SHARE_OF_DAYS, MOST_DAY = 4, 20, 0.6, 31
LONG_NUMBER = 5
# The score of a block that a rule has decided on.
SURE = 9.0
# Where this share of a table's blocks is article text, all of it is.
LEAST_OF_TABLE = 0.25
# If more elements than this stand between headline and text, a picture between them belongs to something else.
FAR_FROM_TITLE = 150


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The article's text in blocks; `text` is the lead and the blocks, one per line, without the title.

    `scores` are the log-odds of the blocks that were judged, by the index of their element. A block above 0 is article
    text. `others` are further stories that the page shows whole.
    """

    region: Region
    lead: str | None
    why_lead: str = ""  # what makes the first text the lead, or speaks against that
    blocks: list[Block]
    text: str
    truncated: bool = False
    paywalled: bool = False
    consent_wall: bool = False
    live_blog: bool = False
    next_page_url: str | None = None
    scores: dict[int, float] = {}
    others: list[NextStory] = []


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces that make the body, its first and last element, and the headline's element."""

    title: Element | None
    first: Element
    last: Element
    pieces: list[Piece]
    scores: dict[int, float] = {}
    apart: bytearray | None = None
    others: list[NextStory] = []
    more: MorePages = MorePages()


def read_body(outline: Outline, guide: Guide) -> Body | None:
    """Returns the body of the main article; None for a page without one."""
    title = find_title_element(outline, guide.title)
    judged = with_loose_text(score_blocks(outline, title), title)
    others = [] if guide.live else next_stories(outline, title, judged, guide.url)
    apart = parts_apart(outline, title, judged, others=others, live=guide.live)
    galleries = Galleries(outline, title)
    proper = without_parts(judged, apart)
    scored = lifted(galleries.without_captions(proper))
    stretch = find_stretch(outline, scored, guide.claimed)
    if stretch is None and galleries.found:
        scored = lifted(proper)
        stretch = find_stretch(outline, scored, guide.claimed)
    if stretch is None:
        scored = raised(scored, guide.claimed)
        stretch = find_stretch(outline, scored, guide.claimed)
    if stretch is None:
        return None
    scores = with_closing(judge_blocks(outline, scored, stretch, guide), scored)
    scores = with_whole_boxes(outline, scores, scored)
    earliest = title.index if title is not None and title.index < scored[stretch.first][0].element.index else -1
    kept = [outline.elements[index] for index, score in scores.items() if score > 0 and index > earliest]
    if not kept:
        return None
    lead_block = missed_lead(outline, scored, guide, (title, kept[0]))
    if lead_block is not None:
        scores[lead_block.index] = SURE
        kept.insert(0, lead_block)
    first, last = kept[0], max(kept, key=lambda element: element.last_run)
    more = find_more_pages(outline, guide.url, (title.index if title is not None else first.index, last), apart)
    for row in more.rows:
        apart[row.index : row.end] = Apart.MORE_PAGES.over(row.end - row.index)
    rejects = rejecter(guide.claimed, apart)
    for slide in (outline.elements[index] for index in galleries.slides):
        if not _in_foreign_part(galleries.place_of(slide), stretch.container.depth):
            scores[slide.index] = SURE
    pieces = cut_pieces(outline, first, last, rejects, galleries.slides)
    pieces = _clean(pieces, scores, outline, (title, stretch.container), guide.authors)
    home = _home_of(stretch.container)
    behind = [piece for piece in galleries.behind(last, home) if not rejects(piece.element)]
    pieces += [piece for piece in behind if _is_wanted(piece.element, scores, home.depth)]
    cut = Cut(title=title, first=first, last=last, pieces=pieces, scores=scores, apart=apart, others=others, more=more)
    return body_of(outline, guide, cut)


def _home_of(container: Element) -> Element:
    """Returns the article's element around the container of its text, else the element that the container is in."""
    around: Element | None = container
    while around is not None and around.tag not in {"article", "main"}:
        around = around.parent
    return around or container.parent or container


def body_of(outline: Outline, guide: Guide, cut: Cut) -> Body | None:
    """Returns the body that the pieces make; None if they are nothing but pictures and embeds."""
    if not any(piece.kind != "block" for piece in cut.pieces):
        return None
    dated_pieces = dated(outline, cut.pieces, (cut.first, cut.last), guide)
    live = any(piece.moment for piece in dated_pieces)
    lead = split_lead(dated_pieces, guide.description)
    blocks = assemble([*_opening_picture(outline, cut.title, cut.first), *lead.rest], base_of(outline, guide.url))
    blocks = without_counters(blocks)
    text = text_of_blocks(lead.text, blocks)
    walled = has_wall(outline, cut.last, text)
    return Body(
        region=Region(title_element=cut.title, first=cut.first.index, last=cut.last.end - 1, apart=cut.apart),
        lead=lead.text,
        why_lead=lead.why,
        blocks=blocks,
        text=text,
        truncated=is_cut_short(blocks, walled) or cut.more.goes_on,
        paywalled=walled,
        consent_wall=is_consent_wall(blocks),
        live_blog=live,
        next_page_url=cut.more.next_url,
        scores=cut.scores,
        others=cut.others,
    )


def rejecter(claimed: frozenset[int], apart: bytearray | None = None) -> Callable[[Element], bool]:
    """Returns a function that tells whether an element is left out of the body: it is apart, or in a headline list."""

    def rejects(element: Element) -> bool:
        if apart is not None and apart[element.index]:
            return True
        if element.index not in claimed:
            return False
        if element.tag not in INLINE:
            return True
        block = element
        while block.tag in INLINE and block.parent is not None:
            block = block.parent
        return block.link_chars > LINKED_BLOCK * block.chars

    return rejects


def _clean(
    pieces: list[Piece],
    scores: dict[int, float],
    outline: Outline,
    around: tuple[Element | None, Element],
    authors: tuple[str, ...],
) -> list[Piece]:
    title, container = around
    titled = outline.text_of(title) if title is not None else ""
    folded_title = bare(titled)
    out: list[Piece] = []
    paragraphs = 0
    for piece in pieces:
        if piece.kind == "block":
            told = piece.block is None or piece.block.type != "table" or not _is_page_table(piece.block, paragraphs)
            if told and _is_wanted(piece.element, scores, container.depth):
                out.append(piece)
            continue
        if scores.get(piece.element.index, -1.0) <= 0 and not _names_source(piece, out):
            continue
        if not _points_on(piece) and (
            is_unwanted_line(piece.text) or _is_button(piece) or _is_link(piece) or _is_machinery(piece)
        ):
            continue
        if len(piece.text) <= 2 * len(titled) and bare(piece.text) == folded_title:
            continue
        if (piece.kind == "paragraph" or (piece.kind == "item" and not paragraphs)) and is_moment_line(piece.text):
            continue
        if paragraphs < OPENING and _is_heading_up(piece, authors):
            continue
        paragraphs += piece.kind == "paragraph"
        out.append(piece)
    return without_tail(_without_pointers(outline, out), authors)


def _without_pointers(outline: Outline, pieces: list[Piece]) -> list[Piece]:
    """Returns the pieces without those that are only links below a line that announces pointers to other pages."""
    out: list[Piece] = []
    pointing = False
    for piece in pieces:
        if _points_on(piece):
            pointing = True
        elif not (pointing and _is_pointer(outline, piece)):
            pointing = False
            out.append(piece)
    return out


def _is_pointer(outline: Outline, piece: Piece) -> bool:
    """Whether a line is a link for the most part: its block is, or a link in its block says what the line says."""
    if piece.kind == "block":
        return False
    if piece.linked >= LINKED_POINTER or len(piece.text) > LINK_CHARS:
        return piece.linked >= LINKED_POINTER
    return any(
        inner.tag == "a" and outline.text_of(inner) in piece.text and inner.chars >= LINKED_POINTER * len(piece.text)
        for inner in outline.subtree(piece.element)
    )


def _points_on(piece: Piece) -> bool:
    """Whether a line announces pointers to other pages, and says nothing else."""
    return piece.kind != "block" and len(piece.text) <= LABEL_CHARS and kind_of_line(piece.text) == "related"


def _is_heading_up(piece: Piece, authors: tuple[str, ...]) -> bool:
    """Whether a line before the text says who wrote it, when it came, or where it stands on the site."""
    text = piece.text
    return is_byline(text) or is_head_line(text) or names_authors(text, authors)


def _is_wanted(element: Element, scores: dict[int, float], depth: int) -> bool:
    """Whether a picture or embed is in no foreign part below this depth, or a share of a table is article text."""
    if element.tag != "table":
        return scores.get(element.index) == SURE or not _in_foreign_part(element, depth)
    judged = [score for index in range(element.index, element.end) if (score := scores.get(index)) is not None]
    return bool(judged) and sum(score > 0 for score in judged) >= LEAST_OF_TABLE * len(judged)


def _is_page_table(table: Block, paragraphs: int) -> bool:
    """Whether a table is a calendar, or holds nothing but lines that a page says about itself."""
    rows = table.rows or []
    lines = [line for row in rows for cell in row if (line := cell.strip())]
    if len(rows) >= LEAST_WEEKS:
        days = {line for line in lines if len(line) <= 2 and line.isdecimal() and int(line) <= MOST_DAY}
        return len(days) >= LEAST_DAYS and len(days) >= SHARE_OF_DAYS * len(lines)
    return all(
        is_unwanted_line(line) or (paragraphs < OPENING and (is_moment_line(line) or is_head_line(line)))
        for line in lines
    )


def _is_link(piece: Piece) -> bool:
    """Whether a paragraph is a short link and not a sentence: a button, or a pointer to another page."""
    if piece.kind != "paragraph" or piece.linked < LINK_ALONE or len(piece.text) > LINK_CHARS:
        return False
    return piece.text[-1] not in SENTENCE_ENDS


def _is_machinery(piece: Piece) -> bool:
    """Whether a paragraph offers to share the page, is a script or its data, or a long number."""
    if piece.kind != "paragraph" or piece.element.tag in {"code", "pre"}:
        return False
    text = piece.text
    if is_share_line(text) or invites_to_follow(text) or is_machine_text(text):
        return True
    return len(text) >= LONG_NUMBER and text.isdecimal()


def _is_button(piece: Piece) -> bool:
    """Whether the piece is a button to press, not a heading that unfolds."""
    element, parent = piece.element, piece.element.parent
    return element.tag == "button" and (parent is None or parent.tag[0] != "h")


def _names_source(piece: Piece, before: list[Piece]) -> bool:
    """Whether the piece says who is quoted, in the same quotation as the text before it."""
    if not before or before[-1].kind != "quote" or len(piece.text) > SOURCE_CHARS:
        return False
    around: Element | None = piece.element
    for _ in range(3):
        if around is None or before[-1].element.inside(around):
            break
        around = around.parent
    return around is not None and around.tag in {"blockquote", "figure"} and before[-1].element.inside(around)


def _opening_picture(outline: Outline, title: Element | None, first: Element) -> list[Piece]:
    """Returns the picture between headline and text, as a list of one piece or none."""
    if title is None or not title.end <= first.index <= title.end + FAR_FROM_TITLE:
        return []
    for element in outline.elements[title.end : first.index]:
        if element.tag in PICTURE_TAGS and not _in_foreign_part(element, title.depth // 2):
            picture = image_of(outline, element)
            if picture is not None:
                return [Piece("block", "", element, block=picture)]
    return []


def _in_foreign_part(element: Element, depth: int) -> bool:
    """Whether the element, or one around it below this depth, names a part that is not article text."""
    around: Element | None = element
    while around is not None and around.depth > depth:
        if is_foreign(around.tag, around.hint):
            return True
        around = around.parent
    return False
