"""Is a task that any Celery client sends to the door lost when the fetcher that takes it is killed?

  python -m benchmarks.door [--tasks N] [--kills N] [--seed N] [--alone] [--home DIR] [--json] [--write]

Starts what `depeche up` starts, with two fetchers, on embedded servers in a temporary folder, and a site on loopback.
A plain Celery client, with kombu's usual Redis transport and nothing of Depeche's, sends a task by its name for each
page, one after the other. Meanwhile one fetcher or both are killed with SIGKILL at moments that follow from the seed:
while tasks are being taken, and while a killed fetcher is starting again. Then all is left alone until every page has
landed.

Beside it, the same tasks and kills meet two workers of plain Celery, on a Redis of its own, with late acknowledgement
and kombu's usual transport, which takes a message off its queue with BRPOP and notes it down afterwards. Their task
appends a row to a file.

Everything listens on loopback, at free ports, and is stopped at the end, also on Ctrl-C. Exits with 1 when Depeche has
lost or doubled any. Examples:

  make bench-door                     10,000 tasks, 120 times a kill of one fetcher or both
  make bench-door SEED=7              at other moments
  python -m benchmarks.door --tasks 1000 --kills 20
"""

import argparse
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.chaos.run import EndIfPressed
from benchmarks.database import bench_home
from benchmarks.door_runs import Counted, Plan, at_the_door, plain_celery
from benchmarks.report import setting, table, write_section
from cli.output import print_json, stderr
from shared.failures import UserError
from shared.service import exit_status
from shared.signals import ctrl_c_noted

TASKS, KILLS, SEED = 10_000, 120, 2026


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.door", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=TASKS, help=f"tasks to send (default: {TASKS})")
    parser.add_argument("--kills", type=int, default=KILLS, help=f"times to kill (default: {KILLS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the moments (default: {SEED})")
    parser.add_argument("--home", type=Path, help="new folder for data and logs, which is kept (default: none is)")
    parser.add_argument("--alone", action="store_true", help="without plain Celery")
    parser.add_argument("--json", action="store_true", help="print the figures as one line of JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    return parser.parse_args()


def main() -> None:
    """Run both, report, and say whether it went as promised."""
    chosen = options()
    if not 0 <= chosen.kills <= chosen.tasks:
        raise UserError("There must be as many --tasks as --kills, at least.")
    plan = Plan(tasks=chosen.tasks, kills=chosen.kills, seed=chosen.seed)
    with ctrl_c_noted(signal.SIGTERM) as each, ExitStack() as stack:
        home = chosen.home or stack.enter_context(bench_home())
        stderr.print("Depeche ...")
        ours = at_the_door(plan, home / "depeche", each)
        plain = None if chosen.alone else _beside(plan, home / "plain", each)
    if chosen.json:
        print_json({"plan": plan, "depeche": ours, "plain": plain})
    else:
        print(told := f"{sentence(plan)}\n\n{markdown(ours, plain)}")
        if chosen.write:
            write_section("door", told)
    if ours.lost or ours.double:
        raise UserError("Tasks were lost or done twice, which docs/guarantees.md says they are not.")


def _beside(plan: Plan, home: Path, each: EndIfPressed) -> Counted:
    stderr.print("plain Celery ...")
    return plain_celery(plan, home, each)


def sentence(plan: Plan) -> str:
    """What was measured, where."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{setting('celery', 'kombu', 'redis')} {plan.tasks} tasks, {plan.kills} kills, seed {plan.seed}; "
        f"the machine's load at the end (1, 5, 15 minutes): {load}."
    )


def markdown(ours: Counted, plain: Counted | None) -> str:
    """Depeche beside plain Celery."""
    lines = {
        "tasks sent": "sent",
        "landed": "landed",
        "**lost**": "lost",
        "**double**": "double",
        "visited another time": "again",
        "kills": "kills",
        "workers killed by them": "killed",
        "seconds": "seconds",
    }
    return table(
        [
            {"": name, "Depeche's door": getattr(ours, field), "plain Celery": getattr(plain, field, None)}
            for name, field in lines.items()
        ]
    )


if __name__ == "__main__":
    code = exit_status("door", main)
    sys.exit(1 if code == 2 else code)
