"""The JSON of feeds, read as far as it goes: behind what scripts write, with small mistakes, or item by item."""

import json
import re
from contextlib import suppress
from typing import Any

import msgspec

# JSON begins so; some send it as the argument of a function, or behind a guard.
_START = re.compile(r"""\s*(?:\)\]\}',?\s*|[\w.$]{1,60}\(\s*)?(?=[\[{])""")
# The warnings of a script before it: lines, the first of which begins with a tag.
_START_IN_JUNK = re.compile(r'\s*<[^\n]{0,1000}(?:\n(?!\s*\{)[^\n]{0,1000}){0,20}\n\s*(?=\{\s*")')
# As much, and more, among the bytes of its UTF-8: whatever is not of ASCII may be a space there, as may a long run.
_SPACES = rb"[\s\x1c-\x1f\x80-\xff]"
_MAYBE_IN_JUNK = re.compile(
    rb"\s*<[^\n]{0,4000}(?:\n[^\n]{0,4000}){0,20}"
    rb"\n%(any)s{0,4000}+(?:%(any)s|\{%(any)s{0,4000}+(?:%(any)s|\"))" % {b"any": _SPACES}
)
JSON_FEED = "jsonfeed.org"
# What can be left out: a comma behind the last value, a backslash before what needs none.
_STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s{0,99}[}\]])', re.S)
_BACKSLASH = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?')
# An item that cannot be read is passed over; a document with more of them is no feed.
MOST_BROKEN = 100
_BETWEEN = re.compile(r"\}\s*,\s*(?=\{)")
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_NEXT = re.compile(r"[\s,]*(?=\{)")
_HEAD = re.compile(r'"(version|title|language|home_page_url|feed_url)"\s*:\s*("(?:[^"\\]|\\.){0,2000}+")')
_LENIENT = json.JSONDecoder(strict=False)


class ReadJson(msgspec.Struct, frozen=True, kw_only=True):
    """What has been read of a document: where it is broken first, and where the reading ended."""

    document: Any = None
    broken_at: int | None = None
    stopped_at: int | None = None
    passed_over: int = 0  # items that cannot be read


def start_of(text: str) -> re.Match[str] | None:
    """What stands before the JSON of a document, or None for one that is no JSON."""
    start = _START.match(text) or _START_IN_JUNK.match(text)
    # The whole of a page is searched last: hardly any has gone so far.
    return start if start is None or "<" not in start[0] or JSON_FEED in text else None


def may_be_json(utf8: bytes) -> bool:
    """Whether `start_of` may find something before the JSON of a document that begins with a tag."""
    return _MAYBE_IN_JUNK.match(utf8) is not None


def read_json(text: str) -> ReadJson:
    """The document, or what can be read of it."""
    start = start_of(text)
    at = start.end() if start else 0
    junk = 0 if start and "<" in start[0] else None
    try:
        return ReadJson(document=msgspec.json.decode(text[at:]), broken_at=junk)
    except (msgspec.DecodeError, RecursionError):
        pass
    for mended in (False, True):
        tried = _mended(text) if mended else text
        with suppress(ValueError, RecursionError):
            document, end = _LENIENT.raw_decode(tried, at)
            cut = end if tried[end:].strip().strip(");") else None
            return ReadJson(document=document, broken_at=at if mended else cut, stopped_at=cut)
    return _item_by_item(_mended(text), at)


def _mended(text: str) -> str:
    """The text without commas behind the last value, and without backslashes before what needs none."""

    def instead(found: re.Match[str]) -> str:
        string: str | None = found[1]
        if string is None:
            return ""
        return _BACKSLASH.sub(lambda escape: escape[0] if escape[1] else "", string) if "\\" in string else string

    return _STRING_OR_COMMA.sub(instead, text)


def _item_by_item(text: str, at: int) -> ReadJson:
    opening = _ITEMS.search(text, at)
    if opening is None:
        return ReadJson()
    head = {name: _LENIENT.decode(value) for name, value in _HEAD.findall(text, at, opening.start())}
    items: list[Any] = []
    broken: list[int] = []
    end = opening.end()
    while item := _NEXT.match(text, end):
        at = item.end()
        try:
            value, end = _LENIENT.raw_decode(text, at)
            if not broken or "id" in value:
                items.append(value)
                continue  # what has no id may be a part of an item that is broken
        except (ValueError, RecursionError):
            broken.append(at)
        following = _BETWEEN.search(text, at)
        if following is None or len(broken) > MOST_BROKEN:
            end = at
            break
        end = following.end()
    return ReadJson(
        document={**head, "items": items},
        broken_at=broken[0] if broken else end,
        stopped_at=None if text[end:].lstrip().startswith("]") else end,
        passed_over=len(broken),
    )
