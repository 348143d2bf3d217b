"""What does a page consist of? One walk over the Lexbor tree, flattened into lists in document order.

All later steps work on flat lists of `Element` and text runs, so that the tree is walked once: a walk costs as much as
the parse, and each CSS selector over the whole document costs another walk. The walk follows the chain of parents
instead of recursing, so no page is nested too deep for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from services.parser import native
from services.parser.native.nasty import NASTY
from services.parser.outline.long_tags import limit_attributes
from services.parser.outline.nesting import limit_nesting
from services.parser.outline.reader_text import shown_for, with_noscript, with_shadow_roots
from services.parser.outline.tags import (
    COMMENT_SIGN,
    DIALOG_SIGN,
    HIDING_SIGN,
    HINT_ATTRIBUTES,
    INLINE,
    KINDS,
    NOTED,
    SPECIAL_ATTRIBUTES,
    TELLING_ATTRIBUTES,
    TEXT_NUMBER,
    TYPED_COMMENT,
    is_comment_type,
    kind_of,
    note_element,
    undisplayed,
)

Attributes = dict[str, str | None]
Walk = Callable[[Any, "Outline"], None]

# Two runs that are not text of the page: a <br>, and the edge of a block. Both are white space to str.split(), so that
# joining runs and collapsing white space gives the text as a reader sees it.
BREAK = "\v"
EDGE = "\f"

# Without it, Lexbor copies the chosen <option> into a <selectedcontent>, as browsers do; a seventh of a parse's time.
_WITHOUT_EVENTS = LexborDocumentOptions.WO_EVENTS.value

# Elements after this many are not read. No page of the corpus has more than 12,000; 8 MiB of <p> are 2.8 million
# elements, which took 10 s.
MOST_ELEMENTS = 50_000


class Element(msgspec.Struct, eq=False, gc=False):
    """A visible element. `chars` counts the visible text below it, `link_chars` the part inside <a>.

    `elements[index + 1 : end]` is its subtree, `runs[first_run : last_run]` its text. `hint` holds the names that
    the page's author gave it (class, id, role and the like), in lower case; most decisions about boxes start there.
    `hidden` says that it or an ancestor is marked up as not displayed; its text still counts, because scripts reveal
    such parts.
    """

    tag: str
    hint: str
    hidden: bool
    parent: "Element | None"
    depth: int
    index: int
    nodes: Any  # Nodes, or what the compiled walk has for them
    first_run: int
    chars: int
    link_chars: int
    kept_attrs: Attributes | None
    end: int = 0
    last_run: int = 0

    @property
    def attrs(self) -> Attributes:
        """Returns the attributes. Only those of links are kept; others are read each time they are asked for.

        Keeping all of them costs 0.3 ms per page, and hardly any are asked for.
        """
        return self.nodes.attributes(self.index) if self.kept_attrs is None else self.kept_attrs

    @property
    def node(self) -> Any:
        """Returns the node of Lexbor's tree, for what the outline does not hold."""
        return self.nodes.node(self.index)

    def __repr__(self) -> str:
        return f"<{self.tag} {self.hint!r} {self.index}:{self.end} {self.chars}>"

    def ancestors(self) -> "Iterator[Element]":
        """Yield the elements around this one, from the inside out."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    def inside(self, other: "Element") -> bool:
        """Whether this element is `other` or below it."""
        return other.index <= self.index < other.end


class Nodes:
    """The Lexbor nodes of an outline's elements, by index. The compiled walk has a class of its own for them."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: list[Any]) -> None:
        self._nodes = nodes

    def node(self, index: int) -> Any:
        """Returns the node of an element."""
        return self._nodes[index]

    def attributes(self, index: int) -> Attributes:
        """Returns the attributes of an element."""
        attributes: Attributes = self._nodes[index].attributes
        return attributes


class Outline:
    """The page as flat lists. `outline_of` builds it; all later steps read it."""

    __slots__ = (
        *("by_tag", "concealed", "dialogs", "elements", "has_templates", "html_lang", "json_ld", "links", "metas"),
        *("noscript_chars", "runs", "title", "veiled"),
    )

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.by_tag: defaultdict[str, list[Element]] = defaultdict(list)
        self.runs: list[str] = []
        self.metas: list[Attributes] = []
        self.links: list[Attributes] = []
        self.json_ld: list[str] = []
        self.veiled: set[int] = set()  # indexes of elements that screen readers are told to pass over
        self.concealed: list[int] = []  # indexes of elements that are hidden by their own attributes
        self.dialogs: list[int] = []  # indexes of elements that their author calls a dialog
        self.has_templates = False
        self.noscript_chars = 0  # of all <noscript> that are no mere notice
        self.title = ""
        self.html_lang: str | None = None

    def text_of(self, element: Element) -> str:
        """Returns the visible text with white space collapsed; a <br> or the edge of a block becomes a space."""
        return " ".join("".join(self.runs[element.first_run : element.last_run]).split())

    def tagged(self, tag: str) -> list[Element]:
        """Returns all elements with this tag, in document order."""
        return self.by_tag.get(tag, [])

    def subtree(self, element: Element) -> list[Element]:
        """Returns all elements below this one, in document order."""
        return self.elements[element.index + 1 : element.end]

    def children(self, element: Element) -> list[Element]:
        """Returns the elements directly below this one, in document order."""
        out, at, elements = [], element.index + 1, self.elements
        while at < element.end:
            out.append(elements[at])
            at = elements[at].end
        return out


def outline_of(html: bytes | str, drop: str | None = None) -> Outline:
    """Parse and flatten, without what the CSS selector `drop` selects. Never fails on text that UTF-8 can carry."""
    page = html if isinstance(html, bytes) else html.encode()
    outline = _outline_of(page, drop)
    if outline.has_templates and (opened := with_shadow_roots(page)) is not page:
        page = opened
        outline = _outline_of(page, drop)
    if outline.noscript_chars and outline.elements:
        root = outline.elements[0]
        shown = root.chars - root.link_chars
        if outline.noscript_chars > shown and (revealed := with_noscript(page, shown)) is not None:
            return _outline_of(revealed, drop)
    return outline


def _outline_of(html: bytes, drop: str | None) -> Outline:
    outline = Outline()
    tree = LexborHTMLParser(limit_nesting(limit_attributes(html)), options=_WITHOUT_EVENTS)
    if drop is not None:
        _take_out(tree, drop)
    root = tree.root
    if root is not None:
        outline.html_lang = root.attributes.get("lang") or root.attributes.get("xml:lang")
        walk(root, outline)
    return outline


def _take_out(tree: LexborHTMLParser, selector: str) -> None:
    """Remove the selected nodes: each once, although two selectors may select it, and inner nodes before outer ones."""
    found = {node.mem_id: node for node in tree.css(selector) if node.tag != "html"}
    for node in reversed(found.values()):
        node.decompose()


class _End:
    """Stands for the node after the last one that is read."""

    next = None


_END = _End()


def walk_in_python(root: Any, outline: Outline) -> None:  # noqa: C901, PLR0912, PLR0915
    """Visit every node once. One long function of cheap steps, because a page has 2,300 nodes on average.

    Of 1.6 ms per page, reading the attributes takes 0.6, going from node to node 0.3, and the text 0.3.
    """
    elements, runs, by_tag, add_run = outline.elements, outline.runs, outline.by_tag, outline.runs.append
    veiled = outline.veiled
    tree: list[Any] = []
    nodes = Nodes(tree)
    parent: Element | None = None
    concealed = full = False
    at = depth = chars = link_chars = links_open = 0
    node: Any = root
    while True:
        number = node.tag_id
        if number == TEXT_NUMBER:
            text = node.text_content
            if not text.isspace():
                add_run(text)
                text = text.strip()
                # Splitting is the slowest step, and few texts have white space to collapse.
                if "  " in text or "\n" in text or "\t" in text or "\xa0" in text:
                    text = " ".join(text.split())
                size = len(text)
                chars += size
                if links_open:
                    link_chars += size
            elif runs[-1] is not EDGE:
                add_run(" ")
        elif (kind := KINDS.get(number) or kind_of(node, number)).seen:
            if kind.block:
                add_run(EDGE)
            hint, hidden = "", concealed
            attrs = node.attributes
            for name in attrs:
                if name in TELLING_ATTRIBUTES:
                    value = attrs[name]
                    if name in SPECIAL_ATTRIBUTES:
                        if value and COMMENT_SIGN in value and is_comment_type(name, value):
                            hint = f"{hint} {TYPED_COMMENT}" if hint else TYPED_COMMENT
                        if not hidden and (name == "hidden" or undisplayed(value)):
                            hidden = True
                            outline.concealed.append(at)
                        if value == "true":
                            veiled.add(at)
                    elif value:
                        hint = f"{hint} {value.lower()}" if hint else value.lower()
                        if DIALOG_SIGN in value:
                            outline.dialogs.append(at)
            tag, start = kind.tag, len(runs)
            kept = attrs if tag == "a" else None
            child = node.first_child if kind.content and at < MOST_ELEMENTS else None
            if child is None:
                element = Element(tag, hint, hidden, parent, depth, at, nodes, start, 0, 0, kept, at + 1, start)
            elif (
                kind.marks
                and (kept is None or (kept.get("href") or "")[:1] == "#")
                and (shown := shown_for(node, tag, attrs)) is not None
            ):
                child, size = None, len(shown)
                chars += size
                linked = size if links_open else 0
                link_chars += linked
                if shown:
                    add_run(shown)
                element = Element(
                    tag, hint, hidden, parent, depth, at, nodes, start, size, linked, kept, at + 1, len(runs)
                )
            else:
                element = Element(tag, hint, hidden, parent, depth, at, nodes, start, chars, link_chars, kept)
            elements.append(element)
            tree.append(node)
            by_tag[tag].append(element)
            at += 1
            if child is not None:
                links_open += tag == "a"
                depth += 1
                parent, concealed, node = element, hidden, child
                continue
            if at > MOST_ELEMENTS:
                node, full = _END, True
        elif kind.tag == "br":
            add_run(BREAK)
        elif kind.tag in NOTED:
            note_element(kind.tag, node, outline, parent)
        node = node.next
        while node is None:
            if parent is None:
                return
            # Subtract the totals stored at the element's start, so that the counts are those of its content.
            parent.end = at
            parent.last_run = len(runs)
            parent.chars = chars - parent.chars
            parent.link_chars = link_chars - parent.link_chars
            if parent.tag not in INLINE:
                add_run(EDGE)
            elif parent.tag == "a":
                links_open -= 1
            depth -= 1
            node = None if full else tree[parent.index].next
            parent = parent.parent
            concealed = parent is not None and parent.hidden


class WalkTables(msgspec.Struct, frozen=True, kw_only=True):
    """What the compiled walk is told: tables, and the functions that it asks where only a rule can tell."""

    element: type[Element] = Element
    line_break: str = BREAK
    edge: str = EDGE
    most_elements: int = MOST_ELEMENTS
    link_tag: str = "a"
    break_tag: str = "br"
    noted: frozenset[str] = NOTED
    hint_attributes: frozenset[str] = HINT_ATTRIBUTES
    special_attributes: frozenset[str] = SPECIAL_ATTRIBUTES
    hiding_attribute: str = "hidden"
    address_attribute: str = "href"
    typed_comment: str = TYPED_COMMENT
    comment_sign: str = COMMENT_SIGN
    hiding_sign: str = HIDING_SIGN
    dialog_sign: str = DIALOG_SIGN
    true_sign: str = "true"
    kind_of: Callable[..., Any] = kind_of
    note: Callable[..., None] = note_element
    shown_for: Callable[..., str | None] = shown_for
    undisplayed: Callable[..., bool] = undisplayed
    is_comment_type: Callable[..., bool] = is_comment_type


def flat(outline: Outline) -> list[Any]:
    """Returns all that an outline holds as plain values, to compare two of them."""
    fields = Element.__struct_fields__
    elements = [
        [getattr(e, name) for name in fields if name not in {"parent", "nodes"}]
        + [e.parent and e.parent.index, e.attrs, e.node.mem_id]
        for e in outline.elements
    ]
    tags = {tag: [e.index for e in same] for tag, same in outline.by_tag.items()}
    others = [getattr(outline, name) for name in Outline.__slots__ if name not in {"elements", "by_tag"}]
    return [elements, list(tags.items()), others]


def walks_alike(one: Walk, other: Walk) -> bool:
    """Whether two walks give the same of a page with all that is rare."""
    root = LexborHTMLParser(NASTY.encode(), options=_WITHOUT_EVENTS).root
    outlines = Outline(), Outline()
    for step, outline in zip((one, other), outlines, strict=True):
        step(root, outline)
    return flat(outlines[0]) == flat(outlines[1])


walk = native.faster("walk", walk_in_python, lambda compiled: compiled.Walker(WalkTables()), walks_alike)
