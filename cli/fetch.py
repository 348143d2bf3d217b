"""`depeche fetch`: hand pages to the pipeline and, if asked, wait until each has landed."""

import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import msgspec
import typer

from cli import reading
from cli.output import Row, as_text, print_json_lines, print_table, stderr
from cli.settings import CliSettings
from cli.stack.stack import Endpoints, find_endpoints
from cli.times import shows_times
from cli.waiting import NobodyServes, wait_until_landed
from cli.wording import counted, plural
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Acceptance, Ledger
from shared.host_scope import host_key_of
from shared.messages import FetchPages, Follow
from shared.parsed_page import HeadlineKind
from shared.settings import BrokerSettings, load_settings
from shared.signals import ctrl_c_noted
from shared.urls import url_key

# The exit status where a stage that pages wait for has no worker.
NO_WORKER = 3
GOOD_FATES = ("stored", "unchanged")


@shows_times
def fetch(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    urls: Annotated[list[str] | None, typer.Argument(help="Pages to fetch.", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="More URLs, one a line; `-` reads standard input.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every page has landed, and show its fate.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="With --wait: seconds to wait at the most.")] = 600,
    follow: Annotated[
        list[str] | None,
        typer.Option(help="Follow the pages' headlines of this kind (front, ticker, latest …, or `*`); repeatable."),
    ] = None,
    any_site: Annotated[bool, typer.Option("--any-site", help="With --follow: to other sites too.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Fetch and parse pages even if they have not changed since the last visit.")
    ] = False,
    source: Annotated[str | None, typer.Option(help="Name to store as the pages' source.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a page.")] = False,
) -> None:
    """Fetch pages: each is accepted at once and lands in Postgres with a fate.

    Fates: stored, unchanged, refused, gone, failed, quarantined. With --wait the exit status is 1 when a page has any
    fate but stored or unchanged, or has not landed in time, and 3 when a stage has no worker; the pages go on landing
    without us.

        depeche fetch https://news.example/story.html --wait
        depeche fetch https://news.example/ --follow front --follow ticker
        depeche fetch --file urls.txt --source archive --wait --json
    """
    wanted = [*(urls or []), *(_read_urls(file) if file else [])]
    if not wanted:
        raise UserError("Name at least one URL, or a --file of them.")
    batch = uuid.uuid4().hex
    followed = _follow(follow, same_site=not any_site)
    door = _door({"urls": wanted, "source": source, "batch": batch, "follow": followed, "fresh": fresh})
    endpoints = find_endpoints(load_settings(CliSettings))
    host_key = host_key_of(load_settings(BrokerSettings).host_scope)
    ledger = Ledger(connect_redis(endpoints.redis_url), host_key=host_key)
    with ctrl_c_noted() as end_if_pressed:
        accepted = ledger.accept(door.requests())
        if not wait:
            _say_accepted(accepted, as_json=as_json)
            return
        landed, problem = _wait(ledger, batch, accepted, timeout, end_if_pressed)
    in_air = {} if landed else ledger.in_air(a.flight_id for a in accepted if a.flight_id)
    rows = fates_of(endpoints, batch, accepted, in_air)
    if as_json:
        print_json_lines({key: row[key] for key in ("url", "fate", "reason", "http_status", "detail")} for row in rows)
    else:
        columns = {"fate": "Fate", "http_status": "HTTP", "url": "URL", "reason": "Reason", "detail": "Detail"}
        print_table(rows, columns)
    if problem is not None:
        stderr.print(as_text(str(problem)))
        raise typer.Exit(NO_WORKER)
    if not landed:
        stderr.print(f"not all pages have landed after {timeout:.0f} s; `depeche status` shows where they are")
    if not landed or any(row["fate"] not in GOOD_FATES for row in rows):
        raise typer.Exit(1)


def _wait(
    ledger: Ledger, batch: str, accepted: list[Acceptance], timeout: float, each_time: Callable[[], None]
) -> tuple[bool, NobodyServes | None]:
    """Wait; return whether all have landed, and what makes waiting useless."""
    try:
        return wait_until_landed(ledger, batch, accepted, timeout, each_time), None
    except NobodyServes as problem:
        return False, problem


def fates_of(endpoints: Endpoints, batch: str, accepted: list[Acceptance], in_air: dict[str, str]) -> list[Row]:
    """Return what became of the pages asked for, in the order of asking, then of the pages that they led to.

    `in_air` has flight id -> stage. Postgres has no visit yet of a page in the air, or only an earlier one.
    """
    asked = {str(uuid.UUID(url_key(a.url))): a.url for a in reversed(accepted)}
    rows = {str(row["url_key"]): row for row in reading.fates(endpoints.database_url, batch=batch, keys=list(asked))}
    for a in accepted:
        if a.flight_id in in_air:
            at = f"the page is at the stage: {in_air[a.flight_id]}"
            rows[str(uuid.UUID(url_key(a.url)))] = {
                "fate": None,
                "reason": "in_flight",
                "detail": at,
                "http_status": None,
            }
    ordered = [{**rows[key], "url": url} for key, url in reversed(asked.items()) if key in rows]
    return ordered + [row for key, row in rows.items() if key not in asked]


def _say_accepted(accepted: list[Acceptance], *, as_json: bool) -> None:
    if as_json:
        print_json_lines(msgspec.to_builtins(a) for a in accepted)
        return
    new = sum(a.outcome == "new" for a in accepted)
    joined = len(accepted) - new
    stderr.print(
        f"accepted {counted(new, 'page')}"
        + (f"; {joined:,} {plural(joined, 'was')} in the air already" if joined else ""),
        highlight=False,
    )


def _door(arguments: dict[str, Any]) -> FetchPages:
    try:
        return msgspec.convert(arguments, FetchPages)
    except msgspec.ValidationError as error:
        why = "a URL is empty" if "" in arguments["urls"] else "--source can have 200 characters at the most"
        raise UserError(f"These pages cannot be fetched: {why}.") from error


def _follow(kinds: list[str] | None, *, same_site: bool) -> Follow | None:
    if not kinds:
        return None
    known = ("*", *get_args(HeadlineKind))
    wrong = [kind for kind in kinds if kind not in known]
    if wrong:
        raise UserError(f"--follow {wrong[0]!r} is no kind of headline list; choose from {', '.join(known)}.")
    return Follow(kinds=tuple(cast(list[HeadlineKind], kinds)), same_site=same_site)


def _read_urls(file: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read URLs from {file}: {error}") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
