"""Where does a field of the result come from, and what was passed over? The record of the answer, and how it is found.

What was said is held against the result: who says the same is named as a source, and all else is passed over with the
reason that the steps which decide have left.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from services.parser.fields.claims import PassedOver
from services.parser.language.folding import bare

PAGE_TEXT = "the page's text"
# A page that says the same thing in a hundred places is not shown with all of them.
MOST_PASSED_OVER = 12
# A value is shown up to so many characters.
LONGEST_VALUE = 200

# Where something is said, and what.
Said = tuple[str, str]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the result: how it was found or why it is empty, who says the same, and what was not believed."""

    name: str
    values: list[str]
    why: str = ""
    sources: list[str] = []
    passed_over: list[PassedOver] = []


def compared(
    field: Field,
    said: Iterable[Said],
    why_not: Callable[[str], str] | str,
    agrees: Callable[[str], bool] | None = None,
) -> Field:
    """Returns the field with all that is said of it: as sources what `agrees`, else as passed over, and why not.

    Without `agrees`, what says a value of the field in other letters agrees.
    """
    agrees = agrees or agrees_with(field.values)
    sources, passed_over = list(field.sources), list(field.passed_over)
    for place, value in dict.fromkeys(said):
        if agrees(value):
            sources.append(place if value in field.values else f"{place} ({shortened(value)})")
        else:
            why = why_not if isinstance(why_not, str) else why_not(value)
            passed_over.append(PassedOver(said_by=place, value=shortened(value), why=why))
    return msgspec.structs.replace(
        field, sources=list(dict.fromkeys(sources)), passed_over=passed_over[:MOST_PASSED_OVER]
    )


def never(_said: str) -> bool:
    """Nothing that is said so agrees."""
    return False


def agrees_with(values: Sequence[str]) -> Callable[[str], bool]:
    """Returns a function that tells whether something said is one of the values, apart from case and marks."""
    wanted = {bare(value) or value for value in values}
    return lambda said: (bare(said) or said) in wanted


def shortened(value: str) -> str:
    """Returns the value in one line of a length that can be shown."""
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_VALUE else f"{line[:LONGEST_VALUE]}…"
