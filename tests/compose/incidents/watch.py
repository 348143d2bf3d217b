"""How long after its beginning an incident shows, and after its end does so no longer."""

import re
import time
from collections.abc import Callable

import msgspec
from rich.text import Text

from cli.output import stderr
from tests.compose.incidents.cases import Case
from tests.compose.incidents.night import Night

LOOK_EVERY_S = 2.0
# An alert waits for up to ten minutes before it fires, and what it is about is measured every five.
PATIENCE_S, PATIENCE_OF_END_S = 1200.0, 900.0


class Seen(msgspec.Struct, kw_only=True):
    """One incident as it was seen; times are seconds from its beginning, and from its end for `over` and `silent`."""

    case: Case
    status: float | None = None
    sentence: str | None = None
    dashboard: float | None = None
    alert: float | None = None
    said: float | None = None
    words: str | None = None
    over: float | None = None  # until `depeche status` said no more of it
    silent: float | None = None  # until the alert did not fire any more


def watched(case: Case, night: Night) -> Seen:
    """Begin an incident, look until it shows wherever it has to, end it, and look until it is over."""
    seen = Seen(case=case)
    stderr.print(Text(f"{case.name}: {case.done}"))
    began = time.monotonic()
    case.begin(night)
    _until(lambda: _look(seen, night, began), PATIENCE_S)
    ended = time.monotonic()
    case.mend(night)
    if case.ends_today:
        _until(lambda: _look_again(seen, night, ended), PATIENCE_OF_END_S)
    stderr.print(Text(f"  {msgspec.structs.replace(seen, case=None)}"))
    return seen


def _until(done: Callable[[], bool], patience: float) -> None:
    give_up_at = time.monotonic() + patience
    while not done() and time.monotonic() < give_up_at:
        time.sleep(LOOK_EVERY_S)


def _look(seen: Seen, night: Night, began: float) -> bool:
    """Note what shows now; returns whether everything has shown."""
    case, now = seen.case, time.monotonic
    if case.status and seen.status is None and (sentence := case.status(night.status())):
        seen.status, seen.sentence = now() - began, sentence
    if case.page and seen.dashboard is None and re.search(case.page[1], night.dashboard(case.page[0]), re.S):
        seen.dashboard = now() - began
    if case.alert and seen.alert is None and night.alerts().get(case.alert) == "firing":
        seen.alert = now() - began
    if case.said and seen.said is None and (words := case.said(night)):
        seen.said, seen.words = now() - began, words
    missing = (case.status and seen.status is None, case.page and seen.dashboard is None)
    return not any((*missing, case.alert and seen.alert is None, case.said and seen.said is None))


def _look_again(seen: Seen, night: Night, ended: float) -> bool:
    case = seen.case
    if seen.over is None and (not case.status or ((status := night.status()) and not case.status(status))):
        seen.over = time.monotonic() - ended
    if seen.silent is None and not (case.alert and night.alerts().get(case.alert) == "firing"):
        seen.silent = time.monotonic() - ended
    return seen.over is not None and seen.silent is not None
