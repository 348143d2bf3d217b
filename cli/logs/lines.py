"""Lines of logs: what a service wrote as JSON, read for people; anything else as it stands."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from rich.text import Text

from cli.output import as_text
from cli.times import exactly

Level = Literal["debug", "info", "warning", "error", "critical"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error", "critical")
STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "red", "critical": "red"}
LONG_AGO = datetime.min.replace(tzinfo=UTC)
NO_FIELDS = {"timestamp", "level", "event", "logger"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line. One that is not JSON has no fields; its moment is that of the line before it."""

    service: str
    at: datetime
    written: str
    fields: dict[str, Any] | None = None

    def is_at_least(self, level: Level) -> bool:
        """Whether it is that severe; what is not JSON, such as a traceback, is always."""
        known = (self.fields or {}).get("level")
        return known not in LEVELS or LEVELS.index(known) >= LEVELS.index(level)

    def is_since(self, moment: datetime) -> bool:
        """Whether it is as late as that; a line whose moment is not known, such as those of Redis, always is."""
        return self.at == LONG_AGO or self.at >= moment

    def shown(self) -> Text:
        """Return the line for people: moment, service, level, event and fields."""
        service = Text(f"{self.service:<8} ", style="bold")
        if self.fields is None:
            return service + as_text(self.written)
        level = str(self.fields.get("level", ""))
        said = [f"{name}={_value(value)}" for name, value in self.fields.items() if name not in NO_FIELDS]
        text = as_text(f"{level:<7} {self.fields.get('event', '')}  {'  '.join(said)}".rstrip())
        text.stylize(STYLES.get(level, ""))
        return Text(f"{exactly(self.at)}  ", style="dim") + service + text


def read_lines(service: str, written: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of one file, in their order."""
    at = LONG_AGO
    for line in written:
        fields = _fields(line)
        at = _moment(fields) or at
        yield Line(service=service, at=at, written=line, fields=fields)


def _fields(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


def _moment(fields: dict[str, Any] | None) -> datetime | None:
    try:
        return datetime.fromisoformat((fields or {})["timestamp"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
