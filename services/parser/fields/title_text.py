"""The words of a title, as they are shown and as they are compared."""

import html
import re
from functools import lru_cache

from services.parser.language.folding import bare as bare_text

# A shorter title may stand inside another by chance, and a shorter rest of a title is no title.
LEAST_TITLE = 15
# More headings of a level are a list.
MOST_HEADINGS = 20

# Remembered, because a page's few titles are compared over and over.
bare = lru_cache(maxsize=512)(bare_text)

_MARKUP = re.compile(r"<[^>]{1,80}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def clean_title(text: str) -> str:
    """Without markup, entities and invisible characters, on one line."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    return one_line(text)


def one_line(text: str) -> str:
    """Without invisible characters, line breaks and runs of spaces."""
    return " ".join(_INVISIBLE.sub("", text).split())
