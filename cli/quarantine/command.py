"""`depeche quarantine`: pages and messages that failed in a way nobody foresaw: listed, shown, replayed, dropped."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.progress import Progress

from cli import reading
from cli.fetch import GOOD_FATES
from cli.options import Host, OfSource, Since
from cli.output import Json, Row, print_json, print_json_lines, print_table, say, stderr
from cli.quarantine import rows as quarantine_rows
from cli.quarantine.replay import replaying
from cli.quarantine.report import say_replayed, show_case
from cli.quarantine.rows import Chosen
from cli.settings import CliSettings
from cli.stack.stack import find_database, find_endpoints
from cli.times import shows_times
from cli.waiting import wait_until_landed
from cli.wording import counted, plural
from services.indexer.connection import Connection
from services.indexer.upkeep import quarantine as of_indexer
from services.indexer.upkeep.retention import require_owner
from shared.failures import UserError
from shared.log_setup import set_up_logging
from shared.settings import load_settings

app = typer.Typer(no_args_is_help=True)

Stage = Annotated[Literal["fetch", "parse", "index"] | None, typer.Option(help="Only what failed at this stage.")]
Reason = Annotated[
    str | None, typer.Option(help="Only for this reason: `unforeseen`, `lost_too_often`, `malformed_message`.")
]
Replayed = Annotated[
    bool | None, typer.Option("--replayed/--waiting", help="Only cases that were replayed, or that were not.")
]
Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Cases, as `list` numbers them.")]
All = Annotated[bool, typer.Option("--all", help="All cases.")]


@app.callback()
def quarantine() -> None:
    """Pages and messages that failed in a way nobody foresaw: list, show, replay or drop them.

    First `list`, which puts failures of one cause on one line; then `show ID`, which has the traceback. Once the cause
    is gone: `replay`. What is not worth it: `drop`. More in docs/operations.md.
    """


@app.command("list")
@shows_times
def list_(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    stage: Stage = None,
    reason: Reason = None,
    source: OfSource = None,
    host: Host = None,
    since: Since = None,
    replayed: Replayed = None,
    causes: Annotated[bool, typer.Option("--causes", help="Only the causes, without their cases.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Cases at the most, the newest ones.")] = 20,
    as_json: Json = False,
) -> None:
    """List the causes, each with how many cases it has, then the newest cases.

    With --json a line a case or, with --causes, a line a cause. Whoever may read the views may list.

        depeche quarantine list --causes
        depeche quarantine list --stage parse --since 1d
    """
    chosen = Chosen(stage=stage, reason=reason, source=source, host=host, since=since, replayed=replayed)
    with reading.connected(find_database(load_settings(CliSettings))) as connection:
        groups = quarantine_rows.causes(connection, chosen) if causes or not as_json else []
        cases = [] if causes else quarantine_rows.cases(connection, chosen, limit)
    if as_json:
        print_json_lines(groups if causes else cases)
        return
    if not groups:
        say("Nothing is in quarantine." if chosen == Chosen() else "No case in quarantine is like that.")
        return
    print_table(groups, CAUSES)
    if causes:
        return
    print_table(cases, CASES)
    total = sum(group["cases"] for group in groups)
    if total > len(cases):
        say(f"and {total - len(cases):,} older cases: --limit shows more")


CAUSES = {
    "cases": "Cases",
    "waiting": "Not replayed",
    "stage": "Stage",
    "reason": "Reason",
    "cause": "Cause",
    "oldest": "Oldest",
    "newest": "Newest",
    "newest_id": "Its ID",
    "detail": "Its detail",
}
CASES = {
    "quarantine_id": "ID",
    "quarantined_at": "Quarantined",
    "stage": "Stage",
    "reason": "Reason",
    "source": "Source",
    "url": "URL",
    "replayed_at": "Replayed",
    "replay_fate": "Then",
}


@app.command()
@shows_times
def show(
    case: Annotated[int, typer.Argument(metavar="ID", help="The case, as `list` numbers it.")],
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the page's bytes there; `-` is standard output.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show all that is kept of a case: what failed, the message, the traceback; with --page the page itself.

    `--page` needs a user in role depeche_writer. The page is a stranger's: `depeche inspect FILE` shows it safely.

        depeche quarantine show 4711
        depeche quarantine show 4711 --page page.html
    """
    with reading.connected(find_database(load_settings(CliSettings))) as connection:
        row = quarantine_rows.case(connection, case)
        body = _page(connection, case) if page else None
    if page and body is not None and str(page) == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    if as_json:
        print_json(row)
    else:
        show_case(row)
    if page and body is not None:
        try:
            page.write_bytes(body)
        except OSError as error:
            raise UserError(f"Cannot write the page to {page}: {error}") from error
        say(f"wrote {len(body):,} bytes to {page}")


def _page(connection: Connection, case: int) -> bytes:
    of_indexer.require_writer(connection, "Reading a page that is kept")
    body = of_indexer.page_of(connection, case)
    if body is None:
        raise UserError(f"No page is kept of case {case}: it failed before one was there.")
    return body


@app.command()
@shows_times
def replay(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    ids: Ids = None,
    every: All = False,
    stage: Stage = None,
    reason: Reason = None,
    source: OfSource = None,
    host: Host = None,
    since: Since = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all have landed, and count their fates.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Send pages again to the stage at which they failed, each case once.

    A page whose bytes were kept is parsed again, as the visit of the moment when it was fetched: a newer visit stays.
    Any other is fetched again. May be ended at any moment and run again. A case stays, marked as replayed, until it is
    dropped; a page that fails again becomes a new case. Needs a user in role depeche_writer. Exit status 1: a case
    could not go, nothing was like that or, with --wait, a page has another fate than stored or unchanged.

        depeche quarantine replay 4711 --wait
        depeche quarantine replay --stage parse --source beacon
    """
    set_up_logging(level="error", style="console")
    chosen = _meant(ids, Chosen(stage=stage, reason=reason, source=source, host=host, since=since), every=every)
    if not ids:
        chosen = msgspec.structs.replace(chosen, replayed=False)
    endpoints = find_endpoints(load_settings(CliSettings))
    with reading.connected(endpoints.database_url) as connection:
        of_indexer.require_writer(connection, "A replay")
        found = _found(connection, chosen, "waits to be replayed", every=every)
        with replaying(connection, endpoints.redis_url) as sending:
            with _progress() as progress:
                task = progress.add_task("sending", total=len(found))
                for done in sending.send(found):
                    progress.advance(task, done)
            if wait:
                wait_until_landed(sending.sender.ledger, sending.batch, sending.of_no_batch, None)
        fates = quarantine_rows.fates(connection, list(sending.flights.values())) if wait else None
    outcome = sending.outcome
    if fates is not None:
        outcome["fates"] = fates
    if as_json:
        print_json(outcome)
    else:
        say_replayed(outcome)
    if sending.left or set(fates or ()) - set(GOOD_FATES):
        raise typer.Exit(1)


@app.command()
@shows_times
def drop(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    ids: Ids = None,
    every: All = False,
    stage: Stage = None,
    reason: Reason = None,
    source: OfSource = None,
    host: Host = None,
    since: Since = None,
    replayed: Replayed = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and let nothing go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Let cases go, with their pages, for good; asks before it does.

    `drop --replayed` lets go what has been replayed. The page's row, its visits and its articles stay. Needs the owner
    of the tables. Exit status 1: nothing was like that, or the answer was no.

        depeche quarantine drop --replayed --dry-run
    """
    wanted = Chosen(stage=stage, reason=reason, source=source, host=host, since=since, replayed=replayed)
    chosen = _meant(ids, wanted, every=every)
    with reading.connected(find_database(load_settings(CliSettings))) as connection:
        if not dry_run:
            require_owner(connection, "Dropping a case")
        found = _found(connection, chosen, "is like that", every=every)
        if not found:
            return
        print_table(quarantine_rows.causes(connection, chosen), CAUSES)
        if dry_run:
            say(f"{_counted(found)} would go.")
            return
        if not yes:
            typer.confirm(f"{_counted(found)} will go, for good. Go on?", abort=True, err=True)
        gone = 0
        with _progress() as progress:
            task = progress.add_task("dropping", total=len(found))
            for rows in of_indexer.drop(connection, [row["quarantine_id"] for row in found]):
                gone += rows
                progress.advance(task, rows)
    say(f"{counted(gone, 'case')} {plural(gone, 'is')} gone.")


def _counted(found: list[Row]) -> str:
    size = sum(row["page_bytes"] or 0 for row in found)
    waiting = Counter(row["replayed_at"] is None for row in found)[True]
    return f"{counted(len(found), 'case')}, {waiting:,} of them not replayed, with {size:,} bytes of pages,"


def _meant(ids: list[int] | None, chosen: Chosen, *, every: bool) -> Chosen:
    """Return the cases that the command is to work on; raises UserError unless the options say which."""
    if ids and (every or chosen != Chosen()):
        raise UserError("Name cases by their IDs or by options, not by both.")
    if not ids and not every and chosen == Chosen():
        raise UserError("Say which cases: by ID, by --stage, --reason, --source, --host or --since, or --all.")
    return Chosen(ids=ids) if ids else chosen


def _found(connection: Connection, chosen: Chosen, like: str, *, every: bool) -> list[Row]:
    """Return the rows of the cases that are meant. Exits with status 1 if there are none, unless all were asked for."""
    found = quarantine_rows.sizes(connection, chosen)
    if not found:
        say(f"No case in quarantine {like}.")
        if not every:
            raise typer.Exit(1)
    return found


def _progress() -> Progress:
    return Progress(console=stderr, transient=True, disable=not stderr.is_interactive)
