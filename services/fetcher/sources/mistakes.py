"""All that is wrong with the text of a sources file, at once and in the order of its lines.

Some mistakes keep the stack from using the file. Others do not, such as two sources of one address: only
`depeche sources check` tells those, because a file that was in use yesterday must not stop a start of today.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, ValidationError

from services.fetcher.sources.source import ALONE, Source
from services.fetcher.sources.toml_places import Places
from shared.urls import url_key

# A shorter interval (s) asks a publisher more than once a minute for what is nearly always the same.
SHORTEST_EVERY_S = 60
# A misspelt `[[source]]` is as near to it as this (difflib's ratio): `sources` is .92, `scource` .92, `feed` .2.
NEAR = 0.6


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake, on this line where it has one; a `usable` one does not keep the stack from using the file."""

    line: int | None
    text: str
    usable: bool = False


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The sources of a file, none if one has a mistake that makes the file unusable, and all mistakes by line."""

    sources: list[Source]
    mistakes: list[Mistake]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: list[Source] = []


def check_text(text: str, *, strict: bool) -> Checked:
    """Returns what the text says, and what is wrong with it; raises TOMLDecodeError. `strict` looks for usable ones."""
    tables = tomllib.loads(text)
    try:
        sources = _File.model_validate(tables).source
    except ValidationError:
        sources = None  # which is slow, so that only a file with mistakes is read table by table
    if sources is not None and not strict and len({source.name for source in sources}) == len(sources):
        return Checked(sources=sources, mistakes=[])
    mistakes = sorted(_mistakes(tables, Places(text), strict=strict), key=lambda m: (m.line is None, m.line or 0))
    usable = sources is not None and all(mistake.usable for mistake in mistakes)
    return Checked(sources=sources if usable and sources is not None else [], mistakes=mistakes)


def _mistakes(tables: Mapping[str, Any], places: Places, *, strict: bool) -> Iterator[Mistake]:
    parts = []
    for name, value in tables.items():
        is_meant = name == "source" or bool(difflib.get_close_matches(name, ["source"], 1, NEAR))
        yield from _wrong_table(name, value, places, is_meant=is_meant)
        rows = value if isinstance(value, list) else [value]
        if is_meant and all(isinstance(row, dict) for row in rows):
            parts += [_Part(table=name, number=number, keys=row) for number, row in enumerate(rows)]
    for part in parts:
        yield from _of_part(part, places, strict=strict)
    yield from _doubled(parts, places, "name", "two sources have the name {!r}; the first is {}", usable=False)
    if strict:
        yield from _doubled(parts, places, "url", "two sources have the address {}; the first is {}", usable=True)


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A source as it is written."""

    table: str
    number: int
    keys: dict[str, Any]

    def at(self, places: Places, key: str) -> int | None:
        return places.line_of((self.table, self.number, key))

    def mistake(self, places: Places, key: str, text: str, *, usable: bool = False) -> Mistake:
        named = f"[[{self.table}]] number {self.number + 1}" + (f", {key}" if key else "")
        return Mistake(line=self.at(places, key), text=f"{named}: {text}", usable=usable)


def _wrong_table(name: str, value: Any, places: Places, *, is_meant: bool) -> Iterator[Mistake]:
    """Yields what is wrong with a table as a whole: its name, its brackets, or that it is none."""
    is_table = isinstance(value, dict) or (isinstance(value, list) and all(isinstance(row, dict) for row in value))
    if name == "source" and isinstance(value, list) and is_table:
        return
    line = places.line_of((name,))
    if not is_table:
        yield Mistake(line=line, text=f"{name}: {_loose_key(name, is_meant=is_meant)}")
    elif name == "source":
        yield Mistake(line=line, text="[source]: write [[source]], with two brackets on each side")
    else:
        brackets = "[[{}]]" if isinstance(value, list) else "[{}]"
        message = "there is no such table; " + ("do you mean [[source]]?" if is_meant else "a source is a [[source]]")
        for at in (*places.lines_of_tables(name),) or (line,):
            yield Mistake(line=at, text=f"{brackets.format(name)}: {message}")


def _loose_key(name: str, *, is_meant: bool) -> str:
    if is_meant:
        return "there is no such key; do you mean source?" if name != "source" else "write a [[source]] for each source"
    if name in Source.model_fields:
        return "it stands in no source; write it below the [[source]] that it is for"
    return "there is no such key"


def _of_part(part: _Part, places: Places, *, strict: bool) -> Iterator[Mistake]:
    """Yields each key that cannot be used; of the others what contradicts another, and intervals under the floor."""
    wrong = set()
    for error in _errors(part.keys):
        key = str(error["loc"][0])
        if key not in wrong:  # one mistake of a list is enough
            wrong.add(key)
            yield part.mistake(places, key, _said(key, error))
    sound = {key: value for key, value in part.keys.items() if key not in wrong}
    source = Source.model_validate({"name": "a", "url": "https://a.example/", **sound}, context=ALONE)
    for contradiction in source.contradictions():
        if wrong.isdisjoint(contradiction.keys):
            key = next((key for key in contradiction.keys if key in part.keys), "")
            yield part.mistake(places, key, contradiction.text)
    for key in ("every", "every_min", "every_max") if strict else ():
        seconds = getattr(source, key) if key in sound else "adaptive"
        if isinstance(seconds, int) and seconds < SHORTEST_EVERY_S:
            text = f"{sound[key]} is under the floor of {SHORTEST_EVERY_S}s: no publisher has news that often"
            yield part.mistake(places, key, text, usable=True)


def _errors(keys: dict[str, Any]) -> Sequence[Any]:
    try:
        Source.model_validate(keys, context=ALONE)
    except ValidationError as error:
        return error.errors()
    return ()


def _said(key: str, error: Any) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        nearest = difflib.get_close_matches(key.lower(), list(Source.model_fields), 1)
        return "there is no such key" + (f"; do you mean {nearest[0]}?" if nearest else "")
    if kind in SAID:
        return SAID[kind].format(**limits)
    return str(error["msg"]).removeprefix("Value error, ")


# What pydantic finds, in the words of somebody who writes the file.
SAID = {
    "missing": "each source needs one, and here is none",
    "string_type": 'write a text: "..."',
    "string_too_short": "it is empty",
    "string_too_long": "it is longer than {max_length} characters",
    "string_pattern_mismatch": "write it in one line of ASCII characters",  # user_agent alone has a pattern
    "literal_error": "write {expected}",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
}


def _doubled(parts: Sequence[_Part], places: Places, key: str, message: str, *, usable: bool) -> Iterator[Mistake]:
    """Yields each source whose value of this key another has that stands before it.

    Addresses are alike if the stack takes them for one page; a source that is off does not get in another's way.
    """
    first: dict[str, _Part] = {}
    for part in parts:
        value = part.keys.get(key)
        if not isinstance(value, str) or not value.strip() or (usable and part.keys.get("enabled") is False):
            continue
        before = first.setdefault(url_key(value) if key == "url" else value, part)
        if before is not part:
            line = before.at(places, key)
            where = f"on line {line}" if line else f"number {before.number + 1}"
            yield part.mistake(places, key, message.format(value, where), usable=usable)
