"""Which element shows the headline of the main article?"""

import re

from services.parser.outline.outline import Element, Outline

_WORDS = re.compile(r"[^\W_]+")
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())


def fold(text: str) -> str:
    """Letters and digits alone, so that quotes, spaces and markup cannot hide equality."""
    # Bytes are stripped ten times faster than characters, and in many texts all marks are of ASCII.
    bare = text.lower().encode("utf-8", "surrogatepass").translate(None, _ASCII_MARKS).decode("utf-8", "surrogatepass")
    return bare if bare.isalnum() else "".join(_WORDS.findall(bare))


def find_title_element(outline: Outline, title: str | None = None) -> Element | None:
    """The heading that says what the page's title says, else the first <h1> that says anything."""
    wanted = fold(title or outline.title)
    first = None
    for tag in ("h1", "h2"):
        for heading in outline.tagged(tag):
            if heading.chars < 3:
                continue
            said = fold(outline.text_of(heading))
            if len(said) > 8 and wanted and (said in wanted or wanted in said):
                return heading
            if first is None and tag == "h1":
                first = heading
    return first
