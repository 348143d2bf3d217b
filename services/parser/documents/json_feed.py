"""JSON Feed, however its JSON is written; and what other JSON is: no page."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.parser.documents.entries import MOST_ENTRIES, Entry, EntryList, is_web_address, whole_address
from services.parser.documents.faults import Faults
from services.parser.documents.json_text import JSON_FEED, read_json, start_of
from services.parser.documents.moments import read_feed_moment
from services.parser.documents.words import first_words, picture_in, title_words
from services.parser.fields.dates import DateHabits, habits_of
from services.parser.language.identification import normalise_language

_SURE_START = re.compile(r'(?:[\[{]\s*)+"[^"\n]{0,100}"\s*[:,\]]')
_OF_ITEMS = frozenset({"content_html", "content_text", "date_published", "date_modified", "external_url"})


def is_json(text: str) -> bool:
    """Whether the document is JSON, or was until something cut it."""
    start = start_of(text)
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
    read = read_json(text)
    document = read.document if isinstance(read.document, dict) else {}
    items = _items(document)
    if items is None or not _is_feed(document, items):
        return None
    if read.broken_at is not None:
        faults.mend(read.broken_at, "broken JSON")
    tag = document.get("language")
    language = tag if isinstance(tag, str) else None
    habits = habits_of(normalise_language(language), language, urlsplit(url or "").hostname, visited_at)
    bases = (url, document.get("feed_url"), document.get("home_page_url"))
    base = next((base for base in bases if isinstance(base, str) and is_web_address(base)), None)
    objects = [item for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    entries = [entry for item in objects if (entry := _entry(item, base, habits))]
    passed_over = len(items) - len(entries) + read.passed_over
    return EntryList(
        title=_words(document, "title") or None,
        language=language,
        entries=entries,
        faults=faults.report(entries=len(entries), passed_over=passed_over, stopped_at=read.stopped_at),
    )


def _items(document: dict[str, Any]) -> list[Any] | None:
    """The items; PHP writes a list with a gap as an object with numbers for names."""
    items = document.get("items")
    if isinstance(items, dict) and all(name.isdigit() for name in items):
        return list(items.values())
    return items if isinstance(items, list) else None


def _is_feed(document: dict[str, Any], items: list[Any]) -> bool:
    version = document.get("version")
    if isinstance(version, str) and f"{JSON_FEED}/" in version:
        return True
    first = items[0] if items else None
    if not isinstance(first, dict):
        return False
    return not _OF_ITEMS.isdisjoint(first) or ("title" in document and first.keys() >= {"id", "title", "url"})


def _entry(item: dict[str, Any], base: str | None, habits: DateHabits) -> Entry | None:
    """None for an item that says nothing."""
    url = _address(item, base)
    text = _words(item, "title") or _beginning(item) or url or _picture(item)
    language, times = _string(item, "language"), (_time(item, "date_published"), _time(item, "date_modified"))
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
    named = whole_address(name, base) if is_web_address(name) or (name.startswith("/") and " " not in name) else None
    return next((address for address in found if address), named)


def _picture(item: dict[str, Any]) -> str:
    """The address of a picture or a recording that is all there is."""
    attached = item.get("attachments")
    files = attached if isinstance(attached, list) else []
    addresses = [_string(file, "url") for file in files if isinstance(file, dict)]
    addresses.append(picture_in(_string(item, "content_html")))
    return _string(item, "image") or next(filter(is_web_address, addresses), "")


def _time(item: dict[str, Any], name: str) -> str:
    """A time as text; some write it in seconds since 1970."""
    value = item.get(name)
    return str(value) if isinstance(value, int) else _string(item, name)


def _beginning(item: dict[str, Any]) -> str:
    texts = (_string(item, name) for name in ("summary", "content_text", "content_html"))
    return next((words for text in texts if (words := first_words(text))), "")


def _words(of: dict[str, Any], name: str) -> str:
    return title_words(_string(of, name))


def _string(of: dict[str, Any], name: str) -> str:
    """A field, or nothing; a lone surrogate cannot be stored."""
    value = of.get(name)
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
