"""Words that are compared without their accents, and the months that they name."""

import unicodedata

from services.parser.fields.date_tokens import word_key
from services.parser.fields.date_words import lexicon_of, month_named

_ONE_ALPHABET = str.maketrans("يىك", "ییک")


def fold_word(word: str) -> str:
    """Lower case, without accents and dots, so that `Août`, `août` and `AOUT` are one word.

    Arabic and Persian keyboards write the same letters with different code points.
    """
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_ONE_ALPHABET))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def month_number(word: str, language: str | None) -> int | None:
    """1 to 12 for the name of a month of ours, or None."""
    month = month_named(word_key(word), lexicon_of(language))
    return month.number if month is not None and month.calendar is None else None
