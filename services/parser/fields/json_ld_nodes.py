"""Which nodes do the page's JSON-LD scripts hold, and how are their values read?

Publishers write JSON-LD by hand and by template, so it is broken in known ways and nested in known ways.
"""

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

_COMMENT_MARKS = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_RESCUED = re.compile(r'"(headline|datePublished|dateModified|articleSection|description)"\s*:\s*"((?:[^"\\\n]|\\.)*)"')


def read_nodes(scripts: list[str]) -> list[Node]:
    """All top-level nodes, those of graphs and those that nest the article, in the order of the page."""
    nodes: list[Node] = []
    for script in scripts:
        if len(script) > LONGEST_SCRIPT:
            continue
        waiting: list[Any] = [_decode(script)]
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


def _decode(script: str) -> Any:
    """The script's value, mended where it is broken in one of the usual ways; None beyond repair."""
    try:
        return msgspec.json.decode(script)
    except (msgspec.DecodeError, RecursionError):
        pass
    mended = _TRAILING_COMMA.sub("", _COMMENT_MARKS.sub("", script)).strip().rstrip(";")
    try:
        # Raw line breaks within strings, and a second value after the first, are common.
        return json.JSONDecoder(strict=False).raw_decode(mended)[0]
    except (ValueError, RecursionError):
        return _rescue(mended)


def _rescue(script: str) -> Node | None:
    """The plain fields of an article whose script has, say, an unescaped quote in its text."""
    found: Node = {}
    for key, value in _RESCUED.findall(script):
        found.setdefault(key, re.sub(r"\\(.)", r"\1", value))
    return {"@type": "NewsArticle", **found} if "headline" in found or "datePublished" in found else None
