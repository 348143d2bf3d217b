"""Flatten absurd nesting before it is parsed.

The HTML standard makes a parser look through all open elements at each start tag, so a page that opens without closing
takes quadratic time: 20,000 nested <div> 0.5 s, 100,000 some 45 s. Browsers stop nesting at 512 levels, and so does
this: start tags beyond are taken out, their text stays.
"""

import re

# The levels of Chromium and WebKit.
MOST_LEVELS = 512
# A page with fewer tags cannot nest deep enough to matter: half a second at the worst. Of 1,270 pages of the corpus
# one has more; reading their tags costs as much as parsing them.
FEW_TAGS = 20_000

_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)(?=[\s>/])[^>]*>?", re.I)
# They have no end tag, or the next one of their kind closes them, so they do not nest.
_FLAT = frozenset(
    [
        "a",
        "area",
        "base",
        "br",
        "button",
        "col",
        "dd",
        "dt",
        "embed",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "option",
    ]
) | frozenset(["p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr"])


def limit_nesting(html: str) -> str:
    """The page with at most MOST_LEVELS of elements in each other; nearly every page as it is."""
    if html.count("<") <= FEW_TAGS:
        return html
    parts: list[str] = []
    position = depth = 0
    for found in _TAG.finditer(html):
        closing, name = found.groups()
        if name.lower() in _FLAT:
            continue
        if not closing:
            depth += 1
        beyond = depth > MOST_LEVELS
        if closing:
            depth = max(0, depth - 1)
        if beyond:
            parts.append(html[position : found.start()])
            position = found.end()
    parts.append(html[position:])
    return "".join(parts)
