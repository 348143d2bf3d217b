"""Do the headlines of a list begin with their ranks?

A rank in an element of its own is left out by headline_text.py. One that stands in the text can only be told from a
number that the headline begins with ("5 dead in flood") by the list as a whole: the ranks of its entries run in order.
"""

import re
import unicodedata

import msgspec

from services.parser.lists.story_lists import Item

# So many entries must be numbered, and at least this share of all.
FEWEST_RANKED, RANKED_SHARE = 3, 0.8

_RANK = re.compile(
    r"(?:[#№第(\[]|n(?:[o°º]|um|r)\.?|top)?\s*"
    r"(?P<rank>\d{1,2}|[①-⑳❶-❿➀-➉➊-➓])(?!\d)"
    r"(?P<mark>\s*(?:위|位|名|[.,]?[º°ª]|[.)\]:：、．|]+(?!\d)|[–—-](?=\s))*)(?P<space>\s*)(?=\S)",
    re.I,
)


class _Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A number that a text begins with, and the text behind it."""

    number: int
    rest: str


def take_ranks_off(items: list[Item]) -> None:
    """Take the ranks off the headlines, where the numbers at their beginnings run in order."""
    links = [item.link for item in items if item.link.text]
    if len(links) < FEWEST_RANKED:
        return
    if not any(_ranked(link.text) for link in links[:2]):
        return
    ranked = [_ranked(link.text) for link in links]
    numbers = [one.number - at for at, one in enumerate(ranked) if one is not None]
    if len(numbers) < max(FEWEST_RANKED, RANKED_SHARE * len(links)) or len(set(numbers)) > 1:
        return
    for link, one in zip(links, ranked, strict=True):
        if one is not None:
            link.text = one.rest


def _ranked(text: str) -> _Ranked | None:
    """Returns the number and the rest of a text that may begin with a rank; None if it does not."""
    found = _RANK.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    # A number glued to a small letter is a word: "1st", "5km".
    if not found["mark"] and not found["space"] and (rest[0].islower() or not rest[0].isalpha()):
        return None
    return _Ranked(
        number=int(unicodedata.numeric(found["rank"])) if len(found["rank"]) == 1 else int(found["rank"]), rest=rest
    )
