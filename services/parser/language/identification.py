"""Which language is this text in?

The script that most of the text is in comes first: where only one language uses it, it decides by itself. Where several
share it, their letters and small words confirm what the page says of itself, or contradict it (signs.py). All else is
asked of py3langid. A ticker of 48 headlines in
three languages costs 0.8 ms the first time (2.1 ms with the model alone) and nothing on the site's next page.
"""

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from typing import Any

from services.parser.language.function_words import LANGUAGES_OF
from services.parser.language.model import load_identifier
from services.parser.language.scripts import LATIN, SCRIPTS, count_letters
from services.parser.language.signs import RENAMED, SOUTH_SLAVIC, UNNAMED, votes_for, votes_for_twins, words_of

# The model's confidence from which it overrules the page's language for one line. On 643
# headlines of 20 languages, .50 to .95 never contradict a right hint; .60 overcomes a wrong one in 88 %, .95 in 65 %.
SURE = 0.60
# Without any hint, a guess below this is worse than none.
PLAUSIBLE = 0.30
# The model knows no Tibetan, and takes it for Dzongkha.
_TIBETAN_OF_MODEL = "dz"
# With fewer letters the model guesses: "Bundesliga" has no language.
FEW_LETTERS = 12
# More text than this does not change the model's answer, only its cost.
ENOUGH_CHARACTERS = 600
# Headlines come back on every page of a site, so answers are kept; some 200 bytes each.
REMEMBERED_TEXTS = 8192
# With a smaller share of its headlines in the language that it declares, a front was built with a foreign template.
LEAST_DECLARED = 0.2

# Fewer letters are a headline, which may be all Han in Japan.
SHORT_OF_HAN = 40
# The share of kana among the letters of a Japanese text is 30 % and more, in its headlines 10 %; in a Chinese text kana
# stand in names.
LEAST_KANA, LEAST_KANA_DECLARED, LEAST_KANA_DENIED = 0.10, 0.03, 0.25
# So many letters of the Latin alphabet say what one of another alphabet says, since all the world quotes Latin names.
LATIN_WEIGHT, UNSPACED_WEIGHT = 2, 3
# So many words must speak for a language before it is taken against, or without, what the page says.
LEAST_VOTES = 2
# So many words without a single one that the declared language is known by are not in it.
ENOUGH_WORDS = 8
# From this share of its words a text is in the model's language, where the model does not know the declared one.
LEAST_COMMON = 0.15

_QUOTED = re.compile("「[^「」]*」|『[^『』]*』|《[^《》]*》|“[^“”]*”")
_WORD = re.compile(r"[^\W\d_]+")
_ALSO_LATIN = {"az", "kk", "ku", "mn", "sr", "tg", "tt", "uz"}
_NEVER_LATIN = {code for script in SCRIPTS.values() for code in script.languages.split()} - _ALSO_LATIN
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
    """The ISO 639-1 code of `text`, None where it is unsure or has none.

    `hint` is the tag by which the page names its language; it counts where the text agrees or is too short to tell.
    """
    tag = declared_language(hint)
    return None if tag in UNNAMED else _detect(text[:ENOUGH_CHARACTERS], tag)


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
    code = declared_language(tag)
    return None if code in UNNAMED else code


@lru_cache(maxsize=1024)
def declared_language(tag: str | None) -> str | None:
    """The same, or the three letters of a language that has no two: `bho`, for which the model has a wrong answer."""
    if not tag:
        return None
    code = _TAG_END.split(tag.strip().lower(), maxsplit=1)[0]
    code = RENAMED.get(code, code)
    return code if code in UNNAMED or (len(code) == 2 and code.isascii() and code.isalpha()) else None


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _detect(text: str, hint: str | None) -> str | None:
    counts = Counter({LATIN: len(text)}) if text.isascii() else count_letters(text)
    script = _main_script(counts)
    if script in ("kana", "han"):
        return _of_han(text, hint)
    if script == LATIN:
        return _of_latin(text, None if hint in _NEVER_LATIN else hint)
    languages = frozenset(SCRIPTS[script].languages.split())
    if len(languages) < 2:
        return next(iter(languages), None)
    return _of_shared_script(text, languages, hint if hint in languages else None)


def _main_script(counts: Counter[str]) -> str:
    """The script that says most of the text; kana and Han are one, since the Japanese write both."""
    weights = {
        name: count * (1 if name == LATIN else UNSPACED_WEIGHT if SCRIPTS[name].unspaced else LATIN_WEIGHT)
        for name, count in counts.items()
    }
    if "kana" in weights and "han" in weights:
        weights["han"] += weights.pop("kana")
    return max(weights, key=lambda name: weights[name], default=LATIN)


def _of_han(text: str, hint: str | None) -> str | None:
    """Chinese or Japanese, by the share of kana outside quotation marks, which hold names and titles."""
    kana, han = _kana_and_han(_QUOTED.sub("", text))
    if kana + han < FEW_LETTERS:
        kana, han = _kana_and_han(text)
    share = kana / (kana + han)
    least = {"ja": LEAST_KANA_DECLARED, "zh": LEAST_KANA_DENIED}.get(hint or "", LEAST_KANA)
    if share >= least:
        return "ja"
    if kana + han >= SHORT_OF_HAN:
        return "zh"
    return hint if hint in ("ja", "zh") else _by_model(text, None, frozenset({"ja", "zh"}))


def _kana_and_han(text: str) -> tuple[int, int]:
    counts = count_letters(text)
    return counts["kana"], counts["han"]


def _of_shared_script(text: str, languages: AbstractSet[str], hint: str | None) -> str | None:
    """The language of a script that several have: the declared one, unless the words speak for another."""
    votes = votes_for(text, languages)
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    declared = hint if hint is not None and (votes[hint] or len(words_of(text)) < ENOUGH_WORDS) else None
    if declared is not None and first[1] < LEAST_VOTES * (votes[declared] + 1):
        return declared
    decided = first[1] > second[1] if declared else first[1] >= LEAST_VOTES * max(1, second[1])
    if decided:
        return first[0]
    found = _by_model(text, None, languages)
    if found and found != _TIBETAN_OF_MODEL and votes[found] == first[1]:
        return found
    return None if declared else hint


def _of_latin(text: str, hint: str | None) -> str | None:
    found = hint if hint and _words_confirm(text, hint) else _by_model(text, hint, frozenset())
    return _of_south_slavic(text, hint) if found in SOUTH_SLAVIC else found


def _of_south_slavic(text: str, hint: str | None) -> str | None:
    """Bosnian, Croatian or Serbian: the declared one, unless the spelling is another's; None where nothing says it."""
    votes = votes_for_twins(text)
    first, second = votes.most_common(2)
    if hint in SOUTH_SLAVIC:
        return first[0] if not votes[hint or ""] and first[1] > LEAST_VOTES else hint
    return first[0] if first[1] >= second[1] + LEAST_VOTES else None


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
    if hint not in _languages_of_model() and not _is_common(text, found):
        return hint
    if confidence < SURE or any(found in twins and hint in twins for twins in _TWINS):
        return hint
    return found


def _is_common(text: str, language: str) -> bool:
    """Whether many of the words are small words of the language, which its unknown neighbour has few of."""
    words = _WORD.findall(text.lower())
    return sum(language in LANGUAGES_OF.get(word, ()) for word in words) >= LEAST_COMMON * len(words)


def load_model() -> None:
    """Load the model now: a worker that cannot hold it must not start, and its processes share what was loaded."""
    _model()


@cache
def _model() -> Any:
    """Loaded on first use, which the fetcher and the tests of other modules need not pay for."""
    return load_identifier()


@cache
def _languages_of_model() -> frozenset[str | None]:
    return frozenset(map(normalise_language, _model().nb_classes))
