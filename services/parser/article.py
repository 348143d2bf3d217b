"""The main article's body: find it, cut it into blocks, leave out what is not part of it.

    scored blocks (evidence.py) -> the best stretch of the page -> pieces (blocks.py) -> unwanted lines (boilerplate.py)
    -> lead (lead.py) -> blocks

The caller adds the fields that need metadata: title, authors, dates.
"""

from collections.abc import Callable

import msgspec

from services.parser.blocks import Piece, cut_pieces
from services.parser.boilerplate import is_unwanted_line
from services.parser.context import Guide, judge_blocks
from services.parser.evidence import score_blocks
from services.parser.lead import split_lead
from services.parser.segments import INLINE, Element, Outline
from services.parser.stretch import find_stretch, lifted
from services.parser.title_element import find_title_element, fold
from shared.parsed_page import Block

# A claimed link stays when it stands in a sentence: in a block with less than this share of its text in links.
LINKED_BLOCK = 0.5


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """Where the article stands in the outline: its visible headline, if any, and its first and last element."""

    title_element: Element | None
    first: int
    last: int


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The article's text in blocks; `text` is the lead and the blocks, one a line, without the title."""

    region: Region
    lead: str | None
    blocks: list[Block]
    text: str
    truncated: bool = False
    paywalled: bool = False
    consent_wall: bool = False
    live_blog: bool = False


def read_body(outline: Outline, guide: Guide) -> Body | None:
    """The body of the main article; None for a page that has none."""
    title = find_title_element(outline, guide.title)
    scored = lifted(score_blocks(outline, title))
    stretch = find_stretch(outline, scored, guide.claimed)
    if stretch is None:
        return None
    scores = judge_blocks(outline, scored, stretch, guide)
    kept = [outline.elements[index] for index, score in scores.items() if score > 0]
    if not kept:
        return None
    first, last = kept[0], max(kept, key=lambda element: element.last_run)
    pieces = cut_pieces(outline, first, last, _rejecter(guide.claimed))
    pieces = _clean(pieces, scores, title, outline)
    if not any(piece.kind != "block" for piece in pieces):
        return None
    lead, pieces = split_lead(pieces, guide.description)
    blocks = _blocks(pieces)
    region = Region(title_element=title, first=first.index, last=last.end - 1)
    return Body(region=region, lead=lead, blocks=blocks, text=_text(lead, blocks))


def _rejecter(claimed: frozenset[int]) -> Callable[[Element], bool]:
    def rejects(element: Element) -> bool:
        if element.index not in claimed:
            return False
        if element.tag not in INLINE:
            return True
        block = element
        while block.tag in INLINE and block.parent is not None:
            block = block.parent
        return block.link_chars > LINKED_BLOCK * block.chars

    return rejects


def _clean(pieces: list[Piece], scores: dict[int, float], title: Element | None, outline: Outline) -> list[Piece]:
    folded_title = fold(outline.text_of(title)) if title is not None else None
    out: list[Piece] = []
    for piece in pieces:
        if piece.kind == "block":
            out.append(piece)
            continue
        if scores.get(piece.element.index, -1.0) <= 0:
            continue
        if is_unwanted_line(piece.text) or fold(piece.text) == folded_title:
            continue
        out.append(piece)
    while out and out[-1].kind == "heading":
        out.pop()
    return out


def _blocks(pieces: list[Piece]) -> list[Block]:
    out: list[Block] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece.block is not None:
            out.append(piece.block)
        elif piece.kind == "heading":
            out.append(Block(type="heading", text=piece.text, level=max(2, int(piece.element.tag[1]))))
        elif piece.kind == "item":
            items = [piece.text]
            while at < len(pieces) and pieces[at].kind == "item" and pieces[at].group == piece.group:
                items.append(pieces[at].text)
                at += 1
            out.append(Block(type="list", text="\n".join(items), items=items))
        elif piece.kind == "cell":
            row, rows = [piece.text], []
            group = piece.group
            while at < len(pieces) and pieces[at].kind == "cell":
                if pieces[at].group != group:
                    rows.append(row)
                    row, group = [], pieces[at].group
                row.append(pieces[at].text)
                at += 1
            rows.append(row)
            out.append(Block(type="table", text="\n".join(" | ".join(row) for row in rows), rows=rows))
        else:
            out.append(Block(type="quote" if piece.kind == "quote" else "paragraph", text=piece.text))
    return out


def _text(lead: str | None, blocks: list[Block]) -> str:
    return "\n".join([*([lead] if lead else []), *(block.text for block in blocks if block.text)])
