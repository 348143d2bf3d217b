"""Puts pieces of the body together as blocks: items become lists, URLs become absolute."""

from itertools import groupby

import msgspec

from services.parser.body.pieces import Piece
from services.parser.outline.addresses import absolute_url
from shared.parsed_page import Block

# The level of a heading that is a bold line.
BOLD_LEVEL = 3


def assemble(pieces: list[Piece], url: str | None) -> list[Block]:
    """Returns the blocks of the body, in reading order."""
    return [
        block for (kind, _), group in groupby(pieces, key=_belonging) for block in _from_group(kind, list(group), url)
    ]


def text_of_blocks(lead: str | None, blocks: list[Block]) -> str:
    """Returns the text of the lead and the blocks, one per line."""
    return "\n".join([*([lead] if lead else []), *(block.text for block in blocks if block.text)])


def _belonging(piece: Piece) -> tuple[str, int]:
    """Returns the key by which neighbouring pieces are grouped: items of one list."""
    return piece.kind, piece.group if piece.kind == "item" else 0


def _from_group(kind: str, group: list[Piece], url: str | None) -> list[Block]:
    moment = group[0].moment
    if kind == "item":
        items = [piece.text for piece in group]
        return [Block(type="list", text="\n".join(items), items=items, published_at=moment)]
    return [_single(piece, url) for piece in group]


def _single(piece: Piece, url: str | None) -> Block:
    if piece.block is not None:
        address = absolute_url(piece.block.url, url)
        return msgspec.structs.replace(piece.block, url=address, published_at=piece.moment)
    if piece.kind == "heading":
        tag = piece.element.tag
        level = max(2, int(tag[1])) if len(tag) == 2 and tag[1].isdigit() else BOLD_LEVEL
        return Block(type="heading", text=piece.text, level=level, published_at=piece.moment)
    return Block(type="quote" if piece.kind == "quote" else "paragraph", text=piece.text, published_at=piece.moment)
