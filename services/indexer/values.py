"""From a parse result's values to what Postgres can hold."""

import hashlib
import re
import uuid
from datetime import UTC, date, datetime
from typing import Literal

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
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def digest(*parts: bytes) -> uuid.UUID:
    """A 128-bit key of these bytes, as the uuid that Postgres stores compactly."""
    return uuid.UUID(bytes=hashlib.blake2b(b"\0".join(parts), digest_size=16).digest())
