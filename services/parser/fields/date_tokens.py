"""The pieces of a short text that dates are read from: numbers and words, with their places.

Every change of the text keeps its length, so that places hold in the text as it was.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

# Marks of direction stand between the parts of a date in Arabic, Hebrew and Persian, and inside no word.
_MARKS_OF_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
# The zero of every script whose digits Unicode has; its one to nine follow it.
_ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20\u1040\u1090"
    "\u17e0\u1810\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900\ua9d0\ua9f0\uaa50\uabf0\uff10"
    "\U000104a0\U00010d30\U00011066\U000110f0\U00011136\U000111d0\U000112f0\U00011450\U000114d0\U00011650\U000116c0"
    "\U00011730\U000118e0\U00011950\U00011c50\U00011d50\U00011da0\U00016a60\U00016ac0\U00016b50\U0001d7ce\U0001d7d8"
    "\U0001d7e2\U0001d7ec\U0001d7f6\U0001e140\U0001e2f0\U0001e950\U0001fbf0"
)
_PLAIN: Final = {
    **dict.fromkeys(map(ord, _MARKS_OF_DIRECTION), " "),
    **dict(zip(map(ord, "：／．，−﹣－＋（）’ʼ‘՚׳"), ":/.,---+()" + 5 * "'", strict=True)),
    **{ord(zero) + digit: str(digit) for zero in _ZEROS for digit in range(10)},
}
# What ends a word. A word is written as what it is not, because vowel signs and tone marks are no letters to `\w`.
_ENDS = (
    r"\s\d!-/:-@\[-`{-~\x80-\xbf\u055a-\u055f\u0589\u05be\u060c\u061b\u061f\u06d4\u0964\u0965\u0f0d-\u0f11\u104a\u104b"
    r"\u1361-\u1368\u17d4-\u17da\u1801-\u180a\u2010-\u205f\u2e00-\u2e7f\u3000-\u3004\u3008-\u301f\u30fb\ufe30-\ufe6b"
    r"\uff01-\uff20\uff3b-\uff40\uff5b-\uff65"
)
TOKEN: Final = re.compile(rf"\d+|[^{_ENDS}]+(?:[.'-][^{_ENDS}]+)*")
_LEFT_OUT = re.compile("[\u00ad\u05f4\u200b-\u200d\u180b-\u180e\u2060.'’-]+")
# Letters that keyboards of neighbouring languages write with different code points, and Malayalam's old chillu letters.
_ONE_ALPHABET = str.maketrans("يىكۍەہ\u0d7a\u0d7b\u0d7c\u0d7d\u0d7e", "ییکیهه\u0d23\u0d28\u0d30\u0d32\u0d33")
REMEMBERED_WORDS: Final = 8192


class Token(msgspec.Struct, frozen=True):
    """A number or a word; `key` is a word's form in the tables, None for a number."""

    text: str
    start: int
    end: int
    key: str | None


def plain(text: str) -> str:
    """The text with digits of every script as 0 to 9 and without marks of direction; as long as before."""
    return text if text.isascii() else text.translate(_PLAIN)


def tokens_of(text: str) -> list[Token]:
    """The numbers and words of a plain text, in order."""
    found = []
    for match in TOKEN.finditer(text):
        word = match[0]
        found.append(Token(word, match.start(), match.end(), None if word.isdecimal() else word_key(word)))
    return found


@lru_cache(maxsize=REMEMBERED_WORDS)
def word_key(word: str) -> str:
    """Lower case, without accents, dots, hyphens, apostrophes and joiners; with one i and one Arabic alphabet.

    `Août`, `août` and `AOUT` are one word, `KASIM` and `Kasım`, and what Arabic and Persian keyboards write.
    """
    if word.isascii():
        return _LEFT_OUT.sub("", word.lower())
    decomposed = unicodedata.normalize("NFKD", _LEFT_OUT.sub("", word.casefold().replace("ı", "i")))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare.translate(_ONE_ALPHABET))
