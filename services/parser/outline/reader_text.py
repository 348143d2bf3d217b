"""Changes markup whose text is not what a reader reads, before and after the page is parsed.

- A declarative shadow root is shown, although it stands in a <template>.
- The text of <noscript> is shown by nobody's browser; it is read where the page has less text without it.
- The mark of a footnote would be glued to the word or the number before it.
- Other numbers in <sup> and <sub> are written as Unicode has them: 10 m², CO₂.
"""

import re
import unicodedata
from typing import Any

# A <noscript> with less text holds a notice or a picture.
LEAST_NOSCRIPT = 400
# The mark of a footnote is at most this long: [123].
LONGEST_MARK = 6

_TEMPLATE = re.compile(rb"<(/?)template\b([^>]*)>", re.I)
_SHADOW = re.compile(rb"\bshadowroot(?:mode)?\s*=", re.I)
_TAGS = re.compile(rb"<(?:script|style)\b.*?</(?:script|style)|<[^>]*>", re.I | re.S)
_NUMBERS = re.compile(r"[\d\s,;+−–-]*\d[\d\s,;+−–-]*")
_BRACKETED = re.compile(r"\[\s*(?:\d{1,3}|[a-z])\s*\]|\(\s*\d{1,3}\s*\)|[*†‡§]{1,3}")
_MARK = re.compile(r"[\[(]?\s*(?:\d{1,3}|[a-z]|[ivx]{1,4}|[*†‡§]{1,3})\s*[\])]?")
_NOTE_ADDRESS = re.compile(r"#_?(?:fn|ftn|edn|cite|(?:foot|end)?note|ref|r?n\d|sdfootnote)", re.I)
_NOTE_NAME = re.compile(r"(?:foot|end)-?note|fn-?ref|note-?ref|\breference\b|_ftnref", re.I)
_BACK = frozenset("↩↑^⤴⮌↵")
_RAISED = {"+": "⁺", "-": "⁻", "−": "⁻", "–": "⁻", **dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))}
_LOWERED = {"+": "₊", "-": "₋", "−": "₋", "–": "₋", **dict(zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True))}


def with_shadow_roots(html: bytes) -> bytes:
    """Returns the page with a <div> in place of the <template> of each declarative shadow root; itself without one."""
    if b"shadowroot" not in html:
        return html
    opened: list[bool] = []

    def replaced(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return b"</div>" if opened and opened.pop() else found[0]
        opened.append(bool(_SHADOW.search(found[2])))
        return b"<div" + found[2] + b">" if opened[-1] else found[0]

    return _TEMPLATE.sub(replaced, html)


def with_noscript(html: bytes, shown: int) -> bytes | None:
    """Returns the page with the long texts of <noscript> shown; None if they are not longer than the `shown` text."""
    parts: list[bytes] = []
    position = chars = 0
    while (start := html.find(b"<noscript", position)) >= 0 and (end := html.find(b"</noscript", start)) >= 0:
        inner = html[html.find(b">", start) + 1 : end]
        size = len(_text_of(inner)) if end - start > LEAST_NOSCRIPT else 0
        if size >= LEAST_NOSCRIPT:
            chars += size
            parts += [html[position:start], b"<div>", inner, b"</div>"]
        else:
            parts.append(html[position:end])
        position = end
    if not chars or chars <= shown:
        return None
    return b"".join([*parts, html[position:]])


def _text_of(html: bytes) -> str:
    return " ".join(_TAGS.sub(b" ", html).decode("utf-8", "replace").split())


def shown_for(node: Any, tag: str, attrs: dict[str, str | None]) -> str | None:
    """Returns what readers should read for a <sup>, <sub>, or link to another place of the page; None for its own text.

    For the mark of a footnote it is "".
    """
    if tag == "a":
        return "" if _is_note(node, attrs) else None
    text = node.text() or ""
    mark = text.strip()
    if not mark or len(mark) > 2 * LONGEST_MARK:
        return None
    if tag == "sub":
        return _written(mark, _LOWERED) if len(mark) <= LONGEST_MARK and _NUMBERS.fullmatch(mark) else None
    if _BRACKETED.fullmatch(mark) or (_MARK.fullmatch(mark) and _is_linked_or_named(node)):
        return ""
    return _written(text, _RAISED) if _NUMBERS.fullmatch(mark) else None


def _is_linked_or_named(sup: Any) -> bool:
    """Whether a raised mark leads to a footnote, or is called one."""
    if sup.css_first('a[href*="#"]') is not None:
        return True
    parent, attrs = sup.parent, sup.attributes
    if parent is not None and parent.tag == "a" and "#" in (parent.attributes.get("href") or ""):
        return (parent.text() or "").strip() == (sup.text() or "").strip()
    return bool(_NOTE_NAME.search(f"{attrs.get('class') or ''} {attrs.get('id') or ''}"))


def _written(text: str, signs: dict[str, str]) -> str:
    """Returns the text with its digits and signs raised or lowered."""
    out = []
    for character in text:
        digit = unicodedata.digit(character, None)
        out.append(signs[str(digit)] if digit is not None else signs.get(character, character))
    return "".join(out)


def _is_note(link: Any, attrs: dict[str, str | None]) -> bool:
    """Whether a link to another place of the page is a footnote's mark, or leads from a footnote back to its mark."""
    text = (link.text() or "").strip()
    if not text or len(text) > LONGEST_MARK:
        return False
    if all(character in _BACK or character == "\ufe0e" for character in text):
        return True
    called = attrs.get("role") == "doc-noteref" or bool(_NOTE_ADDRESS.match(attrs.get("href") or ""))
    return called and bool(_MARK.fullmatch(text))
