"""Which scripts are texts written in, and what does a script say about its words?

One table, so that what holds for a script is written once, and all that judges texts asks here.
"""

import re
from collections import Counter
from functools import lru_cache

import msgspec


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """`letters` are ranges for a character class, `languages` those of the news that use them (ISO 639-1).

    Marks that several scripts share are no letters of any: the danda, the Arabic comma, the middle dot of the kana.
    `unspaced`: words are few characters, or have no spaces between them. `has_case`: there are capitals, by which a
    name can be told from other words. `worth`: how many letters of an alphabet say as much as one of its characters
    (from translations of one text).
    """

    letters: str
    languages: str = ""
    unspaced: bool = False
    has_case: bool = False
    worth: float = 1


# The Latin script is not here: any language may use it beside its own. Without languages, other evidence is needed.
SCRIPTS = {
    "kana": Script(letters="\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff", languages="ja", unspaced=True, worth=2),
    "hangul": Script(letters="\uac00-\ud7af", languages="ko", unspaced=True, worth=2),
    "arabic": Script(
        letters="\u0610-\u061a\u0620-\u0669\u066e-\u06d3\u06d5-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
        languages="ar az fa ku ps sd ug ur",
    ),
    "cyrillic": Script(
        letters="\u0400-\u052f", languages="az ba be bg cv kk ky mk mn os ru sr tg tt uk uz", has_case=True
    ),
    "han": Script(letters="\u3400-\u4dbf\u4e00-\u9fff", languages="ja zh", unspaced=True, worth=3),
    "devanagari": Script(letters="\u0900-\u0963\u0966-\u097f", languages="hi mr ne sa"),
    "greek": Script(letters="\u0370-\u03ff\u1f00-\u1fff", languages="el", has_case=True),
    "armenian": Script(letters="\u0530-\u058f", languages="hy", has_case=True),
    "hebrew": Script(letters="\u0590-\u05ff\ufb1d-\ufb4f", languages="he yi"),
    "georgian": Script(letters="\u10a0-\u10fa\u10fc-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f", languages="ka"),
    "thai": Script(letters="\u0e00-\u0e7f", languages="th", unspaced=True),
    "bengali": Script(letters="\u0980-\u09ff", languages="bn as"),
    "gurmukhi": Script(letters="\u0a00-\u0a7f", languages="pa"),
    "gujarati": Script(letters="\u0a80-\u0aff", languages="gu"),
    "tamil": Script(letters="\u0b80-\u0bff", languages="ta"),
    "telugu": Script(letters="\u0c00-\u0c7f", languages="te"),
    "kannada": Script(letters="\u0c80-\u0cff", languages="kn"),
    "malayalam": Script(letters="\u0d00-\u0d7f", languages="ml"),
    "sinhala": Script(letters="\u0d80-\u0dff", languages="si"),
    "myanmar": Script(letters="\u1000-\u109f", languages="my", unspaced=True),
    "ethiopic": Script(letters="\u1200-\u135a\u1380-\u139f\u2d80-\u2ddf", languages="am ti", worth=1.5),
    "khmer": Script(letters="\u1780-\u17ff", languages="km", unspaced=True),
    "syriac": Script(letters="\u0700-\u074f"),
    "thaana": Script(letters="\u0780-\u07bf", languages="dv"),
    "odia": Script(letters="\u0b00-\u0b7f", languages="or"),
    "lao": Script(letters="\u0e80-\u0eff", languages="lo", unspaced=True),
    "tibetan": Script(letters="\u0f40-\u0fbc", languages="bo dz"),
    "mongolian": Script(letters="\u1820-\u18af", languages="mn"),
    "bopomofo": Script(letters="\u3100-\u312f", languages="zh"),
}

LATIN = "latin"
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\uff21-\uff5a]")
_LETTERS = tuple((name, re.compile(f"[{script.letters}]")) for name, script in SCRIPTS.items())
_UNSPACED = re.compile(f"[{''.join(script.letters for script in SCRIPTS.values() if script.unspaced)}]")
_CASELESS = re.compile(f"[{''.join(script.letters for script in SCRIPTS.values() if not script.has_case)}]")
_FIRST_UNSPACED = "\u0e00"
# The scripts whose characters say more than a letter, and where in Unicode the first of them is.
_DENSE = tuple((re.compile(f"[{script.letters}]"), script.worth - 1) for script in SCRIPTS.values() if script.worth > 1)
_ANY_DENSE = re.compile(f"[{''.join(script.letters for script in SCRIPTS.values() if script.worth > 1)}]")
# An English word has so many letters on average.
_LETTERS_A_WORD = 5
# The marks that a sentence ends with in all scripts, and the quotation marks that may stand behind them.
SENTENCE_STOPS = ".!?…。．！？｡؟۔।॥։።፧။។៕།"
SENTENCE_ENDS = SENTENCE_STOPS + '"”»」』'


def is_unspaced(text: str) -> bool:
    """Whether the text is in a script whose words are few characters, or have no spaces between them."""
    if text.isascii() or (text[0] < _FIRST_UNSPACED and text[-1] < _FIRST_UNSPACED):
        return False  # Nearly every text, at no cost; in the others at least one end is in the script.
    return len(_UNSPACED.findall(text)) * 2 > len(text)


def count_said(text: str) -> int:
    """How much a text says: as many letters as it would have in an alphabet."""
    if text.isascii() or not _ANY_DENSE.search(text):
        return len(text)
    return len(text) + int(sum(more * len(letters.findall(text)) for letters, more in _DENSE))


def count_words(text: str) -> int:
    """How many words a text has, by its spaces, or by what it says where the script has none between words."""
    return max(1, count_said(text) // _LETTERS_A_WORD) if text and is_unspaced(text) else len(text.split())


def has_caseless(text: str) -> bool:
    """Whether some of the text is in a script without capitals, where any phrase may be a name."""
    return _CASELESS.search(text) is not None


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str | None:
    """The script of one character of the table or of the Latin alphabet; remembered, because texts have few."""
    if _LATIN.match(char):
        return LATIN
    return next((name for name, letters in _LETTERS if letters.match(char)), None)


def count_letters(text: str) -> Counter[str]:
    """How many characters of each script the text has."""
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():
        if name := _script_of(char):
            counts[name] += times
    return counts
