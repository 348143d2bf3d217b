"""The status for people, and as one JSON object for programs."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.filesize import decimal

from cli.output import Row, as_text, print_line, print_table
from cli.status.in_the_air import FailingSource, HeldHost, InTheAir
from cli.status.landed import MOST_COUNTED, Behind, Landed
from cli.status.status import Status
from cli.times import exactly, span
from cli.wording import counted, plural
from cli.workers import NAMES, row_of
from shared.broker.consumers import Consumer, WorkerStage
from shared.flight.ledger import FLIGHT_STAGES, FlightStage
from shared.version import VERSION

REASONS = {"http_429": "429", "http_503": "503"}


def show(now: Status) -> None:
    """Print both halves; what is missing is said last."""
    air, down = now.in_the_air, now.landed
    print_line(f"depeche {VERSION}, {exactly(now.at)}", style="bold")
    print_table([stage_row(stage, air, down) for stage in FLIGHT_STAGES], STAGES)
    if air is not None:
        if air.workers:
            print_table([_worker(worker, air.at) for worker in air.workers], WORKERS)
        _show_held(air)
        _show_sources(air)
        if air.memory:
            of = f" of {decimal(air.memory.limit)}" if air.memory.limit else ", without a limit"
            print_line(f"Redis: {decimal(air.memory.used)}{of}")
    if down is not None:
        _show_landed(down, now.at)


def _age(now: datetime, since: datetime) -> float:
    return (now - since).total_seconds()


def show_problems(now: Status, *, to: Console) -> None:
    """Print a sentence for each problem."""
    for problem in now.problems:
        to.print(as_text(problem.detail), style="yellow", soft_wrap=True)


STAGES = {
    "stage": "Stage",
    "pages": "Pages",
    "oldest": "Oldest",
    "ten_minutes": "Last 10 min",
    "hour": "Last hour",
    "workers": "Workers",
}


def stage_row(stage: FlightStage, air: InTheAir | None, down: Landed | None) -> Row:
    """Return a stage as a row; what its server does not tell stays empty."""
    row: Row = {"stage": stage}
    if air is not None:
        at_stage = air.stages[stage]
        since = at_stage.oldest_since
        row |= {"pages": f"{at_stage.pages:,}", "oldest": None if since is None else span(_age(air.at, since))}
        row["workers"] = _workers_of("tick" if stage == "waiting" else stage, air)
    rate = down.rates.get(stage) if down else None
    if rate is not None:
        row |= {"ten_minutes": _rate(rate.ten_minutes, 10), "hour": _rate(rate.hour, 60)}
    return row


def _rate(pages: int, minutes: int) -> str:
    return f"{pages:,} ({pages / minutes:,.1f}/min)" if pages else "0"


def _workers_of(stage: WorkerStage, air: InTheAir) -> str:
    number = sum(worker.stage == stage for worker in air.workers)
    if stage in air.not_served_since:
        return f"no {NAMES[stage]}"
    return counted(number, NAMES[stage])


WORKERS = {"worker": "Worker", "process": "Process", "version": "Version", "up": "Up for", "at": "At"}


def _worker(worker: Consumer, now: datetime) -> Row:
    since = f", for {span(_age(now, worker.since))}" if worker.since else ""
    more = f" and {counted(worker.in_hand - 1, 'message')} more" if worker.in_hand > 1 else ""
    return {
        "worker": NAMES[worker.stage],
        "process": f"{worker.pid} on {worker.host}",
        "version": worker.version,
        "up": span(_age(now, worker.started_at)),
        "at": f"{worker.at}{since}{more}" if worker.at else None,
    }


def _show_held(air: InTheAir) -> None:
    if not air.held_hosts:
        return
    rows = [held_row(host, air.at) for host in air.held_hosts]
    print_table(rows, {"host": "Held back", "waiting": "Pages", "why": "Why", "until": "Until"})
    if air.held > len(rows):
        print_line(f"and {counted(air.held - len(rows), 'host')} more")


def held_row(host: HeldHost, now: datetime) -> Row:
    """Return a host that is held back as a row."""
    why = f"it answered {REASONS.get(host.why, host.why)}"
    if host.delay:
        why += f"; a request each {span(host.delay)}"
    until = None
    if host.until > now:
        until = f"{exactly(host.until)}" + (", as it asked" if host.is_asked_for else "")
    return {
        "host": host.host.removesuffix(":443").removesuffix(":80"),
        "waiting": f"{host.waiting:,}",
        "why": why,
        "until": until,
    }


def _show_sources(air: InTheAir) -> None:
    sources = air.sources
    if sources.longest_failing:
        rows = [failing_row(source, air.at) for source in sources.longest_failing]
        print_table(rows, {"name": "Failing source", "for": "For", "failures": "Visits", "why": "Why"})
    if sources.scheduled:
        said = [f"{sources.failing:,} failing"] if sources.failing else []
        said += [f"{sources.paused:,} paused"] if sources.paused else []
        print_line(f"{counted(sources.scheduled, 'source')}" + (f": {', '.join(said)}" if said else ", none failing"))


def failing_row(source: FailingSource, now: datetime) -> Row:
    """Return a source whose visits fail as a row."""
    return {
        "name": source.name,
        "for": None if source.since is None else span(_age(now, source.since)),
        "failures": f"{source.failures:,}",
        "why": f"{source.reason}: {source.detail}" if source.detail else source.reason,
    }


def _show_landed(down: Landed, now: datetime) -> None:
    fates = ", ".join(f"{number:,} {fate}" for fate, number in down.fates.items())
    last = f", the last {span(_age(now, down.last_landed_at))} ago" if down.last_landed_at else ""
    print_line(f"Landed in the last hour: {fates or 'nothing'}{last}")
    waiting = sum(down.quarantine_waiting.values())
    if waiting:
        stages = ", ".join(f"{number:,} at {stage}" for stage, number in down.quarantine_waiting.items())
        print_line(f"In quarantine: {counted(waiting, 'case')} to look into ({stages}): depeche quarantine list")
    if down.fallen:
        fields = f"{counted(down.fallen, 'field')} of {counted(down.fallen_sources, 'source')}"
        print_line(f"{fields} {plural(down.fallen, 'has')} fallen: depeche sources health")
    if down.background:
        said = (f"{name.replace('_', ' ')} {behind(of, now)}" for name, of in down.background.items())
        print_line(f"Beside storing: {', '.join(said)}")
    stored = (("page", down.pages), ("article", down.articles), ("headline", down.headlines))
    print_line(
        "In Postgres: " + ", ".join(f"{'about ' * rows.is_estimate}{counted(rows.number, n)}" for n, rows in stored)
    )


# What is behind for less than this (s) has just been given its work.
JUST_NOW_S = 10.0


def behind(of: Behind, now: datetime) -> str:
    """Return in words how far work beside storing is behind."""
    if of.behind_since is None or _age(now, of.behind_since) < JUST_NOW_S:
        return "up to date"
    since = span(_age(now, of.behind_since))
    if of.changes is None:
        return f"behind for {since}"
    return f"{counted(of.changes, 'change')}{' or more' * (of.changes >= MOST_COUNTED)} behind for {since}"


def as_json_object(now: Status) -> dict[str, Any]:
    """Return both halves as one flat object; that of a server that did not answer is left out."""
    whole: dict[str, Any] = {"at": now.at, "version": VERSION, "exit_status": now.exit_status}
    whole["problems"] = now.problems
    whole |= _air(now.in_the_air) if now.in_the_air else {}
    whole |= _down(now.landed) if now.landed else {}
    return whole


def _air(air: InTheAir) -> dict[str, Any]:
    return {
        "in_flight": sum(stage.pages for stage in air.stages.values()),
        "stages": {name: stage.pages for name, stage in air.stages.items()},
        "oldest_since": {name: stage.oldest_since for name, stage in air.stages.items()},
        "waits_for_postgres": air.waits_for_postgres,
        "workers": [row_of(worker) for worker in air.workers],
        "not_served_since": air.not_served_since,
        "held": air.held,
        "held_hosts": air.held_hosts,
        "sources": air.sources,
        "redis_memory": air.memory,
    }


def _down(down: Landed) -> dict[str, Any]:
    stored = {"pages": down.pages, "articles": down.articles, "headlines": down.headlines}
    return {
        "rates": down.rates,
        "fates_last_hour": down.fates,
        "last_landed_at": down.last_landed_at,
        "quarantined": down.quarantined,
        "quarantine_waiting": down.quarantine_waiting,
        "fallen_fields": down.fallen,
        "background_work": down.background,
        **{name: rows.number for name, rows in stored.items()},
        "estimated": [name for name, rows in stored.items() if rows.is_estimate],
    }
