"""How commands write numbers of things: `1 page`, `1,204 pages`."""

IRREGULAR = {"is": "are", "has": "have", "was": "were", "its": "their"}


def counted(number: int, noun: str) -> str:
    """Return the number with its noun, of which only the first word takes the plural: `2 pages of a host`."""
    return f"{number:,} {plural(number, noun)}"


def plural(number: float, word: str) -> str:
    """Return the word as it stands beside this number."""
    if number == 1:
        return word
    first, space, rest = word.partition(" ")
    return f"{IRREGULAR.get(first) or _plural(first)}{space}{rest}"


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
