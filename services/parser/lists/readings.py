"""Are the lines of a strip prices, temperatures or scores rather than headlines?"""

import re
from collections.abc import Sequence

from services.parser.language.scripts import count_words

# So many of the lines must be readings. A line with more words than this beside its numbers is a headline about them.
READINGS_SHARE, MOST_WORDS = 0.6, 4

_VALUE = re.compile(r"°|℃|℉|\d[.,]\d+|\d\s?%|(?<![\w./-])\d{1,3}\s?(?::\d|[–—-]\s?\d{1,3})(?![\w./-])")


def are_readings(texts: Sequence[str]) -> bool:
    """Whether most of the texts are values with a name: a rate, a share's price, the weather of a town, a match."""
    readings = sum(_VALUE.search(text) is not None and _count_words(text) <= MOST_WORDS for text in texts)
    return readings > 0 and readings >= READINGS_SHARE * len(texts)


def _count_words(text: str) -> int:
    letters = " ".join(word for word in text.split() if len(word) > 1 and word[0].isalpha())
    return count_words(letters)
