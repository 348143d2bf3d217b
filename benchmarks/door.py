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
import signal
from pathlib import Path

from benchmarks.command import add_home, add_output, end, tell
from benchmarks.database import bench_home
from benchmarks.door_runs import Counted, Plan, at_the_door, plain_celery
from benchmarks.report import machine_load, setting, table
from cli.output import stderr
from shared.failures import UserError
from shared.signals import EndIfPressed, ctrl_c_noted

TASKS, KILLS, SEED = 10_000, 120, 2026


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.door", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=TASKS, help=f"tasks to send (default: {TASKS})")
    parser.add_argument("--kills", type=int, default=KILLS, help=f"times to kill (default: {KILLS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the moments (default: {SEED})")
    add_home(parser)
    parser.add_argument("--alone", action="store_true", help="without plain Celery")
    add_output(parser)
    return parser.parse_args()


def main() -> None:
    """Run both, report, and say whether it went as promised."""
    chosen = options()
    if not 0 <= chosen.kills <= chosen.tasks:
        raise UserError("There must be as many --tasks as --kills, at least.")
    plan = Plan(tasks=chosen.tasks, kills=chosen.kills, seed=chosen.seed)
    with ctrl_c_noted(signal.SIGTERM) as end_if_pressed, bench_home(chosen.home) as home:
        stderr.print("Depeche ...")
        ours = at_the_door(plan, home / "depeche", end_if_pressed)
        plain = None if chosen.alone else _beside(plan, home / "plain", end_if_pressed)
    figures = {"plan": plan, "depeche": ours, "plain": plain}
    tell(chosen, figures, lambda: f"{sentence(plan)}\n\n{markdown(ours, plain)}", "door")
    if ours.lost or ours.double:
        raise UserError("Tasks were lost or done twice, which docs/guarantees.md says they are not.")


def _beside(plan: Plan, home: Path, end_if_pressed: EndIfPressed) -> Counted:
    stderr.print("plain Celery ...")
    return plain_celery(plan, home, end_if_pressed)


def sentence(plan: Plan) -> str:
    """What was measured, where."""
    return (
        f"{setting('celery', 'kombu', 'redis')} {plan.tasks} tasks, {plan.kills} kills, seed {plan.seed}; "
        f"{machine_load()}"
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
    end("bench-door", main)
