"""References to characters (`&amp;`, `&#8217;`, `&eacute;`) as they are meant in XML that strangers write."""

import html
import re
from html.entities import html5

from services.parser.documents.faults import Faults

_REFERENCE = re.compile(r"&(?:(#[0-9]{1,12}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)?")
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
            return html.unescape(found[0])
        known = html5.get(f"{name};") if name else None
        if faults is not None:
            faults.mend(start + found.start(), "a bare &" if name is None else f"the undeclared entity {found[0]}")
        return known or found[0]

    return _REFERENCE.sub(character, text) if "&" in text else text
