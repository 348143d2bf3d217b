"""References to characters (`&amp;`, `&#8217;`, `&eacute;`) as they are meant in XML that strangers write."""

import re
import sys
from html.entities import html5

from services.parser.documents.faults import Faults

_HALF = re.compile("[\ud800-\udfff]")
_REFERENCE = re.compile(r"&(?:(#[0-9]{1,12}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)?")
# What HTML reads numbers as that are characters of Windows-1252, not of Unicode.
_OF_WINDOWS = range(0x80, 0xA0)
_NO_CHARACTERS = frozenset(range(32)) - {9, 10, 13}
_OF_XML = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def decoded(text: str, faults: Faults | None = None, start: int = 0) -> str:
    """The text with its characters; what refers to none stays as it is.

    HTML reads `&copy` without a semicolon as ©; here that would break addresses (`?a=1&copy=2`). Faults are noted at
    `start` and on, where the text stands in its document.
    """

    def character(found: re.Match[str]) -> str:
        name = found[1]
        if name in _OF_XML:
            return _OF_XML[name]
        if name and name[0] == "#":
            return _numbered(name, faults, start + found.start())
        known = html5.get(f"{name};") if name else None
        if faults is not None:
            faults.mend(start + found.start(), "a bare &" if name is None else f"the undeclared entity {found[0]}")
        return known or found[0]

    return _paired(_REFERENCE.sub(character, text)) if "&" in text else text


def _numbered(name: str, faults: Faults | None, at: int) -> str:
    """The character of this number; nothing for one that no text has."""
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    if number in _OF_WINDOWS:
        return bytes([number]).decode("cp1252", "ignore")
    if number not in _NO_CHARACTERS and number <= sys.maxunicode:
        return chr(number)
    if faults is not None:
        faults.mend(at, f"a reference to no character &{name};")
    return ""


def _paired(text: str) -> str:
    """The text with characters that were written as two halves of UTF-16 (`&#55357;&#56832;`); no half is left."""
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
