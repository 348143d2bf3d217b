"""Which part of a page does a class name or id announce: a menu, a footer, an advertisement, a share bar?

A name is read word by word: "has-ad", "ad-free" and "hide-read-more-ad" say something of a box of content, "ad-slot"
says what the box is. The words are in words.toml.
"""

import re
from functools import lru_cache

from services.parser.lists.words import ZONE_WORDS

# A zone whose links are headlines only if they read like those of the site's own stories.
DOUBTFUL = "doubtful"
# A menu by its class name, which themes also give to columns and carousels of stories. A <nav> is "nav".
MENU = "menu"

_WORD = re.compile(r"[-_:/]+")
_ZONES: dict[str, str] = {word: zone for zone in ("footer", MENU, "never") for word in ZONE_WORDS[zone]}
_ADVERTS, _PROMOS = frozenset(ZONE_WORDS["advert"]), frozenset(ZONE_WORDS["promo"])
_PARTS_OF_ADVERT = frozenset(ZONE_WORDS["part_of_advert"])
_SERVICES = frozenset(ZONE_WORDS["service"])
_OF_OTHERS = _ADVERTS | _SERVICES | _PARTS_OF_ADVERT
_UNDOING, _UNDONE = frozenset(ZONE_WORDS["undoing"]), frozenset(ZONE_WORDS["undone"])


@lru_cache(maxsize=8192)
def zone_of_hint(hint: str) -> str | None:
    """Returns the zone that the first telling name says. Cached, because the elements of a page share their names."""
    for name in hint.split():
        zone = _zone_of_name(name)
        if zone is not None:
            return zone
    return None


@lru_cache(maxsize=8192)
def is_of_others(hint: str) -> bool:
    """Whether a name says that the box is an advertisement, or one of the site's services beside its news."""
    names = [[word for word in _WORD.split(name) if word] for name in hint.split()]
    return any(words and not _PARTS_OF_ADVERT.issuperset(words) and _OF_OTHERS.issuperset(words) for words in names)


@lru_cache(maxsize=16384)
def _zone_of_name(name: str) -> str | None:
    """Returns the zone that one class name says; None if it says none, or only that the box has such a part."""
    words = [word for word in _WORD.split(name) if word]
    if not words or words[0] in _UNDOING or words[-1] in _UNDONE:
        return _if_advert(words)
    for at, word in enumerate(words):
        if word in _ADVERTS:
            others = words[:at] + words[at + 1 :]
            whole = all(other in _PARTS_OF_ADVERT or other in _ADVERTS or other.isdigit() for other in others)
            return "never" if whole else DOUBTFUL
        if word in _PROMOS:
            return DOUBTFUL
        if word in _SERVICES and at == 0 and _PARTS_OF_ADVERT.issuperset(words[1:]):
            return "never"
        zone = _ZONES.get(word) or (_ZONES.get(f"{word}-{words[at + 1]}") if at + 1 < len(words) else None)
        if zone is not None:
            return zone
    return None


def _if_advert(words: list[str]) -> str | None:
    """Returns a doubt for "hide-ad", which may be the advertisement itself, and None for "has-comments"."""
    return DOUBTFUL if not _ADVERTS.isdisjoint(words) else None
