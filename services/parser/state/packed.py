"""Unpacks what frameworks pack before they write it into a page: values that refer to each other by number or name.

The results are plain values. What refers to itself, or takes more steps than MOST_VALUES, is cut off there.
"""

import json
import re
from contextlib import suppress

# A page's state has up to 30,000 values.
MOST_VALUES = 100_000
DEEPEST = 60

_ROW = re.compile(rb"([0-9a-f]*):(?:T([0-9a-f]+),|([A-Z]*))")
_REFERENCE = re.compile(r"\$[L@QWBi]?([0-9a-f]+)")
_ELEMENT_SIZE = 4


class _Steps:
    """Counts down, so that values which refer to one another many times are no bomb."""

    def __init__(self) -> None:
        self.left = MOST_VALUES

    def take(self, depth: int) -> bool:
        self.left -= 1
        return self.left > 0 and depth < DEEPEST


def is_flat(value: object) -> bool:
    """Whether the values of this list refer to each other by place, as those of Nuxt and Remix do."""
    if not isinstance(value, list) or len(value) < 3 or not isinstance(value[0], dict | list):
        return False
    first = value[0].values() if isinstance(value[0], dict) else value[0][1:]
    places = list(first)
    return bool(places) and all(type(place) is int and place < len(value) for place in places)


def unflattened(flat: list[object]) -> object:
    """Returns the first value of a flat list with all that it refers to."""
    steps = _Steps()
    open_places: set[int] = set()

    def at(place: object, depth: int) -> object:
        if type(place) is not int:
            return place
        if not 0 <= place < len(flat) or place in open_places or not steps.take(depth):
            return None
        open_places.add(place)
        value = of(flat[place], depth + 1)
        open_places.discard(place)
        return value

    def of(value: object, depth: int) -> object:
        if isinstance(value, dict):
            return {_key(name, flat): at(place, depth) for name, place in value.items()}
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], str):  # A value of a kind that JSON lacks: a date, a promise, a reference.
            return at(value[-1], depth) if len(value) == 2 else [at(place, depth) for place in value[1:]]
        return [at(place, depth) for place in value]

    return at(0, 0)


def _key(name: str, flat: list[object]) -> str:
    """Returns the name of a field; turbo-stream writes names as `_` and a place."""
    if name[:1] == "_" and name[1:].isdecimal() and int(name[1:]) < len(flat):
        return str(flat[int(name[1:])])
    return name


def flight_values(chunks: str) -> list[object]:
    """Returns the rows of React's flight format with what they refer to; elements become records with a `tag`."""
    rows = _flight_rows(chunks.encode("utf-8", "replace"))
    steps = _Steps()
    open_rows: set[str] = set()

    def of(value: object, depth: int) -> object:
        if not steps.take(depth):
            return None
        if isinstance(value, dict):
            return {name: of(item, depth + 1) for name, item in value.items()}
        if isinstance(value, list):
            if len(value) >= _ELEMENT_SIZE and value[0] == "$" and isinstance(value[3], dict):
                return {"tag": value[1], **{name: of(item, depth + 1) for name, item in value[3].items()}}
            return [of(item, depth + 1) for item in value]
        if isinstance(value, str) and value[:1] == "$":
            return _referred(value, depth)
        return value

    def _referred(said: str, depth: int) -> object:
        reference = _REFERENCE.fullmatch(said)
        if reference is None:
            return said[1:] if said[1:2] == "$" else said[2:] if said[1:2] == "D" else None
        name = reference[1]
        if name in open_rows or name not in rows:
            return None
        open_rows.add(name)
        value = of(rows[name], depth + 1)
        open_rows.discard(name)
        return value

    return [of(row, 0) for row in rows.values() if not isinstance(row, str)]


def _flight_rows(data: bytes) -> dict[str, object]:
    """Returns the rows by their number: `5:{…}` up to the end of the line, or `6:T4a2,…` of so many bytes of text."""
    rows: dict[str, object] = {}
    at = 0
    while (row := _ROW.match(data, at)) is not None:
        name = row[1].decode()
        if row[2] is not None:
            at = row.end() + int(row[2][:8], 16)
            rows[name] = data[row.end() : at].decode("utf-8", "replace")
        else:
            end = data.find(b"\n", row.end())
            end = len(data) if end < 0 else end
            with suppress(ValueError, RecursionError):
                rows[name] = json.loads(data[row.end() : end])
            at = end
        at += data[at : at + 1] == b"\n"
    return rows


def astro_values(value: object, depth: int = 0) -> object:
    """Returns the props of an Astro island, in which each value is a pair of its kind and itself."""
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {name: astro_values(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list) and len(value) == 2 and type(value[0]) is int:
        inner = value[1]
        return (
            [astro_values(item, depth + 1) for item in inner] if isinstance(inner, list) else astro_values(inner, depth)
        )
    return value
