"""Which nodes do the page's JSON-LD scripts hold, and how are their values read?

Publishers write JSON-LD by hand and by template, so it is broken in known ways and nested in known ways.
"""

import html
import json
import re
from typing import Any

import msgspec

Node = dict[str, Any]

# Real pages have a dozen nodes; a page with thousands wants to keep us busy.
MOST_NODES = 500
# A script longer than this is a data dump.
LONGEST_SCRIPT = 1_000_000

# Where the article hides inside other nodes. Rails (`itemListElement`, `hasPart`) hold other articles.
_NESTING = ("@graph", "mainEntity", "mainEntityOfPage", "article")

_WRAPPING = re.compile(r"<!--|-->|<!\[CDATA\[|\]\]>|^\s*//[^\n]*$|^\s*/\*.*?\*/|/\*\s*\*/", re.M)
_BEFORE_VALUE = re.compile(r"[\s,;/*]*")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_ESCAPED_OR_QUOTE = re.compile(r'\\.|"', re.S)
# What follows the quote that ends a string: the next key or item, or the end of what it is in.
_BEHIND_STRING = re.compile(
    r'\s{0,200}(?:[}\]]|:\s{0,200}["{\[\dtfn-]|,\s{0,200}(?:"[^"\n]{1,200}"\s{0,200}[:,\]]|[{\[\d}\]])|$)'
)
_RESCUED = re.compile(r'"(headline|datePublished|dateModified|articleSection|description)"\s*:\s*"((?:[^"\\\n]|\\.)*)"')
_RESCUED_AUTHOR = re.compile(r'"author"\s*:\s*\[?\s*(?:\{[^{}\[\]]{0,500}?"name"\s*:\s*)?"((?:[^"\\\n]|\\.){1,200})"')


def read_nodes(scripts: list[str]) -> list[Node]:
    """All top-level nodes, those of graphs and those that nest the article, in the order of the page."""
    nodes: list[Node] = []
    for script in scripts:
        if len(script) > LONGEST_SCRIPT:
            continue
        waiting = _decode(script)
        while waiting and len(nodes) < MOST_NODES:
            value = waiting.pop()
            if isinstance(value, list):
                waiting += reversed(value[:MOST_NODES])
            elif isinstance(value, dict):
                nodes.append(value)
                waiting += [value[key] for key in _NESTING if isinstance(value.get(key), dict | list)]
    return nodes


def types_of(node: Node) -> list[str]:
    """The node's types without their vocabulary's address."""
    value = node.get("@type")
    types = value if isinstance(value, list) else [value]
    return [t.rsplit("/", maxsplit=1)[-1].rsplit(":", maxsplit=1)[-1] for t in types if isinstance(t, str)]


def text_value(value: Any) -> str | None:
    """A field that should be one string, whatever it is wrapped in."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = (
                value.get("@value")
                or value.get("name")
                or value.get("headline")
                or value.get("url")
                or value.get("@id")
            )
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) else None


def text_values(value: Any) -> list[str]:
    """A field that may be a string, a list of them, or a list of things with names."""
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := text_value(item))]


def _decode(script: str) -> list[Any]:
    """The script's values, the last one first, mended where they are broken in one of the usual ways."""
    try:
        return [msgspec.json.decode(script)]
    except (msgspec.DecodeError, RecursionError):
        pass
    mended = _TRAILING_COMMA.sub("", _WRAPPING.sub("", _unescaped(script))).strip()
    values = _values(mended) or _values(_with_escaped_quotes(mended)) or [_rescue(mended)]
    return values[::-1]


def _unescaped(script: str) -> str:
    """Without the entities of a script that was escaped like text."""
    return html.unescape(script) if "&quot;" in script and script.lstrip()[:2] in ("{&", "[{") else script


def _values(script: str) -> list[Any]:
    """All values of a script, which should have one; none where one of them is broken.

    Raw line breaks within strings, and a second value after the first, are common.
    """
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    at = _end_of(_BEFORE_VALUE.match(script))
    try:
        while at < len(script) and len(values) < MOST_NODES:
            value, end = decoder.raw_decode(script, at)
            values.append(value)
            at = _end_of(_BEFORE_VALUE.match(script, end))
    except (ValueError, RecursionError):
        return values if any(isinstance(value, dict | list) for value in values) else []
    return values


def _end_of(found: re.Match[str] | None) -> int:
    return found.end() if found else 0


def _with_escaped_quotes(script: str) -> str:
    """The script with a backslash before each quote that stands within a string and does not end it."""
    kept: list[str] = []
    at, within = 0, False
    for found in _ESCAPED_OR_QUOTE.finditer(script):
        if found[0] != '"':
            continue
        if not within:
            within = True
        elif _BEHIND_STRING.match(script, found.end()):
            within = False
        else:
            kept += script[at : found.start()], "\\"
            at = found.start()
    return "".join([*kept, script[at:]])


def _rescue(script: str) -> Node | None:
    """The plain fields of an article whose script has, say, an unescaped quote in its text."""
    found: Node = {}
    for key, value in _RESCUED.findall(script):
        found.setdefault(key, re.sub(r"\\(.)", r"\1", value))
    if author := _RESCUED_AUTHOR.search(script):
        found["author"] = re.sub(r"\\(.)", r"\1", author[1])
    return {"@type": "NewsArticle", **found} if "headline" in found or "datePublished" in found else None
