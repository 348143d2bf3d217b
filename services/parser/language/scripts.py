"""Which scripts are texts written in, and what does a script say about its words?

One table, so that what holds for a script is written once, and all that judges texts asks here.
"""

import re

import msgspec


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """`letters` are ranges for a character class, `languages` those of the news that use them (ISO 639-1).

    `unspaced`: words are few characters, or have no spaces between them. `has_case`: there are capitals, by which a
    name can be told from other words.
    """

    letters: str
    languages: str = ""
    unspaced: bool = False
    has_case: bool = False


# The Latin script is not here: any language may use it beside its own. The first script that a text has says its
# language, so kana stand before Han.
SCRIPTS = {
    "kana": Script(letters="\u3040-\u30ff", languages="ja", unspaced=True),
    "hangul": Script(letters="\uac00-\ud7af", languages="ko", unspaced=True),
    "arabic": Script(letters="\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff", languages="ar ckb fa ku ps sd ug ur"),
    "cyrillic": Script(letters="\u0400-\u052f", languages="be bg kk ky mk mn ru sr tg tt uk uz", has_case=True),
    "han": Script(letters="\u3400-\u4dbf\u4e00-\u9fff", languages="ja zh", unspaced=True),
    "devanagari": Script(letters="\u0900-\u097f", languages="hi mr ne sa"),
    "greek": Script(letters="\u0370-\u03ff\u1f00-\u1fff", languages="el", has_case=True),
    "armenian": Script(letters="\u0530-\u058f", languages="hy", has_case=True),
    "hebrew": Script(letters="\u0590-\u05ff", languages="he"),
    "georgian": Script(letters="\u10a0-\u10ff", languages="ka"),
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
    "ethiopic": Script(letters="\u1200-\u137f", languages="am"),
    "khmer": Script(letters="\u1780-\u17ff", languages="km", unspaced=True),
    # The language of a text in these is left to other evidence.
    "syriac": Script(letters="\u0700-\u074f"),
    "thaana": Script(letters="\u0780-\u07bf"),
    "odia": Script(letters="\u0b00-\u0b7f"),
    "lao": Script(letters="\u0e80-\u0eff", unspaced=True),
    "tibetan": Script(letters="\u0f00-\u0fff"),
    "mongolian": Script(letters="\u1800-\u18af"),
    "bopomofo": Script(letters="\u3100-\u312f"),
}

_LETTERS = re.compile(f"[{''.join(script.letters for script in SCRIPTS.values())}]")
_UNSPACED = re.compile(f"[{''.join(script.letters for script in SCRIPTS.values() if script.unspaced)}]")
_CASELESS = re.compile(f"[{''.join(script.letters for script in SCRIPTS.values() if not script.has_case)}]")
_LANGUAGES = tuple(
    (re.compile(f"[{script.letters}]"), frozenset(script.languages.split()))
    for script in SCRIPTS.values()
    if script.languages
)
_FIRST_UNSPACED = "\u0e00"


def is_unspaced(text: str) -> bool:
    """Whether the text is in a script whose words are few characters, or have no spaces between them."""
    if text.isascii() or (text[0] < _FIRST_UNSPACED and text[-1] < _FIRST_UNSPACED):
        return False  # Nearly every text, at no cost; in the others at least one end is in the script.
    return len(_UNSPACED.findall(text)) * 2 > len(text)


def has_caseless(text: str) -> bool:
    """Whether some of the text is in a script without capitals, where any phrase may be a name."""
    return _CASELESS.search(text) is not None


def count_letters(text: str) -> int:
    """How many characters are of the scripts of the table."""
    return len(_LETTERS.findall(text))


def languages_of_letters(text: str) -> frozenset[str]:
    """The languages of the first script of the table that the text has; empty where it has none of them."""
    return next((languages for letters, languages in _LANGUAGES if letters.search(text)), frozenset())
