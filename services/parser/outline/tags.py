"""What do Lexbor's tags and attributes say to the walk over a page's tree? Tables, and what is rarely asked."""

import re
from typing import TYPE_CHECKING, Any

import msgspec

from services.parser.outline.reader_text import LEAST_NOSCRIPT

if TYPE_CHECKING:
    from services.parser.outline.outline import Element, Outline

# The content of UNSEEN and CONTENTLESS tags is not text of the page; <rt> and its like say how the word before is read.
# CONTENTLESS elements stay in the outline without their content, because an embed or a picture is content of the page;
# UNSEEN elements leave no trace.
UNSEEN = frozenset(
    [
        "-comment",
        "-doctype",
        "canvas",
        "link",
        "math",
        "meta",
        "noscript",
        "rp",
        "rt",
        "rtc",
        "script",
        "style",
        "svg",
        "template",
        "title",
    ]
)
NOTED = frozenset(["link", "meta", "noscript", "script", "template", "title"])
CONTENTLESS = frozenset(["audio", "datalist", "iframe", "object", "select", "textarea", "video"])
MARKS = frozenset(["a", "sub", "sup"])

INLINE = frozenset(
    [
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "nobr", "q", "rb", "ruby", "s", "samp", "small", "span", "strike"),
        *("strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    ]
)

HINT_ATTRIBUTES = frozenset(
    {"class", "id", "role", "itemprop", "data-testid", "data-component", "data-type", "data-module", "aria-label"}
)
HIDING_ATTRIBUTES = frozenset(["aria-hidden", "hidden", "style"])
TYPE_ATTRIBUTES = frozenset(["itemtype", "typeof"])
SPECIAL_ATTRIBUTES = HIDING_ATTRIBUTES | TYPE_ATTRIBUTES
TELLING_ATTRIBUTES = HINT_ATTRIBUTES | SPECIAL_ATTRIBUTES
# Microdata and RDFa: the word that the hint of an element gets whose type is a reader's comment, and those types.
TYPED_COMMENT = "schema-comment"
# What a value holds that is looked at closely.
COMMENT_SIGN, HIDING_SIGN, DIALOG_SIGN = "omment", "none", "ialog"
_COMMENT_TYPE = re.compile(r"(?:^|[/:#\s])(?:User)?Comments?/?(?:\s|$)")

# Lexbor numbers text nodes and the tags that it knows; the numbers of other tags are addresses in memory.
TEXT_NUMBER = 2
FIRST_ADDRESS = 256


class Kind(msgspec.Struct, frozen=True, gc=False):
    """What the walk does with a tag."""

    tag: str
    seen: bool
    block: bool
    content: bool
    marks: bool  # It may hold the mark of a footnote, or a raised or lowered number.


KINDS: dict[int, Kind] = {}


def kind_of(node: Any, number: int) -> Kind:
    """Returns the kind of a tag; remembers it for each tag that Lexbor knows, so that its elements share one string."""
    tag = node.tag or "-other"
    seen = tag not in UNSEEN and tag not in {"br", "-other"}
    kind = Kind(tag=tag, seen=seen, block=tag not in INLINE, content=tag not in CONTENTLESS, marks=tag in MARKS)
    if number < FIRST_ADDRESS:
        KINDS[number] = kind
    return kind


def undisplayed(style: str | None) -> bool:
    """Whether a style says that its element is not displayed."""
    return style is not None and HIDING_SIGN in style and "display:none" in style.replace(" ", "").lower()


def is_comment_type(name: str, value: str) -> bool:
    """Whether an attribute says that its element is a reader's comment."""
    return name in TYPE_ATTRIBUTES and _COMMENT_TYPE.search(value) is not None


def _is_in_comment(element: "Element | None") -> bool:
    while element is not None and TYPED_COMMENT not in element.hint:
        element = element.parent
    return element is not None


def note_element(tag: str, node: Any, outline: "Outline", parent: "Element | None") -> None:
    """Store what a <meta>, <link>, <title> or JSON-LD <script> says, whether it stands in the head or not.

    The microdata of readers' comments is left out, since it names their authors and dates. Of a <template> and a
    <noscript> it only notes that they are there: few pages have to be read again for them.
    """
    if tag == "meta":
        attrs = node.attributes
        if "itemprop" not in attrs or not _is_in_comment(parent):
            outline.metas.append(attrs)
    elif tag == "link":
        outline.links.append(node.attributes)
    elif tag == "script":
        if "ld+json" in (node.attributes.get("type") or "").lower():
            outline.json_ld.append(node.text_lexbor())
    elif tag == "title":
        outline.title = outline.title or " ".join(node.text_lexbor().split())
    elif tag == "template":
        outline.has_templates = True
    elif tag == "noscript":
        size = len(node.text_lexbor())
        outline.noscript_chars += size if size >= LEAST_NOSCRIPT else 0
