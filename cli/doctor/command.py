"""`depeche doctor`: what is wrong with this installation, and what to do about it."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

import msgspec
import typer
from rich.text import Text

from cli.doctor.finding import Finding, Grade, fault
from cli.doctor.machine import disks, embedded, libraries, zone
from cli.doctor.postgres import postgres_server
from cli.doctor.redis import redis_server
from cli.doctor.settings import settings
from cli.output import Json, as_text, print_json_lines, print_line, say
from cli.settings import CliSettings
from cli.stack.stack import home_of_stack, running_stack
from cli.times import shows_times
from cli.wording import counted
from services.fetcher.settings import FetcherSettings
from shared.failures import UserError
from shared.settings import load_settings

MARKS: dict[Grade, Text] = {
    "good": Text("good     ", style="green"),
    "warning": Text("warning  ", style="yellow"),
    "fault": Text("fault    ", style="red"),
}

# In which order subjects are shown.
ORDER = (
    "versions", "settings", "contact", "sources", "site rules", "stack", "embedded", "redis", "postgres", "schema",
    "rights", "workers", "disk", "clock",
)  # fmt: skip


@shows_times
def doctor(as_json: Json = False) -> None:
    """Look at settings, servers, versions, rights, disks, clocks and workers, and say of each fault what to do.

    Changes nothing. Exit status 1 when there is a fault; a warning alone leaves it at 0.

        depeche doctor
        depeche doctor --json | jq 'select(.grade != "good")'
    """
    findings = sorted(_findings(), key=lambda finding: ORDER.index(finding.subject))
    if as_json:
        print_json_lines(msgspec.structs.asdict(finding) for finding in findings)
    else:
        _show(findings)
    grades = Counter(finding.grade for finding in findings)
    graded: tuple[Grade, ...] = ("fault", "warning")
    say(", ".join(counted(grades[grade], grade) for grade in graded if grades[grade]) or "all is well")
    if grades["fault"]:
        raise typer.Exit(1)


def _findings() -> Iterator[Finding]:
    yield from libraries()
    yield from settings()
    yield from zone()
    try:
        ours, fetcher = load_settings(CliSettings), load_settings(FetcherSettings)
    except UserError:  # the settings have said so
        return
    running = running_stack(home_of_stack(ours))
    redis_url = ours.redis_url or (running and running.redis_url)
    database_url = ours.database_url or (running and running.database_url)
    is_embedded = not (ours.redis_url and ours.database_url)
    if running:
        yield Finding(subject="stack", found=f"one runs in {home_of_stack(ours)}, process {running.pid}")
    elif is_embedded:
        do = "start it with `depeche up`, or set DEPECHE_REDIS_URL and DEPECHE_DATABASE_URL to servers of your own"
        yield fault("stack", f"none is running in {ours.home.resolve()}", do)
        yield from embedded(ours)
    yield from disks(ours, fetcher, is_embedded=is_embedded)
    if redis_url:
        yield from redis_server(redis_url)
    if database_url:
        yield from postgres_server(database_url)


def _show(findings: list[Finding]) -> None:
    for subject, of_subject in groupby(findings, key=lambda finding: finding.subject):
        for number, finding in enumerate(of_subject):
            name = Text(f"{'' if number else subject:<12}", style="bold")
            print_line(name + MARKS[finding.grade] + as_text(finding.found))
            if finding.do:
                print_line(Text(" " * 21) + Text("-> ", style="bold") + as_text(finding.do))
