"""Who wrote this? Names of people out of what pages put into author fields and bylines.

Author fields hold introductions, roles, e-mail addresses, agencies and the paper's own name beside the people. An
agency or the publisher is an author only where nobody else is.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from services.parser.fields.byline_text import bare, without_introduction, without_prefix, without_trailing
from services.parser.fields.names import (
    ADDRESS,
    MOST_WORDS,
    is_role_alone,
    looks_like_a_name,
    names_among,
    names_of_role,
    split_names,
)
from services.parser.fields.organisations import (
    WORDS,
    agency_in_place,
    agency_named,
    is_account,
    is_organisation,
    is_outlet,
    is_user_name,
)
from services.parser.fields.roles import is_nothing_but_role, says_role
from services.parser.language.folding import fold
from services.parser.language.scripts import has_caseless

# Longer text is a sentence, not a byline.
LONGEST_BYLINE: Final = 160
# More names without capitals are a list of topics.
MOST_CASELESS: Final = 4
# Without capitals and without a word like "by", more phrases are no names.
MOST_IN_PAIR: Final = 2
# A byline that ends an article: names, a slash, the paper.
LEAST_SIGNATURE: Final = 3
LONGEST_SIGNATURE: Final = 80
LONGEST_ORGANISATION: Final = 60

# "Jane DoeTwitter": two elements without a space between them; "McGregor" is none.
_GLUED = re.compile(r"([A-Z][\w'’.-]* [A-Z][^\W\d_A-Z]{3,}(?<!Fitz))(?=[A-Z][a-z])")
_INVERTED = re.compile(r"^([A-Z][\w'’-]+), ([A-Z][\w'’-]+(?: [A-Z]\.)?)$")
_PICTURE_CREDIT = re.compile(r"^\W*(?:image|photo|picture|foto|bild|credit)\w*\s*:", re.I)
# What stands beside a name to be clicked, without a mark between them.
_BUTTON = re.compile(
    r"\s+(?=(?:e-?mail|follow|subscribe|share|tweet|print|updated|view (?:profile|bio|all)|read more|teilen|suivre|"
    r"seguir|condividi|partager|compartir)\b)",
    re.I,
)
_IDENTIFIER = re.compile(r"[\d\W]+|\w+(?:\.\w+){2,}")
_BRACKETS = re.compile(r"\s*[(\[{（】<].*?(?:[)\]}）】>]|$)")
_LINE_EDGE = re.compile(r"[|·•⋅]|\s[–—-]\s")
_NOT_IN_SIGNATURES = re.compile(r"[!?…:%€$=_#*<>]|\d{2}|https?|^\W|^\d")
_BUTTON_WORDS = frozenset(tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))["button_words"])


def people(values: Iterable[str | None], publisher: str | None = None) -> list[str]:
    """The authors that author fields name, in order and once each.

    Agencies sign beside people; other organisations only where no person is named.
    """
    persons: dict[str, str] = {}
    agencies: dict[str, str] = {}
    others: dict[str, str] = {}
    for whole in filter(None, map(_field_text, values)):
        is_desk = is_organisation(whole, publisher) and not says_role(whole)
        names = [] if is_desk or is_account(whole) else names_among(whole, publisher)
        for name in names:
            persons.setdefault(fold(name), name)
        for agency in filter(None, map(agency_named, split_names(whole))):
            agencies.setdefault(fold(agency), agency)
        if not names and _may_sign(whole):
            others.setdefault(fold(whole), whole)
    if any(" " in name for name in persons.values()):  # a user's name beside a full one is the same person's
        persons = {key: name for key, name in persons.items() if not is_user_name(name)}
    return list((persons | agencies if persons else others).values())


def _field_text(value: str | None) -> str:
    """The names in an author field, without a prefix; "" for an address, a number or a picture's credit."""
    if not value or _PICTURE_CREDIT.match(value):
        return ""
    text = _INVERTED.sub(r"\2 \1", bare(value))
    return "" if ADDRESS.match(text) or _IDENTIFIER.fullmatch(text) else without_prefix(text) or text


def _may_sign(whole: str) -> bool:
    """Whether an author field without people may be an organisation."""
    return (
        not is_role_alone(whole)
        and not is_account(whole)
        and not ADDRESS.match(whole)
        and len(whole) <= LONGEST_ORGANISATION
    )


def byline_people(text: str, publisher: str | None = None, *, pen_names: bool = False) -> list[str]:
    """The people in a visible byline; stricter than `people`, because a byline's box also holds dates and links.

    Only what looks like a full name counts, so that "Updated yesterday" and "Follow us" do not become authors;
    `pen_names` admits single words as well, for boxes that hold nothing but the author.
    """
    if not text:
        return []
    raw = bare(text)
    body = without_introduction(raw)
    parts = [
        name
        for name in names_among(_BUTTON.sub(" | ", _GLUED.sub(r"\1 | ", body)), publisher)
        if _BUTTON_WORDS.isdisjoint(WORDS.findall(fold(name)))
    ]
    names = [name for name in parts if looks_like_a_name(name)]
    if has_caseless(body) and (len(names) > MOST_CASELESS or (len(parts) > 1 and body == raw and not _is_pair(names))):
        return []  # without capitals to go by, a list of phrases is not a list of names
    if not names and pen_names and len(parts) == 1 and " " not in parts[0]:
        names = parts
    return list({fold(name): name for name in names}.values())


def signed_by(text: str) -> str | None:
    """Who signs a byline that names no person: a desk, a team, a pen name."""
    body = without_introduction(bare(text))
    part = next((clean for part in _LINE_EDGE.split(body) if (clean := without_trailing(part).strip(" .,:;-–—"))), "")
    words = part.split()
    if not 1 <= len(words) <= MOST_WORDS or len(part) < LEAST_SIGNATURE or _NOT_IN_SIGNATURES.search(part):
        return None
    if not _BUTTON_WORDS.isdisjoint(WORDS.findall(fold(part))) or is_nothing_but_role(part):
        return None
    return part


def agency_of(text: str, *, is_byline: bool) -> str | None:
    """The agency that a line names with its place or behind "By" (`AFP, Manila`); alone only in a byline's box."""
    line = bare(text)
    body = without_introduction(line)
    part = next((clean for part in _LINE_EDGE.split(body) if (clean := part.strip(" .,:;"))), "")
    return agency_in_place(part) or (agency_named(part) if is_byline or body != line else None)


def people_with_roles(text: str, publisher: str | None = None) -> list[str]:
    """The people of a line that names them, says what they are, and nothing else: `김하늘 기자`, `记者 张三`.

    For scripts without capitals; with capitals to go by, other lines are bylines, too.
    """
    line = bare(text)
    if len(line) > LONGEST_SIGNATURE or not has_caseless(line) or not says_role(line):
        return []
    parts = [without_trailing(without_prefix(part)).strip(" .,:;-–—") for part in split_names(line)]
    named = [names_of_role(part, publisher) for part in parts if part]
    if not any(named):
        return []
    names: list[str] = []
    for part, beside in zip(filter(None, parts), named, strict=True):
        if beside is None and not looks_like_a_name(part):
            return []
        names += [part] if beside is None else beside
    return list(dict.fromkeys(names))


def signature(line: str, publisher: str | None = None) -> list[str]:
    """The people of a line that is nothing but a byline (`Par Jean Dupont`, `Jean Dupont / Le Journal`), else nothing.

    For lines of running text, where taking a sentence or a subhead for a byline would lose it.
    """
    line = line.strip()
    if not line or len(line) > LONGEST_SIGNATURE or line[-1] in '.!?…»"':
        return []
    body = without_prefix(line)
    announced = body != line
    parts = [part for part in split_names(_BRACKETS.sub("", body)) if part]
    names = [part for part in parts if looks_like_a_name(part) and not is_outlet(part, publisher)]
    if announced:
        return names
    # Without capitals to go by, a name must stand beside the name of its paper.
    beside = len(parts) > len(names)
    if len(parts) > len(names) + 1 or (has_caseless(line) and not beside):
        return []
    return names


def people_of_line(text: str) -> list[str]:
    """The people of a line whose date was taken out: of the first part between bars and dashes that is a signature."""
    for part in _LINE_EDGE.split(text):
        line = without_trailing(part.strip()).strip(" ,:;")
        names = signature(line) if _BUTTON_WORDS.isdisjoint(WORDS.findall(fold(line))) else []
        if names:
            return names
    return []


def _is_pair(names: list[str]) -> bool:
    """Whether these are at most two names of several words each."""
    return len(names) <= MOST_IN_PAIR and all(" " in name for name in names)
