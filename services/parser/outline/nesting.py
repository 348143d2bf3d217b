"""Limits the nesting and size of absurd pages before they are parsed.

The HTML standard asks a parser for more than a hostile page should get:

- it looks through all open elements at each start tag, so a page that opens without closing takes quadratic time:
  20,000 nested <div> take 0.5 s, 100,000 some 45 s. Browsers stop nesting at 512 levels, and so does this module: start
  tags beyond that level are taken out, and their text stays;
- it opens unclosed <b>, <i> and the like again in each paragraph that follows, so 300 of them before 3,000 paragraphs,
  15 KB, become 900,000 elements and 200 MB. All but a few of them are taken out, too;
- it looks through all open options of a <select> within an <option> at each further <option>: 16,000 of them take
  0.7 s, 60,000 some 20 s. Those beyond a few thousand are taken out;
- it has no limit of elements: 8 MiB of <p> are 2.8 million elements.
"""

import re
from collections.abc import Callable

from services.parser import native
from services.parser.native.nasty import NASTY

# Chromium and WebKit have the same limit.
MOST_LEVELS = 512
# A page with fewer tags cannot nest deep enough to matter: it costs half a second at the worst. Of the corpus' 1,324
# pages one has more tags; reading a page's tags costs as much as parsing it.
FEW_TAGS = 20_000
# How many formatting elements may be open at once. Those with the same attributes are opened again at most three times
# by the standard.
MOST_FORMATTING = 16
# The formatting tags of a page with fewer tags become at the worst 1.5 million elements, 600 MB. Twice as many tags
# would become four times that.
FEW_TAGS_TO_FORMAT = 2_500
# The formatting tags of the worst page must have attributes. A page with fewer such tags is not looked at closely.
FEW_FORMATTING_TAGS = 100
# So many options cost 0.05 s at the worst. A page with fewer tags than FEW_TAGS may have more.
MOST_OPTIONS = 4_000
# Everything after this many tags is dropped; the largest page of the corpus has 23,000.
MOST_TAGS = 200_000

_TAG = re.compile(rb"<(/?)([a-z][a-z0-9-]*)(?=[\s>/])[^>]*>?", re.I)
# Looking at the first character alone before the name makes the search twice as fast.
_NAMES = rb"(?=[bcefistu])(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)"
_MARKED_FORMATTING_TAG = re.compile(rb"<" + _NAMES + rb"[\s/]", re.I)
_FORMATTING_TAG = re.compile(rb"<(/?)" + _NAMES + rb"(?=[\s>/])", re.I)
# Without <a> and <nobr>, since each of these ends the one before it.
_FORMATTING = frozenset(b"b big code em font i s small strike strong tt u".split())
# These do not nest: they have no end tag, or the next one of their kind closes them.
_FLAT = frozenset(
    b"a area base br button col dd dt embed hr img input li link meta nobr"
    b" p param source tbody td tfoot th thead tr track wbr".split()
)


def limit_nesting(html: bytes) -> bytes:
    """Returns the page with elements nested at most MOST_LEVELS deep; nearly every page is returned unchanged."""
    tags = count_tags(html)
    if tags <= FEW_TAGS_TO_FORMAT:
        return html
    if tags <= FEW_TAGS and not formats_without_end(html):
        return html
    if tags > MOST_TAGS:
        html = b"<".join(html.split(b"<", MOST_TAGS)[:MOST_TAGS])
    return _flattened(html)


def count_tags_in_python(html: bytes) -> int:
    """Returns how many tags a page has at the most."""
    return html.count(b"<")


def formats_without_end_in_python(html: bytes) -> bool:
    """Whether so many formatting elements are open at once, by their tags, that it may matter."""
    if len(_MARKED_FORMATTING_TAG.findall(html)) <= FEW_FORMATTING_TAGS:
        return False
    still_open = 0
    for closing in _FORMATTING_TAG.findall(html):
        still_open = max(0, still_open - 1) if closing else still_open + 1
        if still_open > MOST_FORMATTING:
            return True
    return False


def _flattened(html: bytes) -> bytes:
    """Returns the page without the tags that open an element too deep, and without the tags that would close it."""
    parts: list[bytes] = []
    position = depth = formatting = options = 0
    for found in _TAG.finditer(html):
        closing, name = found.groups()
        name = name.lower()
        if name == b"option":
            options += not closing
            beyond = options > MOST_OPTIONS
        elif name in _FLAT:
            continue
        else:
            formats = name in _FORMATTING
            if not closing:
                depth += 1
                formatting += formats
            beyond = depth > MOST_LEVELS or (formats and formatting > MOST_FORMATTING)
            if closing:
                depth = max(0, depth - 1)
                formatting = max(0, formatting - formats)
        if beyond:
            parts.append(html[position : found.start()])
            position = found.end()
    parts.append(html[position:])
    return b"".join(parts)


def count_alike(one: Callable[[bytes], int], other: Callable[[bytes], int]) -> bool:
    """Whether two functions count the same tags."""
    pages = [b"", b"<", b"<<" * 70_000, b"a<" * 4_095, NASTY.encode(), NASTY.encode() * 9]
    return all(one(page) == other(page) for page in pages)


def search_alike(one: Callable[[bytes], bool], other: Callable[[bytes], bool]) -> bool:
    """Whether two searches find the same formatting without end."""
    openings = [
        b"<B\n>",
        b"<i/><I x>",
        b"<big  a>",
        b"<strong/b>",
        b"<em>",
        b"<bi g>",
        b"<small\0 >",
        b"<tt\x0b>",
        b"<s",
    ]
    pages = [
        o * n + c * m for o in openings for n in (17, 51, 102, 130) for c in (b"</b>", b"</i", b"") for m in (0, 90)
    ]
    return all(one(page) == other(page) for page in [NASTY.encode(), *pages, *(page * 2 for page in pages)])


count_tags = native.faster("tags", count_tags_in_python, lambda compiled: compiled.ByteCount(b"<"), count_alike)

formats_without_end = native.faster(
    "formatting",
    formats_without_end_in_python,
    lambda compiled: compiled.FormattingSearch(_FORMATTING, FEW_FORMATTING_TAGS, MOST_FORMATTING),
    search_alike,
)
