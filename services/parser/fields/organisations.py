"""Which names are those of organisations: agencies, papers, desks, the publisher himself?"""

import re
import tomllib
from pathlib import Path

from services.parser.language.folding import fold

# Letters of a name that may stand for a publisher who writes himself in one word: "El Bote", ElBote.com.
LEAST_SQUASHED = 8

_LISTS = tomllib.loads((Path(__file__).parent / "organisations.toml").read_text("utf-8"))
_AGENCIES = frozenset(map(fold, _LISTS["agencies"]))
_ORGANISATIONS = _AGENCIES | frozenset(map(fold, _LISTS["papers"]))
_DESK_WORDS = frozenset(map(fold, _LISTS["desk_words"]))
_COMPANY_WORDS = frozenset(_LISTS["company_words"])
_HOUSE_ENDINGS = tuple(_LISTS["house_endings"])
_ACCOUNTS = frozenset(_LISTS["accounts"])
ARTICLES = frozenset(_LISTS["articles"])
WORDS = re.compile(r"[^\W\d_]+")
_SITE_NAME = re.compile(r"\w\.(?:com|de|net|org|fr|is|co|info|ch|at|it|es|pl|nl|no|se|dk|ru|ua|tr|jp|uk)\b")
_AGENCY_ARTICLE = re.compile(r"^(?:l['’]|the |la |der |die |agencia |agenzia |agência |agence |агентство |ИА )", re.I)
# What may follow an agency's name in its byline: a place, alone or with a preposition, or a bracket.
_WITH_PLACE = re.compile(
    r"^(?P<agency>.{2,40}?)(?:\s(?:in|en|à|au|a|de|da|from|fra|från|i|iz|из|в|във|у|z|w|v|din|na|te|op|στο|στη|στην|dari|من|في)"
    r"|\s?[,，/–—-])\s?(?P<place>[^\W\d_][^\d,|:]{1,30})$"
)
MOST_WORDS_OF_PLACE = 3


def is_organisation(name: str, publisher: str | None) -> bool:
    """An agency, a desk, or the paper itself."""
    folded = fold(name).strip(" .")
    if folded in _ORGANISATIONS:
        return True
    words = WORDS.findall(folded)
    return _SITE_NAME.search(folded) is not None or not _DESK_WORDS.isdisjoint(words) or _belongs_to(words, publisher)


def is_house(name: str, publisher: str | None) -> bool:
    """Whether a name is the publisher's own, perhaps as a desk (`Redaktion Seeblatt`); its reporters sign."""
    if not publisher or is_agency(name):
        return False
    whole, theirs = (WORDS.findall(fold(said)) for said in (name, publisher))
    names = {_without(theirs, ARTICLES), _without(theirs, ARTICLES | _COMPANY_WORDS)} - {""}
    said = {_without(whole, ARTICLES), _without(whole, ARTICLES | _DESK_WORDS)} - {""}
    return not names.isdisjoint(said | {core.removesuffix(end) for core in said for end in _HOUSE_ENDINGS})


def _without(words: list[str], others: frozenset[str]) -> str:
    return "".join(word for word in words if word not in others)


def is_anonymous(name: str, publisher: str | None) -> bool:
    """An organisation or a user's name: whoever the page names in words is the better answer; agencies do sign."""
    return not is_agency(name) and (is_user_name(name) or is_organisation(name, publisher) or is_house(name, publisher))


def is_agency(name: str) -> bool:
    """A news agency."""
    return fold(name) in _AGENCIES


def agency_named(part: str) -> str | None:
    """The agency that this names, with or without an article: `l'AFP`, `the Associated Press`."""
    part = part.strip(" .,")
    if is_agency(part):
        return part
    name = _AGENCY_ARTICLE.sub("", part)
    return name if is_agency(name) else None


def agency_in_place(part: str) -> str | None:
    """The agency of `Associated Press in Valencia`, `Reuters à Paris`, `AFP, Manila`."""
    found = _WITH_PLACE.match(part.strip(" .,"))
    if found is None or len(found["place"].split()) > MOST_WORDS_OF_PLACE:
        return None
    return agency_named(found["agency"])


def _belongs_to(words: list[str], publisher: str | None) -> bool:
    """Whether a name is a part of the publisher's (`Bote`, `Der Bote AG`), its initials, or its start in one word."""
    if not publisher or not words:
        return False
    theirs = WORDS.findall(fold(publisher))
    whole = "".join(words)
    return (
        set(words) <= set(theirs)
        or (len(theirs) > 1 and words == ["".join(word[0] for word in theirs)])
        or (len(whole) >= LEAST_SQUASHED and "".join(theirs).startswith(whole))
    )


def is_outlet(part: str, publisher: str | None) -> bool:
    """Whether this part of a signature is the paper: it has an article, one word, or a word of the publisher's name."""
    words = WORDS.findall(fold(part))
    known = {word for word in WORDS.findall(fold(publisher or "")) if len(word) > 2} - ARTICLES
    return len(words) < 2 or words[0] in ARTICLES or not known.isdisjoint(words) or is_organisation(part, publisher)


def is_user_name(name: str) -> bool:
    """Whether this is how somebody logs in: `annalarkin`."""
    return " " not in name and name == name.lower() and name.isascii()


def is_account(name: str) -> bool:
    """Whether this is the account of a publishing system and nobody's name: `admin`."""
    return fold(name) in _ACCOUNTS
