"""The words of a title, as they are shown and as they are compared."""

import html
import re
from functools import lru_cache
from itertools import pairwise

from services.parser.language.folding import bare as bare_text
from services.parser.language.scripts import is_unspaced

# A shorter title may stand inside another by chance, and a shorter rest of a title is no title.
LEAST_TITLE = 15
# The same where a word has one to three letters.
LEAST_UNSPACED = 6
# Headlines that share fewer of their pairs of letters are of two stories; any two of one language share a quarter.
LEAST_ALIKE = 0.35
# More headings of a level are a list.
MOST_HEADINGS = 20

# Remembered, because a page's few titles are compared over and over.
bare = lru_cache(maxsize=512)(bare_text)

# An element with its end, or one that has none. Other signs stand for themselves: "wind < 30 km/h", "the <head> tag".
_ELEMENT = re.compile(
    r"<(a|abbr|b|big|cite|code|em|font|h[1-6]|i|mark|nobr|p|q|s|small|span|strike|strong|sub|sup|tt|u)\b[^<>]{0,200}>"
    r"([^<>]*)</\1\s*>|<(?:br|wbr|hr|img|!--)\b[^<>]{0,200}>",
    re.I,
)
_TEMPLATE = re.compile(r"</?(?:br|span|p|font)\b[^<>]{0,200}>", re.I)
DEEPEST_MARKUP = 4
# Nobody sees these. The joiners U+200C and U+200D stay: they change letters and words, and they make families of faces.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\u2066-\u2069\u202a-\u202e\ufeff]")


def clean_title(text: str) -> str:
    """Without markup, entities and invisible characters, on one line."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _without_markup(text)
    return one_line(text)


def one_line(text: str) -> str:
    """Without invisible characters, line breaks and runs of spaces."""
    return " ".join(_INVISIBLE.sub("", text).split())


def _without_markup(text: str) -> str:
    for _ in range(DEEPEST_MARKUP):
        inner = _ELEMENT.sub(_inside, text)
        if inner == text:
            break
        text = inner
    return _TEMPLATE.sub(" ", text)


def _inside(found: re.Match[str]) -> str:
    return found[2] if found[1] else " "


def is_long_enough(folded: str) -> bool:
    """Whether this many letters say what no other title says by chance."""
    return len(folded) >= LEAST_TITLE or (len(folded) >= LEAST_UNSPACED and is_unspaced(folded))


def alike(one: str, other: str) -> float:
    """The share of the shorter text's pairs of letters that the longer one has, too: a measure for all scripts."""
    first, second = ({a + b for a, b in pairwise(text)} for text in (one, other))
    return len(first & second) / max(1, min(len(first), len(second)))
