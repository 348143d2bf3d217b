"""How commands write and read moments: in the zone of the machine or of TZ, or in UTC with `--utc`.

Programs are given moments in UTC with their offset (JSON, CSV, TSV), whatever the zone.
"""

import functools
import inspect
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Any, TypeVar

import typer

from shared.durations import seconds

R = TypeVar("R")

# None stands for the zone of the machine. `--utc` of each command that shows moments sets it anew.
_ZONE: ContextVar[tzinfo | None] = ContextVar("zone", default=None)

FORMS = "write 2026-05-08, 2026-05-08T14:00, or how long ago: 90s, 15m, 6h, 2d"
WITHOUT_TIME = re.compile(r"\d{4}-\d{2}-\d{2}")


def shows_times(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command the option `--utc`; for all commands that show or take moments."""
    signature = inspect.signature(command)
    utc = inspect.Parameter("utc", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Utc)

    @functools.wraps(command)
    def with_zone(*arguments: Any, utc: bool = False, **options: Any) -> R:  # noqa: ARG001 - its callback has acted
        return command(*arguments, **options)

    vars(with_zone)["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), utc])
    return with_zone


def use_zone(utc: bool) -> None:
    """Show and read moments in UTC, or in the zone of the machine."""
    _ZONE.set(UTC if utc else None)


def _asked_for(utc: bool) -> bool:
    use_zone(utc)
    return utc


Utc = Annotated[
    bool,
    typer.Option(
        "--utc",
        is_eager=True,  # a moment among the other options is read in this zone
        callback=_asked_for,
        help="Show and read times in UTC, not in the zone of this machine or of TZ.",
    ),
]


def local(at: datetime) -> datetime:
    """Return the moment in the zone in which moments are shown."""
    return at.astimezone(_ZONE.get())


def shown(at: datetime) -> str:
    """Return a moment to the minute, with its zone: `2026-05-08 14:05 CEST`; of one without an offset, as it is."""
    return f"{at:%Y-%m-%d %H:%M}" if at.tzinfo is None else f"{local(at):%Y-%m-%d %H:%M %Z}"


def exactly(at: datetime) -> str:
    """Return a moment to the second, with its zone."""
    return f"{local(at):%Y-%m-%d %H:%M:%S %Z}"


def span(length: float) -> str:
    """Return seconds as a person would write them: 40s, 15m, 2h10m, 3d."""
    whole = max(0, round(length))
    if whole < 90:
        return f"{whole}s"
    if whole < 5400:
        return f"{round(whole / 60)}m"
    hours, minutes = divmod(round(whole / 60), 60)
    if hours < 48:
        return f"{hours}h{minutes:02}m" if minutes else f"{hours}h"
    return f"{round(hours / 24)}d"


def moment(text: str) -> datetime:
    """Return the moment that a person means by this text, such as `2026-05-08T14:00` or `6h` (ago).

    A time without an offset is one of the zone in which moments are shown. Raises typer.BadParameter.
    """
    try:
        if re.fullmatch(r"\d+\s*[smhd]", text):
            return datetime.now(UTC) - timedelta(seconds=seconds(text))
        day = WITHOUT_TIME.fullmatch(text)
        at = datetime.combine(date.fromisoformat(text), datetime.min.time()) if day else datetime.fromisoformat(text)
        if at.tzinfo is None:
            zone = _ZONE.get()
            at = at.astimezone() if zone is None else at.replace(tzinfo=zone)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{text!r} is no moment; {FORMS}.") from error
