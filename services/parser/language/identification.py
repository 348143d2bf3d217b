"""Which language is this text in?

Three steps, cheapest first: a script that only one language uses decides by itself; small words that confirm what the
page says of itself save the model; all else is asked of py3langid. A ticker of 48 headlines in
three languages costs 0.8 ms the first time (2.1 ms with the model alone) and nothing on the site's next page.
"""

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.parser.language.function_words import LANGUAGES_OF
from services.parser.language.scripts import SCRIPTS, count_letters, languages_of_letters

# The model's confidence from which it overrules the page's language for one line. On 643
# headlines of 20 languages, .50 to .95 never contradict a right hint; .60 overcomes a wrong one in 88 %, .95 in 65 %.
SURE = 0.60
# Without any hint, a guess below this is worse than none.
PLAUSIBLE = 0.30
# With fewer letters the model guesses: "Bundesliga" has no language.
FEW_LETTERS = 12
# More text than this does not change the model's answer, only its cost.
ENOUGH_CHARACTERS = 600
# Headlines come back on every page of a site, so answers are kept; some 200 bytes each.
REMEMBERED_TEXTS = 8192
# With a smaller share of its headlines in the language that it declares, a front was built with a foreign template.
LEAST_DECLARED = 0.2

_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+")
_ALSO_LATIN = {"kk", "ku", "sr", "tg", "tt", "uz"}
_NEVER_LATIN = {code for script in SCRIPTS.values() for code in script.languages.split()} - _ALSO_LATIN
_RENAMED = {
    "iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "sh": "sr", "ary": "ar", "arz": "ar", "wuu": "zh",
    "yue": "zh", "cmn": "zh", "uzs": "uz", "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es",
    "ara": "ar", "por": "pt", "ita": "it", "nld": "nl", "dut": "nl", "rus": "ru", "zho": "zh", "chi": "zh", "jpn": "ja",
    "kor": "ko", "tur": "tr", "pol": "pl", "swe": "sv", "nor": "no", "nob": "no", "dan": "da", "fin": "fi", "ukr": "uk",
    "ell": "el", "gre": "el", "heb": "he", "fas": "fa", "per": "fa", "hin": "hi", "ind": "id", "vie": "vi",
}  # fmt: skip
# Languages that one line does not tell apart; between them the page's word stands.
_TWINS = tuple(
    frozenset(row.split())
    for row in (
        "bs hr sr sl",
        "id ms jv",
        "cs sk",
        "da no",
        "gl pt es",
        "bg mk",
        "hi mr ne",
        "ca es oc",
        "af nl",
        "ru uk be bg",
    )
)
_TAG_END = re.compile(r"[-_;,\s]")


def detect_language(text: str, hint: str | None = None) -> str | None:
    """The ISO 639-1 code of `text`; `hint` is what the page says of itself, and wins where the text is too short."""
    return _detect(text[:ENOUGH_CHARACTERS], normalise_language(hint))


def language_of_lists(languages: Iterable[str | None], declared: str | None) -> str | None:
    """The language of a page that is nothing but headlines.

    Fronts quote foreign titles, so the page's own word stands as long as a fair share of the headlines bears it out.
    """
    counts = Counter(language for language in languages if language)
    if not counts or counts[declared or ""] >= LEAST_DECLARED * counts.total():
        return declared
    return counts.most_common(1)[0][0]


def normalise_language(tag: str | None) -> str | None:
    """ISO 639-1 of a language tag as pages write it (`fr-FR`, `pt_BR`, `eng`, `iw`), or None."""
    if not tag:
        return None
    code = _TAG_END.split(tag.strip().lower(), maxsplit=1)[0]
    code = _RENAMED.get(code, code)
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _detect(text: str, hint: str | None) -> str | None:
    languages = _languages_of_script(text)
    if languages and len(languages) == 1:
        return next(iter(languages))
    if hint and (hint not in languages if languages else hint in _NEVER_LATIN):
        hint = None
    if hint and _words_confirm(text, hint):
        return hint
    return _by_model(text, hint, languages)


def _languages_of_script(text: str) -> AbstractSet[str]:
    """The languages that the text's main script leaves possible; empty for the Latin script, which leaves them all."""
    if text.isascii():
        return frozenset()
    foreign = count_letters(text)
    if not foreign or 2 * foreign < len(_LATIN.findall(text)):
        return frozenset()
    return languages_of_letters(text)


def _words_confirm(text: str, hint: str) -> bool:
    """Whether small words of `hint` are there and no other language has more of them."""
    votes: dict[str, int] = {}
    for word in _WORD.findall(text.lower()):
        for language in LANGUAGES_OF.get(word, ()):
            votes[language] = votes.get(language, 0) + 1
    return bool(votes) and votes.get(hint, 0) >= max(votes.values())


def _by_model(text: str, hint: str | None, languages: AbstractSet[str]) -> str | None:
    if len(_WORD.findall(text)) < 2 and len(text) < FEW_LETTERS:
        return hint
    found, confidence = _model().classify(text)
    found = normalise_language(found)
    if found is None or (languages and found not in languages):
        return hint
    if hint is None:
        return found if confidence >= PLAUSIBLE else None
    if confidence < SURE or any(found in twins and hint in twins for twins in _TWINS):
        return hint
    return found


def load_model() -> None:
    """Load the model now: a worker that cannot hold it must not start, and its processes share what was loaded."""
    _model()


@cache
def _model() -> Any:
    """Loaded on first use: it takes half a second, which the fetcher and the tests of other modules need not pay."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
