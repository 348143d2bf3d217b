"""Which parts of a list of names are names of people?"""

import re
import tomllib
from pathlib import Path
from typing import Final

from services.parser.fields.byline_text import is_only_introduction, without_prefix, without_trailing
from services.parser.fields.organisations import is_agency, is_organisation
from services.parser.fields.roles import divided_by_role, names_beside_role
from services.parser.language.folding import fold
from services.parser.language.scripts import has_caseless

# "María del Carmen de la Torre y Sánchez" has eight words; more are a sentence.
MOST_WORDS: Final = 6
MOST_WORDS_WITH_ROLE: Final = 12

_HERE = Path(__file__).parent
_LISTS = tomllib.loads((_HERE / "names.toml").read_text("utf-8"))
_PARTICLES = frozenset(_LISTS["particles"])
_WAW_NAMES = frozenset(_LISTS["waw_names"])
_VAV_NAMES = frozenset(_LISTS["vav_names"])
_ANDS = frozenset(tomllib.loads((_HERE / "byline_words.toml").read_text("utf-8"))["and"].split())
_SPLIT = re.compile(
    r"\s*(?:,\s*(?:and|und|et|y|og|och|en|e|con|i|oraz|и|та|with|mit|avec|sowie|med|met)\s|[;|/／•·⋅∙●\n\t、،，]|,(?!\s*(?:[Jj]r|[Ss]r|II|III)\b\.?\s*(?:[,;|&]|$))|\s[&+]\s|\s[-–—]\s|"
    r"\s(?:and(?!\s+the\s)|und|et|y|e|og|och|en|sowie|with|mit|avec|con|ve|i|oraz|и|та|і)\s|\s(?=و[\u0600-\u06ff]{2,}\sو))\s*"
)
# The Arabic and the Hebrew "and" are written in one with the next name; some names begin with the same letter.
_ARABIC_AND = re.compile(r"(?<=[\u0600-\u06ff])\s+و(?=(?P<name>[\u0600-\u06ff]{3,})\s)")
_HEBREW_AND = re.compile(r"(?<=[א-ת])\s+ו(?=(?P<name>[א-ת'’-]{2,})\s)")
# Letters behind a name are a degree or a licence: "Jane Doe, CFP".
_CREDENTIAL = re.compile(r",\s*(?P<letters>[A-Z]{2,6}|Ph\.?D\.?|M\.D\.)(?=[®™]?\s*(?:[,;|]|$))")
_KEPT_COMMA = "\ue000"
_ROLE = re.compile(
    r"\b(?:editor|reporter|writer|correspondent|columnist|journalist|contributor|producer|director|professor|author|manager|"
    r"analyst|intern|freelance|chief|senior|head of|consultant|expert|specialist|dietitian|nutritionist|founder|"
    r"ceo|cto|attorney|lawyer|physician|therapist|coach|strategist|marketer|engineer|developer|grader|former|"
    r"redakteur(?:in)?|redaktør|korrespondent(?:in)?|reporterin|volont[äa]r(?:in)?|chefredakt\w*|leiter(?:in)?|autor(?:in)?|"
    r"journaliste|rédact\w+|correspondante?|envoyée?|stagiaire|redactora?|corresponsal|periodista|enviado|giornalista|"
    r"wartawan|muhabir|журналист\w*|корреспондент\w*|редактор\w*|journalistin|fotograf\w*|photographer|managing|staff)\b",
    re.I,
)
ADDRESS = re.compile(r"(?:https?:)?//|www\.|/\w")
_NOT_IN_NAMES = re.compile(
    r"[\d!?…:%€$=_#*！？。：「」《》]|\.\.|\.(?:com|de|net|org|fr|is|co|info|ch|at|it|es|pl|nl)\b", re.I
)


def split_names(text: str) -> list[str]:
    """The parts of a list of names."""
    if "و" in text:
        text = _ARABIC_AND.sub(lambda found: found[0] if f"و{found['name']}" in _WAW_NAMES else ",", text)
    if "ו" in text:
        text = _HEBREW_AND.sub(lambda found: found[0] if f"ו{found['name']}" in _VAV_NAMES else ",", text)
    text = divided_by_role(text)
    if "," in text:
        text = _CREDENTIAL.sub(_keep_comma, text)
    words = text.split()
    if not _ANDS.isdisjoint(words):
        text = _with_commas(words)
    return [part.replace(_KEPT_COMMA, ", ") for part in _SPLIT.split(text)]


def _with_commas(words: list[str]) -> str:
    """The text with commas for the words that stand between two full names: `Ana Marin și Ion Popa`, `한 और नेहा`."""
    ands = [
        at
        for at, word in enumerate(words)
        if word in _ANDS and _is_name_part(words[max(0, at - 2) : at]) and _is_name_part(words[at + 1 : at + 3])
    ]
    return " ".join("," if at in ands else word for at, word in enumerate(words))


def _is_name_part(words: list[str]) -> bool:
    """Whether these are two words of a name; without capitals to go by one will do."""
    return bool(words) and (has_caseless(words[0]) or (len(words) > 1 and all(word[0].isupper() for word in words)))


def _keep_comma(found: re.Match[str]) -> str:
    shouted = found.string[: found.start()].isupper()  # "JO DAVIS, PARIS"
    return found[0] if shouted or is_agency(found["letters"]) else _KEPT_COMMA + found["letters"]


def names_among(text: str, publisher: str | None) -> list[str]:
    """The parts of an author field that are no agency, no role and no place."""
    names: list[str] = []
    for part in split_names(text):
        name = without_trailing(without_prefix(f"{part} ")).strip(" \t.,:;|-–—*·=")
        beside = names_of_role(name, publisher)
        if beside is not None:
            names += beside
        elif _is_name_in_field(name, names, publisher):
            names.append(name)
    return names


def names_of_role(name: str, publisher: str | None) -> list[str] | None:
    """The names in a part that says a role as well; None where it says none."""
    if len(name.split()) > MOST_WORDS_WITH_ROLE:
        return None
    found = names_beside_role(name, lambda said: looks_like_a_name(said) and not is_organisation(said, publisher))
    return found and [_without_agency(name) for name in found]


def _without_agency(name: str) -> str:
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 2 and is_agency(words[-1]) else name


def _is_name_in_field(name: str, before: list[str], publisher: str | None) -> bool:
    """Whether a part without a role may be a name behind these."""
    if (
        len(name) < 2
        or len(name.split()) > MOST_WORDS
        or is_only_introduction(name)
        or _NOT_IN_NAMES.search(name)
        or ADDRESS.match(name)
        or _ROLE.search(name)
        or is_organisation(name, publisher)
    ):
        return False
    # "Jane Doe, Washington"
    return not (before and " " in before[0] and len(name.split()) == 1 and not has_caseless(name))


def looks_like_a_name(name: str) -> bool:
    """Two to six words that begin with capitals, particles aside; in scripts without capitals a short phrase."""
    if _NOT_IN_NAMES.search(name):
        return False
    words = name.split()
    if has_caseless(name):
        return 1 <= len(words) <= MOST_WORDS - 1 and 2 <= len(name) <= 30
    if not 2 <= len(words) <= MOST_WORDS:
        return False
    return words[0][0].isupper() and all(
        w[0].isupper() or fold(w) in _PARTICLES or w[:2] in ("d'", "d’", "al") for w in words
    )


def is_role_alone(whole: str) -> bool:
    """Whether a text is nothing but what somebody is."""
    return bool(_ROLE.fullmatch(whole))
