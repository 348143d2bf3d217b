"""What do spelling and small words say of a text's language, where several languages share its script?

languages.toml holds the letters that one language of a script has and its neighbours have not, and its commonest words.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet
from pathlib import Path

_TABLES = tomllib.loads((Path(__file__).parent / "languages.toml").read_text("utf-8"))
#: Tag -> ISO 639-1.
RENAMED: dict[str, str] = _TABLES["renamed"]
#: Tags of languages without two letters of their own.
UNNAMED = frozenset(_TABLES["unnamed"]["codes"].split())

_LANGUAGES_OF_LETTER: defaultdict[str, set[str]] = defaultdict(set)
_LANGUAGES_OF_WORD: defaultdict[str, set[str]] = defaultdict(set)
for _language, _row in _TABLES["signs"].items():
    for _letter in _row.get("letters", "").split():
        _LANGUAGES_OF_LETTER[_letter].add(_language)
    for _word in _row["words"].split():
        _LANGUAGES_OF_WORD[_word].add(_language)
_LETTERS = frozenset(_LANGUAGES_OF_LETTER)
_TWINS = {name: frozenset(words.split()) for name, words in _TABLES["twins"]["south-slavic"].items()}
SOUTH_SLAVIC = frozenset(_TWINS)

# A word of any script: vowel signs and other marks belong to it, which `\w` leaves out; joiners and stops end it.
_WORD = re.compile(
    r"[^\s\d!-/:-@\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u0964\u0965\u06d4\u1361-\u1368\u0f0b-\u0f14\u2000-\u206f\u3000-\u303f]+"
)


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())


def votes_for(text: str, languages: AbstractSet[str]) -> Counter[str]:
    """How many words of the text speak for each of these languages: by a letter in them, or as a whole."""
    votes: Counter[str] = Counter()
    has_signs = not _LETTERS.isdisjoint(text.lower())
    for word in words_of(text):
        spoken = _LANGUAGES_OF_WORD.get(word) or set()
        if has_signs and (letters := _LETTERS.intersection(word)):
            spoken = spoken.union(*(_LANGUAGES_OF_LETTER[letter] for letter in letters))
        votes.update(spoken & languages)
    return votes


def votes_for_twins(text: str) -> Counter[str]:
    """How many words of the text are spelled as in one of the languages of the Western Balkans and not in another."""
    words = words_of(text)
    return Counter({language: sum(word in spelled for word in words) for language, spelled in _TWINS.items()})
