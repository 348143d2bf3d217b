"""Cuts the body's container into pieces in reading order: paragraphs, headings, list items, tables, images, embeds.

A piece is the text between two edges of blocks, or between two <br>. Cutting goes along the flat outline and skips the
subtrees that are rejected, so its cost is that of the container alone.
"""

from collections.abc import Callable, Mapping, Set
from typing import Literal

import msgspec

from services.parser.body.images import EMBED_TAGS, PICTURE_TAGS, image_of, is_embed
from services.parser.body.tables import table_of
from services.parser.language.scripts import SENTENCE_ENDS
from services.parser.outline.outline import BREAK, Element, Outline
from services.parser.outline.tags import INLINE
from shared.parsed_page import Block

PieceKind = Literal["paragraph", "heading", "quote", "item", "block"]

# A run of at least this length can be a paragraph by itself.
PARAGRAPH_CHARS = 60
# A bold line up to this length that does not end like a sentence is a heading.
BOLD_HEAD_CHARS = 90

# The bold beginning of a line that ends so goes with what follows.
LABEL_ENDS = ":：,;–—-"

_BREAKS = frozenset(["br", "break", "line-break", "linebreak"])
_BOLD_TAGS = frozenset(["b", "strong"])
_READY_TAGS = PICTURE_TAGS | EMBED_TAGS | {"blockquote", "div", "table"}
_TELLING_TAGS = frozenset(["li", "blockquote", "dd", "dt"])
_LISTS, _TERMS = frozenset(["ul", "ol"]), frozenset(["dl"])


class Piece(msgspec.Struct, gc=False):
    """One piece of text, or a ready block (`kind` "block") for a table, an image or an embed.

    `group` tells the items of one list from those of the next; `linked` is the share of the
    characters of its block that are in links.
    """

    kind: PieceKind
    text: str
    element: Element
    linked: float = 0.0
    group: int = 0
    block: Block | None = None
    bold: bool = False
    moment: str | None = None  # of the live blog's entry that begins here


def cut_pieces(
    outline: Outline,
    start: Element,
    stop: Element,
    rejects: Callable[[Element], bool],
    slides: Mapping[int, Block] | None = None,
) -> list[Piece]:
    """Returns the pieces from one element through another, without the subtrees that `rejects` selects.

    `slides` are the pictures of galleries by the index of the element that holds each.
    """
    cutter = _Cutter(outline, rejects, slides or {})
    elements = outline.elements
    start = cutter.table_around(start)
    at = start.index
    position = start.first_run
    open_blocks: list[Element] = []
    while at < stop.end:
        element = elements[at]
        while open_blocks and open_blocks[-1].end <= at:
            closing = open_blocks.pop()
            cutter.emit(position, closing.last_run, closing)
            position = max(position, closing.last_run)
        owner = open_blocks[-1] if open_blocks else start
        block = cutter.slides.get(at)
        if block is None and element.tag in _READY_TAGS:
            block = cutter.ready_block(element)
        if block is not None or rejects(element):
            cutter.emit(position, element.first_run, owner)
            position = max(position, element.last_run)
            if block is not None:
                cutter.pieces.append(Piece("block", "", element, block=block))
            at = element.end
            continue
        if element.tag not in INLINE:
            cutter.emit(position, element.first_run, owner)
            position = max(position, element.first_run)
            open_blocks.append(element)
        elif element.hint and not element.chars and _is_break(element):
            cutter.emit(position, element.first_run, owner)
            position = max(position, element.first_run)
        at += 1
    while open_blocks and position < stop.last_run:
        closing = open_blocks.pop()
        cutter.emit(position, min(stop.last_run, closing.last_run), closing)
        position = max(position, closing.last_run)
    return cutter.pieces


def _is_break(element: Element) -> bool:
    """Whether the class of an empty inline element says that it breaks the line."""
    return not _BREAKS.isdisjoint(element.hint.split())


class _Cutter:
    """Collects pieces of the outline."""

    def __init__(self, outline: Outline, rejects: Callable[[Element], bool], slides: Mapping[int, Block]) -> None:
        self.outline = outline
        self.slides = slides
        self.rejects = rejects
        self.pieces: list[Piece] = []

    def table_around(self, element: Element) -> Element:
        """Returns the table with data in whose cell an element stands, or the element itself."""
        around: Element | None = element
        while around is not None and around.tag != "table":
            around = around.parent
        return around if around is not None and self._table(around) is not None else element

    def _table(self, table: Element) -> Block | None:
        """Returns the block of a table with data of which nothing is rejected."""
        block = table_of(self.outline, table)
        return None if block is None or any(map(self.rejects, self.outline.subtree(table))) else block

    def emit(self, start: int, end: int, owner: Element) -> None:
        """Add the runs as one piece, or as several if two <br> stand together between them."""
        if end - start <= 1 and (end <= start or self.outline.runs[start].isspace()):
            return
        runs = self.outline.runs[start:end]
        whole = "".join(runs)
        if whole.isspace():
            return
        kind, group = _kind_of(owner)
        bold = self._bold_in(owner) if kind == "paragraph" else frozenset[str]()
        linked = owner.link_chars / owner.chars if owner.chars else 0.0
        for text in _split_at_breaks(runs, whole, bold):
            is_bold = text in bold
            heads = is_bold and len(text) <= BOLD_HEAD_CHARS and text[-1] not in SENTENCE_ENDS + ":"
            self.pieces.append(Piece("heading" if heads else kind, text, owner, linked, group, bold=is_bold))

    def _bold_in(self, owner: Element) -> Set[str]:
        """Returns the texts of the outermost bold elements in a block, so that each text is read once."""
        texts: set[str] = set()
        at = owner.index + 1
        while at < owner.end:
            element = self.outline.elements[at]
            if element.tag in _BOLD_TAGS:
                texts.add(self.outline.text_of(element))
                at = element.end
            else:
                at += 1
        return texts

    def ready_block(self, element: Element) -> Block | None:
        """Returns the table, image or embed that this element is, or None."""
        if element.tag in PICTURE_TAGS:
            return image_of(self.outline, element)
        if element.tag == "table":
            return self._table(element)
        if is_embed(element):
            return _embed_of(self.outline, element)
        return None


def _split_at_breaks(runs: list[str], whole: str, bold: Set[str]) -> list[str]:
    """Returns the texts of paragraphs, with white space collapsed. One <br> is a space; two or more end a paragraph.

    A short line that is bold stands alone, if it does not end like the label of what follows.
    """
    if len(whole) > 2 * PARAGRAPH_CHARS and len(runs) > 1:
        runs = _with_unwritten_breaks(runs)
    if BREAK not in runs:
        text = " ".join(whole.split())
        return [text] if text else []
    marked = "".join([run if run is BREAK else run.replace(BREAK, " ") for run in runs])
    lines = [" ".join(line.split()) for line in marked.split(BREAK)]
    out: list[str] = []
    joined: list[str] = []
    for line in [*lines, ""]:
        if line and line in bold and len(line) <= BOLD_HEAD_CHARS and line[-1] not in LABEL_ENDS:
            out += [*([" ".join(joined)] if joined else []), line]
            joined = []
        elif line:
            joined.append(line)
        elif joined:
            out.append(" ".join(joined))
            joined = []
    return out


def _with_unwritten_breaks(runs: list[str]) -> list[str]:
    """Returns the runs with two breaks wherever two long runs meet as "…the end.The next…".

    Such runs are paragraphs in inline elements that only a stylesheet separates.
    """
    out: list[str] = []
    for run in runs:
        before = out[-1] if out else ""
        if len(before) >= PARAGRAPH_CHARS <= len(run) and before[-1] in SENTENCE_ENDS and run[0].isupper():
            out += [BREAK, BREAK]
        out.append(run)
    return out


def _kind_of(owner: Element) -> tuple[PieceKind, int]:
    """Returns the kind and group of a piece of text, by its nearest telling ancestor."""
    if owner.tag[0] == "h" and owner.tag[1:].isdigit():
        return "heading", 0
    element: Element | None = owner
    for _ in range(6):
        if element is None:
            break
        tag = element.tag
        if tag in _TELLING_TAGS:
            if tag == "li":
                return "item", _group_of(element, _LISTS)
            if tag == "blockquote":
                return "quote", 0
            if tag in {"dd", "dt"}:
                return "item", _group_of(element, _TERMS)
        element = element.parent
    return "paragraph", 0


def _group_of(element: Element, tags: frozenset[str]) -> int:
    """Returns the index of the outermost of nested lists."""
    found, parent = element, element.parent
    for _ in range(8):
        if parent is None or (found is not element and parent.tag not in {"ul", "ol", "li"}):
            break
        if parent.tag in tags:
            found = parent
        parent = parent.parent
    return found.index


def _embed_of(outline: Outline, element: Element) -> Block | None:
    url = element.attrs.get("src") or element.attrs.get("data-src") or element.attrs.get("cite")
    if not url and element.tag == "blockquote":
        anchors = [a for a in outline.subtree(element) if a.tag == "a" and a.attrs.get("href")]
        url = anchors[-1].attrs["href"] if anchors else None
    if not url or url.startswith(("about:", "javascript:", "data:")):
        return None
    return Block(type="embed", text="", url=url)
