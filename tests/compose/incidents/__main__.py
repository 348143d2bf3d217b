"""Stages ten incidents in a Compose project, and measures when and where each shows.

  python -m tests.compose.incidents [--only WORDS] [--json] [--write]

Builds and starts the stack of docker-compose.yml with Prometheus and the dashboard as a project of its own, plays a
press for it, and does to it, one after the other, what an operator's bad night does. Of each incident it measures how
many seconds after its beginning `depeche status`, the dashboard and an alert show it, and how many seconds after it was
mended they do so no longer. At the end it counts whether a page was lost. Needs a Docker engine with Compose; takes
about an hour, most of it for the time that alerts wait before they fire, and leaves nothing behind. Examples:

  make incidents
  python -m tests.compose.incidents --only worker
"""

import argparse

from benchmarks.command import add_output, end, tell
from benchmarks.report import machine_load, setting, table
from shared.failures import UserError
from tests.compose.incidents.cases import CASES
from tests.compose.incidents.night import night
from tests.compose.incidents.watch import Seen, watched
from tests.compose.stack import ROOT

INCIDENTS = ROOT / "docs" / "incidents.md"


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.compose.incidents",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="", help="stage the incidents whose names hold this")
    add_output(parser, INCIDENTS)
    return parser.parse_args()


def main() -> None:
    """Stage, watch, report."""
    chosen = options()
    cases = [case for case in CASES if chosen.only.lower() in case.name.lower()]
    if not cases:
        raise UserError(f"No incident's name holds {chosen.only!r}; they are: {', '.join(c.name for c in CASES)}.")
    with night() as project:
        seen = [watched(case, project) for case in cases]
        left = project.status().get("in_flight")
    tell(chosen, {"seen": seen, "left": left}, lambda: markdown(seen, left), "incidents", INCIDENTS)


def markdown(seen: list[Seen], left: int | None) -> str:
    """The measured times, an incident a row."""
    rows = [
        {
            "incident": one.case.name,
            "done": one.case.done,
            "`depeche status`, s": one.status,
            "dashboard, s": one.dashboard,
            "log or doctor, s": one.said,
            "alert": one.case.alert,
            "fires after, s": one.alert,
            "mended by": one.case.mended,
            "status clear after, s": one.over,
            "alert silent after, s": one.silent,
            "runbook": f"[{one.case.runbook.removesuffix('.md')}](runbooks/{one.case.runbook})",
        }
        for one in seen
    ]
    sentences = [
        f"- {one.case.name}: “{sentence}”" for one in seen for sentence in (one.sentence, one.words) if sentence
    ]
    return (
        f"{setting('celery', 'redis')} {machine_load()} Pages in the air at the end: {left}.\n\n{table(rows)}\n\n"
        "What `depeche status`, `depeche doctor` and logs said:\n\n" + "\n".join(sentences)
    )


if __name__ == "__main__":
    end("incidents", main)
