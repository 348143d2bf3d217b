"""`depeche sources visit`, `pause` and `resume`: what an operator does to single sources while the stack runs."""

import difflib
import time
from collections.abc import Sequence
from typing import Annotated

import redis
import typer

from cli.output import say
from cli.settings import CliSettings
from cli.stack.stack import find_endpoints
from cli.wording import counted
from shared.broker.redis_client import connect_redis
from shared.durations import seconds
from shared.failures import UserError
from shared.settings import load_settings
from shared.sources.by_hand import ByHand
from shared.sources.log import SourceLog, SourceState

# A visit takes seconds, unless its host is slow, paused, or has many pages before it.
WAITED_S = 120.0
LOOK_EVERY_S = 0.2

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Sources, as `sources list` names them.")]


def visit(
    names: Names,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the ends of the visits, and show them.")] = False,
) -> None:
    """Have sources visited now, whenever their next visit is due.

    The tick starts the visit within a second or so; robots.txt and the host's delay hold as ever. The interval goes on
    from this visit. With --wait, exit status 1 if a visit fails or has not ended after two minutes.

        depeche sources visit beacon
        depeche sources visit beacon beacon-feed --wait
    """
    client = _connected()
    states = visit_now(client, names)
    for state in states:
        say(f"{state.name} is due now: {state.url}")
    if not wait:
        return
    log, failed = SourceLog(client), 0
    give_up_at = time.monotonic() + WAITED_S
    for state in states:
        after = _after_visit(log, state, give_up_at)
        failed += after is None or after.failures > 0
        say(f"{state.name}: {_ended(after)}")
    if failed:
        raise typer.Exit(1)


def pause(
    names: Names,
    lasts: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help='For this long: "30m", "2h", "7d"; else until `resume`.')
    ] = None,
) -> None:
    """Leave sources alone, until `resume` or for a time; the sources file stays as it is.

    The pause holds for the source's own page, and so for the feeds that it names. Stories that it has led to are still
    fetched, and fetched again to catch edits. It outlives a restart and changes of the sources file.

        depeche sources pause beacon
        depeche sources pause beacon beacon-feed --for 2h
    """
    try:
        seconds_of_pause = None if lasts is None else seconds(lasts)
    except ValueError as error:
        raise UserError(f"--for {lasts}: {error}.") from error
    for state in pause_for(_connected(), names, seconds_of_pause):
        until = f"for {lasts}" if lasts else f"until `depeche sources resume {state.name}`"
        say(f"{state.name} is paused {until}")


def resume(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Sources that are paused.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are paused.")] = False,
) -> None:
    """End the pause of sources.

    A source whose visit would have been due meanwhile is visited now; the others when theirs is due, as if they had
    never been paused.

        depeche sources resume beacon
        depeche sources resume --all
    """
    if bool(names) == every:
        raise UserError("Name the sources to resume, or say --all.")
    client = _connected()
    every_paused = [state.name for state in SourceLog(client).states() if state.paused] if every else names or []
    for name, was_paused in end_pause(client, every_paused).items():
        say(f"{name} is visited again" if was_paused else f"{name} was not paused")
    if not every_paused:
        say("no source is paused")


def _connected() -> "redis.Redis":
    return connect_redis(find_endpoints(load_settings(CliSettings)).redis_url)


def visit_now(client: "redis.Redis", names: Sequence[str]) -> list[SourceState]:
    """Make these sources due; raises UserError where one is not known or is paused, and then none is."""
    states = known_sources(client, names)
    if paused := [state.name for state in states if state.paused]:
        raise UserError(f"{', '.join(paused)}: paused, so not visited. First `depeche sources resume {paused[0]}`.")
    for state in states:
        ByHand(client).visit(state.name)
    return states


def pause_for(client: "redis.Redis", names: Sequence[str], lasts: float | None) -> list[SourceState]:
    """Pause these sources for so long (s), or until the pause is ended; raises UserError where one is not known."""
    states = known_sources(client, names)
    for state in states:
        ByHand(client).pause(state.name, lasts)
    return states


def end_pause(client: "redis.Redis", names: Sequence[str]) -> dict[str, bool]:
    """End the pause of these sources; returns which were paused. Raises UserError where one is not known."""
    states = known_sources(client, names) if names else []
    return {state.name: ByHand(client).resume(state.name) for state in states}


def known_sources(client: "redis.Redis", names: Sequence[str]) -> list[SourceState]:
    """Return the states of these sources; raises UserError, with suggestions, for names that are not known."""
    known = {state.name: state for state in SourceLog(client).states()}
    if not known:
        raise UserError("No source is on the schedule: start the stack with --sources, or set DEPECHE_SOURCES.")
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        raise UserError("\n".join(_unknown(name, list(known)) for name in unknown))
    return [known[name] for name in dict.fromkeys(names)]


def _unknown(name: str, known: Sequence[str]) -> str:
    folded = {other.casefold(): other for other in known}
    near = [folded[other] for other in difflib.get_close_matches(name.casefold(), folded, 3)]
    near += [other for other in known if name.casefold() in other.casefold() and other not in near]
    meant = f"do you mean {' or '.join(near[:3])}?" if near else "`depeche sources list` shows all."
    return f"No source {name!r} is on the schedule; {meant} (One with enabled = false is not on it.)"


def _after_visit(log: SourceLog, before: SourceState, give_up_at: float) -> SourceState | None:
    """Return the state after the next end of a visit; None if there was none in time."""
    while time.monotonic() < give_up_at:
        state = log.state_of(before.name)
        if state is not None and state.visits > before.visits:
            return state
        time.sleep(LOOK_EVERY_S)
    return None


def _ended(state: SourceState | None) -> str:
    if state is None:
        return f"the visit has not ended in {WAITED_S:.0f} s; `depeche sources list` will show it, if a tick runs"
    if state.reason and state.failures:
        return f"{state.result}: {state.reason}: {state.detail}"
    return f"{state.result}, {counted(state.followed, 'story')} followed"
