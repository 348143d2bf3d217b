"""JSON Feed, however its JSON is written; and what other JSON is: no page."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.parser.documents.entries import MOST_ENTRIES, Entry, EntryList, is_web_address, whole_address
from services.parser.documents.faults import Faults
from services.parser.documents.moments import read_feed_moment
from services.parser.documents.words import first_words, title_words
from services.parser.fields.dates import DateHabits, habits_of
from services.parser.language.identification import normalise_language

# JSON begins so; some send it as the argument of a function, or behind a guard.
_START = re.compile(r"""\s*(?:\)\]\}',?\s*|[\w.$]{1,60}\(\s*)?(?=[\[{])""")
_SURE_START = re.compile(r'(?:[\[{]\s*)+"[^"\n]{0,100}"\s*[:,\]]')
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_NEXT = re.compile(r"[\s,]*(?=\{)")
_HEAD = re.compile(r'"(version|title|language|home_page_url|feed_url)"\s*:\s*("(?:[^"\\]|\\.)*")')
_OF_ITEMS = frozenset({"content_html", "content_text", "date_published", "date_modified", "external_url"})
_LENIENT = json.JSONDecoder(strict=False)


def is_json(text: str) -> bool:
    """Whether the document is JSON, or was until something cut it."""
    start = _START.match(text)
    if start is None:
        return False
    if _SURE_START.match(text, start.end()):
        return True
    try:
        msgspec.json.decode(text[start.end() :], type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def read_json_feed(text: str, url: str | None, visited_at: datetime | None = None) -> EntryList | None:
    """The items of a JSON Feed, as far as they can be read; None for other JSON."""
    faults = Faults(text)
    document, stopped_at = _document(text)
    items = document.get("items")
    if not isinstance(items, list) or not _is_feed(document, items):
        return None
    if stopped_at is not None:
        faults.mend(stopped_at, "broken JSON")
    tag = document.get("language")
    language = tag if isinstance(tag, str) else None
    habits = habits_of(normalise_language(language), language, urlsplit(url or "").hostname, visited_at)
    bases = (url, document.get("feed_url"), document.get("home_page_url"))
    base = next((base for base in bases if isinstance(base, str) and is_web_address(base)), None)
    objects = [item for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    entries = [entry for item in objects if (entry := _entry(item, base, habits))]
    return EntryList(
        title=_words(document, "title") or None,
        language=language,
        entries=entries,
        faults=faults.report(entries=len(entries), passed_over=len(items) - len(entries), stopped_at=stopped_at),
    )


def _document(text: str) -> tuple[dict[str, Any], int | None]:
    """The document, and the place where it broke, with the items before."""
    start = _START.match(text)
    at = start.end() if start else 0
    try:
        document = msgspec.json.decode(text[at:])
        return (document, None) if isinstance(document, dict) else ({}, None)
    except (msgspec.DecodeError, RecursionError):
        return _broken(text, at)


def _broken(text: str, at: int) -> tuple[dict[str, Any], int | None]:
    try:
        document, end = _LENIENT.raw_decode(text, at)
        rest = text[end:].strip()
        return (document, end if rest.strip(");") else None) if isinstance(document, dict) else ({}, None)
    except (ValueError, RecursionError):
        pass
    opening = _ITEMS.search(text, at)
    if opening is None:
        return {}, None
    head = {name: _LENIENT.decode(value) for name, value in _HEAD.findall(text, at, opening.start())}
    items: list[Any] = []
    end = opening.end()
    while item := _NEXT.match(text, end):
        try:
            value, end = _LENIENT.raw_decode(text, item.end())
        except (ValueError, RecursionError):
            break
        items.append(value)
    return {**head, "items": items}, end


def _is_feed(document: dict[str, Any], items: list[Any]) -> bool:
    version = document.get("version")
    if isinstance(version, str) and "jsonfeed.org/" in version:
        return True
    first = items[0] if items else None
    return isinstance(first, dict) and not _OF_ITEMS.isdisjoint(first)


def _entry(item: dict[str, Any], base: str | None, habits: DateHabits) -> Entry | None:
    """None for an item that says nothing."""
    url = _address(item, base)
    text = _words(item, "title") or _beginning(item) or url or _string(item, "image")
    language, times = _string(item, "language"), (_string(item, "date_published"), _string(item, "date_modified"))
    return (
        Entry(
            text=text,
            url=url,
            published_at=next((moment for time in times if (moment := read_feed_moment(time, habits))), None),
            language=language or None,
        )
        if text
        else None
    )


def _address(item: dict[str, Any], base: str | None) -> str | None:
    """Its address, or its name if that is one."""
    found = (whole_address(_string(item, name), base) for name in ("url", "external_url"))
    name = _string(item, "id").strip()
    return next((address for address in found if address), name if is_web_address(name) else None)


def _beginning(item: dict[str, Any]) -> str:
    texts = (_string(item, name) for name in ("summary", "content_text", "content_html"))
    return next((words for text in texts if (words := first_words(text))), "")


def _words(of: dict[str, Any], name: str) -> str:
    return title_words(_string(of, name))


def _string(of: dict[str, Any], name: str) -> str:
    """A field, or nothing; a lone surrogate cannot be stored."""
    value = of.get(name)
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
