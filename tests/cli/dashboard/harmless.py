"""Is a page of the dashboard free of what strangers' text could have made of it?"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
HOLDS = {"bdi"}
OURS = re.compile(r"/static/[\w./-]+\?[0-9a-f]{12}")


def faults(html: str) -> list[str]:
    """What a browser would run, load or turn around on this page; a sentence each."""
    return [fault for node in _elements(html) for fault in (*_of_attributes(node), *_of_text(node))]


def _elements(html: str) -> Iterator[LexborNode]:
    root = LexborHTMLParser(html).root
    assert root is not None
    yield from (node for node in root.traverse(include_text=True))


def _of_attributes(node: LexborNode) -> Iterator[str]:
    for name, value in (node.attributes or {}).items():
        said = f"<{node.tag} {name}={value!r}>"
        if name.startswith("on") or name in {"style", "srcdoc"}:
            yield f"{said} acts"
        if name == "src" and not (OURS.fullmatch(value or "") or (value or "").startswith("/pages/")):
            yield f"{said} loads"
        if name in {"href", "action"} and not re.match(r"(https?://|/(?!/)|#|\?)", value or ""):
            yield f"{said} leads elsewhere"
        if TURNS.search(value or "") and name not in {"href", "title", "value"}:
            yield f"{said} turns"


def _of_text(node: LexborNode) -> Iterator[str]:
    if node.tag in {"script", "iframe"} and "src" not in node.attributes:
        yield f"<{node.tag}> without an address of ours"
    if node.tag in {"style", "object", "embed", "img", "base", "textarea"}:
        yield f"<{node.tag}> is none of ours"
    if node.tag == "-text" and TURNS.search(node.text_content or "") and not _is_held(node):
        yield f"{node.text_content!r} turns what follows"


def _is_held(node: LexborNode) -> bool:
    """Whether an element around the text ends what it does to the direction."""
    at = node.parent
    while at is not None and at.tag != "body":
        if at.tag in HOLDS or at.attributes.get("dir") == "auto":
            return True
        at = at.parent
    return False
