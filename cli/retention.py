"""`depeche retention`: shows how much old history there is, and drops what is older than an operator wants to keep."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import msgspec
import typer
from rich.filesize import decimal
from rich.progress import Progress

from cli.output import Json, Row, console, print_json_lines, print_table, stderr
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.times import shows_times
from cli.wording import counted, plural
from services.indexer.schema.migrate import connect, require_current
from services.indexer.settings import FOREVER, RetentionSettings, how_long
from services.indexer.upkeep.retention import KINDS, Holding, Policy, policy_of, require_owner, survey
from services.indexer.upkeep.retention_steps import Done, apply_policy
from shared.failures import UserError
from shared.settings import load_settings

COLUMNS = {
    "kind": "What",
    "rows": "Rows",
    "size": "Size",
    "oldest": "Oldest",
    "keep": "Kept for",
    "going": "Would go",
    "next_at": "The next month",
    "held": "",
}


@shows_times
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Let go what is older than it is to be kept.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=HOW_LONG",
            help="As `visits=90d`, in place of DEPECHE_KEEP_VISITS; again for others; `forever` lets nothing go. "
            f"What: {', '.join(KINDS)}.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what grows for ever and what is older than it is to be kept; with --apply, let that go.

    Nothing is let go unless a setting (DEPECHE_KEEP_VISITS ...) or --keep says how long it is kept. History goes by
    whole months. Current articles, standing headlines and their pages stay whatever is set. Needs the owner of the
    tables; may be ended at any moment and run again.

        depeche retention --keep visits=90d --keep positions=365d
        depeche retention --apply
    """
    policy = {**policy_of(load_settings(RetentionSettings)), **_policy(keep or [])}
    url = find_database(load_settings(CliSettings))
    require_current(url)
    with connect(url) as connection:
        require_owner(connection, "Retention")
        if not apply:
            _show(survey(connection, policy), as_json=as_json)
            return
        done: list[Done] = []
        with Progress(console=stderr, transient=True) as progress:
            for step in progress.track(apply_policy(connection, policy), description="letting go"):
                done.append(step)
                if step.part and not as_json:
                    progress.console.print(_sentence(step), highlight=False, soft_wrap=True)
    _tell(done, policy, as_json=as_json)


def _policy(given: Sequence[str]) -> Policy:
    policy: dict[str, timedelta | None] = {}
    for text in given:
        kind, _, value = text.partition("=")
        if kind not in KINDS:
            raise UserError(f"--keep {text}: write one of {', '.join(KINDS)} before the =.")
        try:
            policy[kind] = how_long(value)
        except ValueError as error:
            raise UserError(f"--keep {text}: {error}.") from error
    return policy


def _show(holdings: Sequence[Holding], *, as_json: bool) -> None:
    if as_json:
        print_json_lines(msgspec.to_builtins(holding) for holding in holdings)
        return
    print_table([_row(holding) for holding in holdings], COLUMNS)
    if any(holding.going_rows or holding.going_partitions for holding in holdings):
        stderr.print("`depeche retention --apply` lets it go, for good.", highlight=False)


def _row(holding: Holding) -> Row:
    going = counted(holding.going_rows, "row") if holding.going_rows or holding.going_partitions else None
    if holding.going_partitions:
        going = f"{counted(holding.going_partitions, 'month')}, {going}, {decimal(holding.going_bytes or 0)}"
    return {
        "kind": holding.kind,
        "rows": f"{holding.rows:,}",
        "size": None if holding.bytes is None else decimal(holding.bytes),
        "oldest": holding.oldest,
        "keep": FOREVER if holding.keep is None else _days(holding.keep / timedelta(days=1)),
        "going": going,
        "next_at": holding.next_at,
        "held": holding.held,
    }


def _days(number: float) -> str:
    return f"{number:g} {plural(number, 'day')}"


def _sentence(step: Done) -> str:
    if step.held:
        return f"{step.kind}: {step.part} stays: {step.held}"
    return (
        f"{step.kind}: {step.part}: {counted(step.rows, 'row')} {plural(step.rows, 'is')} gone, {decimal(step.bytes)}"
    )


def _tell(done: Sequence[Done], policy: Policy, *, as_json: bool) -> None:
    totals = [_total(kind, [step for step in done if step.kind == kind]) for kind, keep in policy.items() if keep]
    if as_json:
        print_json_lines(msgspec.to_builtins(total) for total in totals)
        return
    if not totals:
        console.print("Nothing is to go: no setting and no --keep says how long anything is kept.")
        return
    shown = [{"kind": t.kind, "rows": f"{t.rows:,}", "size": decimal(t.bytes), "held": t.held} for t in totals]
    print_table(shown, {"kind": "What", "rows": "Rows gone", "size": "Freed on disk", "held": ""})


def _total(kind: str, done: Sequence[Done]) -> Done:
    held = next((step.held for step in done if step.held), None)
    return Done(kind=kind, rows=sum(step.rows for step in done), bytes=sum(step.bytes for step in done), held=held)
