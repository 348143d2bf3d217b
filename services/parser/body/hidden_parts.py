"""Which parts of the page is no reader ever shown? Not those that a click or the page's own script opens."""

import re
from collections import Counter

from services.parser.body.stretch import Scored
from services.parser.outline.outline import Element, Outline

# A block of this size bucket (over 70 characters outside links) that ends like a sentence is prose.
PROSE_SIZE = 4
# So many hidden parts beside each other are slides.
LEAST_ROW = 4

_DIALOG = re.compile(r"(?<![a-z])(?:alert)?dialog(?![a-z])|(?<![a-z])(?:modal|popup|pop-up|lightbox|overlay)(?![a-z])")
_SURE_DIALOG = re.compile(r"(?:^|\s)(?:alert)?dialog(?:\s|$)")
# What unfolds, and what holds an article's text until its script has counted the reader's visits.
# The last is where React puts text that its script moves into place.
_OPENED = re.compile(
    r"accordion|collaps|panel|(?<![a-z])tabs?(?![a-z])|tab-?content|expand|toggle|spoiler|faq|read-?more|fold|(?<![a-z])rest(?![a-z])"
    r"|paywall|premium|article|entry|story|post-?content|piano|metered|full-?text|show|slide|gallery|^s:[0-9a-f]+$"
)


def hidden_parts(outline: Outline, title: Element | None, scored: Scored) -> list[Element]:
    """Returns the elements that hold text which is not displayed, and dialogs."""
    found: dict[int, Element] = {}
    shown = 0
    known: dict[int, Element | None] = {}
    for fact, _ in scored:
        element = fact.element
        part = _part_of(element, known, outline.veiled)
        if part is None or (title is not None and title.inside(part)):
            shown += fact.size >= PROSE_SIZE and fact.linked < 2
        elif part.index not in found:
            found[part.index] = part
    parts = list(found.values())
    if not shown:
        parts = [part for part in parts if _is_dialog(part)]
    rows = Counter(part.parent.index for part in parts if part.parent is not None)
    return [part for part in parts if _is_dialog(part) or not (_is_in_row(part, rows) or _is_opened(outline, part))]


def _is_in_row(part: Element, rows: Counter[int]) -> bool:
    """Whether the part is one of a row of slides, of which a script shows one after the other."""
    return part.parent is not None and rows[part.parent.index] >= LEAST_ROW


def _part_of(element: Element, known: dict[int, Element | None], veiled: set[int]) -> Element | None:
    """Returns the outermost element around a block that is hidden or a dialog, and remembers it for all in between."""
    path: list[Element] = []
    around: Element | None = element
    while around is not None and around.index not in known:
        path.append(around)
        around = around.parent
    part = known[around.index] if around is not None else None
    for inner in reversed(path):
        if part is None and inner.tag not in {"html", "body"}:
            hint = inner.hint
            named = "dialog" in hint and _SURE_DIALOG.search(hint)
            veils = inner.index in veiled and inner.tag != "p" and _DIALOG.search(hint)
            if inner.hidden or inner.tag == "dialog" or named or veils:
                part = inner
        known[inner.index] = part
    return part


def _is_dialog(part: Element) -> bool:
    return part.tag == "dialog" or bool(_DIALOG.search(part.hint))


def _is_opened(outline: Outline, part: Element) -> bool:
    """Whether the reader, or the page's script, opens the part."""
    if _OPENED.search(part.hint):
        return True
    name = part.attrs.get("id")
    opener = outline.elements[part.index - 1] if part.index else None
    while opener is not None and opener is not part.parent:
        if opener.tag in {"button", "summary"} or "button" in opener.hint or "aria-expanded" in opener.attrs:
            return True
        opener = opener.parent
    if not name:
        return False
    controls = [*outline.tagged("button"), *outline.tagged("a")]
    if any(value and _names(value, name) for control in controls for value in control.attrs.values()):
        return True
    scripts = outline.elements[0].node.css("script:not([src])")
    return any(_names(script.text_lexbor(), name) for script in scripts)


def _names(text: str, name: str) -> bool:
    """Whether the name stands in the text as a whole word; most texts do not have it at all, which is cheap to see."""
    return name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
