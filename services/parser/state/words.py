"""Which part of a story do a field's name and a block's kind speak of? The words themselves are in words.toml."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Kind = Literal["skip", "raw", "image", "table", "item", "list", "quote", "heading", "paragraph"]

_WORDS = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
_KINDS: dict[Kind, frozenset[str]] = {kind: frozenset(words) for kind, words in _WORDS["kinds"].items()}
_NAMES: dict[str, frozenset[str]] = {part: frozenset(words) for part, words in _WORDS["names"].items()}
_APART = frozenset(_WORDS["apart"]["words"])
KIND_NAMES: tuple[str, ...] = tuple(_WORDS["names"]["kind"])

# A longer value of `type` is no kind, a longer name no word of a programmer.
LONGEST_NAME = 60

_WORD = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|\d+")


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Returns the words of a programmer's name in lower case: of `relatedArticles`, of `core/list-item`."""
    return tuple(word.lower() for word in _WORD.findall(name[:LONGEST_NAME]))


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Returns a name without its marks in lower case: `articleBody` and `article_body` are one."""
    return name.replace("_", "").replace("-", "").lower() if name[:1] != "_" else name.lower()


def is_named(name: str, part: str) -> bool:
    """Whether a field of this name holds the part: "title", "body", "lead", "author", "date", "heading", "content"."""
    return plain_name(name) in _NAMES[part]


@lru_cache(maxsize=4096)
def is_bodyish(name: str) -> bool:
    """Whether a field's name, or one of its words, is one for a story's text."""
    return plain_name(name) in _NAMES["body"] or not _NAMES["body"].isdisjoint(words_of(name))


@lru_cache(maxsize=4096)
def is_apart(name: str) -> bool:
    """Whether a field of this name holds others' texts or those of the site."""
    return not _APART.isdisjoint(words_of(name)) or plain_name(name) in _APART


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind | None:
    """Returns what a block of this kind is."""
    said = {plain_name(name), *words_of(name)}
    return next((kind for kind, words in _KINDS.items() if not words.isdisjoint(said)), None)
