"""What does the page call a list: the label above it, the tab that opens it, the class name of its box?"""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from services.parser.lists.words import LONGEST_LABEL, ListKind, kind_of_hint, kind_of_label
from services.parser.outline.outline import EDGE, Element, Outline
from services.parser.outline.tags import INLINE

# How many levels above a list its label, its telling class name, or the tab that opens it may stand. A label that is
# only a heading, and whose words name no kind of list, must be nearer.
LABEL_LEVELS, HINT_LEVELS, PLAIN_LABEL_LEVELS = 6, 6, 3
# The class name of a box tells the kind of a list only if the box has little more text than the list.
MOST_BOX_CHARS, MOST_BOX_RATIO = 250, 2.5
# How many elements before a list are searched for its label, and how much text may stand between them, such as tabs or
# a line of explanation. A subhead of the article has paragraphs below it instead.
LABEL_WINDOW, MOST_CHARS_AFTER_LABEL = 60, 100
LONGEST_TAB, MOST_PANELS = 30, 60
# Mere links before a list are a menu; only the nearest few may be tabs.
MOST_LINKS_AS_LABELS = 3
# The signs of a label, by weight: known words, a heading's tag, a class name that speaks of a title, a line in bold.
KNOWN, HEADING, HINTED, BOLD = 4, 3, 2, 1
# A box called a head that holds a list of so many links is that of the page, with its menu.
FEWEST_OF_MENU = 3
# A label may have so much text beside it in its box, as a rank or "All". It is wrapped by so few elements.
MOST_CHARS_BESIDE, MOST_WRAPPED = 12, 4

ROOTS = frozenset({"html", "body", "main"})
SECTIONS = frozenset({"article", "aside", "section"})
_TITLE_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "dt", "summary"})
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS_OF_LINKS = frozenset({"nav", "ol", "ul"})
_BOLD_TAGS = frozenset({"b", "strong", "th"})
_LABEL_HINT = re.compile(
    r"titl|head|label|\btabs?\b|caption|titre|titul|titol|ribbon|(?:block|box|section)[-_]?name|rubri"
)
_SIDE_COLUMN = re.compile(r"(?:^|[\s_-])(?:side-?bar|side-?column|right-?rail|search-?suggestions?)(?:$|[\s_-])")
_AUTHOR_HINT = re.compile(r"author|byline|autor|auteur")


class Label(msgspec.Struct):
    """The label of a list. `levels` counts the steps from the list's box up to an element that holds the label."""

    element: Element
    text: str
    kind: ListKind | None
    levels: int


class Place(msgspec.Struct):
    """Where a list stands: its box, its first element, and the element and run where the list before it ends."""

    box: Element
    first: Element
    after_element: int
    after_run: int


def find_label(outline: Outline, place: Place) -> Label | None:
    """Returns the best heading, known label or title-like short text between the list before and this one, if any."""
    found = _best_label(outline, place)
    best, score = found.element, found.score
    bare = _bare_text(outline, place) if score < KNOWN else None
    if bare is not None and bare.text not in found.foreign:
        return bare
    if best is None:
        return None
    levels = _levels(place.box, best)
    if levels is None or (score < KNOWN and levels > PLAIN_LABEL_LEVELS):
        return None
    if len(" ".join("".join(outline.runs[best.last_run : place.first.first_run]).split())) > MOST_CHARS_AFTER_LABEL:
        return None
    text = outline.text_of(best)
    return Label(element=best, text=text, kind=kind_of_label(text), levels=levels)


def holds_menu(outline: Outline, element: Element) -> bool:
    """Whether a box called a head is that of the page, and holds its menu."""
    inner = [each.tag for each in outline.elements[element.index + 1 : element.end]]
    return inner.count("a") >= FEWEST_OF_MENU and not _LISTS_OF_LINKS.isdisjoint(inner)


class _Best(msgspec.Struct):
    """The best label before a list, and its score; `foreign` are the texts of those that are of another box."""

    element: Element | None = None
    score: int = 0
    foreign: set[str] = set()


def _best_label(outline: Outline, place: Place) -> _Best:
    """Returns the best label before a list: the nearest of known words that is the list's own, else the surest."""
    found = _Best()
    nearest: Element | None = None
    for element, shown in _short_texts(outline, place):
        text = outline.text_of(element)
        score = _score(text, shown)
        if score >= KNOWN:
            if nearest is not None and _is_nearer(outline, place.box, nearest, element):
                break
            if _is_of_another_box(outline, place, element, named=shown > 0):
                found.foreign.add(text)
                continue
        if score > found.score:
            found.element, found.score = element, score
            if score >= KNOWN:
                break
        if nearest is None and score in {HEADING, HINTED}:
            nearest = element
    return found


def _short_texts(outline: Outline, place: Place) -> Iterator[tuple[Element, int]]:
    """Yield elements that may be a label, and the weight of their tag or class name: backwards from the list.

    The search ends at the list before, or at longer text.
    """
    target, elements = place.first, outline.elements
    low = max(place.after_element, target.index - LABEL_WINDOW)
    shown = links = 0
    for at in range(target.index - 1, low - 1, -1):
        element = elements[at]
        chars = element.chars
        if chars < 2 or element.end > target.index:
            continue
        if chars > LONGEST_LABEL:
            if chars > LONGEST_LABEL + MOST_CHARS_AFTER_LABEL and element.link_chars < chars:
                break
            continue
        shown = shown or _shown(element)
        parent = element.parent
        if parent is not None and parent.chars == chars and low <= parent.index and parent.end <= target.index:
            continue  # Its wrapper has the same text, and comes next.
        links += element.link_chars >= chars
        if shown == BOLD and element.tag in INLINE:
            shown = 0  # A word in bold, not a line.
        if shown or links <= MOST_LINKS_AS_LABELS or element.link_chars < chars:
            yield element, shown
        shown = 0


def _is_nearer(outline: Outline, box: Element, nearest: Element, known: Element) -> bool:
    """Whether the list's own heading is nearer to it in the tree than a known label, and as high: <h2> beside <h2>."""
    own, other = _levels(box, nearest), _levels(box, known)
    if own is None or own > PLAIN_LABEL_LEVELS or (other is not None and own >= other):
        return False
    one, two = _heading_in(outline, nearest), _heading_in(outline, known)
    if one is not None and two is not None:
        return one.tag <= two.tag
    if one is not None and other is not None and _ends_before(known, nearest):
        return True
    return nearest.tag == known.tag and nearest.hint == known.hint


def _ends_before(known: Element, nearest: Element) -> bool:
    """Whether the box of a known label ends before the list's own heading begins, and has more text than the label."""
    box = known
    while box.parent is not None and not nearest.inside(box.parent):
        box = box.parent
    return box.chars > known.chars + MOST_CHARS_BESIDE


def _heading_in(outline: Outline, label: Element) -> Element | None:
    """Returns the heading that a label is, or that it wraps."""
    inside = outline.elements[label.index : min(label.end, label.index + MOST_WRAPPED)]
    return next((element for element in inside if element.tag in _HEADING_TAGS), None)


def _is_of_another_box(outline: Outline, place: Place, label: Element, *, named: bool) -> bool:
    """Whether a known label is that of a box without the list: of a <section> with other text, or beside the list's.

    A label that is not `named` so by its tag or class, such as a link to all news, may also end a box with other text.
    """
    branch, sectioned = label, label.tag in SECTIONS
    while branch.parent is not None and not place.first.inside(branch.parent):
        branch = branch.parent
        sectioned = sectioned or branch.tag in SECTIONS
        if branch.tag in SECTIONS and branch.chars > label.chars + MOST_CHARS_BESIDE:
            return True
    if sectioned and branch.parent is not None and _is_sectioned(place.first, branch.parent):
        return True
    before = "".join(outline.runs[branch.first_run : label.first_run])
    return not named and len(before.strip()) > MOST_CHARS_BESIDE


def _is_sectioned(element: Element, within: Element) -> bool:
    """Whether the element stands in a <section> or the like below `within`."""
    at = element.parent
    while at is not None and at is not within:
        if at.tag in SECTIONS:
            return True
        at = at.parent
    return False


def _shown(element: Element) -> int:
    if element.tag in _TITLE_TAGS:
        return HEADING
    if element.hint and _is_label_hint(element.hint):
        return HINTED
    return BOLD if element.tag in _BOLD_TAGS else 0


def _score(text: str, shown: int) -> int:
    """Returns how surely a text is a label; `shown` is the weight of its tag or class name.

    A notice above an advertisement is not the label of a list.
    """
    kind = kind_of_label(text)
    if kind == "notice" or (kind == "unwanted" and shown < HINTED):
        return 0
    if kind not in {None, "service"}:
        return KNOWN + shown
    return shown if shown and any(c.isalpha() for c in text) else 0


def _bare_text(outline: Outline, place: Place) -> Label | None:
    """Returns the label that is mere text before the list, without an element of its own; None if there is none."""
    before = "".join(outline.runs[max(place.after_run, place.first.first_run - 12) : place.first.first_run])
    pieces = [piece for piece in (" ".join(p.split()) for p in before.split(EDGE)) if piece]
    if pieces and (kind := kind_of_label(pieces[-1])) and kind not in {"notice", "unwanted"}:
        return Label(element=place.box, text=pieces[-1], kind=kind, levels=0)
    return None


def _levels(box: Element, label: Element) -> int | None:
    """Returns the steps from the box up to an element that holds the label; None for more than LABEL_LEVELS."""
    levels, at = 0, box
    while not label.inside(at):
        if at.parent is None or levels >= LABEL_LEVELS:
            return None
        at, levels = at.parent, levels + 1
    return levels


class Tabs:
    """Knows which tab opens which panel: by the fragment that the tab links to, or by their order."""

    def __init__(self, outline: Outline, by_fragment: dict[str, str]) -> None:
        self.outline = outline
        self.by_fragment = by_fragment
        self.panels: list[Label] = []

    def label_of(self, box: Element) -> Label | None:
        """Returns the text of the tab that opens the panel in which the list stands; None if there is no such tab."""
        for panel in reversed(self.panels):
            if box.inside(panel.element):
                return panel
        if not self.by_fragment:
            return None
        element: Element | None = box
        for levels in range(LABEL_LEVELS):
            if element is None or element.tag in ROOTS:
                return None
            text = self.by_fragment.get(element.attrs.get("id") or "")
            if text and (kind := kind_of_label(text)):
                return Label(element=element, text=text, kind=kind, levels=levels)
            element = element.parent
        return None

    def read_strip(self, box: Element, label: Label) -> Label:
        """Returns the label that is the list's own tab if `label` is a strip of tabs or one of them, else `label`.

        Remembers which of the panels that follow belongs to which tab.
        """
        if len(self.panels) >= MOST_PANELS:
            return label
        strip: Element | None = label.element
        names = []
        for _ in range(3):
            if strip is None or strip.tag in ROOTS or strip.chars > 5 * LONGEST_TAB:
                return label
            names = [self.outline.text_of(child) for child in self.outline.children(strip) if child.chars]
            if len(names) > 1:
                break
            strip = strip.parent
        if strip is None or sum(len(n) <= LONGEST_TAB and kind_of_label(n) is not None for n in names) < 2:
            return label
        panels = self._panels(box, strip, len(names))
        for at, panel in enumerate(panels):
            self.panels.append(Label(panel, names[at], kind_of_label(names[at]), label.levels))
        return self.label_of(box) or Label(strip, names[0], kind_of_label(names[0]), label.levels)

    def _panels(self, box: Element, strip: Element, count: int) -> list[Element]:
        """Returns the panels: siblings at or above the list of which there are `count`, as many as tabs; else []."""
        at = box
        for _ in range(LABEL_LEVELS):
            if at.parent is None or strip.inside(at):
                break
            siblings = [e for e in self.outline.children(at.parent) if e.chars and not strip.inside(e)]
            if len(siblings) == count:
                return siblings
            at = at.parent
        return []


class Hint(msgspec.Struct):
    """The kind that the nearest telling class name says, and how many levels above the list it stands."""

    kind: ListKind | None
    levels: int


def find_hint(box: Element, chars: int) -> Hint:
    """Returns the nearest hint at or above the box of a list; boxes with much more text than `chars` are ignored."""
    limit = MOST_BOX_CHARS + MOST_BOX_RATIO * chars
    element: Element | None = box
    for levels in range(HINT_LEVELS):
        if element is None or element.tag in ROOTS or element.chars > limit:
            break
        if element.tag == "marquee":
            return Hint("ticker", levels)
        name = element.hint if "-" not in element.tag else f"{element.tag} {element.hint}"
        if name and (kind := kind_of_hint(name)):
            if kind == "ticker" and is_side_column(name):
                break  # A column that is laid out for breaking news is no moving line.
            return Hint(kind, levels)
        element = element.parent
    return Hint(None, HINT_LEVELS)


@lru_cache(maxsize=8192)
def is_side_column(hint: str) -> bool:
    """Whether a class name or id speaks of a column beside the text, or of what a search box suggests."""
    return _SIDE_COLUMN.search(hint) is not None


@lru_cache(maxsize=8192)
def _is_label_hint(hint: str) -> bool:
    return _LABEL_HINT.search(hint) is not None and _AUTHOR_HINT.search(hint) is None
