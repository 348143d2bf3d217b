"""The fields of an inspected page as lines for a terminal: each with where it came from and what was passed over."""

from collections.abc import Iterator

from rich.text import Text

from cli.output import CONTROLS
from services.parser.fields.claims import PassedOver
from services.parser.inspect.fields import Field

# The column in which values begin.
INDENT = 16


def lines_of(fields: list[Field]) -> Iterator[Text]:
    """Yield the lines. Text of a page acts neither as rich's markup nor as a terminal command."""
    for field in fields:
        first, *others = [_plain(value) for value in field.values] or ["none"]
        yield Text(field.name.replace("_", " ").ljust(INDENT), "bold").append(first, "not bold")
        yield from (_line(value) for value in others)
        yield from (_line(said, "dim") for said in _reasons(field))


def _reasons(field: Field) -> Iterator[str]:
    yield _plain(field.why)
    if field.sources:
        yield f"said by {_plain(', '.join(field.sources))}"
    yield from map(_passed_over, field.passed_over)


def _line(text: str, style: str = "") -> Text:
    return Text(" " * INDENT + text, style)


def _passed_over(claim: PassedOver) -> str:
    return _plain(f"passed over: {claim.value} ({claim.said_by}): {claim.why}")


def _plain(text: str) -> str:
    return CONTROLS.sub(" ", text)
