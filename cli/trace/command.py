"""`depeche trace`: the whole way of one page, from the page where it was found to its rows in Postgres."""

import shlex
from typing import Annotated

import msgspec
import typer

from cli.output import print_json, say
from cli.settings import CliSettings
from cli.stack.stack import find_database, find_redis
from cli.times import shows_times
from cli.trace.report import show
from cli.trace.rows import Stored, Wanted, stored_way, wanted
from cli.trace.whole import trace_of
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.in_air import InAir, Outlook
from shared.settings import load_settings


@shows_times
def trace(
    url: Annotated[str, typer.Argument(help="Any address of the page; or its page_id, or a flight_id of it.")],
    visits: Annotated[int, typer.Option(min=1, help="Visits to show at the most, the latest ones.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Show the whole way of a page: where it was found, every visit with each attempt, and what it became.

    If it has not landed, it says where it is and what it waits for. The exit status is 1 when nothing
    is known of the page.

        depeche trace https://news.example/story.html
        depeche trace 4711 --visits 20
    """
    if not url.strip():
        raise UserError("Name a URL, a page_id or a flight_id.")
    of = wanted(url.strip())
    settings = load_settings(CliSettings)
    database_url = find_database(settings)
    traced = trace_of(of, lambda of: stored_way(database_url, of, visits), lambda: connect_redis(find_redis(settings)))
    if as_json:
        problems = {"redis_problem": traced.redis_problem, "silence": traced.silence}
        facts = {**problems, **_fields(traced.outlook), **_fields(traced.stored)}
        facts["in_air"] = _flat(traced.outlook.in_air)
        facts.pop("keys")
        print_json({"asked_for": url, "is_known": traced.is_known, **facts})
    elif traced.is_known:
        show(url, traced.stored, traced.outlook)
    if traced.silence and not as_json:
        say(traced.silence)
    if traced.redis_problem:
        say(f"What is in the air is not known. {traced.redis_problem}")
    if not traced.is_known:
        say(_unknown(url, of))
        raise typer.Exit(1)


def _unknown(asked_for: str, of: Wanted) -> str:
    if of.page_id is not None:
        return f"No page has the number {of.page_id}."
    if of.flight_id is not None:
        return f"No visit is known that has the number {asked_for}."
    return (
        f"Nothing is known of {asked_for}: it was never fetched, and no list that was read leads to it. "
        f"To fetch it: depeche fetch {shlex.quote(asked_for if '://' in asked_for else f'https://{asked_for}')} --wait"
    )


def _fields(record: Stored | Outlook) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _flat(flight: InAir | None) -> dict[str, object] | None:
    """Return the flight as one dict, with the fields of its origin among its own."""
    if flight is None:
        return None
    facts = msgspec.structs.asdict(flight)
    origin = facts.pop("origin")
    return {**facts, **msgspec.structs.asdict(origin)}
