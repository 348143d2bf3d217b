"""What kind of list does a label or a class name announce? The words themselves are in words.toml."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from services.parser.language.folding import fold
from services.parser.language.scripts import is_unspaced

ListKind = Literal[
    "ticker", "breaking", "latest", "trending", "most_read", "front", "related", "notice", "service", "unwanted"
]

# A label is short, and says early what the list is. A longer text is a sentence that happens to hold such words.
LONGEST_LABEL = 60
LONGEST_LABEL_WORDS = 8
LATEST_START = 4
# In a script without spaces, a label of more characters is a sentence.
LONGEST_UNSPACED_LABEL = 20

# Python takes the vowel signs of Indian scripts for marks between words.
_WORD = re.compile(r"[\w\u0900-\u0963\u0970-\u0dff]+|\+")


def fold_words(text: str) -> tuple[str, ...]:
    """Returns the folded words.

    The Arabic article is dropped, because some pages write a label with it, others without.
    """
    words = _WORD.findall(fold(text))
    return tuple(words) if text.isascii() else tuple(map(_without_article, words))


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


@lru_cache(maxsize=16384)
def kind_of_label(label: str) -> ListKind | None:
    """Returns the kind whose words come first in the label; of several phrases with one start, the longest counts."""
    if len(label) > LONGEST_LABEL:
        return None
    if is_unspaced(label):
        folded = fold(label) if len(label) <= LONGEST_UNSPACED_LABEL else ""
        found = next((kind for words, kind in _UNSPACED_LABELS if words in folded), None)
        return found or _WHOLE_LABELS.get((folded,))
    words = fold_words(label)
    if len(words) > LONGEST_LABEL_WORDS:
        return None
    for start, first in enumerate(words[:LATEST_START]):
        if first not in _FIRST_WORDS:
            continue
        for end in range(len(words), start, -1):
            kind = _LABELS.get(words[start:end])
            if kind is not None:
                return kind
    return _WHOLE_LABELS.get(words)


def is_whole_label(text: str) -> bool:
    """Whether a text is nothing but words that announce a list."""
    return len(text) <= LONGEST_LABEL and fold_words(text) in _LABELS


def leads_to_more(text: str) -> bool:
    """Whether a link leads to the rest of a list ("Voir tous les articles") rather than to a story."""
    first = _WORD.search(fold(text))
    if first is None or _without_article(first[0]) not in _FIRST_WORDS_OF_MORE:
        return False
    words = fold_words(text)
    return words in _MORE or any(words[:size] in _MORE for size in (2, 3, 4))


def kind_of_hint(hint: str) -> ListKind | None:
    """Returns the kind that a class name or id says: "ticker" if any word says so, else that of its first such word."""
    kind: ListKind | None = None
    for word in hint.split():
        found = _kind_of_token(word)
        if found == "ticker":
            return found
        kind = kind or found
    return kind


@lru_cache(maxsize=16384)
def _kind_of_token(token: str) -> ListKind | None:
    """Returns the kind that one class name says.

    Cached per token: themes share class names, and there are many patterns.
    """
    found = _HINTS.search(token)
    return found.lastgroup if found else None  # type: ignore[return-value]


def _load() -> dict[str, dict[str, list[str] | dict[str, list[str]]]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))


_DATA = _load()
ZONE_WORDS: dict[str, list[str]] = _DATA["zones"]  # type: ignore[assignment]
_PAIRS: list[tuple[str, ListKind]] = [
    (phrase, kind)  # type: ignore[misc]
    for kind, languages in _DATA["labels"].items()
    for phrases in languages.values()  # type: ignore[union-attr]
    for phrase in phrases
]
_LABELS: dict[tuple[str, ...], ListKind] = {fold_words(phrase): kind for phrase, kind in reversed(_PAIRS)}
_FIRST_WORDS = frozenset(words[0] for words in _LABELS if words)
_WHOLE_LABELS: dict[tuple[str, ...], ListKind] = {
    fold_words(phrase): kind  # type: ignore[misc]
    for kind, languages in _DATA["whole_labels"].items()
    for phrases in languages.values()  # type: ignore[union-attr]
    for phrase in phrases
}
_MORE = {fold_words(phrase) for phrases in _DATA["more"].values() for phrase in phrases}
_FIRST_WORDS_OF_MORE = {words[0] for words in _MORE if words}
PAID = frozenset(phrase for phrases in _DATA["paid"].values() for phrase in phrases)
_UNSPACED_LABELS: list[tuple[str, ListKind]] = sorted(
    ((fold(phrase), kind) for phrase, kind in _PAIRS if is_unspaced(phrase)), key=lambda pair: -len(pair[0])
)
_HINTS = re.compile("|".join(f"(?P<{kind}>{'|'.join(patterns)})" for kind, patterns in _DATA["hints"].items()))
