"""Which parts of the page is no reader ever shown? Not those that a click or the page's own script opens."""

import re
from bisect import bisect_left
from collections import Counter
from functools import cached_property, lru_cache

from services.parser.body.stretch import Scored
from services.parser.outline.outline import Element, Outline

# A block of this size bucket (over 70 characters outside links) that ends like a sentence is prose.
PROSE_SIZE = 4
# So many hidden parts beside each other are slides.
LEAST_ROW = 4

_DIALOG = re.compile(r"(?<![a-z])(?:alert)?dialog(?![a-z])|(?<![a-z])(?:modal|popup|pop-up|lightbox|overlay)(?![a-z])")
_PAGE_TAGS = frozenset(["html", "body"])
_SURE_DIALOG = re.compile(r"(?:^|\s)(?:alert)?dialog(?:\s|$)")
# What unfolds, and what holds an article's text until its script has counted the reader's visits.
# The last is where React puts text that its script moves into place.
_OPENED = re.compile(
    r"accordion|collaps|panel|(?<![a-z])tabs?(?![a-z])|tab-?content|expand|toggle|spoiler|faq|read-?more|fold|(?<![a-z])rest(?![a-z])"
    r"|paywall|premium|article|entry|story|post-?content|piano|metered|full-?text|show|slide|gallery|^s:[0-9a-f]+$"
)


def hidden_parts(outline: Outline, title: Element | None, scored: Scored) -> list[Element]:
    """Returns the elements that hold text which is not displayed, and dialogs."""
    outermost = _outermost(outline)
    if not outermost:
        return []
    places = [fact.element.index for fact, _ in scored]
    shown = _prose_in(scored)
    parts: list[Element] = []
    for part in outermost:
        first, end = bisect_left(places, part.index), bisect_left(places, part.end)
        if first < end and not (title is not None and title.inside(part)):
            parts.append(part)
            shown -= _prose_in(scored[first:end])
    if not shown:
        parts = [part for part in parts if _is_dialog(part)]
    openers = _Openers(outline)
    rows = Counter(part.parent.index for part in parts if part.parent is not None)
    return [part for part in parts if _is_dialog(part) or not (_is_in_row(part, rows) or openers.opens(part))]


def _prose_in(scored: Scored) -> int:
    """Returns how many of the blocks read like sentences."""
    return sum(fact.size >= PROSE_SIZE and fact.linked < 2 for fact, _ in scored)


def _outermost(outline: Outline) -> list[Element]:
    """Returns the elements that are hidden or dialogs, without those inside others, in document order."""
    elements = outline.elements
    found = {*outline.concealed}
    found.update(element.index for element in outline.tagged("dialog"))
    found.update(index for index in outline.dialogs if _SURE_DIALOG.search(elements[index].hint))
    found.update(
        index for index in outline.veiled if elements[index].tag != "p" and _names_dialog(elements[index].hint)
    )
    outermost: list[Element] = []
    end = 0
    for index in sorted(found):
        if index >= end and elements[index].tag not in _PAGE_TAGS:
            outermost.append(elements[index])
            end = elements[index].end
    return outermost


def _is_in_row(part: Element, rows: Counter[int]) -> bool:
    """Whether the part is one of a row of slides, of which a script shows one after the other."""
    return part.parent is not None and rows[part.parent.index] >= LEAST_ROW


def _is_dialog(part: Element) -> bool:
    return part.tag == "dialog" or _names_dialog(part.hint)


@lru_cache(maxsize=16384)
def _names_dialog(hint: str) -> bool:
    return bool(hint) and _DIALOG.search(hint) is not None


class _Openers:
    """What opens hidden parts of a page: its buttons, its links, and its scripts."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline

    def opens(self, part: Element) -> bool:
        """Whether the reader, or the page's script, opens the part."""
        if _OPENED.search(part.hint):
            return True
        if self._follows_button(part):
            return True
        name = part.attrs.get("id") or ""
        return name != "" and (_names(self._controls, name) or any(_names(text, name) for text in self._scripts))

    def _follows_button(self, part: Element) -> bool:
        opener = self._outline.elements[part.index - 1] if part.index else None
        while opener is not None and opener is not part.parent:
            if opener.tag in {"button", "summary"} or "button" in opener.hint or "aria-expanded" in opener.attrs:
                return True
            opener = opener.parent
        return False

    @cached_property
    def _controls(self) -> str:
        controls = [*self._outline.tagged("button"), *self._outline.tagged("a")]
        return "\n".join(value for control in controls for value in control.attrs.values() if value)

    @cached_property
    def _scripts(self) -> list[str]:
        return [script.text_lexbor() for script in self._outline.elements[0].node.css("script:not([src])")]


def _names(text: str, name: str) -> bool:
    """Whether the name stands in the text as a whole word; most texts do not have it at all, which is cheap to see."""
    return name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
