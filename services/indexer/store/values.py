"""From a parse result's values to what Postgres can hold."""

import hashlib
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Literal

import msgspec

Precision = Literal["day", "local", "instant"]

DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A time as the page gave it: a `day` (stored as its midnight), a `local` time (no offset; taken for UTC) or an
    `instant`."""

    at: datetime | None = None
    precision: Precision | None = None


def moment(text: str | None) -> Moment:
    """An ISO 8601 text as a Moment; empty when there is none, or when no calendar knows it."""
    if not text:
        return Moment()
    try:
        if DAY.match(text):
            day = date.fromisoformat(text)
            return Moment(at=datetime(day.year, day.month, day.day, tzinfo=UTC), precision="day")
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            return Moment(at=at.replace(tzinfo=UTC), precision="local")
        return Moment(at=at.astimezone(UTC), precision="instant")
    except (ValueError, OverflowError):
        return Moment()


def clean(text: str | None) -> str | None:
    """The text without NUL, which Postgres cannot store, and without lone surrogates."""
    if text is None:
        return None
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


# Characters of whatever is one line on a page. The longest that is no mistake, a tag of whole sentences, has some 400.
MAX_LINE_CHARS = 10_000


class Cutter:
    """Makes values storable, and notes what that took."""

    def __init__(self, cuts: Iterable[str] = ()) -> None:
        self.cuts = list(cuts)

    def text(self, name: str, text: str | None) -> str | None:
        """The text without what Postgres cannot store."""
        cleaned = clean(text)
        if text is not None and cleaned != text:
            self.cuts.append(f"{name}: without NUL and without halves of characters.")
        return cleaned

    def line(self, name: str, text: str | None) -> str | None:
        """The same, of a text that is one line."""
        cleaned = self.text(name, text)
        if cleaned is None or len(cleaned) <= MAX_LINE_CHARS:
            return cleaned
        self.cuts.append(f"{name}: {MAX_LINE_CHARS:,} of {len(cleaned):,} characters.")
        return cleaned[:MAX_LINE_CHARS]

    def lines(self, name: str, texts: Iterable[str]) -> list[str]:
        """Several lines."""
        return [self.line(name, text) or "" for text in texts]

    def moment(self, name: str, text: str | None) -> Moment:
        """The time; none where no calendar has it."""
        at = moment(text)
        if text and at.at is None:
            self.cuts.append(f"{name}: {(clean(text) or '')[:40]!r} is no time that can be stored.")
        return at


def names(columns: str) -> str:
    """The names of columns that are given with their types: "url text, attempts integer" as "url, attempts"."""
    return ", ".join(column.split()[0] for column in columns.split(","))


def columns(*records: msgspec.Struct | None) -> dict[str, Any]:
    """The fields of records, each as the value of the column of its name; without the records that they nest."""
    fields = ((name, getattr(of, name)) for of in records if of is not None for name in of.__struct_fields__)
    return {
        name: clean(value) if isinstance(value, str) else value
        for name, value in fields
        if not isinstance(value, msgspec.Struct)
    }


def digest(*parts: bytes) -> uuid.UUID:
    """A 128-bit key of these bytes, as the uuid that Postgres stores compactly."""
    return uuid.UUID(bytes=hashlib.blake2b(b"\0".join(parts), digest_size=16).digest())


# An escaped NUL; after an odd number of backslashes it is none, but a backslash and a text that looks like one.
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def as_json(value: object) -> str:
    """JSON text for a jsonb value, which cannot hold NUL."""
    text = msgspec.json.encode(value).decode()
    # To look first takes a hundredth of what the pattern does, which was a third of all that storing an article took.
    return ESCAPED_NUL.sub(r"\1", text) if "\\u0000" in text else text
