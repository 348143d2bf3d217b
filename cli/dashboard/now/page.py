"""The page Now, and the parts of it that update by themselves."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cli.dashboard.now.help import HELP
from cli.dashboard.now.state import LastHour, last_hour
from cli.dashboard.page import Page, servers_of
from cli.dashboard.rendering import render
from cli.dashboard.servers import Servers
from cli.halves import half
from cli.status.report import behind, failing_row, held_row, stage_row
from cli.status.status import NEARLY_FULL, Status, look
from cli.wording import counted
from cli.workers import NAMES
from shared.flight.ledger import FLIGHT_STAGES


def show(request: Request) -> Response:
    """Answer with the whole page."""
    return render(request, "now/page.html", hour_too=True, **_now(servers_of(request)), **_chart(servers_of(request)))


def part(request: Request) -> Response:
    """Answer with what changes from moment to moment."""
    return render(request, "now/_now.html", hour_too=False, **_now(servers_of(request)))


def chart(request: Request) -> Response:
    """Answer with the last hour."""
    return render(request, "now/_last_hour.html", **_chart(servers_of(request)))


def _now(servers: Servers) -> dict[str, Any]:
    now = look(servers.settings, servers.redis)
    air = now.in_the_air
    return {
        "now": now,
        "problems": [{"sentence": problem.detail, "help": HELP[problem.reason]} for problem in now.problems],
        "stages": [stage_row(stage, air, now.landed) for stage in FLIGHT_STAGES],
        "workers": air.workers if air else [],
        "versions": _versions(now),
        "held": [held_row(host, air.at) for host in air.held_hosts] if air else [],
        "failing": [failing_row(source, air.at) for source in air.sources.longest_failing] if air else [],
        "beside": {name: behind(of, now.at) for name, of in now.landed.background.items()} if now.landed else {},
        "names": NAMES,
        "nearly_full": NEARLY_FULL,
    }


def _versions(now: Status) -> Sequence[str]:
    """Return the versions of the workers."""
    return sorted({worker.version for worker in now.in_the_air.workers}) if now.in_the_air else []


def _chart(servers: Servers) -> dict[str, Any]:
    hour, problem = half(lambda: _last_hour(servers))
    return {"hour": hour and _drawn(hour), "hour_problem": problem}


def _last_hour(servers: Servers) -> LastHour:
    with servers.postgres() as connection:
        return last_hour(connection)


def _drawn(hour: LastHour) -> dict[str, Any]:
    """Return the facts of the chart, and the sentence that says what it shows."""
    well, ill = sum(hour.well), sum(hour.ill)
    return {
        "facts": {
            "at": [round(minute.timestamp()) for minute in hour.minutes],
            "lines": [
                {"name": "stored or unchanged", "values": hour.well},
                {"name": "came to nothing", "values": hour.ill},
            ],
            "unit": "pages a minute",
        },
        "sentence": f"In the last hour {counted(well, 'page')} landed as stored or unchanged, at most "
        f"{max(hour.well):,} in one minute, and {ill:,} came to nothing.",
    }


PAGE = Page(title="Now", path="/", routes=[Route("/", show), Route("/now", part), Route("/now/last-hour", chart)])
