"""Finds tickers of mere text: headlines that link nowhere, in one moving line or between separators."""

import re
from bisect import bisect

import msgspec

from services.parser.lists.headline_text import HEADING_TAGS
from services.parser.lists.labels import Label, Place, find_label
from services.parser.lists.readings import are_readings
from services.parser.lists.words import is_whole_label, kind_of_hint, kind_of_label
from services.parser.lists.zones import find_title
from services.parser.outline.outline import EDGE, Element, Outline

# A headline in a strip has at least so many characters and spaces; a line of a menu or of a legal notice has fewer.
FEWEST_CHARS, FEWEST_SPACES = 15, 3
# A single moving line of text is a notice of a shop or of the paper as often as news, so there must be several.
FEWEST_TEXTS_OF_MARQUEE, FEWEST_TEXTS = 2, 3
# Where no label announces the strip, and its separators also occur in other text, it needs so many texts.
FEWEST_TEXTS_UNANNOUNCED = 4
# How many levels above the strip its label may stand: in its box or beside it.
LABEL_LEVELS = 1
# Links have at most this share of a strip's text. A longer text is an article. So many strips of a page are read.
MOST_LINK_SHARE, MOST_CHARS, MOST_STRIPS = 0.3, 12_000, 100

_KINDS = frozenset({"breaking", "latest", "ticker"})
_SIGNS = ("ticker", "marquee", "breaking", "flash", "laufband", "laufschrift", "running", "scroll")
_SEPARATORS = re.compile(r"\s*(?:\+{2,}|\*{2,}|\|{1,3}|[•●■♦·]|/{2,})\s*|(?:[^\S\u00a0]*\u00a0){3,}\s*")
_STRONG_SIGNS = ("+++", "\u00a0" * 4)
_WEAK_SIGNS = (" | ", " • ", " ● ", " ■ ", " ♦ ", " *** ", " // ")
_BOXES = ("aside", "div", "dl", "header", "marquee", "ol", "p", "section", "span", "table", "td", "ul")
_NOT_IN_STRIPS = frozenset({"article", "figure", "form", "h1", "img", "p", "table"})
_PROSE_ENDS = re.compile(r"[.;]\s+\w")


class TextStrip(msgspec.Struct):
    """A strip and its headlines; `element` holds nothing else except perhaps their label."""

    element: Element
    texts: list[str]
    label: Label | None


def find_strips(outline: Outline, claimed: list[range]) -> list[TextStrip]:
    """Returns boxes called a ticker that hold text without links, and above the title headlines between separators."""
    strips: list[TextStrip] = []
    end = 0
    for element in _candidates(outline):
        if element.index < end or not FEWEST_CHARS <= element.chars <= MOST_CHARS:
            continue
        if element.link_chars > MOST_LINK_SHARE * element.chars or any(element.index in r for r in claimed):
            continue
        texts = _texts(outline, element)
        if texts:
            strips.append(TextStrip(element, texts, _label(outline, element)))
            end = element.end
    return strips


def _candidates(outline: Outline) -> list[Element]:
    """Returns elements that may be strips, in document order.

    The whole page is first searched for their signs, because most pages have none of them.
    """
    elements = [*outline.tagged("marquee"), *_boxes_called_ticker(outline), *_separated_leaves(outline)]
    if not elements:
        return []
    found = {element.index: element for element in elements}
    # A box called "breaking" or the like that holds an article or a form is not a strip.
    others = sorted(e.index for tag in _NOT_IN_STRIPS for e in outline.tagged(tag))
    strips = [found[index] for index in sorted(found)[:MOST_STRIPS]]
    return [e for e in strips if bisect(others, e.end - 1) == bisect(others, e.index)]


def _boxes_called_ticker(outline: Outline) -> list[Element]:
    hints = {element.hint for tag in _BOXES for element in outline.tagged(tag)}
    said = "\n".join(hints)
    signs = [sign for sign in _SIGNS if sign in said]
    if not signs:
        return []
    named = {hint for hint in hints if any(sign in hint for sign in signs) and kind_of_hint(hint) == "ticker"}
    if not named:
        return []
    return [e for tag in _BOXES for e in outline.tagged(tag) if e.hint in named and e.chars <= MOST_CHARS]


def _separated_leaves(outline: Outline) -> list[Element]:
    """Returns elements above the title, without others inside, whose text is headlines between separators."""
    title = find_title(outline)
    above = "".join(outline.runs[: title.first_run if title else None])
    if not any(sign in above for sign in _STRONG_SIGNS + _WEAK_SIGNS):
        return []
    before = outline.elements[: title.index] if title else outline.elements
    leaves = [e for e in before if e.chars >= FEWEST_TEXTS * FEWEST_CHARS and e.end - e.index == 1]
    return [e for e in leaves if _is_separated(outline, e)]


def _is_separated(outline: Outline, element: Element) -> bool:
    """Whether an element without others inside holds separators and nothing but headlines between them."""
    text = "".join(outline.runs[element.first_run : element.last_run])
    strong = any(sign in text for sign in _STRONG_SIGNS)
    if not strong and not any(sign in text for sign in _WEAK_SIGNS):
        return False
    pieces = [piece for piece in _SEPARATORS.split(text) if piece.strip() and not is_whole_label(piece.strip(" :"))]
    if len(pieces) < FEWEST_TEXTS or not all(_is_headline(piece.strip()) for piece in pieces):
        return False
    return strong or len(pieces) >= FEWEST_TEXTS_UNANNOUNCED or _label(outline, element) is not None


def _label(outline: Outline, strip: Element) -> Label | None:
    """Returns the label that announces the strip, right before it or at its beginning; None if there is none."""
    label = find_label(outline, Place(strip.parent or strip, strip, 0, 0))
    if label is not None and label.kind in _KINDS and label.levels <= LABEL_LEVELS:
        return label
    first = next((e for e in outline.subtree(strip) if e.chars), None)
    if first is None or first.first_run > strip.first_run + 2:
        return None
    kind = kind_of_label(outline.text_of(first))
    return Label(first, outline.text_of(first), kind, 0) if kind in _KINDS else None


def _texts(outline: Outline, element: Element) -> list[str]:
    """Returns the headings, else the texts of blocks and between separators; [] if they do not read like headlines."""
    inner = outline.subtree(element)
    headings = [outline.text_of(e) for e in inner if e.tag in HEADING_TAGS]
    if headings:
        return _enough(headings, element)
    blocks = [b for b in "".join(outline.runs[element.first_run : element.last_run]).split(EDGE) if b.strip()]
    pieces = [" ".join(piece.split()) for block in blocks for piece in _SEPARATORS.split(block)]
    shown = sum(len(piece) for piece in pieces if _is_headline(piece))
    return _enough(pieces, element) if shown >= 0.6 * sum(map(len, pieces)) else []


def _enough(pieces: list[str], element: Element) -> list[str]:
    lines = [_without_label(piece) for piece in pieces if not is_whole_label(piece.strip(" :"))]
    texts = list(dict.fromkeys(line for line in lines if _is_headline(line)))
    if are_readings(texts):
        return []
    return texts if len(texts) >= (FEWEST_TEXTS_OF_MARQUEE if element.tag == "marquee" else FEWEST_TEXTS) else []


def _without_label(piece: str) -> str:
    """Returns the text without the label that it begins with ("Breaking: …")."""
    label, colon, rest = piece.partition(":")
    return rest.strip() if colon and is_whole_label(label) else piece


def _is_headline(text: str) -> bool:
    return FEWEST_CHARS <= len(text) <= 250 and text.count(" ") >= FEWEST_SPACES and len(_PROSE_ENDS.findall(text)) < 3
