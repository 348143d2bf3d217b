"""What does a short line announce? The words stand in apart.toml."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from services.parser.language.folding import fold

Kind = Literal["comments", "advertisement"]

# What a reader agrees to is said in at most so many characters.
TERMS_CHARS = 240

_NOT_LETTERS = re.compile(r"[\d_.,:;!?…()\[\]{}<>«»\"“”„|/+*#·•–—-]+")


def _key(text: str) -> str:
    return " ".join(_NOT_LETTERS.sub(" ", fold(text)).split())


_WORDS = tomllib.loads((Path(__file__).parent / "apart.toml").read_text("utf-8"))
_KINDS: dict[str, Kind] = {
    **{_key(word): "comments" for words in _WORDS["comments"].values() for word in words},
    **{_key(word): "advertisement" for words in _WORDS["advertisement"].values() for word in words},
}
_SIGN_UP = tuple(beginning for words in _WORDS["sign_up"].values() for beginning in words)
_TERMS = tuple(_WORDS["terms"]["all"])


@lru_cache(maxsize=16384)
def kind_of_line(text: str) -> Kind | None:
    """Returns what a label says that it stands on or above; None for any other line."""
    return _KINDS.get(_key(text))


def is_sign_up_line(text: str) -> bool:
    """Whether a line says what readers agree to by signing up."""
    if len(text) > TERMS_CHARS:
        return False
    lowered = text.lower().lstrip("* ")
    return lowered.startswith(_SIGN_UP) and any(word in lowered for word in _TERMS)
